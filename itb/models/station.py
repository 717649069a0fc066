"""An actor of an evaluation: it holds the model, and answers the units that it is given."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from itb.benchmark.ask import Question
from itb.benchmark.bench import load_bench
from itb.models.adapter import Reply, Unit
from itb.models.kind import find_kind
from itb.models.settings import EvalSettings
from tools.cluster.station import Station
from tools.registry import load_plugins


class Described(NamedTuple):
    """What a model is.

    Attributes:
        units: all questions, by their place.
    """

    identity: Mapping[str, Any]
    units: Sequence[Sequence[int]]


class Answered(NamedTuple):
    """Replies, with what the model said of itself: how it is run is tried, and has to come out alike everywhere."""

    replies: Sequence[Reply]
    notes: Mapping[str, Any]


class EvalStation(Station):
    """Holds one model; it computes in a thread, one thing at a time."""

    def begin(
        self,
        bench: Path,
        settings: EvalSettings,
        max_new_tokens: int,
        plugins: tuple[str, ...],
        questions: Sequence[Question],
    ) -> Described:
        """Load the model.

        Args:
            questions: all that are asked; on the first of them it is tried how the model is run.
        """
        load_plugins(plugins)
        self._questions = questions
        self._model = find_kind(settings).open(settings, load_bench(bench, settings.roots), max_new_tokens)
        self._notes: Mapping[str, Any] | None = None
        self._alone = asyncio.Lock()
        places = {question.key: place for place, question in enumerate(questions)}
        units = [[places[question.key] for question in unit] for unit in self._model.plan(questions)]
        return Described(dict(self._model.identify()), units)

    async def do(self, load: Sequence[Sequence[int]]) -> Answered:
        """Answer units; without any it is only said how the model is run."""
        async with self._alone:
            return await asyncio.to_thread(self._answer, load)

    def _answer(self, units: Sequence[Sequence[int]]) -> Answered:
        if self._notes is None:
            self._notes = dict(self._model.explain(self._questions))
        asked: list[Unit] = [tuple(self._questions[place] for place in unit) for unit in units]
        return Answered(list(self._model.answer(asked)), self._notes)
