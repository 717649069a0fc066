"""FusionRS: questions about HIT-UAV's flights, and questions and captions about synthetic images.

Quirks of the first: the accepted answers are never used, so "middle" fails although it is listed; "twenty one" is 1;
"stop sign on the right" holds "top" and is upper; "scarce" holds a car; "-4" is 4.
"""

import random
import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

import numpy as np

from itb.others.scoring.rows import (
    Asked,
    Figure,
    Judge,
    Read,
    Row,
    Rules,
    count_unread,
    find_mean,
    find_share,
    name_rows,
)

DRAWS: Final = 1000
SEED: Final = 42
NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
REGIONS = ("upper-left", "upper-right", "lower-left", "lower-right", "center", "upper", "lower", "left", "right")
CLASSES = ("other vehicle", "bicycle", "person", "car", "none")
_SAME = (("top", "upper"), ("bottom", "lower"), ("centre", "center"))
_WORD = re.compile(r"[a-z0-9]+")
_ARTICLES = frozenset(("a", "an", "the"))
_STOPS = _ARTICLES | frozenset(
    (
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "that",
        "this",
        "to",
        "with",
    )
)
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation, " "))


class HitUavVqa(Rules):
    """A share over all rows, with an interval by drawing images again, and of each kind of question."""

    def read(self, asked: Asked, reply: str, judge: Judge | None = None) -> Read:
        """By the kind of question."""
        text = " ".join(_WORD.findall(reply.lower()))
        answer = _parse(asked.task, text)
        return Read(answer, float(answer == asked.label.lower()), "" if answer is not None else "no_answer")

    def add_up(self, rows: Sequence[Row]) -> tuple[Figure, ...]:
        """Over all and by kind; the rate of what was not read beside each."""
        named = {"accuracy": list(rows)} | {
            f"accuracy/{task}": mine for task, mine in name_rows(rows, lambda row: row.asked.task).items()
        }
        figures = []
        for name, mine in named.items():
            low, high = find_interval(mine, [row.read.score or 0.0 for row in mine])
            figures.append(Figure(name, find_share(mine), len(mine), low, high))
            figures.append(Figure(name.replace("accuracy", "unread"), count_unread(mine) / len(mine), len(mine)))
        return tuple(figures)


def _parse(task: str, text: str) -> str | None:
    if task == "object_presence":
        return next((word for word in text.split() if word in ("yes", "no")), None)
    if task == "object_count":
        return _parse_count(text)
    if task == "group_location":
        for word, same in _SAME:
            text = text.replace(word, same)
        return next((region for region in REGIONS if region.replace("-", " ") in text), None)
    return next((name for name in CLASSES if name in text), None)


def _parse_count(text: str) -> str | None:
    words = text.split()
    digits = next((word for word in words if word.isdecimal()), None)
    if digits is not None:
        return digits.lstrip("0") or "0"
    return next((str(value) for value, word in enumerate(NUMBERS) if word in words), None)


def find_interval(rows: Sequence[Row], scores: Sequence[float]) -> tuple[float | None, float | None]:
    """The middle 95 % of means over images drawn with replacement, by Python's own chance with seed 42."""
    sums: dict[str, list[float]] = {}
    for row, score in zip(rows, scores, strict=True):
        total = sums.setdefault(row.asked.image, [0.0, 0.0])
        total[0] += score
        total[1] += 1
    if not sums:
        return None, None
    by_image = np.array([sums[name] for name in sorted(sums)])
    totals = by_image[_draw(len(by_image))].sum(axis=1)
    low, high = np.quantile(totals[:, 0] / totals[:, 1], [0.025, 0.975])
    return float(low), float(high)


@cache
def _draw(count: int) -> np.ndarray:
    """Which of so many images are drawn, a row a draw: the same for all figures of a benchmark."""
    chance, places = random.Random(SEED), range(count)
    return np.array([[chance.choice(places) for _ in places] for _ in range(DRAWS)])


class FusionRs(Rules):
    """The synthetic part: exact match and shared words of answers, longest common subsequence of captions."""

    def read(self, asked: Asked, reply: str, judge: Judge | None = None) -> Read:
        """The best over the references; answers are compared without case, punctuation and articles."""
        if asked.facts.get("kind") == "caption":
            parts = {
                "rouge_l": max((find_rouge(reply, one) for one in asked.answers), default=0.0),
                "lexical_f1": max((find_shared(reply, one, _STOPS) for one in asked.answers), default=0.0),
            }
            return Read(reply or None, parts["rouge_l"], "" if reply else "empty", parts)
        said = normalise(reply)
        accepted = [normalise(answer) for answer in asked.answers]
        parts = {
            "exact_match": float(said in accepted),
            "token_f1": max((find_shared(said, answer) for answer in accepted), default=0.0),
        }
        return Read(said or None, parts["exact_match"], "" if said else "empty", parts)

    def add_up(self, rows: Sequence[Row]) -> tuple[Figure, ...]:
        """Of captions and of answers apart."""
        captions = [row for row in rows if row.asked.facts.get("kind") == "caption"]
        answers = [row for row in rows if row.asked.facts.get("kind") != "caption"]
        figures = []
        for mine, names in ((captions, ("rouge_l", "lexical_f1")), (answers, ("exact_match", "token_f1"))):
            for name in names if mine else ():
                scores = [row.read.parts.get(name, 0.0) for row in mine]
                figures.append(Figure(name, find_mean(scores), len(mine), *find_interval(mine, scores)))
                for task, own in name_rows(mine, lambda row: row.asked.task).items():
                    mean = find_mean([row.read.parts.get(name, 0.0) for row in own])
                    figures.append(Figure(f"{name}/{task}", mean, len(own)))
        return tuple(figures)


def normalise(text: str) -> str:
    """Lower case, without punctuation and articles."""
    return " ".join(word for word in text.lower().translate(_PUNCTUATION).split() if word not in _ARTICLES)


def find_rouge(said: str, reference: str) -> float:
    """F1 of the longest common subsequence of words."""
    mine, theirs = _WORD.findall(said.lower()), _WORD.findall(reference.lower())
    return _find_f1(_measure_common(mine, theirs), len(mine), len(theirs))


def find_shared(said: str, reference: str, stops: Iterable[str] = ()) -> float:
    """F1 of the words that both have, as often as both have them."""
    mine, theirs = ([word for word in _WORD.findall(text.lower()) if word not in stops] for text in (said, reference))
    return _find_f1((Counter(mine) & Counter(theirs)).total(), len(mine), len(theirs))


def _find_f1(common: int, mine: int, theirs: int) -> float:
    if not common:
        return 0.0
    precision, recall = common / mine, common / theirs
    return 2 * precision * recall / (precision + recall)


def _measure_common(mine: Sequence[str], theirs: Sequence[str]) -> int:
    lengths = [0] * (len(theirs) + 1)
    for word in mine:
        before = 0
        for place, other in enumerate(theirs, 1):
            best = before + 1 if word == other else max(lengths[place], lengths[place - 1])
            before, lengths[place] = lengths[place], best
    return lengths[-1]
