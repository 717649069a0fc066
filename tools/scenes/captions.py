"""Captions as people write them: with the colours, materials and printed text that only the visible image has."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from tools.scenes.layout import Placed

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
PLURALS = {"person": "people"}
PEOPLE = ("man", "woman", "person")
PLACES = {
    "street": ("on a city street", "along a road", "on the street"),
    "yard": ("in a yard", "on a green lawn", "in a garden by a fence"),
    "indoor": ("in a living room", "in a room with a table", "inside a warm room"),
    "aerial": ("seen from above", "in an aerial view of a road", "along a road, seen from the air"),
}
EMPTY = {
    "street": "An empty street", "yard": "A quiet yard with a fence", "indoor": "A room with a table and a window",
    "aerial": "A road seen from above",
}  # fmt: skip
ORDER = ("person", "dog", "car", "bicycle", "building", "tree")


def name_count(label: str, count: int) -> str:
    """`two people`, `a dog`."""
    if count == 1:
        return f"a {label}"
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    return f"{number} {PLURALS.get(label, label + 's')}"


def join(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def describe_thing(thing: Placed) -> str:
    """One thing with its visible attribute: `a red car`, `a woman in a blue coat`."""
    look = thing.look
    if thing.label == "person":
        return f"a {PEOPLE[thing.object_id % len(PEOPLE)]} in {article(look.paint)} {look.paint} coat"
    if thing.label == "building":
        return f"{article(look.material)} {look.material} building"
    if thing.label == "tree":
        return "a leafy green tree"
    return f"{article(look.paint)} {look.paint} {thing.label}"


def article(word: str) -> str:
    """`a` or `an`."""
    return "an" if word[0] in "aeiou" else "a"


def write_captions(kind: str, things: Sequence[Placed], generator: np.random.Generator) -> tuple[str, ...]:
    """Five captions; what they count and name is in the picture."""
    place = [str(item) for item in generator.permutation(PLACES[kind])]
    counts = Counter(thing.label for thing in things)
    ordered = [label for label in ORDER if counts[label]]
    lively = [label for label in ordered if label not in ("building", "tree")] or ordered
    if not ordered:
        return (f"{EMPTY[kind]}.", f"{EMPTY[kind]} with nobody around.", EMPTY[kind], f"{EMPTY[kind]} on a gray day.",
                f"A colorful picture of {EMPTY[kind][0].lower()}{EMPTY[kind][1:]}.")  # fmt: skip
    by_label = {label: [thing for thing in things if thing.label == label] for label in ordered}
    first, other = by_label[lively[0]][0], by_label[lively[-1]][-1]
    every = join([name_count(label, counts[label]) for label in ordered])
    some = join([name_count(label, counts[label]) for label in lively])
    described = describe_thing(first)
    pair = f"{described} and {describe_thing(other)}" if other is not first else described
    if kind != "aerial" and "building" in by_label and first.label != "building":
        pair = f"{some} in front of {describe_thing(by_label['building'][-1])}"
    captions = [f"{some} {place[0]}.", f"{every} {place[1]}.", f"{described} {place[2]}.", f"{pair} {place[0]}"]
    captions.append(_write_sign(kind, by_label, described, place[1]))
    return tuple(text[0].upper() + text[1:] for text in captions)


def _write_sign(kind: str, by_label: dict[str, list[Placed]], described: str, place: str) -> str:
    if kind != "aerial" and "building" in by_label:
        house = by_label["building"][0].look
        return f'{article(house.material)} {house.material} building with a sign that says "{house.text}" {place}.'
    return f"there is {described} {place}."
