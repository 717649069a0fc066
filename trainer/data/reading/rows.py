"""From the rows of a file to samples: a row that cannot be trained on is a reject with file, place and reason."""

from collections.abc import Iterator
from pathlib import Path

from tools.conversations import BadRow, Conversation, Turn, read_conversations, read_rows
from tools.errors import RejectError, UsageError
from trainer.data.reading.dialogue import check_dialogue
from trainer.data.reading.pictures import Pictures
from trainer.data.reading.request import Request
from trainer.data.samples import Reject, Sample


def read_file(request: Request, file: Path) -> Iterator[Sample | Reject]:
    """Every row of a file.

    Raises:
        ToolkitError: the file cannot be read as a whole, or knows no photographs where they are asked for.
    """
    pictures, is_checked = Pictures(request, file), False
    for item in read_conversations(file):
        name = item.name or f"{file.name}:{item.number}"
        if isinstance(item, BadRow):
            if not is_checked:
                _refuse_export(request, file)
            is_checked = True
            yield _reject(file, name, item)
            continue
        try:
            is_alone = request.text_alone and item.key is None
            yield Sample(name, None if is_alone else pictures.find(item), _read_turns(item))
        except RejectError as error:
            yield _reject(file, name, BadRow(item.number, error.code, str(error)))


def _refuse_export(request: Request, file: Path) -> None:
    """Refuse an export for TRL as a whole: its rows have one form, of which none can be read here."""
    row = next((item.row for item in read_rows(file) if not isinstance(item, BadRow)), {})
    if {"prompt", "completion"} <= row.keys():
        raise UsageError(
            f"--data {request.data}: is an export for TRL (rows of `prompt` and `completion`); name the run that it "
            "was made of, or export that again with --format llava"
        )


def _reject(file: Path, name: str, row: BadRow) -> Reject:
    return Reject(name, row.code, f"{file}: row {row.number}: {row.reason}", "read")


def _read_turns(item: Conversation) -> tuple[Turn, ...]:
    """Checked turns; a caption is a single turn of the assistant, to be given a question later."""
    if item.turns:
        return check_dialogue(item.turns)
    caption = (item.caption or "").strip()
    if not caption:
        raise RejectError("empty_turn", f"`caption` is {item.caption!r}")
    return (Turn("assistant", caption),)
