"""Conversations in actors on a Ray cluster; results, images and replies come back to the driver, whose disk is the only
one that a run needs."""

import os
import pickle
from collections.abc import AsyncIterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import ray  # noqa: F401 - a missing one is told before anything is begun

from agents.backends.asked.ledger import Ledger
from agents.backends.asked.wants import Postponed
from agents.backends.reply_store import ReplyStore
from agents.conversation.process import Resources, ResourcesSpec
from agents.conversation.protocol import Job
from agents.conversation.results import Result
from agents.conversation.rules import RuleBook
from agents.running.machines.carried import NewCharge, NewReply
from agents.running.machines.station import Errand, Identity, Made, SynthesisStation, identify
from agents.store.folders import REPLIES
from tools.cluster.crew import Crew, Done
from tools.cluster.session import choose_needs, count_room, join_cluster
from tools.cluster.settings import ClusterSettings
from tools.errors import ToolkitError, UsageError
from tools.files import write_bytes
from tools.functions.places import image_path
from tools.registry import BACKENDS, SCORERS, TRANSLATORS
from tools.terminal.cli import tell_note


class RayExecutor:
    """Gives jobs to actors, and keeps what they send.

    Args:
        settings: which cluster.
        resources: the driver's own, to which those of the actors have to be alike.
        spec: how actors open theirs.
    """

    def __init__(self, settings: ClusterSettings, resources: Resources, spec: ResourcesSpec) -> None:
        self._out = spec.out
        self._expected = identify(resources)
        self._book = b""
        self._version = -1
        self._jobs: dict[int, Job] = {}
        with ExitStack() as held:
            held.enter_context(join_cluster(settings))
            self._replies = held.enter_context(ReplyStore(spec.out / REPLIES)) if spec.replies else None
            self._ledger: Ledger | None = None
            self._held = held
            self._crew = self._hire(settings, spec)
            self._held = held.pop_all()

    def _hire(self, settings: ClusterSettings, spec: ResourcesSpec) -> Crew:
        needs = choose_needs(settings, _loads_models(spec))
        size = settings.actors or min(count_room(needs), spec.concurrency)
        window = -(-spec.concurrency // size)
        others = self._replies.list_unplaced() if self._replies else []
        return Crew(
            SynthesisStation,
            (spec._replace(concurrency=window, askers=size), _find_secrets(spec), others),
            size,
            needs,
            window=window,
            check=self._check,
            hear=self._hear,
            say=tell_note,
            is_sticky=spec.gathers,
        )

    def _check(self, node: str, said: Identity) -> None:
        for what, here, there in zip(Identity._fields, self._expected, said, strict=True):
            if here != there:
                raise ToolkitError(
                    f"node {node}: its {what} is another one ({there}, here {here}); every node needs the same version "
                    "of this project, of the pack and of the weights"
                )

    def _hear(self, load: NewReply | NewCharge) -> None:
        """Commit what came on the way."""
        if isinstance(load, NewReply):
            if self._replies is not None:
                self._replies.keep(*load)
            return
        if self._ledger is None:
            self._ledger = self._held.enter_context(closing(Ledger(self._out)))
        self._ledger.charge(*load)

    def publish(self, book: RuleBook) -> None:
        """Make a book known to the jobs that are submitted from now on."""
        self._book, self._version = pickle.dumps(book), book.version

    def submit(self, job: Job) -> None:
        """Give out a job with the book that was published last, and with the replies that are there when it goes."""
        if job.block != self._version:
            raise ValueError(f"image {job.photo.image_id} wants book {job.block}, published is {self._version}")
        book = self._book
        self._jobs[job.index] = job

        def pack() -> Errand:
            return Errand(job, book, self._replies.list_of(job.photo.image_id) if self._replies else ())

        self._crew.submit(job.index, pack)

    async def completed(self) -> AsyncIterator[Result | Postponed]:
        """Results as they come, each when its image is on this disk."""
        while True:
            yield self._take(await self._crew.next())

    def _take(self, done: Done) -> Result | Postponed:
        job, made = self._jobs.pop(done.name), done.load
        assert isinstance(made, Made)
        if made.image is not None:
            path = self._out / image_path(job.photo.image_id)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, made.image)
        elif isinstance(made.outcome, Result):
            _refuse_blind_node(job, made.outcome, done.node)
        return made.outcome

    def describe(self) -> str:
        """Actors, and the rate of each node."""
        return self._crew.describe()

    async def close(self) -> None:
        """End the actors and leave the cluster."""
        with self._held:
            await self._crew.close()


def make_ray(settings: ClusterSettings, resources: Resources, spec: ResourcesSpec) -> RayExecutor:
    """The executor `ray`.

    Raises:
        MissingError: Ray is not installed, or there is no such cluster.
        UsageError: a setting that only works in one process.
    """
    if getattr(_read_backend(spec), "record", None) is not None:
        raise UsageError("--set backend.record writes what one process asked; record with --executor local")
    return RayExecutor(settings, resources, spec)


def _read_backend(spec: ResourcesSpec) -> Any:
    return BACKENDS.read_settings(spec.backend.name, spec.backend.values)


def _find_secrets(spec: ResourcesSpec) -> dict[str, str]:
    """The key, which stands in the environment of the driver alone; it travels as an argument, which is not shown."""
    variable = getattr(_read_backend(spec), "key_variable", None)
    return {variable: os.environ[variable]} if variable and variable in os.environ else {}


def _loads_models(spec: ResourcesSpec) -> bool:
    """Whether translator or scorer is a model."""
    parts = (TRANSLATORS.find(spec.translator.name), SCORERS.find(spec.scorer.name))
    return any(part.weights is not None for part in parts)


def _refuse_blind_node(job: Job, result: Result, node: str) -> None:
    """A photograph that is missing on one node alone is no fault of the photograph.

    Raises:
        ToolkitError: it is there for the driver.
    """
    if result.reject is not None and result.reject.code == "missing_file" and Path(job.photo_path).is_file():
        raise ToolkitError(
            f"node {node} does not see {job.photo_path}, which is here: put the photographs where every node sees them "
            "under the same path, and run the same command again"
        )
