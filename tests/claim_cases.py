"""Texts with one planted fault each, and right texts that look like faults, for the checks of agents/checks.

Halves stand in tests/benchmarks/checks: `development` for the suite, and those that tests/benchmarks/checks.py scores:
`scored`, and `second` to `nineteenth`, each of another hand. A sentence has these slots: {A} are {n} things of
one class on one {side}, {b} is one thing on the {other} side, {c} and {C} are of a class that the image has not, {x} is
{n} with one more or less, {word} a word of the kind of fault. `Q: ... ?` before a sentence is asked as a question of
its own. Beside a right sentence stands what its image `has` more, and what its caption `says` more; those under `near`
look like faults, those under `scenes` are any.
"""

import random
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from agents.english.categories import name_label
from agents.english.numbers import NUMBERS
from tools.records import Box, InstructionKind, Message

DATA = Path(__file__).parent / "benchmarks" / "checks"
HALVES = (
    "development",
    "scored",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
)
NAMES = {
    "count": {"count"}, "position": {"position"}, "label": {"object"}, "colour": {"colour"}, "material": {"material"},
    "print": {"printed_text", "brand"}, "light": {"lighting"}, "absence": {"unsupported", "count"},
}  # fmt: skip
"""Kind of fault -> the categories of the checks that name it."""
FAULTY_OF_A_KIND = 55
RIGHT = 440
KINDS: tuple[InstructionKind, ...] = ("conversation", "description", "reasoning")
WORD_OF = {number: word for word, number in NUMBERS.items()}
MARKED = re.compile(r"\[\[(.*?)\]\]")
SLOT = re.compile(r"\{\w+\}")
ASKED = re.compile(r"Q: ([^?]*\?) ")
ARTICLE = re.compile(r"\b([Aa])(?= (?:\[\[)?(?:aeroplane|[aeiou](?!ne|ni)))")


@dataclass(frozen=True)
class Case:
    """A text with what is known of its image; `kind` is empty where it is right.

    Attributes:
        planted: the words of the fault.
        is_last: they are the last such words of the text, and not the first.
        name: says in a failure which case it was.
    """

    name: str
    kind: str
    instruction: InstructionKind
    boxes: tuple[Box, ...]
    captions: tuple[str, ...]
    messages: tuple[Message, ...]
    planted: str = ""
    is_last: bool = False


class Scene(NamedTuple):
    """What a made-up image has, and what its sentences say for the slots."""

    boxes: tuple[Box, ...]
    caption: str
    slots: dict[str, str]


