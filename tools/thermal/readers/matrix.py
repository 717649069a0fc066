"""Matrices of numbers as text: one line a row of pixels, as cameras' own software exports them.

Commas, semicolons, tabs or blanks stand between the numbers; beside semicolons, tabs and blanks a comma is the decimal
point. Lines of words before the matrix, headings that count rows and columns, and an empty first or last column are
passed over.
"""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tools.errors import ImageError, RejectError
from tools.images import MAX_PIXELS, find_measured
from tools.thermal.file import ThermalFile
from tools.thermal.reader import Asked
from tools.thermal.readers.picture import make_measured
from tools.thermal.records import Thermal
from tools.thermal.units import Scale

ENDINGS: Final = (".csv", ".tsv", ".txt", ".asc")
LEAST_SIDE: Final = 8
"""Fewer rows or columns are no image: the smallest sensors have 8 x 8 pixels."""
_MOST_BYTES: Final = 16 * MAX_PIXELS
_NOTHING: Final = frozenset({"", "nan", "-", "--", "---", "n/a"})
_SEPARATORS: Final = (";", "\t", ",", None)
_CELSIUS: Final = ("°c", "celsius", "degc")
_FAHRENHEIT: Final = ("°f", "fahrenheit", "degf")
_SNIFFED_LINES: Final = 200


class Matrix:
    """Text files of numbers."""

    def knows(self, file: ThermalFile) -> bool:
        """By its name's ending."""
        return file.ending in ENDINGS

    def read(self, file: ThermalFile, asked: Asked) -> Thermal:
        """The matrix; degrees Celsius where its own head says so, or the user."""
        lines = _decode(file).splitlines()
        head, rows = _split_head(lines, file)
        values = _strip_headings(_parse(rows, file))
        if min(values.shape) < LEAST_SIDE:
            raise _refuse(file, f"its matrix has {values.shape[0]} rows and {values.shape[1]} columns")
        measured = np.where(find_measured(values), values, np.nan)
        return make_measured(measured, file, asked._replace(scale=_agree(head, asked.scale, file)), "csv")


def is_table(path: Path) -> bool:
    """Whether a text file is something else, e.g. a table of captions: none of its first lines is a row of numbers."""
    if path.suffix.lower() not in ENDINGS:
        return False
    try:
        text = _decode_bytes(ThermalFile(path).start)
    except RejectError:
        return False  # whoever reads it says why it cannot be
    return all(_split(line) is None for line in text.splitlines()[:_SNIFFED_LINES])


def _decode(file: ThermalFile) -> str:
    if file.path.stat().st_size > _MOST_BYTES:
        raise ImageError(file.path, "image_too_large", f"more than {_MOST_BYTES >> 20} MiB of text; split it")
    return _decode_bytes(file.path.read_bytes())


