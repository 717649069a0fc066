"""Is one image a copy of another? Cropped, flipped, resized, inverted, in grey or in other tones: of the same scene.

What is compared is where edges are and how they run, not what is bright: orientations of edges, without their sign, in
a grid of cells, after slow changes are taken out. An image is looked for in windows of many sizes of every other one,
and the other way round; what comes near is aligned closely and has to agree pixel by pixel, up to tone.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 96
CELLS, BINS = 6, 4
SHARES = (1.0, 0.88, 0.77, 0.68, 0.6, 0.53)
"""Parts of a side that a window takes."""
STEP = 0.08
"""Between windows, as a part of the side."""
NEAR = 0.5
"""Correlation of two grids from which two images are aligned closely."""
MOST_ALIGNED = 3
"""Of an image, as many others are aligned closely at most, the nearest ones."""
CLOSE_CALL = 0.1
"""How far the nearness of a part in the whole may lie behind that of the whole in a part, for both to be tried."""
SAME = 0.5
"""Agreement after close alignment from which one image is a copy of the other."""
HOPELESS, CERTAIN = 0.22, 0.9
"""Agreement below which windows are not aligned any closer, and above which they need not be."""
STEPS = (0.06, 0.06, 0.04, 0.03, 0.02)
"""By which a window is made larger or smaller, one step after the other."""
WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1))
FINE = 64
"""Side of the pictures that are aligned closely."""
REACH = FINE // 9
"""Pixels by which they are shifted."""
Levels = NDArray[np.float64]
Grids = NDArray[np.float32]


class Window(NamedTuple):
    """A part of an image, in parts of its sides."""

    left: float
    top: float
    width: float
    height: float


class Copy(NamedTuple):
    """Places of two images that show the same, and how well they agree."""

    mine: int
    other: int
    agreement: float


def list_windows() -> list[Window]:
    """All windows that are looked at, the whole image first."""
    places = [(share, np.linspace(0, 1 - share, 1 + round((1 - share) / STEP))) for share in SHARES]
    return [
        Window(float(left), float(top), width, height)
        for width, lefts in places
        for height, tops in places
        for left in lefts
        for top in tops
    ]


WINDOWS = list_windows()


def even_out(levels: Levels, blur: float) -> Levels:
    """Fine structure alone, everywhere of the same contrast."""
    from scipy.ndimage import gaussian_filter

    fine = levels - gaussian_filter(levels, blur)
    even: Levels = fine / np.sqrt(gaussian_filter(fine * fine, blur) + 9)
    return even


def squash(picture: Image.Image, window: Window = WINDOWS[0], side: int = SIDE) -> Levels:
    """A part of a picture in grey, (side, side)."""
    width, height = picture.size
    box = (window.left * width, window.top * height, (window.left + window.width) * width)
    bottom = (window.top + window.height) * height
    grey = picture.convert("L").resize((side, side), Image.Resampling.BOX, (*box, bottom), reducing_gap=3)
    return np.asarray(grey, dtype=np.float64)


def sum_edges(levels: Levels) -> Levels:
    """Sums over all pixels above and to the left of how strong edges of each direction are."""
    even = even_out(levels, SIDE / 12)
    down, right = np.gradient(even)
    strength, angle = np.hypot(down, right), np.arctan2(down, right)
    turns = angle[..., None] - np.pi * np.arange(BINS) / BINS
    shares = np.cos(turns) ** 2
    shares = np.where(shares > 0.5, shares, 0) * strength[..., None]
    summed = np.zeros((levels.shape[0] + 1, levels.shape[1] + 1, BINS))
    summed[1:, 1:] = shares.cumsum(0).cumsum(1)
    return summed


def describe(summed: Levels, windows: Sequence[Window] = WINDOWS) -> Grids:
    """The grids of windows, without mean and of length one: (windows, cells * cells * bins)."""
    side = summed.shape[0] - 1
    frames = np.array(windows)
    steps = np.linspace(0, 1, CELLS + 1)
    columns = np.rint((frames[:, :1] + frames[:, 2:3] * steps) * side).astype(int)
    rows = np.rint((frames[:, 1:2] + frames[:, 3:4] * steps) * side).astype(int)
    corners = summed[rows[:, :, None], columns[:, None, :]]
    cells = corners[:, 1:, 1:] - corners[:, :-1, 1:] - corners[:, 1:, :-1] + corners[:, :-1, :-1]
    areas = (np.diff(rows)[:, :, None] * np.diff(columns)[:, None, :])[..., None]
    grids = (np.sqrt(np.maximum(cells, 0) / np.maximum(areas, 1))).reshape(len(windows), -1)
    grids -= grids.mean(1, keepdims=True)
    lengths = np.linalg.norm(grids, axis=1, keepdims=True)
    return np.asarray(grids / np.maximum(lengths, 1e-6), dtype=np.float32)


class Gallery:
    """Images among which copies are looked for.

    Args:
        pictures: kept small; their places are what is found.
    """

    def __init__(self, pictures: Sequence[Image.Image]) -> None:
        self._small = [shrink(picture) for picture in pictures]
        grids = [describe(sum_edges(squash(picture))) for picture in self._small]
        self._windows = np.concatenate(grids) if grids else np.zeros((0, CELLS * CELLS * BINS), np.float32)
        self._whole = np.stack([grid[0] for grid in grids]) if grids else self._windows

    def find(self, picture: Image.Image) -> Copy | None:
        """The image of the gallery of which a picture is a copy, or which is one of it; `mine` is always 0."""
        picture = shrink(picture)
        best: Copy | None = None
        for turned in turn(picture):
            summed = sum_edges(squash(turned))
            grids = describe(summed)
            for place, window, is_inside in self._list_near(grids):
                pair = (turned, self._small[place]) if is_inside else (self._small[place], turned)
                agreement = align(*pair, window)
                if agreement >= SAME and (best is None or agreement > best.agreement):
                    best = Copy(0, place, agreement)
            if best is not None and best.agreement >= CERTAIN:
                return best
        return best

    def _list_near(self, grids: Grids) -> Iterator[tuple[int, Window, bool]]:
        """The nearest images: their place, a window, and whether it lies in them, or in the picture that is sought."""
        if not len(self._whole):
            return
        count = len(WINDOWS)
        inside = (self._windows @ grids[0]).reshape(-1, count)
        around = self._whole @ grids.T
        nearness = np.maximum(inside.max(1), around.max(1))
        for place in np.argsort(-nearness, kind="stable")[:MOST_ALIGNED]:
            if nearness[place] < NEAR:
                return
            if inside[place].max() >= nearness[place] - CLOSE_CALL:
                yield int(place), WINDOWS[int(inside[place].argmax())], True
            if around[place].max() >= nearness[place] - CLOSE_CALL:
                yield int(place), WINDOWS[int(around[place].argmax())], False


def shrink(picture: Image.Image) -> Image.Image:
    """As much of a picture as is needed."""
    small = picture.convert("L")
    small.thumbnail((4 * SIDE, 4 * SIDE))
    return small


def turn(picture: Image.Image) -> Iterator[Image.Image]:
    """As it is, and mirrored."""
    yield picture
    yield picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    yield picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def align(whole: Image.Image, source: Image.Image, window: Window) -> float:
    """How well an image and a window of another agree, at best, when the window is moved and stretched a little.

    Uphill, step by step.
    """
    fixed = prepare(squash(whole, side=FINE))

    def measure(tried: Window) -> tuple[float, Window]:
        found = agree(fixed, prepare(squash(source, tried, FINE)))
        return found.value, move(tried, found)

    best, window = measure(window)
    if best < HOPELESS:
        return best
    for step in STEPS:
        if best >= CERTAIN:
            break
        tries = [stretch(window, 1 + step * across, 1 + step * down) for across, down in WAYS]
        value, nearer = max(map(measure, tries), key=lambda found: found[0])
        if value > best:
            best, window = value, nearer
    return best


def stretch(window: Window, across: float, down: float) -> Window:
    """A window made larger or smaller around its middle, inside the image."""
    width, height = min(1.0, window.width * across), min(1.0, window.height * down)
    middle = window.left + window.width / 2, window.top + window.height / 2
    return clip(Window(middle[0] - width / 2, middle[1] - height / 2, width, height))


def move(window: Window, found: "Agreement") -> Window:
    """A window moved to where it agrees best."""
    across, down = found.right / FINE * window.width, found.below / FINE * window.height
    return clip(window._replace(left=window.left - across, top=window.top - down))


def clip(window: Window) -> Window:
    """A window moved into the image."""
    left = min(max(0.0, window.left), 1 - window.width)
    return window._replace(left=left, top=min(max(0.0, window.top), 1 - window.height))


class Prepared(NamedTuple):
    """What is compared of a picture: its fine structure, and how strong its edges are."""

    structure: Levels
    edges: Levels


def prepare(levels: Levels) -> Prepared:
    """Both of a picture in grey."""
    structure = even_out(levels, FINE / 12)
    down, right = np.gradient(structure)
    edges = np.hypot(down, right)
    return Prepared(structure, edges - edges.mean())


class Agreement(NamedTuple):
    """The best correlation of two pictures, and by how many pixels the first one's is shifted against the second's."""

    value: float
    below: int
    right: int


def agree(one: Prepared, other: Prepared) -> Agreement:
    """The best correlation over small shifts: of the structure, whatever its sign, or of the edges."""
    structure, edges = np.abs(correlate(one.structure, other.structure)), correlate(one.edges, other.edges)
    found = structure if structure.max() >= edges.max() else edges
    row, column = divmod(int(found.argmax()), found.shape[1])
    return Agreement(float(found[row, column]), row - REACH, column - REACH)


def correlate(one: Levels, other: Levels) -> Levels:
    """Correlations for all shifts of up to a ninth of the side, each over the part that both show."""
    size = (FINE + 2 * REACH,) * 2

    def turn_over(levels: Levels) -> Any:
        return np.fft.rfft2(levels, size)

    def multiply(first: Any, second: Any) -> Any:
        return np.fft.irfft2(first * np.conj(second), size)

    ones = turn_over(np.ones_like(one))
    spread = multiply(turn_over(one * one), ones) * multiply(ones, turn_over(other * other))
    found = multiply(turn_over(one), turn_over(other)) / np.sqrt(np.maximum(spread, 1e-6))
    near: Levels = found[np.ix_([*range(-REACH, REACH + 1)], [*range(-REACH, REACH + 1)])]
    return near
