"""An actor of a run: it holds translator, scorer and backend, and takes images through their conversations."""

import os
import pickle
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from agents.backends.asked.wants import Postponed
from agents.conversation.process import Resources, ResourcesSpec, open_resources, process
from agents.conversation.protocol import Job
from agents.conversation.results import Result
from agents.conversation.rules import RuleBook
from agents.running.drive import calm_collector
from agents.running.machines.carried import CarriedBilling, CarriedReplies
from agents.store.folders import REPLIES
from tools.cluster.station import Station
from tools.endpoint.prices import load_prices
from tools.functions.places import image_path


class Errand(NamedTuple):
    """A job as it travels.

    Attributes:
        book: pickled, once for all jobs that read it.
        replies: keys and replies that the driver has of this image.
    """

    job: Job
    book: bytes
    replies: Sequence[tuple[str, str]]


class Made(NamedTuple):
    """What became of a job, with the file of its image, None where there is none."""

    outcome: Result | Postponed
    image: bytes | None


class Identity(NamedTuple):
    """What shapes an image's result: alike in every actor and in the driver."""

    backend: str
    translator: str | None
    scorer: str


def identify(resources: Resources) -> Identity:
    """What resources say of themselves."""
    translator = resources.tools.translator
    return Identity(
        resources.backend.identity, None if translator is None else translator.identity, resources.tools.scorer.identity
    )


class SynthesisStation(Station):
    """Takes images through their conversations; its disk is only a scratch."""

    def __init__(self) -> None:
        super().__init__()
        self._held = ExitStack()

    def begin(self, spec: ResourcesSpec, secrets: Mapping[str, str], others: Sequence[tuple[str, str]]) -> Identity:
        """Open the resources.

        Args:
            secrets: variables of the environment, such as the endpoint's key.
            others: replies of which nobody knows the image.
        """
        os.environ.update(secrets)
        self._held.enter_context(calm_collector())
        self._out = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="run-")))
        self._replies = CarriedReplies(spec.out / REPLIES, self.tell, others) if spec.replies else None
        self._book = b""
        billing = CarriedBilling(self._out, load_prices(spec.prices), self.tell)
        self._resources = self._held.enter_context(
            open_resources(spec._replace(out=self._out, workers=0, replies=False), self._replies, billing)
        )
        return identify(self._resources)

    def _open_book(self, book: bytes) -> RuleBook:
        if book != self._book:
            self._opened: RuleBook = pickle.loads(book)  # noqa: S301 - the driver's own, within one command
            self._book = book
        return self._opened

    async def do(self, load: Errand) -> Made:
        """Take one image as far as it goes, and give its image with the result."""
        job, book = load.job, self._open_book(load.book)
        if self._replies is not None:
            self._replies.lay(job.photo.image_id, load.replies)
        outcome = await process(job, book, self._resources)
        if self._replies is not None:
            self._replies.drop(job.photo.image_id)
        return Made(outcome, self._read_image(outcome, job.photo.image_id))

    def _read_image(self, outcome: Result | Postponed, image_id: str) -> bytes | None:
        """The file of the image; it goes when the image is done, for nobody comes back to it."""
        path = self._out / image_path(image_id)
        if self._resources.tools.translator is None or not path.is_file():
            return None
        content = path.read_bytes()
        if isinstance(outcome, Result):
            path.unlink()
        return content
