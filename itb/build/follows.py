"""Groups that go on where another ends: the last images of one and the first of the next, but for a moved camera.

Two images are the same place when their fine structure agrees somewhere within a shift of a third of the picture: grey
levels of a road look alike on any road, so slow changes are taken out and contrast is evened first. Of 629 pairs of
FLIR frames more than 200 numbers apart, 99 in 100 agree by less than 0.38.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itb.build.sides import Pair
from tools.datasets import AnnotatedImage
from tools.errors import ImageError
from tools.images import load_rgb

WIDTH, HEIGHT = 64, 48
BLUR = 4.0
SHIFT = 0.3
"""Of the picture's width and height."""
LEAST_AGREEMENT = 0.5
ENDS = 2
"""Images at the end of a group, and at the beginning of the next, that are compared."""
Levels = NDArray[np.float64]


def find_follows(
    frames: Mapping[tuple[str, str], AnnotatedImage],
    roots: Mapping[str, Path],
    listen: Callable[[int, int], None] = lambda done, total: None,
) -> list[Pair]:
    """Groups of a source, next to each other in the order of their files, whose ends show one place."""
    groups: defaultdict[str, list[AnnotatedImage]] = defaultdict(list)
    for (source, _), frame in sorted(frames.items()):
        groups[f"{source}/{frame.group}"].append(frame)
    found = []
    rows = list(pairwise(groups.items()))
    for number, ((name, mine), (other, its)) in enumerate(rows, 1):
        if mine[0].source == its[0].source and _is_split_anywhere(mine, its):
            ends, starts = _read(mine[-ENDS:], roots), _read(its[:ENDS], roots)
            if any(agree(one, two) >= LEAST_AGREEMENT for one in ends for two in starts):
                found.append((name, other))
        listen(number, len(rows))
    return found


def _is_split_anywhere(mine: Sequence[AnnotatedImage], its: Sequence[AnnotatedImage]) -> bool:
    """Groups of one recording stay together anyway; groups of single images are what their dataset says they are."""
    return (mine[0].recording is None or mine[0].recording != its[0].recording) and max(len(mine), len(its)) > 1


def _read(frames: Sequence[AnnotatedImage], roots: Mapping[str, Path]) -> list[Levels]:
    found = []
    for frame in frames:
        try:
            picture = load_rgb(roots[frame.source] / frame.image).convert("L")
        except ImageError:  # it was rejected, and is asked nothing
            continue
        crop = picture.crop(frame.crop_xyxy) if frame.crop_xyxy else picture
        found.append(even_out(np.asarray(crop.resize((WIDTH, HEIGHT)), dtype=np.float64)))
    return found


def even_out(levels: Levels) -> Levels:
    """Fine structure alone, everywhere of the same contrast."""
    from scipy.ndimage import gaussian_filter

    fine = levels - gaussian_filter(levels, BLUR)
    even: Levels = fine / np.sqrt(gaussian_filter(fine * fine, BLUR) + 4)
    return even


def agree(one: Levels, other: Levels) -> float:
    """The best correlation of two pictures of equal size over all shifts, each over the part that both show."""
    size = (2 * one.shape[0], 2 * one.shape[1])

    def turn(levels: Any) -> Any:
        return np.fft.rfft2(levels, size)

    def correlate(first: Any, second: Any) -> Any:
        return np.fft.irfft2(first * np.conj(second), size)

    whole = turn(np.ones_like(one))
    mine, its = turn(one), turn(other)
    count = np.maximum(correlate(whole, whole), 1)
    sums, others = correlate(mine, whole), correlate(whole, its)
    spread = correlate(turn(one * one), whole) - sums**2 / count
    other_spread = correlate(whole, turn(other * other)) - others**2 / count
    found = (correlate(mine, its) - sums * others / count) / np.sqrt(np.maximum(spread * other_spread, 1e-6))
    rows, columns = (int(SHIFT * extent) for extent in one.shape)
    near = np.ix_([*range(-rows, rows + 1)], [*range(-columns, columns + 1)])
    return float(found[near].max())
