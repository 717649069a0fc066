"""The nouns with which people name the annotated classes: found in a text, and written in the right number.

`nouns.yaml` beside this module holds the words. A label that is not listed there names itself.
"""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tools.inflection import is_plural, pluralise

NOUNS_FILE = Path(__file__).with_name("nouns.yaml")
USABLE_LABEL = re.compile(r"[A-Za-z][A-Za-z' -]{0,40}")
LONGEST_LABEL = 80
SUBJECTS = frozenset(["it", "he", "she", "they", "that", "which", "who", "one", "there", "left", "right", "side"])
"""What a verb may follow in place of a noun."""


IDENTIFYING = frozenset(
    [(word, "as") for word in ("recognised", "recognized", "identified", "recognisable", "recognizable", "classified")]
    + [("looks", "like"), ("look", "like"), ("appears", "as"), ("appear", "as"), ("up", "as")]
)
"""Before "a dog": it is one, or looks like one."""


class Strength(IntEnum):
    """How much a noun says about its class.

    SAME names the whole class, KIND a part of it (woman: person), LOOSE may mean something else as well.
    """

    LOOSE = 0
    KIND = 1
    SAME = 2


class Noun(NamedTuple):
    """What a noun names. Only a LOOSE noun may have several labels."""

    labels: tuple[str, ...]
    strength: Strength
    is_plural: bool


class Mention(NamedTuple):
    """A noun at `tokens[start:end]`."""

    noun: Noun
    start: int
    end: int


class Nouns:
    """The nouns of the listed classes and of some further labels.

    Attributes:
        not_before, not_after: neighbours with which a noun names another thing ("train station", "toy car").
        verbs: words that are verbs behind a noun ("a dog stands", "the zebra bears").
        collective: words that before "of" say how others are together ("a group of vases").
    """

    def __init__(
        self,
        words: Mapping[tuple[str, ...], Noun],
        not_before: Iterable[str],
        not_after: Iterable[str],
        verbs: Iterable[str] = (),
        collective: Iterable[str] = (),
    ) -> None:
        """Index the nouns by their words."""
        self._words = dict(words)
        self._starts: dict[str, int] = {}
        for key in words:
            self._starts[key[0]] = max(self._starts.get(key[0], 0), len(key))
        self.not_before = frozenset(not_before)
        self.not_after = frozenset(tuple(entry.split()) for entry in not_after)
        self.verbs = frozenset(verbs)
        self.collective = frozenset(collective)

    def find(self, words: Sequence[str], *, is_strict: bool = True) -> list[Mention]:
        """Find the nouns among lower-case words, the longest first, without overlaps.

        Args:
            words: one sentence.
            is_strict: leave out nouns that are part of another thing's name.
        """
        found: list[Mention] = []
        place = 0
        while place < len(words):
            mention = self._match_at(words, place)
            if mention is None:
                place += 1
            elif is_strict and self._is_another_thing(words, mention):
                place = mention.end + self._is_modifier(words, mention)
            elif (
                is_strict and words[place] in self.collective and tuple(words[mention.end : mention.end + 1]) == ("of",)
            ) or (is_strict and words[place] in self.verbs and _is_behind_noun(words, place, found)):
                place += 1
            else:
                found.append(mention)
                place = mention.end
        return found

    def add_labels(self, labels: Iterable[str]) -> "Nouns":
        """Give the same nouns with labels that are not among them; each of these names itself.

        So does a label whose word may otherwise mean a thing of another class: where trees are labelled, a tree is no
        potted plant; where of what a screen may be only televisions are labelled, it is one.
        """
        return _add_labels(self, tuple(labels))

    def _add(self, given: tuple[str, ...]) -> "Nouns":
        words = dict(self._words)
        own = frozenset(given)
        for label in given:
            singular, plural = name_label(label)
            key = tuple(singular.lower().split())
            if _is_only_here(words.get(key), label, own):
                for form in {key, tuple(plural.lower().split())} & words.keys():
                    words[form] = words[form]._replace(labels=(label,), strength=Strength.SAME)
            if key and _is_free(words.get(key), label):
                words[key] = Noun((label,), Strength.SAME, is_plural=singular == plural)
                others = tuple(plural.lower().split())
                if _is_free(words.get(others), label):
                    words[others] = Noun((label,), Strength.SAME, is_plural=True)
        if words == self._words:
            return self
        copy = Nouns(words, self.not_before, (), self.verbs, self.collective)
        copy.not_after = self.not_after
        return copy

    def _match_at(self, words: Sequence[str], place: int) -> Mention | None:
        for size in range(min(self._starts.get(words[place], 0), len(words) - place), 0, -1):
            noun = self._words.get(tuple(words[place : place + size]))
            if noun is not None:
                return Mention(noun, place, place + size)
        return None

    def _is_modifier(self, words: Sequence[str], mention: Mention) -> bool:
        """Whether the noun only says which sort of the next thing is meant: "truck bed"."""
        following = words[mention.end] if mention.end < len(words) else ""
        if tuple(words[mention.end : mention.end + 2]) == ("stand", "out") or words[mention.start] == "one":
            return False  # "the contours of a dog stand out", "one bottle"
        if tuple(words[mention.end + 1 : mention.end + 2]) in DETERMINED:
            return False  # "the cow and the dog show a sharp outline"
        if following == "show" and "both" in words[: mention.start]:
            return False
        return following in self.not_before and not mention.noun.is_plural

    def _is_another_thing(self, words: Sequence[str], mention: Mention) -> bool:
        if self._is_modifier(words, mention):
            return True
        if tuple(words[max(0, mention.start - 3) : mention.start - 1]) in IDENTIFYING:
            return False
        if tuple(words[mention.start - 2 : mention.start]) in (("as", "a"), ("as", "an")) and not DESCRIBING.isdisjoint(
            words[: mention.start - 2]
        ):
            return False  # "I would describe it as a dog"
        if tuple(words[max(0, mention.start - 4) : mention.start - 1]) == ("as", "well", "as"):
            return False
        shape = mention.start - 3
        if (
            tuple(words[max(0, shape) : mention.start - 1]) == ("shape", "of")
            and "the" in words[max(0, shape - 2) : shape]
        ):
            led = shape - 1 - (words[shape - 1] != "the")  # "the shape of a dog", "the faint shape of a dog"
            return led > 0 and words[led - 1] not in SEEN  # "a kite in the shape of a fish"
        return any(tuple(words[max(0, mention.start - size) : mention.start]) in self.not_after for size in (1, 2, 3))


