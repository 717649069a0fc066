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
SIGNS = (
    ("run.sqlite", "a run"),
    ("pairs.jsonl", "a run"),
    ("splits.json", "a benchmark"),
    ("run.json", "a training run"),
    ("pairs-*.parquet", "an export for `datasets` (--format parquet)"),
    ("train_instruction.json", "an export in the layout of the paper's authors"),
    ("instruct.json", "an export for LLaVA"),
    ("itb.json", "an export for LLaVA"),
    ("itb_utils.py", "an export for lmms-eval"),
    ("ITB_*.tsv", "an export for VLMEvalKit"),
)
"""By which file a folder that is something else is known."""
CAPTIONS, INSTRUCTIONS = "captions", "instructions"
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


def read_export(folder: Path, only: str | None = None) -> Iterator[ExportedRow]:
    """Every row, set after set; at least one.

    Args:
        only: the one set that is read.

    Raises:
        MissingError: no such folder.
        UsageError: no export, or a row is damaged.
    """
    sets = _list_sets(folder)
    return _read_files(folder, [path for name, files in sets.items() if only in (None, name) for path in files])


def choose_set(folder: Path, *, is_caption: bool = False) -> str:
    """The set that its command trains on, instructions where there are any; or that of the captions.

    Raises:
        MissingError, UsageError: see `read_export`; or there are no captions.
    """
    names = list(_list_sets(folder))
    if is_caption and CAPTIONS not in names:
        raise UsageError(f"{folder}: holds no captions, but {', '.join(names)}; leave --stage align out")
    return CAPTIONS if is_caption else INSTRUCTIONS if INSTRUCTIONS in names else names[-1]


def count_rows(folder: Path, name: str) -> int:
    """How many rows a set has."""
    return sum(map(_count_rows, _list_sets(folder)[name]))


def _count_rows(path: Path) -> int:
    if path.suffix == ".parquet":  # its rows hold pictures, so that reading them only to count takes long
        import pyarrow.parquet as pq

        return int(pq.read_metadata(path).num_rows)
    return sum(1 for _ in read_rows(path))


def _list_sets(folder: Path) -> dict[str, list[Path]]:
    """The files of each set."""
    if not folder.is_dir():
        raise MissingError(f"{folder}: no such folder; {NO_EXPORT}")
    if other := next((what for name, what in SIGNS if any(folder.glob(name))), None):
        raise UsageError(f"{folder}: is {other}, and no export for another trainer; {NO_EXPORT}")
    files = sorted(path for path in (*folder.glob("*.jsonl"), *folder.glob("*.parquet")) if path.name not in APART)
    if not files:
        raise UsageError(f"{folder}: holds no rows for another trainer; {NO_EXPORT}")
    sets: dict[str, list[Path]] = {}
    for path in files:
        sets.setdefault(_name_set(path), []).append(path)
    return sets


def _name_set(path: Path) -> str:
    """The set of a file; Parquet's are numbered."""
    return path.stem.partition("-0")[0]


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
        f"{_name_set(path)} {row.get('id', number)}",
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
