"""All reviews of a run: what each person said last of each text, and whether they agree."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from agents.review.record import Review
from agents.review.texts import Key
from agents.store.folders import REVIEWS
from tools.errors import MissingError, UsageError
from tools.files.append import append_line
from tools.files.json_text import decode_object, decode_record
from tools.files.text import TextFault, explain_unreadable

Decision = Literal["accept", "reject", "edit", "conflict"]
Opinions = dict[str, Review]
"""Of one text: person -> what they said last."""


class _Read(NamedTuple):
    """How far the file was read, and which file it was."""

    offset: int
    identity: tuple[int, int]


class ReviewBook:
    """`RUN/reviews.jsonl`: added to line by line, never rewritten; what counts is its order, and no clock.

    Several threads may use one book, and several processes one file.

    Attributes:
        path: the file; it need not be there.
        torn: lines that cannot be read, of writers that were killed.
    """

    def __init__(self, run: Path) -> None:
        """Read what is there.

        Raises:
            UsageError: a line is whole and no review, or the file cannot be read.
        """
        self.path = run / REVIEWS
        self._turn = threading.Lock()
        self._clear()
        self.refresh()

    def require(self) -> None:
        """Do nothing where there is a review.

        Raises:
            MissingError: nobody reviewed the run yet; says how to.
        """
        if not len(self):
            way = f"python -m agents serve {self.path.parent}, section Review"
            raise MissingError(f"{self.path}: holds no review; review the run first: {way}")

    def _clear(self) -> None:
        self.torn = 0
        self._lines = 0
        self._read = _Read(0, (0, 0))
        self._opinions: dict[Key, Opinions] = {}
        self._said: list[Review] = []

    def refresh(self) -> None:
        """Read what was written since; a line without an end is being written, or torn.

        Raises:
            UsageError: as on making the book.
        """
        with self._turn:
            self._refresh()

    def _refresh(self) -> None:
        try:
            with os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
                stat = os.fstat(file.fileno())
                if stat.st_size < self._read.offset or self._read.identity not in ((0, 0), (stat.st_dev, stat.st_ino)):
                    self._clear()
                file.seek(self._read.offset)
                content = file.read()
        except FileNotFoundError:
            self._clear()
            return
        except OSError as error:
            raise explain_unreadable(self.path, error) from error
        whole = content[: content.rfind(b"\n") + 1]
        for line in whole.split(b"\n")[:-1]:
            self._lines += 1
            self._take(line)
        self._read = _Read(self._read.offset + len(whole), (stat.st_dev, stat.st_ino))

    def _take(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            decode_object(line)
        except TextFault:
            self.torn += 1
            return
        try:
            self.add(decode_record(line, Review))
        except TextFault as error:
            raise UsageError(
                f"{self.path}, line {self._lines}: no review ({error}); take the line out, or use the version that "
                "wrote it"
            ) from error

    def add(self, review: Review) -> None:
        """Count a review after all others, without writing it."""
        if review.settles:
            self._opinions.pop(review.key, None)
        self._opinions.setdefault(review.key, {})[review.person] = review
        self._said.append(review)

    def write(self, review: Review) -> None:
        """Add a review to the file; it is on the disk when this returns.

        Raises:
            ToolkitError: the disk is full or the file cannot be written.
        """
        append_line(self.path, review.model_dump_json(exclude_defaults=True))
        self.refresh()

    def __contains__(self, key: object) -> bool:
        return key in self._opinions

    def __len__(self) -> int:
        """How many texts were reviewed."""
        return len(self._opinions)

    def list_keys(self) -> Iterator[Key]:
        """The texts that were reviewed, in the order of their first reviews."""
        yield from self._opinions

    def list_said(self) -> tuple[Review, ...]:
        """Every review in its order, those that count no more among them."""
        return tuple(self._said)

    def list_images(self) -> list[str]:
        """The images of the texts that were reviewed, each once."""
        return list(dict.fromkeys(next(iter(opinions.values())).image_id for opinions in self._opinions.values()))

    def find(self, key: Key) -> Opinions:
        """What each person said last of a text."""
        return self._opinions.get(key, {})

    def decide(self, key: Key) -> Decision | None:
        """What people say of a text: nothing, one thing, or different things, which nobody but people can settle.

        They say one thing where all accept, all reject, or all edit in the same words.
        """
        return decide(self.find(key))

    def list_conflicts(self) -> list[Key]:
        """The texts about which people differ."""
        return [key for key in self._opinions if self.decide(key) == "conflict"]

    def list_people(self) -> dict[str, int]:
        """Name, as it was written last, and how many texts each person reviewed."""
        names: dict[str, str] = {}
        counts: dict[str, int] = {}
        for opinions in self._opinions.values():
            for person, review in opinions.items():
                names[person] = review.name
                counts[person] = counts.get(person, 0) + 1
        return {names[person]: count for person, count in sorted(counts.items())}


def decide(opinions: Opinions) -> Decision | None:
    """See `ReviewBook.decide`."""
    said = {(review.verdict, review.edited) for review in opinions.values()}
    if not said:
        return None
    return next(iter(said))[0] if len(said) == 1 else "conflict"