def _decode_bytes(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")  # the degree sign of software for Windows


def _split(line: str) -> tuple[str | None, list[str]] | None:
    """The separator and cells of a row of numbers; None for any other line."""
    for separator in _SEPARATORS:
        if separator is not None and separator not in line:
            continue
        cells = [cell.strip() for cell in line.split(separator)]
        if len(cells) < LEAST_SIDE:
            continue
        numbers = sum(_is_number(cell, separator) for cell in cells)
        blanks = sum(cell.lower() in _NOTHING for cell in cells)
        if numbers and numbers + blanks >= len(cells) - 1:  # the first may be a heading
            return separator, cells
    return None


def _is_number(cell: str, separator: str | None) -> bool:
    try:
        float(cell if separator == "," else cell.replace(",", "."))
    except ValueError:
        return False
    return cell.lower() not in _NOTHING


def _split_head(lines: list[str], file: ThermalFile) -> tuple[list[str], list[str]]:
    """The words before the matrix, and its rows; empty lines at its end are passed over."""
    first = next((place for place, line in enumerate(lines) if _split(line) is not None), None)
    if first is None:
        raise _refuse(file, f"no line holds {LEAST_SIDE} numbers or more")
    rows = lines[first:]
    while rows and not rows[-1].strip(",;\t "):
        rows.pop()
    return lines[:first], rows


def _parse(rows: list[str], file: ThermalFile) -> NDArray[np.float64]:
    """(H, W) numbers, NaN for empty cells."""
    found = _split(rows[-1]) or _split(rows[0])
    assert found is not None  # the first row was recognised
    separator = found[0]
    text = "\n".join(rows)
    if separator != ",":
        text = text.replace(",", ".")
    try:  # many times faster, and right wherever every cell is a number
        trimmed = (line.rstrip(f"{separator or ''} \t") for line in text.split("\n"))
        return np.loadtxt(io.StringIO("\n".join(trimmed)), np.float64, delimiter=separator, comments=None, ndmin=2)
    except ValueError:
        return _parse_slowly(text.split("\n"), separator, file)


def _parse_slowly(rows: Iterable[str], separator: str | None, file: ThermalFile) -> NDArray[np.float64]:
    """Cells one by one: some are empty, or the first of each row is a heading."""
    cells = [[cell.strip() for cell in row.split(separator)] for row in rows]
    widths = {len(row) for row in cells}
    if len(widths) > 1 and all(row[-1] == "" for row in cells if len(row) == max(widths)):
        cells = [row[:-1] if len(row) == max(widths) else row for row in cells]
        widths = {len(row) for row in cells}
    if len(widths) > 1:
        raise _refuse(file, f"its rows have between {min(widths)} and {max(widths)} columns")
    cells = _drop_first(cells)
    try:
        table = [[np.nan if cell.lower() in _NOTHING else float(cell) for cell in row] for row in cells]
    except ValueError:
        raise _refuse(file, "words stand between its numbers") from None
    values = np.array(table, np.float64)
    filled = np.isfinite(values)
    return values[:, filled.any(axis=0)] if filled.any() else values


def _drop_first(cells: list[list[str]]) -> list[list[str]]:
    """Without a first column of words, which name the rows; one word in the corner is an empty cell."""
    is_words = [not _is_number(row[0], ",") and row[0].lower() not in _NOTHING for row in cells]
    if is_words.count(True) > len(cells) / 2:
        return [row[1:] for row in cells]
    return [["nan", *cells[0][1:]], *cells[1:]] if is_words[0] else cells


def _strip_headings(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without a first row or column that only counts: 0, 1, 2 or 1, 2, 3."""
    if _counts(values[0]) or _counts(values[0, 1:]):
        values = values[1:]
    return values[:, 1:] if values.shape[0] and _counts(values[:, 0]) else values


def _counts(numbers: NDArray[np.float64]) -> bool:
    return len(numbers) >= LEAST_SIDE and numbers[0] in (0, 1) and bool((np.diff(numbers) == 1).all())


def _agree(head: list[str], scale: Scale | None, file: ThermalFile) -> Scale | None:
    """The unit that the file's own head states, or the user."""
    said = " ".join(head).lower()
    if any(word in said for word in _FAHRENHEIT) and not any(word in said for word in _CELSIUS):
        raise RejectError(
            "unit_not_read", f"{file.path.name}: its head says degrees Fahrenheit; export it in degrees Celsius"
        )
    is_celsius = any(word in said for word in _CELSIUS)
    if is_celsius and scale is not None and scale.per_kelvin is not None:
        why = f"{file.path.name}: its head says degrees Celsius and --unit says {scale.text}"
        raise RejectError("unit_not_read", f"{why}; leave --unit out for this file")
    return Scale("celsius", None) if is_celsius else scale


def _refuse(file: ThermalFile, why: str) -> ImageError:
    text = f"is no matrix of numbers ({why}); export one line a row of pixels, all of the same length"
    return ImageError(file.path, "not_an_image", text)


CSV = Matrix()
"""The reader `csv`."""
