"""A scale drawn at the border of a picture: a narrow strip, even across, varying along, with sharp sides.

Measured: found in 10 of 14 pictures of FLIR cameras that have one, in 1 of 3 without, in 1 of 450 infrared images of
seven datasets and in 5 of 172 photographs. A miss is common.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.int16]
LEAST_LENGTH: Final = 0.22
"""Of the side that it lies along."""
_BORDER: Final = 0.22  # share of the picture in which it is looked for, at each side
_WIDTHS: Final = (0.010, 0.016, 0.025)  # of the side across
_EVEN: Final = 14  # sum over three channels between neighbours across
_LEAST_SPAN: Final = 110  # levels of one channel along
_MOST_STEP: Final = 40  # sum over three channels between neighbours along
_SHARP: Final = 30  # sum over three channels between the strip and what lies beside it
_SHARE_SHARP: Final = 0.6
_GAP: Final = 4  # pixels, as where a tick or a number crosses it


class Strip(NamedTuple):
    """A candidate in the border part: its first column, its width, its rows."""

    column: int
    width: int
    rows: slice


def has_scale(picture: NDArray[np.uint8]) -> bool:
    """Whether a scale is drawn at one of the four sides.

    Args:
        picture: (H, W, 3), or (H, W, 1) of greys; at most about 480 pixels long.
    """
    whole = picture.astype(np.int16)
    across = whole.transpose(1, 0, 2)
    sides = (whole, whole[:, ::-1], across, across[:, ::-1])  # each with the looked-at side on the right
    return any(_has_scale_right(side) for side in sides)


def _has_scale_right(side: Levels) -> bool:
    width = side.shape[1]
    border = side[:, width - round(_BORDER * width) :]
    steps = _add_channels(np.abs(np.diff(border, axis=1)))
    widths = sorted({max(3, round(share * width)) for share in _WIDTHS})
    return any(_is_scale(border, strip) for wide in widths for strip in _list_strips(border, steps, wide))


def _add_channels(steps: Levels) -> Levels:
    """Sum over three channels; a grey picture has them all alike."""
    if steps.shape[2] == 1:
        return steps[:, :, 0] * 3
    return steps[:, :, 0] + steps[:, :, 1] + steps[:, :, 2]


def _list_strips(border: Levels, steps: NDArray[Any], wide: int) -> Iterator[Strip]:
    """Strips of one width that are even across over a good part of the side."""
    height = border.shape[0]
    if steps.shape[1] <= wide:
        return
    inner = max(1, wide - 2)
    is_even = np.ones((height, steps.shape[1] - wide), bool)
    for offset in range(1, inner + 1):
        is_even &= steps[:, offset : offset + is_even.shape[1]] < _EVEN
    columns = np.flatnonzero(is_even.sum(0) >= 0.8 * LEAST_LENGTH * height)
    middle, even = border[:, columns + wide // 2], is_even[:, columns, None]
    spans = np.where(even, middle, 0).max(0) - np.where(even, middle, 255).min(0)
    columns = columns[spans.max(1, initial=0) >= _LEAST_SPAN]
    for column in columns[_have_sharp_sides(border, is_even, columns, wide)]:
        for rows in _list_runs(is_even[:, column], LEAST_LENGTH * height):
            yield Strip(int(column), wide, rows)


def _have_sharp_sides(
    border: Levels, is_even: NDArray[np.bool_], columns: NDArray[Any], wide: int
) -> NDArray[np.bool_]:
    """Whether strips end sharply over some of the rows in which they are even; a quick look before the exact one."""
    middle, even = border[:, columns + wide // 2], is_even[:, columns]
    found = np.ones(len(columns), bool)
    for places in (columns - 2, columns + wide + 2):
        inside = (places >= 0) & (places < border.shape[1])
        beside = border[:, np.clip(places, 0, border.shape[1] - 1)]
        sharp = (_add_channels(np.abs(beside - middle)) > _SHARP) & even
        found &= ~inside | (sharp.sum(0) > 0.5 * LEAST_LENGTH * border.shape[0])
    return found


def _list_runs(flags: NDArray[np.bool_], least: float) -> Iterator[slice]:
    """Stretches of True of at least a length, short gaps passed over."""
    places = np.flatnonzero(flags)
    for run in np.split(places, np.flatnonzero(np.diff(places) > _GAP + 1) + 1):
        if len(run) and run[-1] - run[0] + 1 >= least:
            yield slice(int(run[0]), int(run[-1]) + 1)


def _is_scale(border: Levels, strip: Strip) -> bool:
    """Whether a strip varies smoothly along, by much, and ends sharply on both sides."""
    column, width, rows = strip
    along = border[rows, column + width // 2].astype(np.float32)
    if np.percentile(_weigh(np.diff(along, axis=0)), 95) > _MOST_STEP:
        return False
    smooth = np.stack([np.convolve(channel, np.full(5, 0.2), "valid") for channel in along.T])
    if np.ptp(smooth, axis=1).max() < _LEAST_SPAN:
        return False
    beside = [place for place in (column - 2, column + width + 2) if 0 <= place < border.shape[1]]
    if not beside:
        return False
    return all((_weigh(border[rows, place] - along) > _SHARP).mean() > _SHARE_SHARP for place in beside)


def _weigh(steps: NDArray[Any]) -> NDArray[Any]:
    """Size of steps between pixels, (N, channels), as of three channels."""
    sizes = np.abs(steps).sum(1)
    return np.asarray(sizes * (3 / steps.shape[1]))