def load_half(half: str) -> dict[str, Any]:
    """The nouns, sentences and words of a half."""
    data: dict[str, Any] = yaml.load((DATA / f"{half}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return data


def make_cases(half: str) -> list[Case]:
    """All cases of a half that need no file: faulty ones of every kind, then right ones."""
    data, rng = load_half(half), random.Random(half)
    cases = [_make_faulty(data, kind, turn, rng) for kind in NAMES for turn in range(FAULTY_OF_A_KIND)]
    near = data["near"] * data.get("near_turns", 2) + data.get("scenes", [])
    cases += [_make_right(data, entry, rng, f"near {turn}") for turn, entry in enumerate(near)]
    cases += [_make_right(data, None, rng, f"plain {turn}") for turn in range(RIGHT - len(near))]
    return cases


def _make_faulty(data: dict[str, Any], kind: str, turn: int, rng: random.Random) -> Case:
    scene = _make_scene(data, rng, people=0 if kind == "absence" else rng.randrange(3))
    forms = data["faults"][kind]
    words = data["words"].get(kind, [""])
    if kind == "print" and turn % 3 == 2:
        forms, words = data["faults"]["brand"], data["words"]["brand"]
    form = forms[turn % len(forms)]
    slots = scene.slots | {"word": words[(turn * 7 + turn // len(words)) % len(words)]}
    return _write(data, scene, f"{kind} {turn}", kind, fill(form, slots), rng)


def _make_right(data: dict[str, Any], entry: Any, rng: random.Random, name: str) -> Case:
    scene = _make_scene(data, rng, people=0 if entry else rng.randrange(3))
    if entry is None:
        return _write(data, scene, name, "", "", rng)
    known = entry if isinstance(entry, dict) else {"text": entry}
    more = [_place(label, 0.45 + 0.02 * k, 0.5, 0.08) for k, label in enumerate(known.get("has", ()))]
    caption = f"{scene.caption} {fill(known.get('says', ''), scene.slots)}".rstrip()
    scene = scene._replace(boxes=(*scene.boxes, *more), caption=caption)
    return _write(data, scene, name, "", fill(known["text"], scene.slots), rng, known.get("kind"))


def _make_scene(data: dict[str, Any], rng: random.Random, people: int) -> Scene:
    many, one, absent = rng.sample(data["nouns"], 3)
    side, other = rng.sample(["left", "right"], 2)
    number = rng.randint(3, 6)
    wrong = number + rng.choice((-1, 1))
    near, far = (0.18, 0.8) if side == "left" else (0.82, 0.2)
    boxes = [_place(many, near + rng.uniform(-0.1, 0.1), 0.2 + 0.1 * k, 0.1) for k in range(number)]
    boxes += [_place(one, far, 0.6, 0.25)]
    boxes += [_place("person", 0.48 + 0.04 * k, 0.5, 0.12) for k in range(people)]
    slots = {
        "A": name_label(many)[1], "b": name_label(one)[0], "c": name_label(absent)[0], "C": name_label(absent)[1],
        "n": WORD_OF[number], "N": WORD_OF[number].capitalize(), "side": side, "other": other,
        "x": rng.choice((WORD_OF[wrong], WORD_OF[wrong], str(wrong))), "X": WORD_OF[wrong].capitalize(),
    }  # fmt: skip
    caption = fill(rng.choice(data["captions"]), slots)
    return Scene(tuple(boxes), caption + (f" {data['people']['many']} wait." if people else ""), slots)


def _place(label: str, x: float, y: float, size: float) -> Box:
    half = size / 2
    corners = (max(0.0, x - half), max(0.0, y - half), min(1.0, x + half), min(1.0, y + half))
    return Box(label=label, box_xyxy_norm=corners)


def fill(form: str, slots: dict[str, str]) -> str:
    """The sentence, with "an" where it belongs."""
    return ARTICLE.sub(r"\1n", form.format(**slots))


def _write(
    data: dict[str, Any],
    scene: Scene,
    name: str,
    kind: str,
    sentence: str,
    rng: random.Random,
    instruction: InstructionKind | None = None,
) -> Case:
    """Put the sentence among right ones; behind a question of its own it is a turn of its own."""
    plain = [fill(form, scene.slots) for form in rng.sample(data["plain"], 2 if sentence else 4)]
    if any(box.label == "person" for box in scene.boxes) and rng.random() < 0.5:
        plain.append(fill(rng.choice(data["who"]), scene.slots))
    asked = ASKED.match(sentence)
    turns = [(rng.choice(data["questions"]), plain)]
    if asked:
        turns.append((asked[1], [sentence[asked.end() :]]))
    elif sentence:
        plain.insert(rng.randint(0, len(plain)), sentence[:1].upper() + sentence[1:])
    marked = MARKED.search(" ".join(plain) if not asked else sentence)
    say = partial(MARKED.sub, r"\1")
    messages = [
        Message(role=role, content=text)
        for question, answer in turns
        for role, text in (("user", question), ("assistant", say(" ".join(answer))))
    ]
    own = instruction or ("conversation" if asked else rng.choice(KINDS))
    planted = marked[1] if marked else ""
    return Case(name, kind, own, scene.boxes, (scene.caption,), tuple(messages), planted)
