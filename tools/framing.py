"""Letterbox, crop and resize, each with the mapping of normalised boxes through it and back."""

from typing import NamedTuple

from PIL import Image

from tools.errors import UsageError
from tools.records import BoxXyxyNorm

Size = tuple[int, int]  # width, height in pixels


class BoxMap(NamedTuple):
    """How a normalised box of the old frame reads in the new one: `new = old * scale + offset`, per axis.

    Boxes may leave 0..1 (what a crop cut off); `clip_box` cuts them to what is visible.
    """

    scale_x: float = 1.0
    scale_y: float = 1.0
    offset_x: float = 0.0
    offset_y: float = 0.0

    def forward(self, box_xyxy_norm: BoxXyxyNorm) -> BoxXyxyNorm:
        """The box in the new image's frame."""
        x1, y1, x2, y2 = box_xyxy_norm
        return (
            x1 * self.scale_x + self.offset_x,
            y1 * self.scale_y + self.offset_y,
            x2 * self.scale_x + self.offset_x,
            y2 * self.scale_y + self.offset_y,
        )

    def back(self, box_xyxy_norm: BoxXyxyNorm) -> BoxXyxyNorm:
        """The inverse of `forward`: a box of the new image in the old image's frame."""
        x1, y1, x2, y2 = box_xyxy_norm
        return (
            (x1 - self.offset_x) / self.scale_x,
            (y1 - self.offset_y) / self.scale_y,
            (x2 - self.offset_x) / self.scale_x,
            (y2 - self.offset_y) / self.scale_y,
        )


class Framed(NamedTuple):
    """An image in its new frame, and how boxes get there."""

    image: Image.Image
    boxes: BoxMap


def clip_box(box_xyxy_norm: BoxXyxyNorm) -> BoxXyxyNorm | None:
    """The part of a box inside the image; None when nothing of it is."""
    x1, y1, x2, y2 = (min(1.0, max(0.0, value)) for value in box_xyxy_norm)
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


def resize(image: Image.Image, size: Size) -> Framed:
    """Stretch to `size`, whatever the aspect ratio. Normalised boxes stay as they are."""
    _check_size(size)
    return Framed(image.resize(size, Image.Resampling.BICUBIC), BoxMap())


def letterbox(image: Image.Image, size: Size, fill: int = 0) -> Framed:
    """Fit the whole image into `size` without distortion, centred; the bars get grey level `fill`."""
    _check_size(size)
    width, height = size
    ratio = min(width / image.width, height / image.height)
    inner = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    canvas = Image.new(image.mode, size, fill if len(image.getbands()) == 1 else (fill,) * len(image.getbands()))
    canvas.paste(image.resize(inner, Image.Resampling.BICUBIC), (left, top))
    return Framed(canvas, BoxMap(inner[0] / width, inner[1] / height, left / width, top / height))


def crop(image: Image.Image, box_xyxy_norm: BoxXyxyNorm) -> Framed:
    """Cut out a region, widened to whole pixels.

    Raises:
        UsageError: nothing of the region lies inside the image.
    """
    inside = clip_box(box_xyxy_norm)
    if inside is None:
        message = f"cannot crop to {box_xyxy_norm}: no part of it is inside the image; give x1 < x2, y1 < y2 in 0..1"
        raise UsageError(message)
    left, right = _pixel_span(inside[0], inside[2], image.width)
    top, bottom = _pixel_span(inside[1], inside[3], image.height)
    return Framed(image.crop((left, top, right, bottom)), _crop_map(image.size, (left, top, right, bottom)))


def centre_crop(image: Image.Image, size: Size) -> Framed:
    """Scale until `size` is covered, then keep the middle (as CLIP's preprocessing does)."""
    _check_size(size)
    width, height = size
    ratio = max(width / image.width, height / image.height)
    outer = (max(width, round(image.width * ratio)), max(height, round(image.height * ratio)))
    left, top = (outer[0] - width) // 2, (outer[1] - height) // 2
    region = (left, top, left + width, top + height)
    return Framed(image.resize(outer, Image.Resampling.BICUBIC).crop(region), _crop_map(outer, region))


def _pixel_span(low: float, high: float, length: int) -> tuple[int, int]:
    first = min(length - 1, int(low * length + 1e-6))
    last = min(length, -int(-(high * length - 1e-6) // 1))
    return first, max(first + 1, last)


def _crop_map(size: Size, region: tuple[int, int, int, int]) -> BoxMap:
    left, top, right, bottom = region
    width, height = right - left, bottom - top
    return BoxMap(size[0] / width, size[1] / height, -left / width, -top / height)


def _check_size(size: Size) -> None:
    if min(size) < 1:
        message = f"cannot make an image of {size[0]} x {size[1]} pixels: width and height must be at least 1"
        raise UsageError(message)
