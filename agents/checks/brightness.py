"""Statements about brightness, warmth, order and degrees against the evidence of an image's pixels.

One statement is read at each word for bright or dark (the pack names them), in this order: a superlative ("the
brightest place lies ...", "the car is the brightest"), a comparison of places, of parts, of two things or with the
surroundings, and a plain statement ("the person stands out brightly"). It stands only when a fact states it; what no
fact decides is objected to as well, for nothing but the pixels could support it. Hedged sentences state nothing.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from agents.checks.fact_book import FactBook
from agents.english.categories import Mention, Strength
from agents.english.numbers import read_number
from agents.english.sentences import Sentence
from agents.english.words import word_set
from tools.prompts.lexicon import Hit, Lexicon
from tools.prompts.pack_records import CheckWords

SUPERLATIVE: Final = re.compile(r"\w+est")
COMPARATIVE: Final = re.compile(r"\w+er|more|less")
PLACES: Final = word_set("place spot point part area region window patch")
OF_LIGHT: Final = ("bright", "dark", "light")
"""How words begin that say nothing of warmth."""
WITHOUT_STATEMENT: Final = word_set("brightness darkness")
SURROUNDINGS: Final = word_set(
    "surroundings surrounding surrounds background around ground environment what scene everything rest road"
)
SURROUNDING_NOUNS: Final = word_set("area ground background surroundings road")
AROUND: Final = word_set("around surrounding background")
SIDE_NAMES: Final = {
    "left": "left", "right": "right", "upper": "upper", "top": "upper", "above": "upper", "lower": "lower",
    "bottom": "lower", "below": "lower",
}  # fmt: skip
STATING: Final = word_set(
    """
    is are was were be appears appear looks look seems seem shows show stands stand remains remain glows glow gives give
    set
    """
)
DEGREE_WORDS: Final = word_set("c f celsius degrees degree")
"""What stands behind a temperature."""
MIDDLE: Final = word_set("middle centre center central")
GENERAL: Final = word_set("can when whenever always tends tend means depends")
"""Words of a sentence on how things are in general."""
PERCEIVING: Final = word_set("tell see make recognise recognize notice")
"""After "can": what is perceived stands in the image."""
PERCEIVED: Final = word_set("told seen recognised recognized noticed")
_OPPOSITE: Final = {"left": "right", "right": "left", "upper": "lower", "lower": "upper"}
_TURNED: Final = {"brighter": "darker", "darker": "brighter"}
_DEGREES: Final = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*(?:°\s*[CF]?|degrees?\b|celsius\b)", re.IGNORECASE)


class BrightnessClaim(NamedTuple):
    """A statement that was read; `is_true` says whether facts state it, `facts` are the places of those."""

    start: int
    end: int
    is_true: bool
    facts: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Reading:
    """A sentence while a statement is read in it."""

    sentence: Sentence
    book: FactBook
    antecedents: Sequence[Mention]

    @property
    def mentions(self) -> list[Mention]:
        """The things of the sentence; a noun that may be something else as well ("stand") is none."""
        return [m for m in self.sentence.mentions if m.noun.strength is not Strength.LOOSE]

    def things_before(self, place: int) -> list[Mention]:
        """Those before a word, of its own clause if there are any, else what a pronoun means."""
        start = self.sentence.clause(place)[0]
        found = [m for m in self.mentions if m.end <= place]
        return [m for m in found if m.start >= start] or found or self._pronouns(place)

    def things_after(self, place: int) -> list[Mention]:
        """Those from a word on."""
        return [m for m in self.mentions if m.start >= place]

    def _pronouns(self, place: int) -> list[Mention]:
        has_pronoun = not {"it", "they", "he", "she"}.isdisjoint(self.sentence.lowers[:place])
        return list(self.antecedents) if has_pronoun else []


def is_brightness_word(text: str, words: CheckWords) -> bool:
    """Whether a word is one for bright, dark, warm or cold, and nothing else."""
    return text.lower() in words.bright or text.lower() in words.dark


def find_leaks(text: str, lexicon: Lexicon, *, is_measured: bool = False) -> dict[str, tuple[Hit, ...]]:
    """What a text names of each category of the lexicon, each looked for by itself: the one count of leaks there is.

    Args:
        is_measured: words for bright and dark are of what was measured in the image, and no leak.
    """
    words, found = lexicon.pack.words, {}
    for name in sorted(lexicon.find_categories(text)):
        hits = lexicon.find(text, [name])
        found[name] = tuple(hit for hit in hits if not (is_measured and is_brightness_word(hit.text, words)))
    return {name: hits for name, hits in found.items() if hits}


def _is_general(sentence: Sentence) -> bool:
    """Whether a sentence is on how things are in general; "one can tell that" speaks of this image."""
    return any(word in GENERAL and not _is_perceived(sentence, place) for place, word in enumerate(sentence.lowers))


def _is_perceived(sentence: Sentence, place: int) -> bool:
    """Whether "can" begins "can tell" or "can be seen that"."""
    if sentence.word_at(place) != "can":
        return False
    is_passive = (sentence.word_at(place + 1), sentence.word_at(place + 3)) == ("be", "that")
    return sentence.word_at(place + 2) in PERCEIVED if is_passive else sentence.word_at(place + 1) in PERCEIVING


def find_brightness_claims(
    sentence: Sentence, book: FactBook, words: CheckWords, antecedents: Sequence[Mention] = ()
) -> Iterator[BrightnessClaim]:
    """The statements about brightness in a sentence, each with whether a fact states it."""
    if _is_general(sentence):
        return
    reading = _Reading(sentence, book, antecedents)
    done_to = 0
    for place, word in enumerate(sentence.lowers):
        if place < done_to or word in WITHOUT_STATEMENT or sentence.is_negated(place):
            continue
        named = {word, f"{word} {sentence.word_at(place + 1)}"}
        sign = "brighter" if named & set(words.bright) else "darker" if named & set(words.dark) else None
        book.used.clear()
        claim = _read(reading, place, sign) if sign else None
        if claim is not None and not (book.evidence.bright_is_warm or word.startswith(OF_LIGHT)):
            claim = claim._replace(is_true=False)  # bright pixels are no warmth where nobody knows what bright means
        if claim is not None:
            yield claim._replace(facts=tuple(sorted(book.used)) if claim.is_true else ())
            done_to = claim.end


def _read(reading: _Reading, place: int, sign: str) -> BrightnessClaim | None:
    if SUPERLATIVE.fullmatch(reading.sentence.lowers[place]) is not None:
        return _read_superlative(reading, place, sign)
    than = _find_than(reading.sentence, place)
    if than is not None:
        return _read_comparison(reading, place, than, sign)
    return _read_part(reading, place, sign) or _read_plain(reading, place, sign)


def _find_than(sentence: Sentence, place: int) -> int | None:
    if COMPARATIVE.fullmatch(sentence.lowers[place]) is None:
        return None
    return next(
        (k for k in range(place + 1, min(place + 12, len(sentence.lowers))) if sentence.word_at(k) == "than"), None
    )


def _read_superlative(reading: _Reading, place: int, sign: str) -> BrightnessClaim | None:
    sentence, last = reading.sentence, len(reading.sentence.lowers)
    if sentence.word_at(place + 1) in PLACES:
        ninth = _read_ninth(_drop_farthest(sentence.lowers[place + 2 :]))
        if ninth is None and not DEGREE_WORDS.isdisjoint(sentence.lowers[place:]):
            return None  # how warm the warmest place is, not where: degrees are looked up by themselves
        is_true = sign == "brighter" and ninth is not None and reading.book.has_place(ninth)
        return BrightnessClaim(max(0, place - 1), last, is_true)
    is_warmth = sentence.lowers[place] not in ("brightest", "darkest")
    before, after = reading.things_before(place), reading.things_after(place)
    subject = _choose_subject(sentence, before, after, place)
    is_true = subject is not None and reading.book.is_first(reading.book.resolve(sentence, subject), sign, is_warmth)
    start = subject.start if subject is not None and subject.start < place else max(0, place - 1)
    return BrightnessClaim(start, place + 1, is_true)


def _choose_subject(sentence: Sentence, before: list[Mention], after: list[Mention], place: int) -> Mention | None:
    """The last thing before the verb: "of the dog and the car, the car is the brightest"; else the next one."""
    if before and sentence.word_at(place - 1) in ("the", "up"):
        verbs = [k for k in range(before[-1].end, place) if sentence.word_at(k) in STATING]
        if verbs:
            own = [m for m in before if m.end <= verbs[0]]
            return own[-1] if own else None
    return after[0] if after else before[-1] if before else None


def _read_ninth(words: Sequence[str]) -> str | None:
    """The ninth of the image that words name, as facts name it."""
    named = [SIDE_NAMES[word] for word in words if word in SIDE_NAMES]
    across = next((name for name in named if name in ("left", "right")), "")
    down = next((name for name in named if name in ("upper", "lower")), "")
    if not (across or down) and MIDDLE.isdisjoint(words):
        return None
    if across and down:
        return f"{down} {across}"
    return f"{across or down} middle" if across or down else "middle"


def _read_comparison(reading: _Reading, place: int, than: int, sign: str) -> BrightnessClaim:
    sentence = reading.sentence
    start, end = sentence.clause(place)[0], min(len(sentence.lowers), sentence.clause(than)[1])
    sides = _Sides(
        left=_drop_farthest(sentence.lowers[start:place]),
        right=_drop_farthest(sentence.lowers[than + 1 : end]),
        between=sentence.lowers[place + 1 : than],
        before=tuple(reading.things_before(place)),
        after=tuple(m for m in reading.things_after(than) if m.start < end),
    )
    is_true = _compare_regions(reading, sides, sign)
    if is_true is None:
        is_true = _compare_things(reading, sides, sign)
        start = sides.before[-1].start if sides.before else start
    return BrightnessClaim(start, end, is_true)


class _Sides(NamedTuple):
    """What stands before and behind the "than" of a comparison, and the things on both sides."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    between: tuple[str, ...]
    before: tuple[Mention, ...]
    after: tuple[Mention, ...]


