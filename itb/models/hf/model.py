"""A checkpoint as a model under evaluation: batches by image, pictures decoded ahead, the protocol applied."""

import itertools
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PIL import Image

from itb.answers.candidates import list_candidates
from itb.benchmark.ask import Question
from itb.models.adapter import Reply, Unit
from itb.models.hf.chat import Chat
from itb.models.hf.checkpoint import Checkpoint, load_checkpoint
from itb.models.hf.scores import RULE
from itb.models.hf.ways import find_way, load_way
from itb.models.settings import EvalSettings, Protocol
from tools.errors import ImageError, ToolkitError, UsageError, join_lines

UNITS_AHEAD = 2
DECODERS = 2


def open_checkpoint(name: str, settings: EvalSettings, max_new_tokens: int) -> "CheckpointModel":
    """Load the checkpoint that the settings name.

    Raises:
        MissingError: it, or a part of it, is not there.
        UsageError: it is no vision-language model.
    """
    checkpoint = load_checkpoint(name, settings.device, settings.dtype)
    return CheckpointModel(checkpoint, settings.protocol, settings.batch, max_new_tokens)


class CheckpointModel:
    """Asks a checkpoint.

    Args:
        checkpoint: loaded.
        protocol: generate, or likelihood; where the answers cannot be listed it generates all the same, and says so.
        batch: questions at once.
        max_new_tokens: longest reply.
        way: how it is run, a name of the table; None for that of the architecture.
    """

    needs_images = True
    is_baseline = False

    def __init__(
        self,
        checkpoint: Checkpoint,
        protocol: Protocol,
        batch: int,
        max_new_tokens: int,
        way: str | None = None,
    ) -> None:
        self._checkpoint = checkpoint
        self._protocol = protocol
        self._batch = batch
        self._chat = Chat(checkpoint)
        self._way = load_way(way or find_way(checkpoint.model_type))(checkpoint, self._chat, batch, max_new_tokens)

    def identify(self) -> Mapping[str, Any]:
        """Name, hash of the files, architecture, number format."""
        checkpoint = self._checkpoint
        return {
            "kind": "checkpoint",
            "name": checkpoint.name.rstrip("/").rsplit("/", 1)[-1],
            "digest": checkpoint.digest,
            "model_type": checkpoint.model_type,
            "dtype": str(checkpoint.dtype).removeprefix("torch."),
        }

    def explain(self, questions: Sequence[Question]) -> Mapping[str, Any]:
        """How it is run."""
        notes: dict[str, Any] = {"way": self._way.name, "device": self._checkpoint.device.type, "batch": self._batch}
        if any(question.system for question in questions):
            notes["context_stands_in"] = self._chat.system_place
        if self._protocol == "likelihood":
            generated = sum(not self._is_scored(question) for question in questions)
            notes |= {"likelihood": RULE, "generated_as_answers_cannot_be_listed": generated}
        return notes

    def plan(self, questions: Sequence[Question]) -> list[Unit]:
        """Whole images until a batch is full; an image with more questions than that is a unit of its own."""
        groups: dict[object, list[Question]] = {}
        for question in questions:
            groups.setdefault((self._is_scored(question), question.picture, question.system), []).append(question)
        units: list[Unit] = []
        for is_scored in (True, False):
            units += _fill_units([group for key, group in groups.items() if key[0] is is_scored], self._batch)  # type: ignore[index]
        return units

    def _explain(self, error: Exception) -> UsageError:
        """What a model raises whose parts do not fit each other: libraries check little of what they load."""
        problem = f"{self._checkpoint.name}: its model, tokenizer and processor do not work together"
        return UsageError(f"{problem} ({join_lines(error)}); copy or export the checkpoint again")

    def answer(self, units: Sequence[Unit]) -> Iterator[Reply]:
        """Unit by unit, while threads decode the pictures of the next ones.

        Raises:
            ToolkitError: the memory of the GPU does not hold a batch.
        """
        import torch

        with ThreadPoolExecutor(DECODERS) as pool:
            ahead: deque[tuple[Unit, list[Future[Image.Image]]]] = deque()
            waiting = iter(units)
            while True:
                for unit in itertools.islice(waiting, UNITS_AHEAD + 1 - len(ahead)):
                    ahead.append((unit, [pool.submit(group[0].load_image) for group in _group(unit)]))
                if not ahead:
                    return
                unit, pictures = ahead.popleft()
                try:
                    with torch.inference_mode():
                        replies = list(self._answer_unit(unit, pictures))
                except torch.OutOfMemoryError as error:
                    raise ToolkitError(
                        f"--batch {self._batch}: too many questions at once for the memory of "
                        f"{self._checkpoint.device}; run the same command with a smaller --batch: it goes on"
                    ) from error
                except (ValueError, TypeError, LookupError, AttributeError, RuntimeError) as error:
                    raise self._explain(error) from error
                yield from replies

    def _answer_unit(self, unit: Unit, pictures: Sequence[Future[Image.Image]]) -> Iterator[Reply]:
        groups, images = [], []
        for group, picture in zip(_group(unit), pictures, strict=True):
            try:
                images.append(picture.result())
                groups.append(group)
            except ImageError as error:
                yield from (Reply(question, error=str(error)) for question in group)
        if groups:
            yield from (self._way.score if self._is_scored(unit[0]) else self._way.generate)(groups, images)

    def _is_scored(self, question: Question) -> bool:
        return self._protocol == "likelihood" and bool(list_candidates(question))


def _group(unit: Unit) -> list[list[Question]]:
    """The questions of a unit by what they share: picture and system message."""
    groups: dict[object, list[Question]] = {}
    for question in unit:
        groups.setdefault((question.picture, question.system), []).append(question)
    return list(groups.values())


def _fill_units(groups: Sequence[Sequence[Question]], batch: int) -> list[Unit]:
    units: list[Unit] = []
    current: list[Question] = []
    for group in groups:
        if current and len(current) + len(group) > batch:
            units.append(tuple(current))
            current = []
        current += group
    return [*units, tuple(current)] if current else units
