"""Rows of a training set as the audit looks at them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

from tools.conversations import IMAGE_MARK, BadRow, Conversation, read_conversations
from tools.errors import UsageError
from tools.records import InstructionKind, Message

MOST_CHARACTERS = 200_000
RUN_FILES = ("pairs.jsonl", "instructions.jsonl")


class AuditRow(NamedTuple):
    """What a row says.

    Attributes:
        place: its line, or its number in a JSON array, from 1.
        source: the row itself, by which its image is found.
        caption: None when it has none.
    """

    place: int
    source: Mapping[str, Any]
    kind: InstructionKind | None
    messages: tuple[Message, ...]
    caption: str | None


def list_files(path: Path) -> tuple[Path, ...]:
    """The files to audit: the one given, or those of a run folder that hold captions and instructions.

    Raises:
        UsageError: a folder that is no run's.
    """
    if not path.is_dir():
        return (path,)
    found = tuple(path / name for name in RUN_FILES if (path / name).is_file())
    if not found:
        raise UsageError(f"{path} is a folder without {' or '.join(RUN_FILES)}; name a file, or the folder of a run")
    return found


def read_audit_rows(path: Path) -> Iterator[AuditRow | BadRow]:
    """Every row of a file.

    Raises:
        ToolkitError: see `tools.conversations.read_rows`.
    """
    for item in read_conversations(path):
        yield item if isinstance(item, BadRow) else make_audit_row(item)


def make_audit_row(item: Conversation) -> AuditRow | BadRow:
    """What a conversation claims: without the marks of images, and cut where it is longer than any text is."""
    if item.turns and not any(turn.role == "assistant" for turn in item.turns):
        return BadRow(item.number, "broken_conversation", "no turn is the assistant's")
    kind = item.row.get("kind")
    is_known = isinstance(kind, str) and kind in get_args(InstructionKind)
    return AuditRow(
        place=item.number,
        source=_name_picture(item),
        kind=cast(InstructionKind, kind) if is_known else None,
        messages=tuple(Message(role=turn.role, content=_clean(turn.text)) for turn in item.turns),
        caption=None if item.caption is None else item.caption[:MOST_CHARACTERS],
    )


def _name_picture(item: Conversation) -> Mapping[str, Any]:
    """The row, with the one picture that it names under a key of its own, whatever list or part named it."""
    if item.pictures is None or len(item.pictures) != 1:
        return item.row
    key = "image" if item.key in (None, "images") else item.key
    return {**item.row, str(key): item.pictures[0]}


def _clean(text: str) -> str:
    return text.replace(f"{IMAGE_MARK}\n", "").replace(IMAGE_MARK, "")[:MOST_CHARACTERS]
