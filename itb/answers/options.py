"""One of several options: its letter, its text, or both."""

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from itb.answers.comparison import compare_options
from itb.answers.grammar import Form, read_in_order
from itb.answers.reader import CountRange, ReplyReader
from itb.answers.reading import AMBIGUOUS, NO_ANSWER, OUT_OF_RANGE, Reading
from itb.answers.text import strip_ends
from itb.records import Item
from itb.tasks import load_task
from tools.inflection import pluralise

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NOUN = re.compile(r"[A-Za-z][A-Za-z -]*")
_LEAD = re.compile(
    r"[\s\"'\[:,-]*(?:(?:is|are|the|an|one|about|probably|likely|most|clearly|definitely|simply|just|therefore|mark(?:ed)?"
    r"|point|place|it(?:'s|\s+is)|option|choice|letter|answer|that|with|为|是)\b[\s:\"'\[]*)*",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\(?(?P<letter>[A-Za-z])(?![A-Za-z0-9_'])(?P<end>\s*[.):,;\]!?\"']|\s*$|\s*\n|\s+(?:-|because|since|which|as\s+(?:it|the|a)\b))?",
    re.IGNORECASE,
)
_OPENER = re.compile(r"[\s\"'\[(]*(?:(?:option|choice|letter)\s*:?\s*)?", re.IGNORECASE)
_OTHERS = re.compile(r"[\s\"')\]]*(?:or|and|/|,|&)\s*[\"'(\[]*(?:or\s+|and\s+)?(?:option\s+)?[\"'(\[]*([A-Z])(?![\w'])")
_VERB = re.compile(
    r"[\s\"')\]]*(?:is|are|was|were|has|have|seems?|looks?|appears?|shows|would|could|can|vs\.?|and|or|[<>=])(?!\w)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[(\[]\s*([A-Za-z])\s*[)\]]")
_ALONE = re.compile(
    r"(?<![A-Za-z0-9_'’.-])([B-HJ-Z]|A(?=\s*[.,;:!?)\"']|\s*$|\s+(?:or|and|is|was)\b|(?![\x00-\x7f])))"
    r"(?![A-Za-z0-9_'’-])",
    re.MULTILINE,
)
_LINE_LABEL = re.compile(r"(?:^|[.;,\n])[\s\W]*(?:option\s+)?([A-Za-z])[).:]", re.IGNORECASE)
_NEGATION = re.compile(
    r"(?:\bnot|n't|\bno|\brather\s+than|\binstead\s+of|\bneither|\bnor|\bwithout|\bexcept(?:\s+for)?|\bunlike"
    r"|\bother\s+than|\bnever|\bruled?\s+out|\bexcluded?|\breject(?:ed)?)"
    r"(?:\s+(?:be|see|seem|look|like|appear|show|contain|include|have|option|the|an?|any|shown|visible|to|of))*"
    r"\s*[\"'(]*\s*$",
    re.IGNORECASE,
)
_WRONG = r"(?:incorrect|wrong|unlikely|impossible|excluded|ruled\s+out|out|a\s+(?:common\s+)?distractor)\b"
_ABSENCE = re.compile(
    r"^[\"')]*\s*(?:(?:is|are|was|were)\s+(?:not|missing|absent|nowhere)|(?:is|are|was)n't|does\s+not|doesn't|do\s+not|don't"
    rf"|cannot|can't|missing|absent|(?:is|seems|looks|was)\s+{_WRONG}"
    rf"|,?\s*but\s+(?:it|that|this)(?:'s|\s+is)\s+(?:not|{_WRONG})|\s*[:(-]\s*(?:no\b|not\b|wrong|incorrect))",
    re.IGNORECASE,
)
_REACH = 100


def read_option_strictly(text: str, options: Sequence[str]) -> Reading:
    """The letter, the option's text, or the letter and then the text; nothing else."""
    bare = strip_ends(text)
    for letter, option in zip(_LETTERS, options, strict=False):
        both = rf"{letter}(?:\s*[.):,-]+\s*|\s+){re.escape(option)}"
        if bare.upper() == letter or re.fullmatch(rf"{both}|{re.escape(option)}", bare, re.IGNORECASE):
            return Reading(option)
    is_letter = re.fullmatch(r"[A-Za-z]", bare) is not None
    return OUT_OF_RANGE if is_letter else NO_ANSWER


def read_option(text: str, options: Sequence[str], *, asks_absent: bool = False, question: str = "") -> Reading:
    """The one option that a reply chooses.

    Args:
        text: the reply.
        options: in the order they were shown.
        asks_absent: the question asks what is not there, so that "there is no dog" chooses the dog.
        question: tells which way a comparison goes.
    """
    strict = read_option_strictly(text, options)
    return strict if strict.answer is not None else read_in_order(_Choice(options, asks_absent, question), text)


class _Choice(Form):
    """How choices look."""

    def __init__(self, options: Sequence[str], asks_absent: bool, question: str) -> None:
        self._options = tuple(options)
        self._asks_absent = asks_absent
        self._question = question
        is_lettered = all(len(option) == 1 for option in self._options)
        self._names = (_compile_letters if is_lettered else _compile_names)(self._options)

    def begin(self, text: str) -> Reading | None:
        """A letter that is meant as one, else an option's text."""
        for lead in (_OPENER, _LEAD):
            found = lead.match(text)
            if found and (reading := self._read_label(text[found.end() :])) is not None:
                return reading
        found = _LEAD.match(text)
        return self._begin_text(text[found.end() if found else 0 :])

    def open(self, text: str) -> Reading | None:
        """A letter or text with which the reply says it all; the first line of a list of options is none."""
        if len({letter.upper() for letter in _LINE_LABEL.findall(text)}) > 1:
            return None
        found = _OPENER.match(text)
        return self._read_label(text[found.end() :]) if found else None

    def compare(self, text: str) -> Reading | None:
        """The warmer of two."""
        return compare_options(text, self._names, self._options, self._question)

    def _read_label(self, text: str) -> Reading | None:
        """A letter, with an end or its own option's text behind it."""
        label = _LABEL.match(text)
        if not label:
            return None
        rest = text[label.end("letter") :]
        if _OTHERS.match(rest) or _VERB.match(rest) or (not self._asks_absent and _ABSENCE.match(rest)):
            return None
        named = self._name_behind(rest)
        place = _LETTERS.index(label["letter"].upper())
        own = self._options[place] if place < len(self._options) else None
        if label["end"] is None:  # "A dog": an article, unless its own text follows
            is_other_letter = label["letter"].upper() != "A" and named is not None and rest[:1].isspace()
            if named is None or (named != own and not is_other_letter):
                return None
        if own is None:
            return OUT_OF_RANGE
        return Reading(own) if named in (None, own) else AMBIGUOUS

    def _name_behind(self, rest: str) -> str | None:
        found = re.match(r"[\s.):,;\]\"'-]*(?:(?:the|an?)\s+)?", rest, re.IGNORECASE)
        named = self._names.match(rest, found.end() if found else 0)
        return self._options[int(str(named.lastgroup)[1:])] if named else None

    def _begin_text(self, text: str) -> Reading | None:
        article = re.match(r"(?:an?\s+)?(?:no\s+)?" if self._asks_absent else r"(?:an?\s+)?", text, re.IGNORECASE)
        named = self._names.match(text, article.end() if article else 0)
        if not named:
            return None
        rest = text[named.end() :]
        if re.match(r"[\"')]*\s*(?:or|and|/)\s", rest) or _VERB.match(rest) or self._is_beside_other(rest):
            return None
        return Reading(self._options[int(str(named.lastgroup)[1:])])

    def _is_beside_other(self, rest: str) -> bool:
        """Whether a list of options goes on: "dog, car"."""
        found = re.match(r"\s*,\s*(?:(?:or|and)\s+)?(?:an?\s+|the\s+)?", rest)
        return bool(found and self._names.match(rest, found.end()))

    def mention(self, text: str) -> Reading:
        """The only option that is named, by letter, text or both, and not denied."""
        letters, strays = self._find_letters(text)
        named = self._find_texts(text)
        if len(letters) == 1:
            chosen = self._options[letters.pop()]
            return Reading(chosen) if not named or chosen in named else AMBIGUOUS
        if letters or len(named) > 1:
            return AMBIGUOUS
        if named:
            return Reading(named.pop()) if not strays else AMBIGUOUS
        return OUT_OF_RANGE if strays else NO_ANSWER

    def _find_letters(self, text: str) -> tuple[set[int], bool]:
        """Places of the letters that are meant as such, and whether a letter beyond the options is among them."""
        found = _place_letters(_BRACKETED, text) | _place_letters(_ALONE, text)
        inside = {place for place in found if place < len(self._options)}
        return inside, bool(found) and not inside

    def _find_texts(self, text: str) -> set[str]:
        denied: set[str] = set()
        said: set[str] = set()
        for match in self._names.finditer(text):
            option = self._options[int(str(match.lastgroup)[1:])]
            (denied if _is_denied(text, match.start(), match.end()) else said).add(option)
        return denied or said if self._asks_absent else said


def _place_letters(pattern: re.Pattern[str], text: str) -> set[int]:
    matches = (match for match in pattern.finditer(text) if not _is_denied(text, match.start(1), match.end(1)))
    return {_LETTERS.index(match[1].upper()) for match in matches}


def _is_denied(text: str, start: int, end: int) -> bool:
    return bool(_NEGATION.search(text[max(0, start - _REACH) : start]) or _ABSENCE.search(text[end : end + _REACH]))


@functools.lru_cache(maxsize=4096)
def _compile_names(options: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words, in singular or plural, hyphens or blanks between them; the longest name at a place counts."""
    order = sorted(range(len(options)), key=lambda place: -len(options[place]))
    names = "|".join(f"(?P<o{place}>{_write_name(options[place])})" for place in order)
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{names})(?:e?s)?(?![A-Za-z0-9_])", re.IGNORECASE)


def _write_name(option: str) -> str:
    plural = pluralise(option) if _NOUN.fullmatch(option) else option
    forms = (option,) if plural in (option, f"{option}s", f"{option}es") else (option, plural)
    names = "|".join(re.sub(r"(?<=\w)(?:\\?[ -])(?=\w)", r"[\\s-]+", re.escape(form)) for form in forms)
    return f"(?:{names})"


@functools.lru_cache(maxsize=64)
def _compile_letters(options: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(f"(?P<o{place}>{re.escape(option)})" for place, option in enumerate(options))
    return re.compile(rf"(?<![A-Za-z0-9_'])(?:{names})(?![A-Za-z0-9_])")


class Option(ReplyReader):
    """One of several options."""

    is_choice = True

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """Letter, text, or both."""
        return read_option_strictly(text, question.options)

    def read(self, text: str, question: "Question") -> Reading:
        """The one option that is chosen."""
        asks_absent = load_task(question.item.task).asks_absent
        return read_option(text, question.options, asks_absent=asks_absent, question=question.item.question)

    def find_trouble(self, item: Item) -> str:
        """Options that are too few, alike, or lack the answer."""
        if len(set(item.options)) < max(2, len(item.options)):
            return f"needs two or more different options, has {list(item.options)}"
        return "" if item.answer in item.options else f"the answer {item.answer!r} is none of {list(item.options)}"

    def list_candidates(self, options: Sequence[str], count_range: CountRange) -> tuple[str, ...]:
        """The options."""
        return tuple(options)

    def say(self, answer: str, options: Sequence[str]) -> tuple[str, ...]:
        """By the letter."""
        return (_LETTERS[options.index(answer)],)


READER = Option()
