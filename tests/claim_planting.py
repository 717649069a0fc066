"""Captions of COCO and accepted texts with a half's own sentences put in, one planted fault each.

What the image has fills the slots (tests/claim_cases.py says what they mean): {A} is a class with two to six boxes, {b}
one with a single box, {side} and {other} are theirs where they lie wholly on one. A sentence whose slots the image
cannot fill is passed over, and one that names a further thing which the image has not, as that is a second fault; the
faults of each kind are taken in turn, so that every sentence has its share.
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from claim_cases import ASKED, MARKED, NAMES, SLOT, WORD_OF, Case, fill, load_half

from agents.checks.annotated import load_boxes
from agents.english.categories import Strength, is_bunched, load_nouns, name_label
from tools.records import Box, InstructionKind, Message

MOST_COUNTED = 6
WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[^\w\s]")
MANY = frozenset(["several", "few", "many", "group", "cluster", "row", "column", "line", "rows"])
"""In a sentence that is said of three or more."""
MARGIN = 0.05
"""By which what is said to be on a side keeps clear of the middle."""


class Text(NamedTuple):
    """A right text of an image; `captions` are what people say of it."""

    name: str
    kind: InstructionKind
    boxes: tuple[Box, ...]
    captions: tuple[str, ...]
    messages: tuple[Message, ...]


def read_texts(half: str, folder: Path, run: Path | None = None) -> Iterator[Text]:
    """The captions that the half names, and what a run on the same folder accepted."""
    ids = set(load_half(half).get("real", ()))
    rows = json.loads((folder / "annotations/captions_val2017.json").read_text())["annotations"]
    boxes = load_boxes(folder / "annotations/instances_val2017.json")
    captions: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        captions[str(row["image_id"])].append(row["caption"])
    for row in rows:
        if row["id"] in ids:
            image = str(row["image_id"])
            messages = (
                Message(role="user", content="Describe it."),
                Message(role="assistant", content=row["caption"].strip().rstrip(".") + "."),
            )
            yield Text(
                f"caption {row['id']}", "conversation", tuple(boxes.get(image, ())), tuple(captions[image]), messages
            )
    for line in (run / "instructions.jsonl").read_text(encoding="utf-8").splitlines() if run else ():
        row = json.loads(line)
        image = row["image_id"]
        messages = tuple(Message(role=turn["role"], content=turn["content"]) for turn in row["messages"])
        yield Text(f"accepted {row['id']}", row["kind"], tuple(boxes.get(image, ())), tuple(captions[image]), messages)


def plant(half: str, texts: Sequence[Text]) -> Iterator[Case]:
    """Every text as it is, and once with a fault of each kind, where its image can fill the slots of one."""
    data, rng = load_half(half), random.Random(f"{half} planted")
    turns = {kind: count() for kind in NAMES}
    for text in texts:
        yield Case(text.name, "", text.kind, text.boxes, text.captions, text.messages)
        for kind in NAMES:
            filled = _fill_any(data, kind, turns[kind], text, rng)
            if filled is not None:
                yield _put_in(text, kind, filled)


def _fill_any(data: dict[str, Any], kind: str, turns: Iterator[int], text: Text, rng: random.Random) -> str | None:
    """The next sentence of the kind whose slots the image can fill."""
    faults, words = data["faults"], data["words"]
    forms = faults[kind] if kind != "print" else [*faults["print"], *faults["brand"]]
    for _ in forms:
        turn = next(turns)
        form = forms[turn % len(forms)]
        own = words["brand" if form in faults["brand"] else kind] if "{word}" in form else [""]
        slots = _make_slots(kind, form, data, text, rng) | {"word": own[(turn * 7 + turn // len(own)) % len(own)]}
        if all(slots.get(slot[1:-1]) for slot in SLOT.findall(form)):
            filled = fill(form, slots)
            if not _names_another(filled, text):
                return filled
    return None


def _names_another(sentence: str, text: Text) -> bool:
    """Whether a sentence names, besides what is planted, a class that neither boxes nor captions have."""
    words = WORD.findall(MARKED.sub(" ", sentence).lower())
    named = {m.noun.labels[0] for m in load_nouns().find(words) if m.noun.strength is not Strength.LOOSE}
    return not named <= {box.label for box in text.boxes} | _list_told(text)


def _list_told(text: Text) -> set[str]:
    """The classes that captions name."""
    words = " ".join(text.captions).lower().split()
    return {label for mention in load_nouns().find(words) for label in mention.noun.labels}


def _make_slots(kind: str, form: str, data: dict[str, Any], text: Text, rng: random.Random) -> dict[str, str]:
    """What stands for the slots of this sentence; "in the centre" is wrong of made-up images alone, and has none."""
    groups: dict[str, list[Box]] = defaultdict(list)
    for box in text.boxes:
        groups[box.label].append(box)
    counted = {label: own for label, own in groups.items() if not (any(b.is_crowd for b in own) or is_bunched(label))}
    slots = _name_absent(groups, data, text, rng)
    least = 2 if MANY.isdisjoint(form.lower().split()) else 3
    several = [label for label, own in counted.items() if least <= len(own) <= MOST_COUNTED]
    single = [label for label, own in counted.items() if len(own) == 1]
    needs_side = "{side}" in form or "{other}" in form
    if kind == "position" and not needs_side:
        return {}
    pairs = [(many, one) for many in several if "{A}" in form.upper() for one in single if "{b}" in form]
    if "{A}" not in form and "{b}" in form:
        pairs = [("", one) for one in single]
    elif "{b}" not in form and "{A}" in form:
        pairs = [(many, "") for many in several]
    rng.shuffle(pairs)
    for many, one in pairs:
        side, other = _find_side(counted.get(many, [])), _find_side(counted.get(one, []))
        if not needs_side or ((side or other) and side != other and (side or not many) and (other or not one)):
            return slots | _name_pair(many, one, len(counted.get(many, [])), side, other, rng)
    return slots


def _name_absent(groups: dict[str, list[Box]], data: dict[str, Any], text: Text, rng: random.Random) -> dict[str, str]:
    told = _list_told(text)
    absent = [noun for noun in data["nouns"] if noun not in groups and noun not in told]
    singular, plural = name_label(rng.choice(absent))
    return {"c": singular, "C": plural}


def _name_pair(many: str, one: str, number: int, side: str, other: str, rng: random.Random) -> dict[str, str]:
    opposite = {"left": "right", "right": "left", "": ""}
    side, other = side or opposite[other], other or opposite[side]
    slots = {"side": side, "other": other}
    if one:
        slots["b"] = name_label(one)[0]
    if many:
        wrong = WORD_OF[number + (rng.choice((-1, 1)) if number > 2 else 1)]
        right = WORD_OF[number]
        slots |= {"A": name_label(many)[1], "n": right, "N": right.capitalize(), "x": wrong, "X": wrong.capitalize()}
    return slots


def _find_side(boxes: Sequence[Box]) -> str:
    if boxes and all(box.box_xyxy_norm[2] < 0.5 - MARGIN for box in boxes):
        return "left"
    return "right" if boxes and all(box.box_xyxy_norm[0] > 0.5 + MARGIN for box in boxes) else ""


def _put_in(text: Text, kind: str, sentence: str) -> Case:
    """The sentence behind the last answer, or as a turn of its own."""
    marked = MARKED.search(sentence)
    assert marked is not None
    if not sentence.startswith("["):
        sentence = sentence[:1].upper() + sentence[1:]
    plain, asked = MARKED.sub(r"\1", sentence), ASKED.match(sentence)
    *before, last = text.messages
    if asked:
        answer = plain[asked.end() :]
        messages = (*text.messages, Message(role="user", content=asked[1]), Message(role="assistant", content=answer))
    else:
        messages = (*before, Message(role="assistant", content=f"{last.content} {plain}"))
    return Case(f"{kind} in {text.name}", kind, text.kind, text.boxes, text.captions, messages, marked[1], is_last=True)
