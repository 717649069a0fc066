"""Where boxes stand on the picture: an annotation may have been made on the pixels as stored, or as EXIF turns them."""

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.errors import RejectError
from tools.images.header import MAX_PIXELS, SIDEWAYS, Header, Size, read_header

Corners = tuple[float, float, float, float]
UPRIGHT: Final = 1


class Frame(NamedTuple):
    """How boxes of an annotation get onto the picture that `load_rgb` gives.

    Attributes:
        size: width and height of that picture.
        turn: EXIF orientation by which the boxes turn; 1 leaves them as they are.
    """

    size: Size
    turn: int = UPRIGHT

    def place_norm(self, box_xyxy_norm: Corners) -> Corners:
        """A box in 0..1 of the annotation as one in 0..1 of the picture, to six decimals where it was turned."""
        if self.turn == UPRIGHT:
            return box_xyxy_norm
        x1, y1, x2, y2 = turn_box(box_xyxy_norm, self.turn)
        return round(x1, 6), round(y1, 6), round(x2, 6), round(y2, 6)

    def place_pixels(self, box_xyxy: Corners) -> Corners:
        """A box in pixels of the annotation as one in pixels of the picture."""
        stored = self.size[::-1] if self.turn in SIDEWAYS else self.size
        return box_xyxy if self.turn == UPRIGHT else turn_box(box_xyxy, self.turn, *stored)


def turn_box(box_xyxy: Corners, orientation: int, width: float = 1.0, height: float = 1.0) -> Corners:
    """A box on the pixels as stored, turned with them as EXIF's orientation says.

    Args:
        orientation: 1 to 8.
        width, height: of the pixels as stored, in the box's unit.
    """
    corners = (_turn(box_xyxy[0], box_xyxy[1], orientation, width, height),
               _turn(box_xyxy[2], box_xyxy[3], orientation, width, height))  # fmt: skip
    (x1, x2), (y1, y2) = (sorted(axis) for axis in zip(*corners, strict=True))
    return x1, y1, x2, y2


def _turn(x: float, y: float, orientation: int, width: float, height: float) -> tuple[float, float]:
    right, below = width - x, height - y
    return {
        1: (x, y), 2: (right, y), 3: (right, below), 4: (x, below),
        5: (y, x), 6: (below, x), 7: (below, right), 8: (y, right),
    }[orientation]  # fmt: skip


def turn_pixels(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Values of (H, W, ...) that lie as a picture's pixels are stored, turned as EXIF turns that picture."""
    flat = np.swapaxes(pixels, 0, 1) if orientation in (5, 7) else pixels
    if orientation in (2, 4):
        return np.flip(flat, axis=1 if orientation == 2 else 0)
    return np.rot90(flat, {3: 2, 6: -1, 7: 2, 8: 1}.get(orientation, 0))


def match_frame(path: Path, stated: Size | None, has_boxes: bool = True, max_pixels: int = MAX_PIXELS) -> Frame:
    """In which frame an annotation is that states this size.

    Where the size fits the picture only before EXIF turns it, the boxes are turned too. Where it fits before and after
    (a half turn, a mirror image, a square, or no size at all), nobody can tell what the boxes are on.

    Args:
        stated: width and height in the annotation, None where it says nothing.
        has_boxes: whether the frame matters; without boxes only the size is compared.

    Raises:
        ImageError: the file cannot be read.
        RejectError: `size_differs` or `orientation_unclear`.
    """
    return match_header(read_header(path, max_pixels), path.name, stated, has_boxes)


def match_header(header: Header, name: str, stated: Size | None, has_boxes: bool = True) -> Frame:
    """As `match_frame`, of a header that was read already; `name` is the file's, for the reason."""
    if stated is not None and stated not in (header.stored, header.upright):
        width, height = header.upright
        why = f"{name} has {width}x{height} pixels, its annotation says {stated[0]}x{stated[1]}"
        raise RejectError("size_differs", f"{why}, so its boxes would lie elsewhere; state the file's own size")
    if header.orientation == UPRIGHT or not has_boxes:
        return Frame(header.upright)
    if stated is None or header.stored == header.upright:
        why = f"EXIF turns {name} (orientation {header.orientation}), and its annotation's size does not tell whether"
        raise RejectError(
            "orientation_unclear", f"{why} the boxes are on the turned picture; store it upright, without that tag"
        )
    return Frame(header.upright, header.orientation if stated == header.stored else UPRIGHT)
