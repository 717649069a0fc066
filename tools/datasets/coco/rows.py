"""What the parts of COCO files have in common: ids, repeated rows, and rows grouped by image."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
NO_ID = -(2**63)


class Repeats(NamedTuple):
    """Rows whose annotation id was there before.

    Attributes:
        keep: (rows,) False where a row says the same as an earlier one of its id.
        reused: rows that say something else under a used id; they are kept.
    """

    keep: Flags
    reused: int


def join(parts: list[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    """The pieces of a column in one array."""
    return np.concatenate(parts) if parts else np.empty(0, dtype)


def find_repeats(ids: Ints, content: Callable[[int], object]) -> Repeats:
    """Find rows with a repeated id; `content` gives what a row says."""
    keep = np.ones(len(ids), np.bool_)
    order = np.argsort(ids, kind="stable")
    equal = (ids[order][1:] == ids[order][:-1]) & (ids[order][1:] != NO_ID)
    seen: dict[int, set[object]] = {}
    reused = 0
    for place in np.flatnonzero(equal):
        first, row = int(order[place]), int(order[place + 1])
        said = seen.setdefault(int(ids[row]), {content(first)})
        if content(row) in said:
            keep[row] = False
        else:
            said.add(content(row))
            reused += 1
    return Repeats(keep, reused)


def find_images(image_ids: Ints, known: Ints) -> Ints:
    """(rows,) index into `known` (ascending), -1 where an id is not in it."""
    if not len(known):
        return np.full(len(image_ids), -1, np.int64)
    places = np.minimum(np.searchsorted(known, image_ids), len(known) - 1)
    return np.where(known[places] == image_ids, places, -1)


class Groups(NamedTuple):
    """Rows by image.

    Attributes:
        rows: row numbers, image after image, in file order within one.
        starts: (images + 1,) where each image's rows begin in `rows`.
    """

    rows: Ints
    starts: Ints

    def of(self, image: int) -> Ints:
        """The rows of one image."""
        return self.rows[self.starts[image] : self.starts[image + 1]]


def group_by_image(images: Ints, count: int) -> Groups:
    """Group rows by image index; those with a negative one are left out."""
    rows = np.flatnonzero(images >= 0)
    rows = rows[np.argsort(images[rows], kind="stable")]
    return Groups(rows, np.searchsorted(images[rows], np.arange(count + 1)))
