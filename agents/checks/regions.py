"""Parts of an image named in a sentence: "on the left", "in the upper right corner of the picture"."""

from typing import NamedTuple

from agents.english.sentences import Sentence
from agents.english.words import word_set

SIDES = {
    "left": "left",
    "right": "right",
    "left-hand": "left",
    "right-hand": "right",
    "leftmost": "left",
    "rightmost": "right",
}
HEIGHTS = {"top": "top", "upper": "top", "bottom": "bottom", "lower": "bottom"}
MIDDLES = word_set("centre center middle central")
NAMED = MIDDLES.union(SIDES, HEIGHTS)
DEGREES = word_set("far very extreme hand")
PARTS = word_set("side half part portion edge third corner area section region quarter end margin border rim boundary")
DIRECTED = word_set("to toward towards from near along")
OPENERS = DIRECTED | word_set("on at in")
FILLING = word_set("fill fills occupy occupies")
TAKING = word_set("take takes taking")
HAVING = word_set("shows holds contains has features includes is")
ARTICLES = word_set("the its their")
AFTER_REGION = word_set(
    """
    . , ; : ! ? ) " and with while there is are was were of in near next behind beside but whereas we you i
    sits sit stands stand lies lie appears appear has have
    """
)
BE = word_set(
    """
    is are was were sits sit stands stand lies lie appears appear rests rest remains located positioned placed found
    seen
    """
)
LAST = frozenset(["", ".", ",", "!", ";"])
"""What stands behind the last word of a claim."""


class Region(NamedTuple):
    """A part of the image: `horizontal` left, right, centre or empty; `vertical` top, bottom, centre or empty."""

    horizontal: str
    vertical: str
    start: int
    end: int


class _Names(NamedTuple):
    """The words that name a region: sides, heights, whether a part ("corner") is named too; `end` is behind them."""

    sides: list[str]
    heights: list[str]
    has_part: bool
    end: int


def read_region(sentence: Sentence, place: int) -> Region | None:
    """The part of the image that is named from the word at `place` on, None when none is, or in another sense."""
    word = sentence.word_at(place)
    if word == "the":
        return _read_subject(sentence, place)
    is_filled = word in FILLING or (word == "up" and sentence.word_at(place - 1) in TAKING)
    if word not in OPENERS and not is_filled:
        return None
    names = _read_names(sentence, place + 1 + (sentence.word_at(place + 1) in ARTICLES))
    if len(names.sides) > 1 or not (names.sides or names.heights) or len(names.heights) > 2:
        return None
    picture_end = sentence.names_picture(names.end + 1) if sentence.word_at(names.end) in ("of", "in") else None
    region = _name_region(names, place, picture_end or names.end)
    return region if picture_end is not None or _means_picture(sentence, place, names) else None


def _read_subject(sentence: Sentence, place: int) -> Region | None:
    """A part of the image that opens a clause: "the left half of the image shows"."""
    if (
        sentence.word_at(place) != "the"
        or sentence.word_at(place + 1) not in NAMED
        or place != sentence.clause(place)[0]
    ):
        return None
    names = _read_names(sentence, place + 1)
    picture_end = sentence.names_picture(names.end + 1) if sentence.word_at(names.end) == "of" else None
    if picture_end is None and names.has_part and "half" in sentence.lowers[place : names.end]:
        picture_end = names.end
    if (
        picture_end is None
        or sentence.word_at(picture_end) not in HAVING
        or len(names.sides) > 1
        or len(names.heights) > 2
    ):
        return None
    return _name_region(names, place, picture_end)


def _read_names(sentence: Sentence, place: int) -> _Names:
    sides: list[str] = []
    heights: list[str] = []
    has_part = False
    while True:
        word = sentence.word_at(place)
        parts = [word] if word in SIDES else word.split("-")
        if NAMED.issuperset(parts):
            sides += [SIDES[part] for part in parts if part in SIDES]
            heights += [HEIGHTS.get(part, "centre") for part in parts if part not in SIDES]
        elif word in PARTS and (sides or heights):
            has_part = True
        elif word not in DEGREES:
            return _Names(sides, heights, has_part, place)
        place += 1


def _means_picture(sentence: Sentence, place: int, names: _Names) -> bool:
    """Whether a region "on the left", of which nothing is said what it is part of, is one of the picture."""
    after = sentence.word_at(names.end)
    before = sentence.word_at(place - 1)
    if sentence.word_at(place) == "at" and sentence.word_at(place + 1) in ("left", "right"):
        return before in BE and after in LAST
    if sentence.word_at(place) in ("to", "towards", "toward") and (before in BE or place == 0):
        has_far = sentence.lowers[place + 1 : place + 3] == ("the", "far")
        return bool(names.sides) and (
            (has_far and after in LAST) or (names.has_part and after in AFTER_REGION - {"of"})
        )
    if sentence.word_at(place) in DIRECTED or sentence.word_at(place + 1) != "the":
        return False
    if after == "of" or (after and after not in AFTER_REGION):
        return False
    if names.sides or (names.has_part and not {"upper", "lower"}.isdisjoint(sentence.lowers[place : names.end])):
        return True
    return sentence.word_at(place - 1) in BE and after in LAST


def _name_region(names: _Names, start: int, end: int) -> Region:
    is_centre = "centre" in names.heights
    vertical = next((name for name in names.heights if name != "centre"), "")
    horizontal = names.sides[0] if names.sides else "centre" if is_centre else ""
    if is_centre and not names.sides and not vertical:
        vertical = "centre"
    return Region(horizontal, vertical, start, end)