def _compare_regions(reading: _Reading, sides: _Sides, sign: str) -> bool | None:
    """Two parts of the image, or of one thing; None when the comparison is not of parts."""
    is_of_picture = not sides.before or _names_picture(sides.left)
    ninths = [_read_ninth(words) for words in (sides.left, sides.right)] if is_of_picture else []
    if ninths and all(ninths) and (_is_ninth(sides.left) or _is_ninth(sides.right)):
        bright, dark = ninths if sign == "brighter" else ninths[::-1]
        return reading.book.has_ninths(bright or "", dark or "")
    side = _find_side(sides.left) or _find_side(sides.between)
    is_around = sides.before and not SURROUNDINGS.isdisjoint(sides.right) and {"half", "halves"}.isdisjoint(sides.left)
    if side is None or _find_side(sides.right) not in (_OPPOSITE[side], None) or is_around:
        return None
    brighter = side if sign == "brighter" else _OPPOSITE[side]
    if is_of_picture:
        return reading.book.has_third(brighter)
    return reading.book.has_part(reading.book.resolve(reading.sentence, sides.before[-1]), brighter)


def _compare_things(reading: _Reading, sides: _Sides, sign: str) -> bool:
    """A thing with another one, or with its surroundings."""
    is_around = not SURROUNDING_NOUNS.isdisjoint(sides.left) and not AROUND.isdisjoint(sides.left)
    if is_around and sides.after:
        return _surrounded(reading, sides.after[0], _TURNED[sign])
    if not sides.before:
        return False
    if sides.after and sides.right[:1] != ("what",):
        one, other = (reading.book.resolve(reading.sentence, m) for m in (sides.before[-1], sides.after[0]))
        if _DEGREES.search(" ".join(sides.left)):  # how many degrees it is was measured by itself
            return reading.book.has_difference(one, other, sign)
        return reading.book.has_pair(one, other, sign)
    return not SURROUNDINGS.isdisjoint(sides.right) and _surrounded(reading, sides.before[-1], sign)


