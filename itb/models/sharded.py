"""A checkpoint on the GPUs of many machines: its questions go to actors in whole units, replies come back."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from itb.benchmark.ask import Question
from itb.benchmark.bench import Bench
from itb.models.adapter import Model, Reply, Unit
from itb.models.kind import ModelKind
from itb.models.settings import EvalSettings
from itb.models.station import Answered, Described, EvalStation
from tools.cluster.crew import Crew
from tools.cluster.session import choose_needs, count_room, join_cluster
from tools.cluster.settings import ClusterSettings
from tools.errors import ToolkitError, UsageError
from tools.registry import list_sources
from tools.terminal.cli import tell_note

AT_ONCE = 4
"""Units that travel together, so that an actor decodes the pictures of the next while it computes."""
WINDOW = 2


@contextmanager
def open_model(
    kind: ModelKind, settings: EvalSettings, bench: Bench, max_new_tokens: int, questions: Sequence[Question]
) -> Iterator[Model]:
    """The model that the settings name, in this process or in actors.

    Raises:
        UsageError: it is asked on a cluster, and its kind is not.
        MissingError, ToolkitError: as `ModelKind.open` and `join_cluster`.
    """
    if settings.executor == "local":
        yield kind.open(settings, bench, max_new_tokens)
        return
    if not kind.is_sharded:
        raise UsageError(
            f"--executor ray: --model {settings.model} computes nothing here that many machines could share; it is for "
            "checkpoints"
        )
    cluster = ClusterSettings(
        address=settings.address, actors=settings.actors, cpus=settings.actor_cpus, gpus=settings.actor_gpus
    )
    with ExitStack() as held:
        held.enter_context(join_cluster(cluster))
        runner = held.enter_context(asyncio.Runner())
        needs = choose_needs(cluster, has_models=True)
        size = cluster.actors or count_room(needs)
        arguments = (bench.folder, settings, max_new_tokens, list_sources(), questions)
        model = ShardedModel(settings.model, questions, runner)
        model.crew = Crew(EvalStation, arguments, size, needs, window=WINDOW, check=model.check, say=tell_note)
        held.callback(lambda: runner.run(model.crew.close()))
        yield model


class ShardedModel:
    """A model in many actors, all alike."""

    needs_images = True
    is_baseline = False
    crew: Crew

    def __init__(self, name: str, questions: Sequence[Question], runner: asyncio.Runner) -> None:
        self._name = name
        self._questions = questions
        self._runner = runner
        self._described: Described | None = None
        self._notes: Mapping[str, Any] | None = None
        self._count = 0

    def check(self, node: str, said: Described) -> None:
        """Whether an actor holds the same model as the first.

        Raises:
            ToolkitError: it does not.
        """
        self._described = self._described or said
        self._compare(node, self._described._replace(units=()), said._replace(units=()))

    def _compare(self, node: str, here: Any, there: Any) -> None:
        if here != there:
            raise ToolkitError(
                f"node {node}: {self._name} is another model there, or is run another way ({there}, elsewhere {here}); "
                "replies would hang on who gave them: use nodes of one make, with the same files and packages"
            )

    def _describe(self) -> Described:
        if self._described is None:
            list(self._do([[]]))
        assert self._described is not None
        return self._described

    def identify(self) -> Mapping[str, Any]:
        """As the model's."""
        return self._describe().identity

    def explain(self, questions: Sequence[Question]) -> Mapping[str, Any]:
        """As the model's, which is tried on its questions once in every actor."""
        if self._notes is None:
            list(self._do([[]]))
        return self._notes or {}

    def plan(self, questions: Sequence[Question]) -> list[Unit]:
        """As the model's."""
        return [tuple(self._questions[place] for place in unit) for unit in self._describe().units]

    def answer(self, units: Sequence[Unit]) -> Iterator[Reply]:
        """A reply to every question, as actors give them.

        Raises:
            ToolkitError: an actor cannot go on, or holds another model.
        """
        places = {question.key: place for place, question in enumerate(self._questions)}
        asked = [[places[question.key] for question in unit] for unit in units]
        return self._do([asked[start : start + AT_ONCE] for start in range(0, len(asked), AT_ONCE)])

    def describe(self) -> str:
        """Actors, and how many parcels of questions each node answers a second."""
        return self.crew.describe()

    def _do(self, loads: Sequence[Sequence[Sequence[int]]]) -> Iterator[Reply]:
        self._runner.run(self._submit(loads))
        for _ in loads:
            done = self._runner.run(self.crew.next())
            found: Answered = done.load
            self._notes = self._notes or found.notes
            self._compare(done.node, dict(self._notes), dict(found.notes))
            yield from found.replies

    async def _submit(self, loads: Sequence[Sequence[Sequence[int]]]) -> None:
        for load in loads:
            self._count += 1
            self.crew.submit(self._count, lambda load=load: load)  # type: ignore[misc]
