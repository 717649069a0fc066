"""A checkpoint as a model under evaluation: batches by image, pictures decoded ahead, the protocol applied."""

import itertools
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from itb.answers.candidates import list_candidates
from itb.benchmark.ask import Pictures, Question
from itb.models.adapter import Reply, Unit
from itb.models.hf.chat import Chat
from itb.models.hf.checkpoint import Checkpoint, load_checkpoint
from itb.models.hf.scores import RULE
from itb.models.hf.trial import choose_groups, compare_ways, group_questions
from itb.models.hf.ways import PLAIN, Way, find_way, load_way
from itb.models.settings import EvalSettings, Protocol
from tools.errors import ImageError, ToolkitError, UsageError, join_lines
from tools.processors import name_image_processor

UNITS_AHEAD = 2
DECODERS = 2


def open_checkpoint(name: str, settings: EvalSettings, max_new_tokens: int) -> "CheckpointModel":
    """Load the checkpoint that the settings name.

    Raises:
        MissingError: it, or a part of it, is not there.
        UsageError: it is no vision-language model.
    """
    checkpoint = load_checkpoint(name, settings.device, settings.dtype, settings.image_processor)
    return CheckpointModel(checkpoint, settings.protocol, settings.batch, max_new_tokens, settings.way)


class CheckpointModel:
    """Asks a checkpoint.

    Args:
        checkpoint: loaded.
        protocol: generate, or likelihood; where the answers cannot be listed it generates all the same, and says so.
        batch: questions at once.
        max_new_tokens: longest reply.
        way: how it is run, a name of the table; None for that of the architecture, if it proves itself on the first
            questions, else the plain way.
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
        self._max_new_tokens = max_new_tokens
        self._way = self._make_way(way) if way else None
        self._tried = ""

    def identify(self) -> Mapping[str, Any]:
        """Name, hash of the files, architecture, number format, and what turns images into pixels."""
        checkpoint = self._checkpoint
        return {
            "kind": "checkpoint",
            "name": checkpoint.name.rstrip("/").rsplit("/", 1)[-1],
            "digest": checkpoint.digest,
            "model_type": checkpoint.model_type,
            "dtype": str(checkpoint.dtype).removeprefix("torch."),
            "image_processor": name_image_processor(checkpoint.processor),
        }

    def explain(self, questions: Sequence[Question]) -> Mapping[str, Any]:
        """How it is run, which the first questions decide."""
        way = self._choose_way(questions)
        notes: dict[str, Any] = {"way": way.name, "device": self._checkpoint.device.type, "batch": self._batch}
        if self._tried:
            notes["way_tried"] = self._tried
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

    def _make_way(self, name: str) -> Way:
        return load_way(name)(self._checkpoint, self._chat, self._batch, self._max_new_tokens)

    def _choose_way(self, questions: Sequence[Question]) -> Way:
        """The way of the architecture where it says what the plain way says, else the plain way; chosen once."""
        if self._way is not None:
            return self._way
        plain, fast = self._make_way(PLAIN), self._make_way(find_way(self._checkpoint.model_type))
        groups, images = choose_groups(list(group_questions(questions)))
        if fast.name == plain.name or not groups:
            self._way = fast
            return fast
        with self._explained():
            fault = compare_ways(plain, fast, groups, images, self._checkpoint.dtype.itemsize < 4)
        tried = f"tried on {sum(map(len, groups))} questions about {len(groups)} images"
        self._tried = f"{fast.name}: {tried}, {f'not used, as {fault}' if fault else 'equal to one at a time'}"
        self._way = plain if fault else fast
        return self._way

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what a model raises whose parts do not fit each other into one sentence, and run without gradients.

        Libraries check little of what they load.
        """
        import torch

        try:
            with torch.inference_mode():
                yield
        except torch.OutOfMemoryError as error:
            raise ToolkitError(
                f"--batch {self._batch}: too many questions at once for the memory of "
                f"{self._checkpoint.device}; run the same command with a smaller --batch: it goes on"
            ) from error
        except (ValueError, TypeError, LookupError, AttributeError, RuntimeError) as error:
            problem = f"{self._checkpoint.name}: its model, tokenizer and processor do not work together"
            raise UsageError(f"{problem} ({join_lines(error)}); copy or export the checkpoint again") from error

    def answer(self, units: Sequence[Unit]) -> Iterator[Reply]:
        """Unit by unit, while threads decode the pictures of the next ones.

        Raises:
            ToolkitError: the memory of the GPU does not hold a batch.
        """
        way = self._choose_way([question for unit in units for question in unit])
        with ThreadPoolExecutor(DECODERS) as pool:
            ahead: deque[tuple[Unit, list[Future[Pictures]]]] = deque()
            waiting = iter(units)
            while True:
                for unit in itertools.islice(waiting, UNITS_AHEAD + 1 - len(ahead)):
                    ahead.append((unit, [pool.submit(group[0].load_images) for group in group_questions(unit)]))
                if not ahead:
                    return
                unit, pictures = ahead.popleft()
                with self._explained():
                    replies = list(self._answer_unit(way, unit, pictures))
                yield from replies

    def _answer_unit(self, way: Way, unit: Unit, pictures: Sequence[Future[Pictures]]) -> Iterator[Reply]:
        groups, images = [], []
        for group, picture in zip(group_questions(unit), pictures, strict=True):
            try:
                images.append(picture.result())
                groups.append(group)
            except ImageError as error:
                yield from (Reply(question, error=str(error)) for question in group)
        if groups:
            yield from (way.score if self._is_scored(unit[0]) else way.generate)(groups, images)

    def _is_scored(self, question: Question) -> bool:
        return self._protocol == "likelihood" and bool(list_candidates(question))


def _fill_units(groups: Sequence[Sequence[Question]], batch: int) -> list[Unit]:
    units: list[Unit] = []
    current: list[Question] = []
    for group in groups:
        if current and len(current) + len(group) > batch:
            units.append(tuple(current))
            current = []
        current += group
    return [*units, tuple(current)] if current else units
