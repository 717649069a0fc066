"""Where the rows of an export come from: the files of a run as they are, or its store with what people said."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.output.export import build_instruction_rows, build_pair_rows
from agents.review.apply import ReviewedMode, ReviewTally, apply_reviews
from agents.review.book import ReviewBook
from agents.store.folders import IMAGES
from agents.store.run_store import RunStore
from tools.errors import MissingError, UsageError
from tools.files.inside import PathFault, join_inside
from tools.files.json_text import decode_json
from tools.files.json_text import read_rows as read_numbered_rows

Row = dict[str, Any]
ROLES = ("user", "assistant")
EXPORTED = ("pairs.jsonl", "instructions.jsonl")
"""What an export is made of."""


class RunRows:
    """The rows of a finished run.

    Attributes:
        run: the folder.
    """

    def __init__(self, run: Path) -> None:
        """Raises MissingError: the run was not exported yet."""
        self.run = run
        for name in EXPORTED:
            if not (run / name).is_file():
                raise MissingError(
                    f"{run / name}: missing; finish the run first: the same `python -m agents run` command"
                )

    def read_pairs(self) -> Iterator[Row]:
        """As in `pairs.jsonl`."""
        return read_rows(self.run / "pairs.jsonl")

    def read_instructions(self) -> Iterator[Row]:
        """As in `instructions.jsonl`."""
        return read_rows(self.run / "instructions.jsonl")

    def list_images(self) -> list[Path]:
        """The files of the images, sorted."""
        return sorted((self.run / IMAGES).rglob("*.png"))

    def describe(self) -> Row | None:
        """What people's reviews changed; None where they were not asked for."""
        return None


class ReviewedRows(RunRows):
    """The rows of a finished run as people left them; only the images of these rows."""

    def __init__(self, run: Path, mode: ReviewedMode) -> None:
        """Raises MissingError: nobody reviewed the run, or it was not exported yet."""
        super().__init__(run)
        self._mode, self._book = mode, ReviewBook(run)
        if not len(self._book):
            raise MissingError(f"{self._book.path}: holds no review; review the run first (docs/review.md)")

    def _read(self, tally: ReviewTally) -> Iterator[Any]:
        with RunStore(self.run) as store:
            for result in store.read_results():
                yield apply_reviews(result, self._book, self._mode, tally)

    def read_pairs(self) -> Iterator[Row]:
        """As in `pairs.jsonl`, without what people rejected."""
        return (plain(row) for result in self._read(ReviewTally()) for row in build_pair_rows(result))

    def read_instructions(self) -> Iterator[Row]:
        """As in `instructions.jsonl`, without what people rejected."""
        return (plain(row) for result in self._read(ReviewTally()) for row in build_instruction_rows(result))

    def list_images(self) -> list[Path]:
        """The files of the images that the rows name, sorted."""
        results = self._read(ReviewTally())
        names = {result.image for result in results if result.image and (result.pairs or _has_accepted(result))}
        return sorted(find_image(self.run, name) for name in names)

    def describe(self) -> Row | None:
        """The counts of `ReviewTally`."""
        tally = ReviewTally()
        for _ in self._read(tally):
            pass
        return tally.describe(self._mode, self._book)


def _has_accepted(result: Any) -> bool:
    return any(debate.is_accepted for debate in result.debates)


def plain(row: Row) -> Row:
    """A row as it comes back from a file: lists in place of tuples."""
    found: Row = decode_json(json.dumps(row))
    return found


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of `pairs.jsonl` or `instructions.jsonl`; ids are text, as in files of older runs they are not."""
    again = "write it again: the same `python -m agents run` command"
    for number, row in read_numbered_rows(path, again):
        fault = _find_fault(row) if path.name in EXPORTED else None
        if fault is not None:
            raise UsageError(f"{path}, line {number}: no row of a run ({fault}); {again}")
        yield row | {"image_id": str(row["image_id"])} if "image_id" in row else row


def _find_fault(row: Row) -> str | None:
    """What is wrong with the fields that an export reads."""
    missing = [name for name in ("id", "image_id", "image", "photo") if name not in row]
    if missing:
        return f"it has no `{missing[0]}`"
    wrong = [name for name in ("id", "image", "photo") if not isinstance(row[name], str | None)]
    if wrong:
        return f"`{wrong[0]}` is no text"
    if "messages" not in row:
        is_pair = isinstance(row.get("caption"), str) and isinstance(row.get("original"), str)
        return None if is_pair else "it has no text as `caption` and `original`"
    messages = row["messages"]
    if not isinstance(messages, list) or not all(map(_is_message, messages)):
        return "`messages` is no list of `role` and `content`"
    return None


def _is_message(message: Any) -> bool:
    if not isinstance(message, dict):
        return False
    return message.get("role") in ROLES and isinstance(message.get("content"), str)


def find_image(run: Path, name: str) -> Path:
    """Where an image of a run lies.

    Raises:
        UsageError: outside of the run.
    """
    try:
        return join_inside(run, name)
    except PathFault as error:
        raise UsageError(f"{run}: an image of its exports: {error}") from error