def _is_ninth(words: Sequence[str]) -> bool:
    """Whether a part is named by two sides, or by the middle."""
    named = {SIDE_NAMES[word] for word in words if word in SIDE_NAMES}
    return len(named) > 1 or not MIDDLE.isdisjoint(words)


def _find_side(words: Sequence[str]) -> str | None:
    return next((SIDE_NAMES[word] for word in words if word in SIDE_NAMES), None)


def _drop_farthest(words: Sequence[str]) -> tuple[str, ...]:
    """Without "farthest to the left", which says which thing is meant and nothing of a side."""
    kept: list[str] = []
    place = 0
    while place < len(words):
        is_phrase = words[place] in ("farthest", "furthest") and tuple(words[place + 1 : place + 3]) == ("to", "the")
        place += 4 if is_phrase else 1
        if not is_phrase:
            kept.append(words[place - 1])
    return tuple(kept)


def _names_picture(words: Sequence[str]) -> bool:
    """Whether a side that is spoken of is the picture's: "a view in which the left half of the car" names a car's."""
    last_side = max((place for place, word in enumerate(words) if word in SIDE_NAMES), default=0)
    return not {"image", "picture", "view", "frame", "scene"}.isdisjoint(words[last_side:])


def _read_part(reading: _Reading, place: int, sign: str) -> BrightnessClaim | None:
    """ "The person is brighter above than below" is read as a comparison; this one is "is brighter on the left"."""
    after = reading.sentence.lowers[place + 1 : place + 5]
    side = _find_side(after)
    before = reading.things_before(place)
    if side is None or COMPARATIVE.fullmatch(reading.sentence.lowers[place]) is None or not before:
        return None
    brighter = side if sign == "brighter" else _OPPOSITE[side]
    own = reading.book.resolve(reading.sentence, before[-1])
    return BrightnessClaim(before[-1].start, place + 1, reading.book.has_part(own, brighter))


