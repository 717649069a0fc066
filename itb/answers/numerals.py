"""Numbers in a text: digits, English words, Chinese signs, "a dozen", "no pedestrians"; and what they count."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from tools.inflection import singularise

# fmt: off
_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on
_VALUES = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * (place + 2) for place, word in enumerate(_TENS)
}
_CHINESE = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_FACTOR = rf"(?:an?|{'|'.join(_UNITS[1:])})"
_BELOW_TWENTY = "|".join(sorted(_UNITS, key=len, reverse=True))
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-]+(?:{'|'.join(_UNITS[1:10])}))?|{_BELOW_TWENTY})"
_WORD = (
    rf"(?:{_FACTOR}\s+hundred(?:\s+(?:and\s+)?{_SMALL})?|hundred|half\s+a\s+dozen|(?:{_FACTOR}\s+)?dozen"
    rf"|a\s+(?:pair|couple)(?=\s+of\b)|a\s+single|{_SMALL})"
)
_NO_NOUN = r"no(?=\s+(?!doubt|idea|matter|more|less|fewer|longer|way|other|further|answer)[a-z])"
_NONE = (
    rf"(?:no\s+one|nobody|none(?!\s*-)|{_NO_NOUN}|not\s+one"
    r"|(?:not|cannot|n't)\s+(?:[a-z]+\s+)?(?:a\s+single|any))"
)
_BOUND = r"(?:(?:more|fewer|less|greater)\s+than|over|under|at\s+(?:least|most)|up\s+to|between|至少|至多|超过)"
_DIGITS = r"(?<!\d:)(?<![A-Za-z0-9.,])[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?!\d|:\d)"
_SIGNS = "零〇一二两俩三四五六七八九"
_HAN = (
    rf"(?<![{_SIGNS}十百第])(?!一(?:共|些|下|定|般|样|直|起))"
    rf"(?:没有|无|[{_SIGNS}十百]+)(?=[个人行车任位辆名只架艘台条头到至或]|\W|$)"
)
_EITHER = re.compile(r"[二三四五六七八九两][一二三四五六七八九](?!十)|[一二三四五六七八][二三四五六七八九]十")
"""三四个: three or four."""
_PRONOUN = r"one\s+(?:of\s+(?:the|these|those|them|which)|another|by)\b"
_NUMBER = re.compile(
    rf"(?P<bound>(?:\b{_BOUND}|[<>≥≤])\s*)?"
    rf"(?:(?P<digits>{_DIGITS})(?P<glued>[^\W\d]*)"
    rf"|(?P<none>(?:\b|(?=n't)){_NONE})\b"
    rf"|\b(?!{_PRONOUN})(?P<word>{_WORD})\b|(?P<han>{_HAN}))"
    rf"(?P<more>\s*\+(?!\s*\d)|\s*(?:-|~|to|or|到|至|或)\s*(?=\d|{_SMALL}\b|[{_SIGNS}十]))?",
    re.IGNORECASE,
)
_ORDINAL_ENDS = ("st", "nd", "rd", "th", "年", "月", "日", "号", "点")
_UNIT_GLUED = ("am", "pm", "m", "cm", "mm", "km", "px", "c", "k", "f", "s", "x", "h")
_UNIT = re.compile(
    r"\s*(?:(?:am|pm|a\.m\.|p\.m\.|m|cm|mm|km|px|pixels?|met(?:er|re)s?|feet|ft|degrees?|o'clock|hours?|minutes?|seconds?"
    r"|percent|[CFK])(?![\w'])|[%°])"
)
_LABELS = re.compile(
    r"(?:\b(?:group|row|rows|column|step|figure|fig\.?|frame|region|area|line|lane|camera|sector|part|no\.|version)\s*"
    r"|#\s*)$",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\bnot\s+(?:be\s+)?$", re.IGNORECASE)
_LIST_MARK = re.compile(r"^\s*\d+[.)]\s+(?=\S)", re.MULTILINE)
_ADJECTIVES = 3
_NOUN = re.compile(rf"\s*((?:[a-z][a-z-]*\s+){{0,{_ADJECTIVES}}}[a-z][a-z-]*)", re.IGNORECASE)
_NOUN_BEFORE = re.compile(r"((?:[a-z][a-z-]*\s+){0,2}[a-z][a-z-]*)\s*(?:\bis|\bare|[:=])\s*$", re.IGNORECASE)


class Found(NamedTuple):
    """A number in a text.

    Attributes:
        value: what it says, None when it is only a bound or an end of a range.
        start, end: where it stands.
        noun: the words behind it, lower case, of which one may be what is counted.
    """

    value: float | None
    start: int
    end: int
    noun: tuple[str, ...] = ()


def find_numbers(text: str, are_counts: bool = True) -> list[Found]:
    """Every number of a text, in order; ordinals ("2nd", "row 3") are none, nor, as counts, are times and lengths."""
    return [
        Found(_find_value(match), match.start(), match.end(), _find_noun(text, match))
        for match in _NUMBER.finditer(text)
        if not _is_ordinal(text, match) and not (are_counts and _has_unit(text, match))
    ]


def drop_list_marks(text: str) -> str:
    """Without the numbers of a numbered list ("1. There are 5 people"), where numbers are left without them."""
    bare = _LIST_MARK.sub("", text)
    return bare if bare == text or find_numbers(bare) else text


def match_number(text: str) -> re.Match[str] | None:
    """The number that a text is, with nothing around it."""
    found = _NUMBER.fullmatch(text)
    is_plain = found and not found["none"] and not found["glued"] and _find_value(found) is not None
    return found if is_plain else None


def _is_ordinal(text: str, match: re.Match[str]) -> bool:
    """A place in a row, the name of a row, or what is said not to be the number."""
    before = text[max(0, match.start() - 20) : match.start()]
    is_denied = _DENIED.search(before) and not match["none"]
    return bool((match["glued"] or "").lower() in _ORDINAL_ENDS or _LABELS.search(before) or is_denied)


def _has_unit(text: str, match: re.Match[str]) -> bool:
    glued = (match["glued"] or "").lower()
    return bool((match["digits"] and glued in _UNIT_GLUED) or _UNIT.match(text, match.end()))


def _find_noun(text: str, match: re.Match[str]) -> tuple[str, ...]:
    """ "5 people", else "the number of people is 5" and "people: 5"."""
    noun = _NOUN.match(text, match.end()) or _NOUN_BEFORE.search(text[max(0, match.start() - 60) : match.start()])
    return ((match["glued"] or "").lower(), *(noun[1].lower().split() if noun else ()))


def _find_value(match: re.Match[str]) -> float | None:
    is_open = match["bound"] or match["more"] or _EITHER.search(match["han"] or "")
    return None if is_open else evaluate(match)


def evaluate(match: re.Match[str]) -> float:
    """The value of what `match_number` matched."""
    if match["none"]:
        return 0.0
    if match["word"]:
        return float(evaluate_words(match["word"]))
    if match["han"]:
        return float(evaluate_chinese(match["han"]))
    return float(match["digits"].replace(",", ""))


def evaluate_words(words: str) -> int:
    """The value of a number in words: "twenty-one", "a hundred and five", "half a dozen", "a couple"."""
    total = last = 0
    for word in re.split(r"[\s-]+", words.lower()):
        match word:
            case "a" | "an":
                last = 1
            case "half":
                return 6
            case "pair" | "couple":
                return 2
            case "single":
                return 1
            case "dozen":
                return 12 * max(last, 1)
            case "hundred":
                total, last = 100 * max(last, 1), 0
            case "and":
                pass
            case _:
                last += _VALUES[word]
    return total + last


def evaluate_chinese(signs: str) -> int:
    """The value of Chinese signs: 五, 十二, 二十一, 一百零五; of "there is none", 0."""
    total = last = 0
    for sign in signs if signs not in ("没有", "无") else "零":
        if sign in "十百":
            total, last = total + max(last, 1) * {"十": 10, "百": 100}[sign], 0
        else:
            last = 10 * last + _CHINESE[sign]
    return total + last


def names_any(words: Sequence[str], nouns: frozenset[str]) -> bool:
    """Whether one of the words is one of the nouns, in singular or plural."""
    return any(word in nouns or singularise(word) in nouns for word in words)
