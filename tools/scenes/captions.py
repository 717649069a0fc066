"""Captions as people write them: with the colours, materials and printed text that only the visible image has.

Every count, position and relation is read off the visible boxes.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tools.inflection import choose_article, pluralise
from tools.scenes.subject import SceneObject, Subject

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
PLACES = {
    "street": ("on a city street", "along a gray asphalt road", "on the street"),
    "yard": ("in a yard", "on a green lawn", "in a garden by a wooden fence"),
    "indoor": ("in a living room", "in a room with a wooden table", "inside a room with a brown floor"),
    "aerial": ("seen from above", "in an aerial view of a road", "near a road, seen from the air"),
    "road": ("on a wide street", "on a street between houses", "on a gray road in a town"),
    "field": ("in a field", "on a green meadow", "in a grassy field with trees behind it"),
    "shore": ("by the water", "on the sandy shore of a lake", "beside a blue lake"),
}
EMPTY = {
    "street": "an empty street", "yard": "a quiet yard with a wooden fence", "indoor": "a room with a table",
    "aerial": "a road seen from above", "road": "an empty street", "field": "an empty green field",
    "shore": "a quiet lake",
}  # fmt: skip
DAYS = {"sunny": "on a sunny day", "cloudy": "under a gray sky", "night": "at night"}
GARMENTS = ("coat", "jacket", "sweater")
GROUNDS = ("street", "yard", "road", "field")
BEHIND = ("building", "tree")
ORDER = ("person", "dog", "cow", "car", "bus", "motorcycle", "bicycle", "building", "tree")
Claim = Callable[[Subject, SceneObject, SceneObject], str | None]


def name_count(label: str, count: int) -> str:
    """`two people`, `a dog`."""
    if count == 1:
        return f"{choose_article(label)} {label}"
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    return f"{number} {pluralise(label)}"


def join(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def describe_thing(subject: Subject, thing: SceneObject) -> str:
    """One thing with its visible attribute: `a red car`, `a woman in a blue coat`."""
    if thing.label == "person":
        garment = "shirt" if subject.kind == "indoor" else GARMENTS[thing.object_id % len(GARMENTS)]
        who = "person" if subject.kind == "aerial" else ("man", "woman")[thing.object_id % 2]
        return f"a {who} in {choose_article(thing.paint)} {thing.paint} {garment}"
    if thing.label == "building":
        return f"{choose_article(thing.material)} {thing.material} {'roof' if subject.kind == 'aerial' else 'building'}"
    if thing.label == "tree":
        return "a tree with orange leaves" if subject.is_autumn else "a leafy green tree"
    return f"{choose_article(thing.paint)} {thing.paint} {thing.label}"


def write_captions(subject: Subject, generator: np.random.Generator) -> tuple[str, ...]:
    """Five captions: two that count, one about one thing, one about two, one about printed text or the light."""
    place = [str(item) for item in generator.permutation(PLACES[subject.kind])]
    counts = Counter(thing.label for thing in subject.objects)
    ordered = [label for label in ORDER if counts[label]]
    lively = [label for label in ordered if label not in BEHIND] or ordered
    if not ordered:
        return _write_empty(subject)
    every, some = (join([name_count(label, counts[label]) for label in labels]) for labels in (ordered, lively))
    things = [thing for thing in subject.objects if thing.label in lively]
    first = things[int(generator.integers(len(things)))]
    texts = (
        _open(f"{some} {place[0]}", counts[lively[0]] > 1, generator),
        f"{every} {place[1]}",
        f"{describe_thing(subject, first)} {_locate(subject, first)}",
        _relate(subject, generator) or f"{describe_thing(subject, first)} {place[2]}",
        _write_last(subject, some, place[2], generator),
    )
    return tuple(f"{text[0].upper()}{text[1:]}." for text in texts)


def _write_empty(subject: Subject) -> tuple[str, ...]:
    what, day = EMPTY[subject.kind], DAYS[subject.light]
    when = "with a window" if subject.kind == "indoor" else day
    texts = (what, f"{what} {when}", f"a photo of {what}", f"there is nobody in this picture of {what}",
             f"a color photo of {what} with nobody around")  # fmt: skip
    return tuple(f"{text[0].upper()}{text[1:]}." for text in texts)


def _open(text: str, is_many: bool, generator: np.random.Generator) -> str:
    openings = (text, f"there {'are' if is_many else 'is'} {text}", f"a photo of {text}")
    return openings[int(generator.integers(len(openings)))]


def _locate(subject: Subject, thing: SceneObject) -> str:
    share = (thing.box[0] + thing.box[2]) / 2 / subject.width
    side = "on the left" if share < 0.4 else "on the right" if share > 0.6 else "in the middle"
    return f"{side} of the {subject.kind if subject.kind in GROUNDS else 'picture'}"


def _relate(subject: Subject, generator: np.random.Generator) -> str | None:
    """A relation of two things that their boxes bear out, if there is one."""
    found = [text for claim in CLAIMS for text in _try(subject, claim)]
    return found[int(generator.integers(len(found)))] if found else None


def _try(subject: Subject, claim: Claim) -> Iterator[str]:
    things = subject.objects
    for one in (thing for thing in things if thing.label not in BEHIND):
        for other in (thing for thing in things if thing is not one):
            text = claim(subject, one, other)
            if text and _is_only(subject, one) and _is_only(subject, other):
                yield text


def _is_only(subject: Subject, thing: SceneObject) -> bool:
    """Whether its description fits nothing else in the picture."""
    described = describe_thing(subject, thing)
    return sum(describe_thing(subject, each) == described for each in subject.objects) == 1


def _claim_front(subject: Subject, one: SceneObject, other: SceneObject) -> str | None:
    covered = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
    is_front = subject.kind != "aerial" and other.label == "building" and one.box[3] > other.box[3]
    if not is_front or covered < 0.9 * (one.box[2] - one.box[0]):
        return None
    return f"{describe_thing(subject, one)} in front of {describe_thing(subject, other)}"


def _claim_side(subject: Subject, one: SceneObject, other: SceneObject) -> str | None:
    if one.box[2] > other.box[0] or other.label in BEHIND:
        return None
    return f"{describe_thing(subject, one)} to the left of {describe_thing(subject, other)}"


def _claim_next(subject: Subject, one: SceneObject, other: SceneObject) -> str | None:
    gap = max(one.box[0], other.box[0]) - min(one.box[2], other.box[2])
    apart = abs(one.box[3] - other.box[3])
    tall = max(one.box[3] - one.box[1], other.box[3] - other.box[1])
    if other.label in BEHIND or not 0 <= gap < 0.5 * tall or apart > 0.15 * tall:
        return None
    return f"{describe_thing(subject, one)} next to {describe_thing(subject, other)}"


def _write_last(subject: Subject, some: str, place: str, generator: np.random.Generator) -> str:
    written = [thing for thing in subject.objects if thing.text]
    if written:
        thing = written[int(generator.integers(len(written)))]
        bearer = "with a sign that says" if thing.label == "building" else "that says"
        return f'{describe_thing(subject, thing)} {bearer} "{thing.text}" {place}'
    if subject.kind == "indoor":
        return f"a room with {some}, a white radiator and a wooden table"
    return f"{some} {place} {DAYS[subject.light]}"


CLAIMS: tuple[Claim, ...] = (_claim_front, _claim_side, _claim_next)