def _read_plain(reading: _Reading, place: int, sign: str) -> BrightnessClaim | None:
    """`The person is bright`, `stands out darkly`: against the surroundings; without a verb nothing is said."""
    sentence = reading.sentence
    start = sentence.clause(place)[0]
    verbs = [k for k in range(start, place) if sentence.word_at(k) in STATING]
    before = reading.things_before(place)
    if not verbs:
        return None
    if not before:
        return BrightnessClaim(start, place + 1, False)
    return BrightnessClaim(before[-1].start, place + 1, _surrounded(reading, before[-1], sign))


def _surrounded(reading: _Reading, thing: Mention, sign: str) -> bool:
    """Whether a thing, or so many of them as are claimed, differ from their surroundings as `sign` says."""
    least = _read_least(reading.sentence, thing)
    return reading.book.has_surroundings(reading.book.resolve(reading.sentence, thing), sign, least)


def _read_least(sentence: Sentence, thing: Mention) -> int | None:
    """`at least two of the five people` -> 2; None where all are meant."""
    words = sentence.lowers[max(0, thing.start - 8) : thing.start]
    for k, word in enumerate(words):
        number = read_number(word)
        if number is not None and words[k + 1 : k + 2] == ("of",):
            return number
    return None


def find_degrees(text: str) -> Iterator[re.Match[str]]:
    """Every temperature that a text states."""
    return _DEGREES.finditer(text)


def is_measured(value: float, known: Collection[float], tolerance: float = 0.5) -> bool:
    """Whether a stated temperature is one of those that were measured."""
    return any(abs(value - each) <= tolerance for each in known)
