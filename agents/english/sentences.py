"""A message as sentences, a sentence as words that know where they stand in the message."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from agents.english.categories import Mention, Nouns
from agents.english.words import FORMS_OF_BE, PLAIN_VERBS, THIRD_PERSON, word_set
from tools.prompts.pack_records import CheckWords

SENTENCE = re.compile(r"[^\n]+?(?:[.!?;]+(?=[\s\"'”’)]|$)|(?=\n)|$)")
WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*|[^\w\s]|_")
LONGEST_SENTENCE = 4000
LONGEST_KEPT = 400
"""Characters of a text whose sentences are kept at hand: a caption."""
BREAKS = frozenset([",", ";", ":", "(", ")", "-", "–", "—", "and", "while", "but", "whereas", "although", "though"])
NEGATIONS = word_set("nowhere no not none without never neither nor cannot any absence lack lacks devoid zero")
HEDGES = word_set(
    """
    if could might may would perhaps possibly maybe imagine suppose probably likely such e.g unlike
    typically usually often generally commonly normally should whether either instead rather
    """
)
DENIED_WHOLE = (("by", "no"), ("in", "no"), ("under", "no"), ("at", "no"))
"""How a sentence begins that denies all it says: "by no means"."""
NOT_A = (("not", "a"), ("not", "one"))
"""How a clause begins that is denied: "not a single one of the dogs is"."""
SUPPOSING = word_set("if imagine suppose unless whether perhaps maybe unlike instead should")
LOOKING = word_set(
    """
    follow look looks glance turn move go gaze count counts add adds include tally start starts begin begins scan scans
    read reads split divide cut
    """
)
SAYING = word_set("describe say find spot arrive log count note see report list get reach call")
NOTICING = word_set("notice see spot find recognise recognize")
AWAY = word_set("left right back behind front distance background foreground beside between middle centre center")
"""Before "you might notice a dog": where it is."""
MENTIONING = word_set("also be mention not note")
VERBS = FORMS_OF_BE | THIRD_PERSON | PLAIN_VERBS
PICTURE_WORDS = word_set("image picture photo photograph scene frame view shot")
PICTURES = PICTURE_WORDS | word_set("composition recording footage exposure capture screenshot snapshot")
"""Behind "of": a part of it is a part of the image."""
PICTURE_QUALIFIERS = word_set("the this whole entire our camera's camera’s sensor's sensor’s viewer's viewer’s")

NO_WORDS = CheckWords()


class Word(NamedTuple):
    """A word or punctuation mark in lower case, and its place in the message."""

    lower: str
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """A sentence of a message.

    Attributes:
        words: with their places in the message.
        mentions: the nouns of classes; `start` and `end` count words.
        modality: the modality's own words for its images.
    """

    words: tuple[Word, ...]
    lowers: tuple[str, ...]
    mentions: tuple[Mention, ...]
    modality: CheckWords = NO_WORDS

    def word_at(self, place: int) -> str:
        """The lower-case word at a place, empty outside of the sentence."""
        return self.lowers[place] if 0 <= place < len(self.lowers) else ""

    def is_hedged(self) -> bool:
        """Whether the sentence says what may be, or what is so in general, rather than what is there."""
        hedges = self._find_hedges()
        if (self.lowers[:1] == ("were",) and "to" in self.lowers) or (
            self.lowers[:1] == ("had",) and "would" in hedges
        ):
            return True  # "were a dog to appear", "had the dog been on the left, it would"
        if "possible" in self.lowers and self.word_at(self.lowers.index("possible") + 1) == "that":
            return True
        if "rather" in hedges and "than" not in self.lowers:
            hedges = hedges - {"rather"}
        if "would" in hedges and self.word_at(self.lowers.index("would") + 1) in SAYING:
            hedges = hedges - {"would"}  # "I would say that a dog is there"
        if "should" in hedges and self.word_at(self.lowers.index("should") + 1) in LOOKING | MENTIONING:
            hedges = hedges - {"should"}  # "one should look on the left"
        if self.lowers[:3] == ("that", "would", "be"):
            return False  # "that would be a dog", as an answer
        if "either" in hedges and self.word_at(self.lowers.index("either") + 1) in ("side", "end"):
            hedges = hedges - {"either"}
        if "such" in hedges and self.word_at(self.lowers.index("such") + 1) not in ("as", "a", "an"):
            hedges = hedges - {"such"}  # "where such things are kept"
        if hedges == {"if"}:  # "if you look to the left, you see a dog"
            place = self.lowers.index("if")
            return self.word_at(place + 1) not in ("you", "we", "one") or self.word_at(place + 2) not in LOOKING
        return bool(hedges)

    def _find_hedges(self) -> frozenset[str]:
        """Words for what may be, without that of "you may also notice a dog"."""
        hedges = HEDGES.intersection(self.lowers)
        place = next((k for k, word in enumerate(self.lowers) if word in ("may", "might")), 0)
        if self.word_at(place - 1) in ("you", "we", "one") and (place == 1 or not AWAY.isdisjoint(self.lowers[:place])):
            is_noticed = not NOTICING.isdisjoint(self.lowers[place + 1 : place + 3]) and "other" not in self.lowers
            is_noticed = is_noticed and {"may", "might", "could"}.isdisjoint(self.lowers[place + 1 :])
            return hedges - {self.word_at(place)} if is_noticed else hedges
        return hedges

    def drop_hedged(self) -> "Sentence | None":
        """What is stated where only the rest, behind a comma, is hedged: "a dog sits there, which may be why"."""
        hedges = HEDGES.intersection(self.lowers)
        if "if" in hedges and self.word_at(self.lowers.index("if") - 1) == "as":
            hedges = hedges - {"if"} | {"as"}  # "a dog sits there, as if it waited"
        is_supposed = not hedges.isdisjoint(SUPPOSING) or self.lowers[:1] in (("were",), ("had",))
        but = next((k for k, word in enumerate(self.lowers) if word == "but" and k > 1), 0)
        if but and hedges <= {"might", "may", "could"} and HEDGES.isdisjoint(self.lowers[but:]):
            return self._take_from(but + 1)  # "it might be overlooked, but a dog is there"
        if not hedges or is_supposed or "," not in self.lowers:
            return None
        first = min(k for k, word in enumerate(self.lowers) if word in hedges)
        end = next((k for k in range(first, 0, -1) if self.lowers[k] == ","), 0)
        if end < 3 or VERBS.isdisjoint(self.lowers[:end]):
            return None  # "a bus, for example, would"
        own = tuple(mention for mention in self.mentions if mention.end <= end)
        return Sentence(self.words[:end], self.lowers[:end], own, self.modality)

    def _take_from(self, start: int) -> "Sentence":
        own = tuple(
            mention._replace(start=mention.start - start, end=mention.end - start)
            for mention in self.mentions
            if mention.start >= start
        )
        return Sentence(self.words[start:], self.lowers[start:], own, self.modality)

    def is_negated(self, place: int, reach: int = 6) -> bool:
        """Whether a negation stands before `place` in the same clause."""
        is_of_none = self.lowers[:1] == ("none",) and BREAKS.isdisjoint(self.lowers[:place])
        if (
            is_of_none
            or self.lowers[:1] == ("nowhere",)
            or self.lowers[:2] in DENIED_WHOLE
            or (self.lowers[:2] in NOT_A and BREAKS.isdisjoint(self.lowers[:place]))
        ):
            return True
        for k in range(place - 1, max(-1, place - 1 - reach), -1):
            if self.lowers[k] in NEGATIONS or self.lowers[k].endswith(("n't", "n’t")):
                return True
            if self.lowers[k] in BREAKS - {"and"}:
                return False
        return False

    def clause(self, place: int) -> tuple[int, int]:
        """The clause around the word at `place`, as a range of words."""
        start, end = place, place
        while start > 0 and self.lowers[start - 1] not in BREAKS:
            start -= 1
        while end < len(self.lowers) and self.lowers[end] not in BREAKS:
            end += 1
        return start, end

    def names_picture(self, place: int) -> int | None:
        """Where "the whole image" ends that begins at `place`, None when something else does."""
        while self.word_at(place) in PICTURE_QUALIFIERS or self.word_at(place) in self.modality.qualifiers:
            place += 1
        noun = self.word_at(place).removesuffix("'s").removesuffix("’s")
        return place + 1 if noun in PICTURES or noun in self.modality.pictures else None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of `words[start:end]` in the message."""
        return self.words[start].start, self.words[end - 1].end


def split_sentences(text: str, nouns: Nouns, modality: CheckWords = NO_WORDS) -> Iterator[Sentence]:
    """Split a message at full stops and line ends; overlong sentences are cut into pieces."""
    split = _split if len(text) <= LONGEST_KEPT else _split.__wrapped__
    for words, lowers, mentions in split(text, nouns):
        yield Sentence(words, lowers, mentions, modality)


@functools.lru_cache(maxsize=512)
def _split(text: str, nouns: Nouns) -> tuple[tuple[tuple[Word, ...], tuple[str, ...], tuple[Mention, ...]], ...]:
    """Words, these in lower case, and nouns of each sentence; the captions of an image are read by several checks."""
    found = []
    for match in SENTENCE.finditer(text):
        for start in range(match.start(), match.end(), LONGEST_SENTENCE):
            end = min(match.end(), start + LONGEST_SENTENCE)
            words = tuple(Word(part[0].lower(), *part.span()) for part in WORD.finditer(text, start, end))
            if words:
                lowers = tuple(word.lower for word in words)
                found.append((words, lowers, tuple(nouns.find(lowers))))
    return tuple(found)
