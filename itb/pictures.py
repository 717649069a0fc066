"""The images that a build makes itself: inverted ones, visible ones in grey, thermograms with marks and a scale."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from itb.records import BoxXyxy, Frame
from itb.tasks.draft import Picture
from itb.tasks.temperature import Celsius, measure_range
from tools.errors import UsageError
from tools.files import explain_disk
from tools.images import load_rgb, save_png
from tools.records import BoxXyxyNorm

LEAST_LENGTH = 480
"""Pixels of a thermogram's longer side; smaller ones are enlarged by a whole number."""
SCALE_WIDTH = 110
BAR_WIDTH = 22
MARGIN = 12
TICKS = 5
INK = 255
Reader = Callable[[Path], Celsius]


class Layout(NamedTuple):
    """Size of a picture in pixels, and how much of it, from the left, is the frame."""

    width: int
    height: int
    frame_width: int


def lay_out(frame: Frame, picture: Picture | None) -> Layout:
    """How large the picture of a frame is."""
    if picture is None or picture.recipe != "thermogram":
        return Layout(frame.width, frame.height, frame.width)
    factor = -(-LEAST_LENGTH // max(frame.width, frame.height))
    inner = frame.width * factor
    return Layout(inner + (SCALE_WIDTH if picture.has_scale else 0), frame.height * factor, inner)


def place_box(box: BoxXyxy, frame: Frame, layout: Layout) -> BoxXyxyNorm:
    """A box of the frame, in pixels, as a normalised box of its picture; rounded to six decimals."""
    x, y = layout.frame_width / frame.width / layout.width, 1 / frame.height
    left, top, right, bottom = box[0] * x, box[1] * y, box[2] * x, box[3] * y
    return (
        round(left, 6) if left > 0 else 0.0,
        round(top, 6) if top > 0 else 0.0,
        round(right, 6) if right < 1 else 1.0,
        round(bottom, 6) if bottom < 1 else 1.0,
    )


def name_picture(frame: Frame, picture: Picture) -> str:
    """Where a picture goes, relative to the benchmark's folder; the file's stem is the original's."""
    return f"images/{picture.folder}/{frame.source}/{Path(frame.image).with_suffix('.png').as_posix()}"


def make_picture(frame: Frame, picture: Picture, root: Path, out: Path, read_celsius: Reader) -> None:
    """Write the picture of a frame, a grey PNG of 8 bit, to the file `out`.

    Raises:
        ImageError: the frame's file cannot be read.
        ToolkitError: the picture cannot be written.
    """
    made = _make(frame, picture, root, read_celsius)
    with explain_disk(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        save_png(made, out)


def _make(frame: Frame, picture: Picture, root: Path, read_celsius: Reader) -> Image.Image:
    match picture.recipe:
        case "inverted":
            return ImageOps.invert(_load_grey(root / frame.image, frame))
        case "grey-visible":
            if frame.partner is None:
                raise UsageError(f"{frame.source}: {frame.image} has no visible image to be shown in grey")
            return _load_grey(root / frame.partner, frame)
        case "thermogram":
            return draw_thermogram(read_celsius(root / frame.image), lay_out(frame, picture), picture)


def _load_grey(path: Path, frame: Frame) -> Image.Image:
    image = load_rgb(path).convert("L")
    return image.crop(frame.crop_xyxy) if frame.crop_xyxy else image


def draw_thermogram(celsius: Celsius, layout: Layout, picture: Picture) -> Image.Image:
    """White-hot grey levels, linear over `measure_range`, with marks and, if wished, a scale in degrees Celsius."""
    scale = measure_range(celsius)
    levels = np.clip((celsius - scale.low) / scale.span, 0, 1) * 255
    grey = Image.fromarray(np.rint(levels).astype(np.uint8), mode="L")
    canvas = Image.new("L", (layout.width, layout.height), 0)
    canvas.paste(grey.resize((layout.frame_width, layout.height), Image.Resampling.BILINEAR), (0, 0))
    draw = ImageDraw.Draw(canvas)
    for letter, x, y in picture.marks:
        _draw_mark(draw, letter, x * layout.frame_width, y * layout.height)
    if picture.has_scale:
        _draw_scale(canvas, draw, layout, scale.low, scale.high)
    return canvas


def _draw_mark(draw: ImageDraw.ImageDraw, letter: str, x: float, y: float) -> None:
    """A ring that leaves the place itself free, white within black to be seen on any ground, and its letter."""
    for radius, level, width in ((12, 0, 5), (11, INK, 2)):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=level, width=width)
    if letter:
        draw.text((x + 15, y - 22), letter, fill=INK, font=_load_font(20), stroke_width=3, stroke_fill=0)


def _draw_scale(canvas: Image.Image, draw: ImageDraw.ImageDraw, layout: Layout, low: float, high: float) -> None:
    left, top, bottom = layout.frame_width + MARGIN, 2 * MARGIN, layout.height - 2 * MARGIN
    ramp: NDArray[np.uint8] = np.rint(np.linspace(255, 0, bottom - top)).astype(np.uint8)
    canvas.paste(Image.fromarray(np.repeat(ramp[:, None], BAR_WIDTH, axis=1), mode="L"), (left, top))
    draw.rectangle((left - 1, top - 1, left + BAR_WIDTH, bottom), outline=INK)
    for tick in range(TICKS):
        share = tick / (TICKS - 1)
        y = bottom - share * (bottom - top)
        draw.line((left + BAR_WIDTH, y, left + BAR_WIDTH + 5, y), fill=INK)
        text = f"{low + share * (high - low):.1f}"
        draw.text((left + BAR_WIDTH + 9, y), text, fill=INK, font=_load_font(14), anchor="lm")
    draw.text((left, 4), "°C", fill=INK, font=_load_font(14))


def _load_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