@functools.lru_cache(maxsize=64)
def _add_labels(nouns: Nouns, labels: tuple[str, ...]) -> Nouns:
    """See `Nouns.add_labels`; remembered, as the labels of an image are asked for by several checks."""
    return nouns._add(labels)


BEFORE_NOUNS = frozenset(
    ["near", "by", "of", "with", "and", "or", "to", "for", "at", "on", "in", "two", "three", "four", "five"]
)
DESCRIBING = frozenset(["describe", "identify", "classify"])
DETERMINED = (("a",), ("an",), ("the",), ("its",), ("their",), ("no",), ("some",))
"""What follows a verb, and no noun that is meant by the one before it: "dog show"."""
SEEN = frozenset(
    [
        "see",
        "sees",
        "out",
        "recognise",
        "recognize",
        "notice",
        "spot",
        "find",
        "discern",
        "shows",
        "show",
        "reveals",
        "and",
        ",",
    ]
)
"""Before "the shape of a dog": it is one."""
SINGULAR_VERBS = frozenset(["forks", "bears", "trains", "ducks", "sinks", "ties", "books"])
"""Plurals that are verbs behind the subject of a sentence: "the way ahead forks"."""
OPENING = frozenset(["the", "this", "that", "a", "an", "his", "her", "its", "their", "our"])
LINKING = frozenset(["is", "are", "was", "were", "and", "or", "of", "with", "has", "have", "can"])
LONGEST_SUBJECT = 3


