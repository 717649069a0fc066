"""Replies that were written once and are read from a file: a demonstration of a debate, and never a measurement.

A recording is JSONL. Its first line says what it is and with which settings it was made; each other line holds the
replies to one question, found by who asked about which image, caption, round and attempt. The question may read
differently today, after a prompt was edited: that is counted and told, and the reply stands all the same.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from agents.backends.replay import RequestOrigin
from tools.errors import MissingError, UsageError
from tools.files import write_text
from tools.files.json_text import decode_object
from tools.files.text import TextFault, iterate_lines
from tools.manifest import hash_bytes
from tools.records import Record

FORMAT: Final = "recording 1"
SHIPPED: Final = Path(__file__).with_name("demo.jsonl")


class RecordingHead(Record):
    """The first line.

    Attributes:
        about: what it holds, and how the replies came about, for people.
        settings: of the `llm` backend, those that decide what is asked.
    """

    format: str
    about: str
    settings: dict[str, Any]


class RecordedReply(Record):
    """The replies to one question.

    Attributes:
        role: who asks, with the kind of instruction.
        image: id; sample, round, attempt: see `RequestOrigin`.
        messages: first 16 hex digits of the hash of what was asked.
        replies: the texts.
    """

    role: str
    image: str
    sample: int
    round: int
    attempt: int
    messages: str
    replies: tuple[str, ...]

    @property
    def origin(self) -> RequestOrigin:
        """What it is found by."""
        return RequestOrigin(self.role, self.image, self.sample, self.round, self.attempt)


class Recording:
    """A recording, read whole."""

    def __init__(self, path: Path, head: RecordingHead, replies: Iterable[RecordedReply]) -> None:
        self.path = path
        self.head = head
        self.replies: Mapping[RequestOrigin, RecordedReply] = {reply.origin: reply for reply in replies}

    @property
    def digest(self) -> str:
        """16 hex digits of the file."""
        return hash_bytes(self.path.read_bytes())


def hash_messages(messages: Sequence[Mapping[str, Any]]) -> str:
    """16 hex digits of what is asked."""
    return hashlib.sha256(json.dumps(messages).encode()).hexdigest()[:16]


def read_recording(path: Path) -> Recording:
    """A recording from its file.

    Raises:
        MissingError: there is none.
        UsageError: naming file, line and what is wrong.
    """
    if not path.is_file():
        raise MissingError(f"{path}: no such recording; leave --recording out for the one that ships")
    lines = list(iterate_lines(path, "name a recording, which `--set backend.record=FILE` writes"))
    head: RecordingHead | None = None
    replies = []
    for number, line in lines:
        try:
            row = decode_object(line)
            if head is None:
                head = RecordingHead.model_validate(row)
            else:
                replies.append(RecordedReply.model_validate(row))
        except (TextFault, ValidationError) as error:
            raise UsageError(f"{path}, line {number}: no line of a recording ({str(error).splitlines()[0]})") from error
    if head is None or head.format != FORMAT:
        raise UsageError(f"{path}: not a recording of this version, whose first line says `{FORMAT}`")
    return Recording(path, head, replies)


def write_recording(path: Path, head: RecordingHead, replies: Iterable[RecordedReply]) -> None:
    """Write a recording, sorted, so that the same run gives the same file.

    Raises:
        ToolkitError: the disk is full or the folder cannot be written.
    """
    rows = [head.model_dump(), *(reply.model_dump() for reply in sorted(replies, key=lambda reply: reply.origin))]
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
