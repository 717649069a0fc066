"""Letters burnt into a picture: thin marks of one height that stand in a row near one of its corners.

Measured, four letters and more: found in 12 of 17 pictures of FLIR cameras (scale or letters: 14), in 1 of 450 infrared
images of seven datasets, in 3 of 172 photographs. A miss is common.
"""

import itertools
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
LEAST_LETTERS: Final = 4
_CORNER: Final = (0.22, 0.33)  # shares of height and width
_BRIGHT: Final = 225
_STANDS_OUT: Final = 60
_STROKE: Final = 9  # pixels; wider marks are no strokes of letters
_MOST_MARKED: Final = 0.25
_HEIGHTS: Final = (0.015, 0.09)  # of the picture's height
_WIDTHS: Final = (0.1, 1.3)  # of the letter's height


class Letter(NamedTuple):
    """A mark: its bottom, height, middle, in pixels of the picture."""

    bottom: int
    height: int
    middle: float


def count_letters(grey: Grey) -> int:
    """The most letters that stand in one row.

    Args:
        grey: (H, W), about 480 pixels long; letters may be white or black.
    """
    height, width = grey.shape
    tall, wide = round(_CORNER[0] * height), round(_CORNER[1] * width)
    most = 0
    for rows in (slice(0, tall), slice(height - tall, height)):
        for columns in (slice(0, wide), slice(width - wide, width)):
            for corner in (grey[rows, columns], 255 - grey[rows, columns]):
                letters = list(_list_letters(_find_strokes(corner), height))
                most = max(most, *(_count_row(letter, letters) for letter in letters), 0)
    return most


def _find_strokes(corner: Grey) -> Mask:
    """Bright pixels that stand out from what is left when all thin bright marks are taken away (an opening)."""
    is_bright = corner > _BRIGHT
    if not is_bright.any():
        return is_bright
    margin = _STROKE // 2
    padded = np.pad(corner, 2 * margin, mode="edge")
    opened = _slide(_slide(padded, np.minimum), np.maximum)
    strokes = is_bright & (corner.astype(np.int16) - opened > _STANDS_OUT)
    return strokes if strokes.mean() <= _MOST_MARKED else np.zeros_like(strokes)


def _slide(values: Grey, choose: np.ufunc) -> Grey:
    """The least or the greatest level in a square round each pixel, margins cut off."""
    rows = choose.reduce(sliding_window_view(values, _STROKE, axis=0), axis=-1)
    return np.asarray(choose.reduce(sliding_window_view(rows, _STROKE, axis=1), axis=-1), np.uint8)


def _list_letters(strokes: Mask, picture_height: int) -> Iterator[Letter]:
    """The connected marks of a letter's size."""
    for rows, columns in _list_marks(strokes):
        top, bottom, left, right = min(rows), max(rows) + 1, min(columns), max(columns) + 1
        height, width = bottom - top, right - left
        is_tall = _HEIGHTS[0] * picture_height < height < _HEIGHTS[1] * picture_height
        if is_tall and _WIDTHS[0] * height < width < _WIDTHS[1] * height:
            yield Letter(bottom, height, (left + right) / 2)


def _list_marks(strokes: Mask) -> Iterator[tuple[list[int], list[int]]]:
    """Rows and columns of each mark's pixels; pixels that touch at a corner belong together."""
    left = set(zip(*(axis.tolist() for axis in np.nonzero(strokes)), strict=True))
    while left:
        edge = [left.pop()]
        mark = list(edge)
        while edge:
            row, column = edge.pop()
            around = {(row + down, column + aside) for down in (-1, 0, 1) for aside in (-1, 0, 1)} & left
            left -= around
            edge += around
            mark += around
        yield [row for row, _ in mark], [column for _, column in mark]


def _count_row(letter: Letter, letters: list[Letter]) -> int:
    """How many stand beside one another on one line with a letter."""
    height = letter.height
    row = sorted(
        other.middle
        for other in letters
        if abs(other.bottom - letter.bottom) < 0.2 * height + 1 and abs(other.height - height) < 0.25 * height + 1
    )
    longest = length = 1
    for one, next_ in itertools.pairwise(row):
        length = length + 1 if next_ - one < 1.6 * height + 4 else 1
        longest = max(longest, length)
    return longest
