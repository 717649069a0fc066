"""How likely each answer is, from the logits after a prompt: `RULE`.

An answer that can be written in several ways counts with all of them together.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from itb.benchmark.ask import Question
from itb.models.adapter import Reply
from itb.models.hf.chat import Surface

DECIMALS = 6
RULE = (
    "sum of the log-probabilities of an answer's tokens, not normalised by length; options by their letter, counts by "
    "their digits, ended where one is the beginning of another; Yes and yes together, No and no together"
)

Path = tuple[int, ...]


class Continuations:
    """The few continuations of a prompt that have to be run to know every answer's probability.

    Args:
        surfaces: the answers as tokens.

    Attributes:
        paths: tokens to run after the prompt; every answer without its last token is the beginning of one of them.
    """

    def __init__(self, surfaces: Sequence[Surface]) -> None:
        self._needed: dict[Path, set[int]] = {}
        for surface in surfaces:
            for place, token in enumerate(surface.tokens):
                self._needed.setdefault(surface.tokens[:place], set()).add(token)
        self.paths = [path for path in self._needed if not any(_extends(other, path) for other in self._needed)]
        self._logs: dict[tuple[Path, int], float] = {}

    def learn(self, path: Path, logits: Any, start: int = 0) -> None:
        """Take what is needed from the logits after the first `start` tokens of `path` and after each further one.

        Args:
            path: tokens after the prompt.
            logits: (len(path) + 1 - start, V).
            start: 0 for those after the prompt itself.
        """
        logs = logits.log_softmax(dim=-1)
        for row, place in enumerate(range(start, len(path) + 1)):
            for token in self._needed.get(path[:place], ()):
                self._logs[path[:place], token] = float(logs[row, token])

    def sum_logs(self, tokens: Path) -> float:
        """Log-probability of an answer's tokens."""
        return math.fsum(self._logs[tokens[:place], token] for place, token in enumerate(tokens))


def score_surfaces(surfaces: Sequence[Surface], continuations: Continuations) -> dict[str, float]:
    """Log-probability of each answer, over all its ways of writing."""
    found: dict[str, list[float]] = {}
    for answer, tokens in dict.fromkeys(surfaces):
        found.setdefault(answer, []).append(continuations.sum_logs(tokens))
    return {answer: round(_add_logs(logs), DECIMALS) for answer, logs in found.items()}


def to_reply(question: Question, scores: Mapping[str, float]) -> Reply:
    """The most likely answer; of equals the first."""
    best = max(scores, key=lambda answer: scores[answer])
    return Reply(question, best, best, scores)


def _add_logs(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(math.fsum(math.exp(log - top) for log in logs))


def _extends(path: Path, other: Path) -> bool:
    return len(path) > len(other) and path[: len(other)] == other
