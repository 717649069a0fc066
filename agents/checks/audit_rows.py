"""Rows of LLaVA-style files, in whichever of the common layouts they are written."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

from tools.errors import MissingError, ToolkitError, UsageError
from tools.files.json_text import decode_json, name_kind
from tools.files.text import TextFault, iterate_lines, read_content
from tools.records import InstructionKind, Message

ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"}
IGNORED_ROLES = frozenset(["system"])
TOKEN = re.compile(r"<(?:image|thermal|video|image_placeholder)>\n?")
MOST_CHARACTERS = 200_000


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


class BadRow(NamedTuple):
    """A row that cannot be read, and why."""

    place: int
    reason: str


def read_rows(path: Path) -> Iterator[AuditRow | BadRow]:
    """Read a JSON array, or JSON Lines one line at a time.

    Raises:
        MissingError: there is no such file.
        UsageError: it is a folder, or a JSON file without a list of rows.
        ToolkitError: it cannot be read, or is damaged as a whole.
    """
    if not path.exists():
        raise MissingError(f"{path}: no such file; name a LLaVA-style JSON or JSONL file")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it, e.g. {path / 'instructions.jsonl'}")
    try:
        yield from _read_array(path) if _is_one_value(path) else _read_lines(path)
    except OSError as error:
        raise ToolkitError(f"{path} cannot be read: {error.strerror}; check its permissions") from error


def parse_row(place: int, row: Any) -> AuditRow | BadRow:
    """Read one row: `conversations` or `messages`, or a `caption`."""
    if not isinstance(row, dict):
        return BadRow(place, f"a row must be an object, found {type(row).__name__}")
    caption = row.get("caption")
    turns = row.get("conversations", row.get("messages"))
    if turns is None and not isinstance(caption, str):
        return BadRow(place, "it has neither 'conversations' nor 'messages' nor a 'caption'")
    messages = [] if turns is None else _parse_turns(turns)
    if isinstance(messages, str):
        return BadRow(place, messages)
    kind = row.get("kind")
    is_known = isinstance(kind, str) and kind in get_args(InstructionKind)
    return AuditRow(
        place=place,
        source=row,
        kind=cast(InstructionKind, kind) if is_known else None,
        messages=tuple(messages),
        caption=caption[:MOST_CHARACTERS] if isinstance(caption, str) else None,
    )


def _is_one_value(path: Path) -> bool:
    """Whether the file is one JSON value: by its ending, else by whether its first line is a whole object."""
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return False
    with path.open("rb") as file:
        first = file.readline(MOST_CHARACTERS).removeprefix(b"\xef\xbb\xbf").strip()
        return not (first.startswith(b"{") and first.endswith(b"}") and file.readline(MOST_CHARACTERS).strip())


def _read_array(path: Path) -> Iterator[AuditRow | BadRow]:
    try:
        data = decode_json(read_content(path))
    except TextFault as error:
        raise ToolkitError(f"{path} is {error}. Repair it, or take it from its source again") from error
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        if len(lists) != 1 and "conversations" not in data and "messages" not in data and "caption" not in data:
            raise UsageError(f"{path}: expected a list of rows, found an object with the keys {', '.join(data)[:80]}")
        data = lists[0] if len(lists) == 1 and not {"conversations", "messages"} & data.keys() else [data]
    if not isinstance(data, list):
        raise UsageError(f"{path}: expected a list of rows, found {name_kind(data)}")
    for place, row in enumerate(data, 1):
        yield parse_row(place, row)


def _read_lines(path: Path) -> Iterator[AuditRow | BadRow]:
    for place, line in iterate_lines(path):
        try:
            row = decode_json(line)
        except TextFault as error:
            yield BadRow(place, str(error)[:120])
        else:
            yield parse_row(place, row)


def _parse_turns(turns: Any) -> list[Message] | str:
    """The messages, or what is wrong with them."""
    if not isinstance(turns, list) or not turns:
        return "its conversation must be a list with at least one turn"
    messages = []
    for number, turn in enumerate(turns, 1):
        if not isinstance(turn, dict):
            return f"turn {number} must be an object, found {type(turn).__name__}"
        role = turn.get("from", turn.get("role"))
        text = _read_text(turn.get("value", turn.get("content")))
        if isinstance(role, str) and role in IGNORED_ROLES:
            continue
        if not isinstance(role, str) or role not in ROLES:
            return f"turn {number} is from {role!r}, expected one of {', '.join(ROLES)}"
        if text is None:
            return f"turn {number} has no text in 'value' or 'content'"
        messages.append(Message(role="user" if ROLES[role] == "user" else "assistant", content=text))
    if not any(message.role == "assistant" for message in messages):
        return "no turn is the assistant's"
    return messages


def _read_text(content: Any) -> str | None:
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
        content = "\n".join(part for part in parts if isinstance(part, str))
    return TOKEN.sub("", content)[:MOST_CHARACTERS] if isinstance(content, str) else None
