"""Rows of an export for another trainer, read back: who says what, which answers its trainer learns, the picture."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tools.conversations.dialogue import Turn, parse_turns
from tools.conversations.pictures import IMAGE_MARK
from tools.conversations.rows import BadRow, Row, read_rows
from tools.conversations.trainers.write import INFO, LEFT_OUT
from tools.errors import MissingError, RejectError, UsageError
from tools.files.inside import PathFault, join_inside

APART = (LEFT_OUT, "evidence.jsonl")
"""What lies beside the rows and holds none."""
NO_EXPORT = "name a folder that `export --format trl`, `ms-swift` or `llamafactory` wrote"


class ExportedRow(NamedTuple):
    """A row as its trainer reads it.

    Attributes:
        name: its set and its id.
        turns: without the image's mark.
        is_last_learned: of the answers only the last is learned, as TRL learns a completion; else all are.
        picture: its file, or its bytes where it stands in the row; None without one.
    """

    name: str
    turns: tuple[Turn, ...]
    is_last_learned: bool
    picture: Path | bytes | None

    def open_picture(self) -> Any:
        """The picture, RGB; None without one."""
        from PIL import Image

        from tools.images import load_rgb

        if self.picture is None:
            return None
        if isinstance(self.picture, Path):
            return load_rgb(self.picture)
        with Image.open(io.BytesIO(self.picture)) as image:
            return image.convert("RGB")


def name_trainer(folder: Path) -> str:
    """Whose export a folder is: `TRL`, `ms-swift` or `LLaMA-Factory`.

    Raises:
        UsageError: nobody's.
    """
    if (folder / INFO).is_file():
        return "LLaMA-Factory"
    return "TRL" if next(read_export(folder)).is_last_learned else "ms-swift"


def read_export(folder: Path) -> Iterator[ExportedRow]:
    """Every row, set after set; at least one.

    Raises:
        MissingError: no such folder.
        UsageError: no export, or a row is damaged.
    """
    if not folder.is_dir():
        raise MissingError(f"{folder}: no such folder; {NO_EXPORT}")
    files = sorted(path for path in (*folder.glob("*.jsonl"), *folder.glob("*.parquet")) if path.name not in APART)
    if not files:
        raise UsageError(f"{folder}: holds no rows for another trainer; {NO_EXPORT}")
    return _read_files(folder, files)


def _read_files(folder: Path, files: list[Path]) -> Iterator[ExportedRow]:
    for path in files:
        for item in read_rows(path):
            if isinstance(item, BadRow):
                raise UsageError(f"{path}, row {item.number}: {item.reason}; export it again")
            try:
                yield _parse(folder, path, item.row, item.number)
            except (RejectError, PathFault) as error:
                raise UsageError(f"{path}, row {item.number}: {error}; {NO_EXPORT}") from error


def _parse(folder: Path, path: Path, row: Row, number: int) -> ExportedRow:
    is_completion = "prompt" in row and "completion" in row
    told = [*_list(row, "prompt"), *_list(row, "completion")] if is_completion else row.get("messages")
    turns = tuple(Turn(turn.role, turn.text.replace(IMAGE_MARK, "", 1)) for turn in parse_turns(told))
    return ExportedRow(
        f"{path.stem.partition('-0')[0]} {row.get('id', number)}",
        turns,
        is_completion,
        _find_picture(folder, row.get("images")),
    )


def _list(row: Row, key: str) -> list[Any]:
    turns = row[key]
    if not isinstance(turns, list):
        raise RejectError("broken_conversation", f"`{key}` is no list of turns")
    return turns


def _find_picture(folder: Path, images: Any) -> Path | bytes | None:
    if not images:
        return None
    if not isinstance(images, list) or len(images) != 1:
        raise RejectError("bad_row", "`images` holds more than one picture")
    given = images[0]
    if isinstance(given, dict) and isinstance(given.get("bytes"), bytes):
        return bytes(given["bytes"])
    if not isinstance(given, str):
        raise RejectError("bad_row", "`images` names no picture")
    return join_inside(folder, given)