def _is_singular_before(words: Sequence[str], place: int) -> bool:
    """Whether a subject of few words opens the sentence and ends before `place`, where its verb stands."""
    if not 2 <= place <= LONGEST_SUBJECT + 1 - (words[place - 1] not in ("ahead", "here", "there", "below")):
        return words[max(0, place - 1) : place] == ("that",)
    is_led = words[0] in OPENING and LINKING.isdisjoint(words[1:place])
    after = words[place + 1] if place + 1 < len(words) else ""
    return is_led and after not in LINKING and not words[place - 1].endswith("s")


def _is_behind_noun(words: Sequence[str], place: int, found: Sequence[Mention]) -> bool:
    """Whether a noun or its pronoun stands directly before: what follows is its verb."""
    before, behind = (words[place - 1] if place else ""), (words[place + 1] if place + 1 < len(words) else "")
    if before in ("one", "it", "he", "she") and not words[place].endswith("s"):
        return False  # "one train"
    if words[place] in SINGULAR_VERBS and behind in ("a", "an", "the", "no") and before not in OPENING | BEFORE_NOUNS:
        return True  # "a cloth bears a number"
    if words[place] in SINGULAR_VERBS and _is_singular_before(words, place):
        return True
    return before in SUBJECTS or bool(found and found[-1].end == place)


def _is_free(known: Noun | None, label: str) -> bool:
    """Whether a word may name a label: it names nothing yet, or loosely something else."""
    return known is None or (known.strength is Strength.LOOSE and label not in known.labels)


def _is_only_here(known: Noun | None, label: str, own: frozenset[str]) -> bool:
    """Whether the word with which a class is written may mean others, of which none is labelled."""
    return known is not None and known.strength is Strength.LOOSE and own & frozenset(known.labels) == {label}


def name_label(label: str) -> tuple[str, str]:
    """Give singular and plural of a label as they are written in a sentence: `tv` -> television, televisions."""
    names = _class_names().get(label)
    if names is None:
        singular = " ".join(label[:LONGEST_LABEL].replace("_", " ").split())
        names = (singular, pluralise(singular))
    return names


def is_bunched(label: str) -> bool:
    """Whether annotators draw one box around a whole bunch of these, so that boxes are no exact number of things."""
    return label in _read()["bunched"]


def is_animate(label: str) -> bool:
    """Whether a thing moves by itself; one that is not listed may."""
    return label in _read()["animate"] or label not in _class_names()


def is_usable_label(label: str) -> bool:
    """Whether a label can stand in a sentence: letters, spaces, apostrophes and hyphens, not too long."""
    return USABLE_LABEL.fullmatch(label.replace("_", " ")) is not None


@functools.cache
def load_nouns() -> Nouns:
    """Read the nouns of the listed classes."""
    data = _read()
    words: dict[tuple[str, ...], Noun] = {}
    fields = (("names", Strength.SAME), ("kinds", Strength.KIND), ("loose", Strength.LOOSE))
    for label, entry in data["classes"].items():
        for field, strength in fields:
            for text in entry.get(field, ()):
                _add(words, text, label, strength)
    return Nouns(words, data["not_before"], data["not_after"], data["verbs"], data["collective"])


def _add(words: dict[tuple[str, ...], Noun], text: str, label: str, strength: Strength) -> None:
    singular, plural = _split_forms(text)
    has_plural = singular != plural or "/" in text or is_plural(plural)
    for form in {singular, plural}:
        key = tuple(form.split())
        own = words.get(key)
        if own is None or (strength > own.strength and label not in own.labels):
            words[key] = Noun((label,), strength, is_plural=has_plural and form == plural)
        elif label not in own.labels and strength is own.strength is Strength.LOOSE:
            words[key] = own._replace(labels=(*own.labels, label))


def _split_forms(text: str) -> tuple[str, str]:
    singular, _, plural = text.partition("/")
    return singular, plural or pluralise(singular)


@functools.cache
def _class_names() -> dict[str, tuple[str, str]]:
    return {label: _split_forms(entry.get("written", entry["names"][0])) for label, entry in _read()["classes"].items()}


@functools.cache
def _read() -> Any:
    return yaml.load(NOUNS_FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # keeps "no" and "on" text
