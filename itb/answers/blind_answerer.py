"""The blind answerer: what can be got right without the image, from how often what was right in the train split.

It sees what is written: the task, the wording, the question, the options in their order. A benchmark on which it
beats chance can be passed in part by knowing its habits.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence

from itb.answers import find_reader, is_right
from itb.records import Item

PRIOR = 4.0
"""Questions' worth of belief in the coarser habit, when a finer one has been seen seldom."""
_WORD = re.compile(r"[a-z0-9-]+")


def train_blind(items: Iterable[Item]) -> "BlindAnswerer":
    """Learn from the items of the train split; others are passed over."""
    return BlindAnswerer([item for item in items if item.split == "train"])


class BlindAnswerer:
    """Answers items as their looks suggest."""

    def __init__(self, train: Sequence[Item]) -> None:
        self._common = _find_common_words(train)
        self._answers: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
        self._offered: Counter[Hashable] = Counter()
        self._right: Counter[Hashable] = Counter()
        self._measures: defaultdict[tuple[str, str], list[Item]] = defaultdict(list)
        for item in train:
            self._learn(item)
        self._best: dict[tuple[str, str], str] = {}

    def _learn(self, item: Item) -> None:
        if not find_reader(item.form).is_exact:
            self._measures[item.task, item.form].append(item)
        for key in self._describe(item):
            self._answers[key][item.answer] += 1
        for place, option in enumerate(item.options):
            for key in self._describe_option(item, place, option):
                self._offered[key] += 1
                self._right[key] += option == item.answer

    def answer(self, item: Item) -> str:
        """The likeliest answer, in the form of `Item.answer`; with equals, the first option or the smallest answer."""
        if item.options:
            return max(enumerate(item.options), key=lambda entry: (self._rate(item, *entry), -entry[0]))[1]
        return self._answer_open(item) if find_reader(item.form).is_exact else self._answer_measure(item)

    def _rate(self, item: Item, place: int, option: str) -> float:
        guess = 1 / len(item.options)
        keys = self._describe_option(item, place, option)
        return sum(math.log((self._right[key] + PRIOR * guess) / (self._offered[key] + PRIOR) / guess) for key in keys)

    def _answer_open(self, item: Item) -> str:
        """From the task's habit to that of the very question, each correcting the one before."""
        belief: dict[str, float] = {}
        for key in self._describe(item):
            seen = self._answers[key] if key in self._answers else Counter[str]()
            total = seen.total()
            answers = belief.keys() | seen.keys()
            belief = {answer: (seen[answer] + PRIOR * belief.get(answer, 0.0)) / (total + PRIOR) for answer in answers}
        return max(sorted(belief), key=lambda answer: belief[answer], default=find_reader(item.form).guess)

    def _answer_measure(self, item: Item) -> str:
        """The train answer that is right most often in the train split."""
        kind, reader = (item.task, item.form), find_reader(item.form)
        train = self._measures[kind]
        if kind not in self._best and train:
            answers = sorted({other.answer for other in train}, key=reader.order)
            self._best[kind] = max(answers, key=lambda answer: sum(is_right(other, answer) for other in train))
        return self._best.get(kind, reader.guess)

    def _describe(self, item: Item) -> Iterator[Hashable]:
        yield item.task, item.form
        yield item.wording
        yield item.task, self._find_fill(item)
        yield item.task, item.question

    def _describe_option(self, item: Item, place: int, option: str) -> Iterator[Hashable]:
        yield item.task, option
        yield item.task, place, len(item.options)
        yield item.wording, option
        yield item.task, frozenset(item.options), option
        yield item.task, self._find_fill(item), option

    def _find_fill(self, item: Item) -> frozenset[str]:
        """The words of a question that its wording does not bring along."""
        return frozenset(_split(item.question)) - self._common.get(item.wording, frozenset())


def _find_common_words(items: Iterable[Item]) -> dict[str, frozenset[str]]:
    common: dict[str, frozenset[str]] = {}
    for item in items:
        words = frozenset(_split(item.question))
        common[item.wording] = common.get(item.wording, words) & words
    return common


def _split(text: str) -> list[str]:
    return _WORD.findall(text.lower())
