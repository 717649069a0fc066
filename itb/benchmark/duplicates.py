"""Near-duplicate images: perceptual hashes, and the pairs that look the same.

Two hashes of 64 bits each (signs of a cosine transform, signs of horizontal steps) find what could be equal; a
thumbnail of 16 x 16 then has to agree. All three are computed on grey levels stretched to their own range, as one
scene's gain changes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.errors import UsageError
from tools.files.json_text import decode_record
from tools.files.text import TextFault, iterate_lines
from tools.images import load_rgb
from tools.records import Record

SIDE = 16
"""Of the thumbnail."""
HASH_SIDE = 8
DCT_SIDE = 32
MOST_BITS = 12
"""By which each of the two hashes may differ, of 64."""
LEAST_CORRELATION = 0.97
"""Of the thumbnails' grey levels."""
ROWS_AT_ONCE = 512
MOST_COMPARED = 60_000
"""With more images than that, groups are compared through evenly spaced ones (their first and last among them)."""


class Fingerprint(Record):
    """What is kept of an image to find its like: a line of `hashes.jsonl`, a cache that may be deleted.

    Attributes:
        source, image: as in the frame.
        size: bytes of the file, to notice another one under the same name.
        cosine, step: the hashes, 16 hex digits each.
        thumbnail: 16 x 16 grey levels of one byte, row by row, in hex.
    """

    source: str
    image: str
    size: int
    cosine: str
    step: str
    thumbnail: str


class Alike(NamedTuple):
    """Two images (places in the list that was searched) that look the same."""

    first: int
    second: int


def fingerprint(source: str, image: str, path: Path, crop_xyxy: tuple[int, int, int, int] | None) -> Fingerprint:
    """Hash an image file.

    Raises:
        ImageError: it cannot be read.
    """
    picture = load_rgb(path).convert("L")
    levels = _stretch(picture.crop(crop_xyxy) if crop_xyxy else picture)
    return Fingerprint(
        source=source,
        image=image,
        size=path.stat().st_size,
        cosine=_pack(hash_cosine(levels)),
        step=_pack(hash_steps(levels)),
        thumbnail=_shrink(levels, SIDE, SIDE).astype(np.uint8).tobytes().hex(),
    )


def _stretch(picture: Image.Image) -> NDArray[np.float64]:
    levels = np.asarray(picture, dtype=np.float64)
    low, high = np.percentile(levels, (1, 99))
    stretched: NDArray[np.float64] = np.clip((levels - low) / max(float(high - low), 1.0), 0, 1) * 255
    return stretched


def _shrink(levels: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
    """Mean grey levels of a grid, (height, width)."""
    picture = Image.fromarray(levels.astype(np.float32), mode="F")
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX), dtype=np.float64)


def hash_cosine(levels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the 64 lowest frequencies lie above their median, without the mean level: (64,) bool."""
    small = _shrink(levels, DCT_SIDE, DCT_SIDE)
    waves = _waves()
    low = (waves @ small @ waves.T).ravel()
    low[0] = np.median(low[1:])  # the mean level says nothing
    return low > np.median(low[1:])


def _waves() -> NDArray[np.float64]:
    """The first rows of the cosine transform (DCT-II): (8, 32)."""
    places = (2 * np.arange(DCT_SIDE) + 1) * np.pi / (2 * DCT_SIDE)
    return np.asarray(np.cos(np.arange(HASH_SIDE)[:, None] * places[None, :]), dtype=np.float64)


def hash_steps(levels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where an 8 x 9 grid of means gets brighter from left to right: (64,) bool."""
    small = _shrink(levels, HASH_SIDE + 1, HASH_SIDE)
    return (small[:, 1:] > small[:, :-1]).ravel()


def _pack(bits: NDArray[np.bool_]) -> str:
    return np.packbits(bits).tobytes().hex()


def find_alike(prints: Sequence[Fingerprint], groups: Sequence[str]) -> list[Alike]:
    """Pairs of images of different groups that look the same, as places in `prints`, ascending.

    Args:
        prints: of the images.
        groups: of each image; pairs within a group are of no interest.
    """
    places = _thin(groups)
    cosine, step = (
        np.array([int(getattr(prints[p], name), 16) for p in places], np.uint64) for name in ("cosine", "step")
    )
    codes = np.unique(np.array([groups[place] for place in places]), return_inverse=True)[1]
    found = []
    for start in range(0, len(places), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        near = np.bitwise_count(cosine[rows, None] ^ cosine[None, start:]) <= MOST_BITS
        near &= np.bitwise_count(step[rows, None] ^ step[None, start:]) <= MOST_BITS
        near &= codes[rows, None] != codes[None, start:]
        for row, column in zip(*np.nonzero(near), strict=True):
            if column > row and correlate(prints[places[start + row]], prints[places[start + column]]):
                found.append(Alike(places[start + row], places[start + column]))
    return sorted(found)


def _thin(groups: Sequence[str]) -> list[int]:
    if len(groups) <= MOST_COMPARED:
        return list(range(len(groups)))
    members: defaultdict[str, list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        members[group].append(place)
    each = max(2, MOST_COMPARED // len(members))
    return sorted(place for rows in members.values() for place in _pick_evenly(rows, each))


def _pick_evenly(rows: list[int], count: int) -> Iterable[int]:
    return rows if len(rows) <= count else {rows[round(k * (len(rows) - 1) / (count - 1))] for k in range(count)}


def correlate(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two thumbnails have the same grey levels up to gain and offset."""
    first, second = (np.frombuffer(bytes.fromhex(item.thumbnail), np.uint8).astype(np.float64) for item in (one, other))
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.linalg.norm(first) * np.linalg.norm(second))
    return scale > 0 and float(first @ second) / scale >= LEAST_CORRELATION


def read_fingerprints(path: Path) -> dict[tuple[str, str], Fingerprint]:
    """The cache, by source and image; empty when there is none.

    Raises:
        UsageError: a line is none of ours.
    """
    if not path.is_file():
        return {}
    found = {}
    for number, line in iterate_lines(path):
        try:
            entry = decode_record(line, Fingerprint)
        except TextFault as error:
            raise UsageError(
                f"{path}:{number}: no line of a cache of hashes; delete the file and build again"
            ) from error
        found[entry.source, entry.image] = entry
    return found


def join_groups(groups: Iterable[str], pairs: Iterable[tuple[str, str]]) -> Iterator[frozenset[str]]:
    """Groups that must stay together because some of their images look the same, in order of their first names."""
    parent = {group: group for group in sorted(groups)}
    for one, other in pairs:
        first, second = sorted((_find(parent, one), _find(parent, other)))
        parent[second] = first
    joined: defaultdict[str, set[str]] = defaultdict(set)
    for group in parent:
        joined[_find(parent, group)].add(group)
    return (frozenset(joined[root]) for root in sorted(joined))


def _find(parent: Mapping[str, str], group: str) -> str:
    while parent[group] != group:
        group = parent[group]
    return group
