"""From a row to a conversation: turns, whatever the layout calls its speakers and its texts."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tools.conversations.pictures import find_key, name_pictures, unify_marks
from tools.conversations.rows import BadRow, Row, read_rows
from tools.errors import RejectError, shorten

Speaker = Literal["user", "assistant"]
SPEAKERS: dict[str, Speaker] = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"}
SYSTEM = "system"


class Turn(NamedTuple):
    """One turn of a dialogue."""

    role: Speaker
    text: str


class Conversation(NamedTuple):
    """What a row says.

    Attributes:
        number: its line, or its place in the list, from 1.
        name: its id as text, None when it has none.
        row: the row itself.
        key: which key names its pictures, None when none does.
        pictures: their names, in order; None when the key holds something else than names.
        turns: of user and assistant, system turns left out; the image's mark is `IMAGE_MARK` in all of them. Empty
            when the row is a caption.
        caption: None when it has none.
    """

    number: int
    name: str | None
    row: Mapping[str, Any]
    key: str | None
    pictures: tuple[str, ...] | None
    turns: tuple[Turn, ...]
    caption: str | None


def read_conversations(path: Path) -> Iterator[Conversation | BadRow]:
    """Every row of a file.

    Raises:
        ToolkitError: see `read_rows`.
    """
    for item in read_rows(path):
        yield item if isinstance(item, BadRow) else parse_row(item.number, item.row)


def parse_row(number: int, row: Row) -> Conversation | BadRow:
    """A row as a conversation: `conversations` or `messages`, or a `caption`."""
    name, caption = _read_id(row.get("id")), row.get("caption")
    messages = next((row[key] for key in ("conversations", "messages") if row.get(key) is not None), None)
    try:
        if messages is None and not isinstance(caption, str):
            _refuse_caption(row)
        turns = () if messages is None else parse_turns(messages)
    except RejectError as error:
        return BadRow(number, error.code, str(error), name)
    text = caption.replace("\r\n", "\n") if isinstance(caption, str) else None
    key = find_key(row)
    return Conversation(number, name, row, key, name_pictures(row, key), turns, text)


def _refuse_caption(row: Row) -> None:
    if "caption" in row:
        raise RejectError("empty_turn", f"`caption` is {shorten(repr(row['caption']))}, no text")
    raise RejectError("broken_conversation", "has neither `conversations` nor `messages` nor a `caption`")


def _read_id(given: Any) -> str | None:
    is_id = isinstance(given, str | int) and not isinstance(given, bool)
    return str(given) if is_id and str(given) else None


def parse_turns(messages: Any) -> tuple[Turn, ...]:
    """The turns of a list such as `[{"from": "human", "value": "What is this?"}, ...]`, or with `role` and `content`.

    Raises:
        RejectError: `broken_conversation`.
    """
    if not isinstance(messages, list) or not messages:
        raise RejectError("broken_conversation", f"expected a list of turns, found {shorten(repr(messages))}")
    found = [_parse_turn(message, f"turn {place}") for place, message in enumerate(messages, start=1)]
    turns = tuple(turn for turn in found if turn is not None)
    if not turns:
        raise RejectError("broken_conversation", "has system turns only")
    return turns


def _parse_turn(message: Any, where: str) -> Turn | None:
    """A turn; None for the system's."""
    if not isinstance(message, dict):
        raise RejectError("broken_conversation", f"{where} is no object: {shorten(repr(message))}")
    speaker_key = "role" if "from" not in message and "role" in message else "from"
    role = message.get(speaker_key)
    if role == SYSTEM:
        return None
    text_key = "content" if "value" not in message and (speaker_key == "role" or "content" in message) else "value"
    text = _read_text(message.get(text_key))
    if text is None:
        raise RejectError("broken_conversation", f"{where} has no text `{text_key}`: {shorten(repr(message))}")
    speaker = SPEAKERS.get(role) if isinstance(role, str) else None
    if speaker is None:
        legal = ", ".join(SPEAKERS)
        raise RejectError("broken_conversation", f"{where}: `{speaker_key}` is {shorten(repr(role))}, not {legal}")
    return Turn(speaker, unify_marks(text))


def _read_text(content: Any) -> str | None:
    """A text, or the texts of a list of parts."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
        content = "\n".join(part for part in parts if isinstance(part, str)) if content else None
    return content if isinstance(content, str) else None
