"""How much alike a run's texts are: how they open, how far words repeat, how long they are. In every manifest.

Openings and lengths are counted over all texts. Distinct-2 and Self-BLEU are taken on a sample, chosen by a hash of the
text's id, so that neither order nor concurrency nor the size of the run changes what they mean.
"""

import heapq
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from agents.output.measured import find_opening, share
from tools.seeds import hash_number

if TYPE_CHECKING:
    from agents.conversation.results import Result

Row = dict[str, Any]
SAMPLE: Final = 64
"""Texts of which every one is compared with all others."""
LONGEST_NGRAM: Final = 4
CAPTIONS: Final = "captions"


@dataclass
class TextTally:
    """The texts of one kind, added up one at a time."""

    texts: int = 0
    openings: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    rounds: Counter[int] = field(default_factory=Counter)
    _sample: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, name: str, text: str) -> None:
        """Count one text; `name` decides whether it is in the sample."""
        self.texts += 1
        self.openings[find_opening(text)] += 1
        self.lengths[len(text.split())] += 1
        item = (-hash_number("variety", name), name, text)
        if len(self._sample) < SAMPLE:
            heapq.heappush(self._sample, item)
        elif item > self._sample[0]:
            heapq.heapreplace(self._sample, item)

    def describe(self) -> Row:
        """Figures of this kind; `rounds` only where texts have several."""
        opening, count = max(self.openings.items(), key=lambda item: (item[1], item[0]))
        sample = [text.lower().split() for _, _, text in sorted(self._sample, reverse=True)]
        found = {
            "texts": self.texts,
            "commonest_opening": opening,
            "share_of_commonest_opening": share(count, self.texts),
            "words": {str(percent): find_percentile(self.lengths, percent) for percent in (10, 50, 90)},
            "sample": len(sample),
            "distinct_2": measure_distinct(sample),
            "self_bleu": measure_self_bleu(sample),
        }
        if self.rounds:
            found["rounds"] = {str(number): count for number, count in sorted(self.rounds.items())}
        return found


@dataclass
class VarietyTally:
    """Captions, and the accepted instructions of each kind."""

    kinds: dict[str, TextTally] = field(default_factory=dict)

    def add(self, result: "Result") -> None:
        """Count the final texts of one image."""
        for name, kind, text, rounds in _list_texts(result):
            tally = self.kinds.setdefault(kind, TextTally())
            tally.add(name, text)
            if rounds > 1:
                tally.rounds[rounds] += 1

    def describe(self) -> Row:
        """The manifest's part `variety`, kind by kind."""
        return {kind: tally.describe() for kind, tally in sorted(self.kinds.items())}


def _list_texts(result: "Result") -> Iterator[tuple[str, str, str, int]]:
    for pair in result.pairs:
        yield pair.id, CAPTIONS, pair.caption, 1
    for debate in result.debates:
        if debate.is_accepted:
            answers = [turn.content for turn in debate.rounds[-1].messages if turn.role == "assistant"]
            yield debate.id, debate.kind, " ".join(answers), len(answers)


def find_percentile(lengths: Mapping[int, int], percent: float) -> int:
    """The least length that at least `percent` of the texts do not exceed."""
    wanted, seen = sum(lengths.values()) * percent / 100, 0
    for length, count in sorted(lengths.items()):
        seen += count
        if seen >= wanted:
            return length
    return 0


def measure_distinct(texts: Sequence[Sequence[str]]) -> float | None:
    """Distinct-2 (Li et al. 2016): different pairs of neighbouring words over all pairs; None without any."""
    pairs = Counter(pair for words in texts for pair in pairwise(words))
    return share(len(pairs), pairs.total())


def measure_self_bleu(texts: Sequence[Sequence[str]]) -> float | None:
    """Self-BLEU (Zhu et al. 2018): mean BLEU-4 of each text against all others, 1 where all are equal.

    A precision of zero counts as 1 / (2 n-grams), so that short texts do not fall to zero; None for fewer than two.
    """
    if len(texts) < 2:
        return None
    counted = [[_count_ngrams(words, n) for n in range(1, LONGEST_NGRAM + 1)] for words in texts]
    best = [_find_two_greatest([counts[n] for counts in counted]) for n in range(LONGEST_NGRAM)]
    lengths = [len(words) for words in texts]
    scores = [_measure_bleu(place, counted[place], best, lengths) for place in range(len(texts))]
    return round(sum(scores) / len(scores), 4)


def _count_ngrams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[start:] for start in range(n)), strict=False))


Greatest = dict[tuple[str, ...], tuple[int, int, int]]
"""How often a text has an n-gram at most, which text that is, and how often any other has it at most."""


def _find_two_greatest(counts: Sequence[Counter[tuple[str, ...]]]) -> Greatest:
    found: Greatest = {}
    for place, own in enumerate(counts):
        for ngram, count in own.items():
            first, holder, second = found.get(ngram, (0, -1, 0))
            found[ngram] = (count, place, first) if count > first else (first, holder, max(second, count))
    return found


def _count_elsewhere(greatest: tuple[int, int, int], place: int) -> int:
    first, holder, second = greatest
    return second if holder == place else first


def _measure_bleu(
    place: int, own: Sequence[Counter[tuple[str, ...]]], best: Sequence[Greatest], lengths: Sequence[int]
) -> float:
    logs = []
    for counts, greatest in zip(own, best, strict=True):
        total = counts.total()
        if not total:
            continue
        shared = sum(min(count, _count_elsewhere(greatest[ngram], place)) for ngram, count in counts.items())
        logs.append(math.log(shared / total if shared else 0.5 / total))
    length = lengths[place]
    nearest = min((abs(other - length), other) for at, other in enumerate(lengths) if at != place)[1]
    penalty = 0.0 if length >= nearest or not length else 1 - nearest / length
    return math.exp(penalty + sum(logs) / len(logs)) if logs else 0.0
