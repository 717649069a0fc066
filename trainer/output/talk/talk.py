"""Turns of questions about one image, put to one model or to several at once; kept as lines of JSON."""

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from tools.errors import ToolkitError, UsageError
from tools.records import Record
from tools.terminal.cli import explain_error
from trainer.output.talk.pictures import Opened
from trainer.output.talk.prompting import Context, Exchange, Wording
from trainer.output.talk.seen import Seen

FAULTS = (ToolkitError, OSError, MemoryError)


class ChatModel(Protocol):
    """What can be talked to.

    Attributes:
        name: as people are told it.
        warning: what has to be known of its answers; empty for nothing.
    """

    name: str
    warning: str

    def stream(self, history: Sequence[Exchange], wording: Wording, image: Image.Image) -> Iterator[str]:
        """What it has said so far, again and again; the whole answer last."""

    def see(self, image: Image.Image) -> Seen:
        """The image as the model sees it."""


class Said(Record):
    """What a model said in a turn, or why it said nothing."""

    model: str
    answer: str = ""
    error: str = ""


class Turn(Record):
    """A line of a talk.

    Attributes:
        number: counted from 1.
        image: the file's name.
        context: whether the models were told what such images show.
        question: as it was typed.
        said: of each model.
    """

    number: int
    image: str
    context: bool
    question: str
    said: tuple[Said, ...]


class Talk:
    """A talk about one image.

    Args:
        models: who is asked, each with its own history.
        context: what they can be told before.
        opened: the image.

    Attributes:
        turns: what was said so far.
        growing: the turn that is being answered; None between turns.
        fault: why a model did not answer the last question; None where all did.
    """

    def __init__(self, models: Sequence[ChatModel], context: Context, opened: Opened) -> None:
        self._models, self._context, self._opened = models, context, opened
        self._histories: list[list[Exchange]] = [[] for _ in models]
        self.turns: list[Turn] = []
        self.growing: Turn | None = None
        self.fault: ToolkitError | None = None

    def ask(self, question: str, *, is_told: bool = False) -> Iterator[Turn]:
        """The turn as it grows, while the models answer side by side; the last is kept.

        A model that fails says why in its place, and the turn is no part of its history. Whoever stops listening stops
        the models, and what they said until then is kept.
        """
        self.fault = None
        wording = self._context.put(question, is_told=is_told)
        said = [Said(model=model.name) for model in self._models]
        try:
            self.growing = self._make(question, is_told, said)
            yield self.growing
            for place, now in self._listen(wording):
                said[place] = now
                self.growing = self._make(question, is_told, said)
                yield self.growing
        finally:
            self.growing = None
            self.turns.append(self._make(question, is_told, said))
            for history, found in zip(self._histories, said, strict=True):
                if found.answer and not found.error:
                    history.append(Exchange(wording.text, found.answer))

    def write(self) -> str:
        """All turns, a line each."""
        return "".join(f"{turn.model_dump_json()}\n" for turn in self.turns)

    def _make(self, question: str, is_told: bool, said: Sequence[Said]) -> Turn:
        number = len(self.turns) + 1
        return Turn(number=number, image=self._opened.name, context=is_told, question=question, said=tuple(said))

    def _listen(self, wording: Wording) -> Iterator[tuple[int, Said]]:
        """What each model has said so far, as it comes; when nobody listens any more, they stop."""
        heard: queue.Queue[tuple[int, Said | None]] = queue.Queue()
        stop = threading.Event()
        places = range(len(self._models))
        threads = [threading.Thread(target=self._hear, args=(place, wording, heard, stop)) for place in places]
        for thread in threads:
            thread.daemon = True
            thread.start()
        open_ones = len(threads)
        try:
            while open_ones:
                place, said = heard.get()
                if said is None:
                    open_ones -= 1
                else:
                    yield place, said
        finally:
            stop.set()

    def _hear(
        self, place: int, wording: Wording, heard: "queue.Queue[tuple[int, Said | None]]", stop: threading.Event
    ) -> None:
        model = self._models[place]
        try:
            for text in model.stream(tuple(self._histories[place]), wording, self._opened.picture):
                heard.put((place, Said(model=model.name, answer=text)))
                if stop.is_set():
                    return
        except FAULTS as error:
            self.fault = explain_error(error)
            heard.put((place, Said(model=model.name, error=str(self.fault))))
        finally:
            heard.put((place, None))


@dataclass(frozen=True)
class Opening:
    """What talks begin with.

    Attributes:
        models: who is asked, with different names.
        context: what they can be told before.
        opened: the first image; None where it is still to be chosen.
        is_told: whether they are told, until somebody says otherwise.
    """

    models: tuple[ChatModel, ...]
    context: Context
    opened: Opened | None
    is_told: bool

    def begin(self, opened: Opened | None = None) -> Talk:
        """A talk about an image, by default the first.

        Raises:
            UsageError: there is none.
        """
        chosen = opened or self.opened
        if chosen is None:
            raise UsageError("choose an image first")
        return Talk(self.models, self.context, chosen)


def tell_apart(models: Sequence[ChatModel]) -> tuple[ChatModel, ...]:
    """The models, numbered where their names are alike."""
    names = [model.name for model in models]
    for number, model in enumerate(models, 1):
        if names.count(model.name) > 1:
            model.name = f"{model.name} ({number})"
    return tuple(models)
