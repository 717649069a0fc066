"""One word of a closed list, which no letters stand for: "middle" is the center, "top left" the upper left."""

import functools
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from itb.answers.grammar import Form, read_in_order
from itb.answers.reader import CountRange, ReplyReader
from itb.answers.reading import NO_ANSWER, Reading, choose_only
from itb.answers.text import strip_ends
from itb.records import Item
from tools.inflection import pluralise

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

_ROWS = {
    "upper": ("upper", "top", "uppermost", "north", "northern"),
    "lower": ("lower", "bottom", "lowermost", "south", "southern"),
    "": ("middle", "center", "centre", "central"),
}
_COLUMNS = {
    "left": ("left", "west", "western"),
    "right": ("right", "east", "eastern"),
    "": ("middle", "center", "centre", "central"),
}
_COMPASS = {
    "northwest": "upper-left",
    "northeast": "upper-right",
    "southwest": "lower-left",
    "southeast": "lower-right",
}
_LEAD = re.compile(
    r"[\s\"'(\[:,-]*(?:(?:is|are|in|at|on|to|the|an?|it(?:'s|\s+is)|probably|likely|mostly|clearly|image|region|area|part"
    r"|side|corner|of)\b[\s:\"'(\[]*)*",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:\bnot|n't|\bno|\bnever|\brather\s+than|\binstead\s+of)(?:\s+(?:the|an?|in|at|on))*\s*[\"'(]*$", re.I
)


def read_word(text: str, words: Sequence[str]) -> Reading:
    """The one word of the list that a tidied reply says."""
    return read_in_order(_Word(tuple(words)), text)


class _Word(Form):
    """How the words of a closed list look, by any name they have."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._pattern, self._meant = _compile(words)

    def begin(self, text: str) -> Reading | None:
        """The word that follows, unless another goes on after it."""
        lead = _LEAD.match(text)
        found = self._pattern.match(text, lead.end() if lead else 0)
        if not found or re.match(r"\s*(?:or|and|/)\s", text[found.end() :]):
            return None
        return Reading(self._name(found))

    def open(self, text: str) -> Reading | None:
        """The word alone."""
        found = self._pattern.fullmatch(strip_ends(text))
        return Reading(self._name(found)) if found else None

    def mention(self, text: str) -> Reading:
        """The only one that is said and not denied."""
        return choose_only(self._find_said(text)) if self._pattern.search(text) else NO_ANSWER

    def _find_said(self, text: str) -> Iterable[str]:
        for found in self._pattern.finditer(text):
            if not _DENIED.search(text[max(0, found.start() - 40) : found.start()]):
                yield self._name(found)

    def _name(self, found: re.Match[str]) -> str:
        return self._meant[re.sub(r"[\s-]+", " ", found[0].lower())]


@functools.lru_cache(maxsize=256)
def _compile(words: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of every name, the longest first, and which word each name means."""
    meant: dict[str, str] = {}
    for word in words:
        for name in _name_alike(word, words):
            meant.setdefault(name, word)
    names = sorted(meant, key=len, reverse=True)
    joined = "|".join(re.escape(name).replace(r"\ ", r"[\s-]+") for name in names)
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{joined})(?![A-Za-z0-9_])", re.IGNORECASE), meant


def _name_alike(word: str, words: tuple[str, ...]) -> Iterable[str]:
    """The word itself first, then what else it is called."""
    plain = re.sub(r"[\s-]+", " ", word.lower())
    yield plain
    if "center" in words or "upper-left" in words:
        yield from _name_region(word)
    else:
        yield pluralise(plain)
        yield plain.replace(" ", "")
        yield from _OTHER_NAMES.get(plain, ())


_OTHER_NAMES = {
    "person": ("human", "humans", "pedestrian", "pedestrians"),
    "bicycle": ("bike", "bikes"),
    "car": ("automobile", "automobiles"),
    "thermal": ("thermal image", "infrared", "ir"),
    "rgb": ("rgb image", "visible", "visible light", "color photograph", "colour photograph"),
    "none": ("nothing", "no objects", "no object"),
    "other vehicle": ("othervehicles", "other vehicles"),
}


def _name_region(word: str) -> Iterable[str]:
    """Every way of saying a ninth of an image: rows before columns, and the other way about."""
    row = next((name for name in ("upper", "lower") if name in word), "")
    column = next((name for name in ("left", "right") if name in word), "")
    for first in _ROWS[row]:
        for second in _COLUMNS[column]:
            yield from (f"{first} {second}", f"{second} {first}")
    if not column:
        yield from _ROWS[row]
    if not row:
        yield from _COLUMNS[column]
    yield from (f"{name}" for name, region in _COMPASS.items() if region == word)
    yield from (f"{name[:5]} {name[5:]}" for name, region in _COMPASS.items() if region == word)


class Word(ReplyReader):
    """One word of a closed list; the options are the list, and stand under no letters."""

    is_choice = True

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """The word alone, by any name it has."""
        return _Word(tuple(question.options)).open(text) or NO_ANSWER

    def read(self, text: str, question: "Question") -> Reading:
        """The one that is said."""
        return read_word(text, question.options)

    def find_trouble(self, item: Item) -> str:
        """The answer is not in the list."""
        return "" if item.answer in item.options else f"the answer {item.answer!r} is none of {list(item.options)}"

    def list_candidates(self, options: Sequence[str], count_range: CountRange) -> tuple[str, ...]:
        """The list."""
        return tuple(options)


READER = Word()
