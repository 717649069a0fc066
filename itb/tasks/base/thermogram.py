"""Pictures drawn from temperatures, so that neither a burnt-in scale nor a camera's palette gives anything away."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from itb.benchmark.pictures import Layout, Picture
from tools.datasets import AnnotatedImage

Celsius = NDArray[np.float32]
Mark = tuple[str, float, float]  # letter, x and y normalised to 0..1
PERCENTILES = (0.5, 99.5)
LEAST_LENGTH = 480
"""Pixels of a thermogram's longer side; smaller ones are enlarged by a whole number."""
SCALE_WIDTH = 110
BAR_WIDTH = 22
MARGIN = 12
TICKS = 5
INK = 255


class Range(NamedTuple):
    """What the scale of a picture spans, in degrees Celsius."""

    low: float
    high: float

    @property
    def span(self) -> float:
        """High less low."""
        return self.high - self.low


@dataclass(frozen=True)
class Thermogram(Picture):
    """A thermogram in grey, white-hot.

    Attributes:
        marks: to draw on it.
        has_scale: whether a scale in degrees Celsius stands beside it.
    """

    marks: tuple[Mark, ...] = ()
    has_scale: bool = False

    def lay_out(self, frame: AnnotatedImage) -> Layout:
        """Enlarged where it is small, with room for the scale."""
        factor = -(-LEAST_LENGTH // max(frame.width, frame.height))
        inner = frame.width * factor
        return Layout(inner + (SCALE_WIDTH if self.has_scale else 0), frame.height * factor, inner)

    def draw(self, frame: AnnotatedImage, root: Path) -> Image.Image:
        """From the temperatures in the frame's file."""
        return draw_thermogram(read_celsius(root / frame.image), self.lay_out(frame), self)


@functools.lru_cache(maxsize=1)  # the pictures of one thermogram are made one after the other
def read_celsius(path: Path) -> Celsius:
    """The temperatures in a file, (H, W) degrees Celsius.

    Raises:
        RejectError: there are none that can be read.
    """
    from tools.thermal.readers.flir import read_thermogram

    return read_thermogram(path).celsius


def measure_range(celsius: Celsius) -> Range:
    """What the picture's scale spans: all but the most extreme pixels."""
    low, high = (float(value) for value in np.percentile(celsius, PERCENTILES))
    return Range(low, high)


def draw_thermogram(celsius: Celsius, layout: Layout, picture: Thermogram) -> Image.Image:
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
        _draw_scale(canvas, draw, layout, scale)
    return canvas


def _draw_mark(draw: ImageDraw.ImageDraw, letter: str, x: float, y: float) -> None:
    """A ring that leaves the place itself free, white within black to be seen on any ground, and its letter."""
    for radius, level, width in ((12, 0, 5), (11, INK, 2)):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=level, width=width)
    if letter:
        draw.text((x + 15, y - 22), letter, fill=INK, font=_load_font(20), stroke_width=3, stroke_fill=0)


def _draw_scale(canvas: Image.Image, draw: ImageDraw.ImageDraw, layout: Layout, scale: Range) -> None:
    left, top, bottom = layout.frame_width + MARGIN, 2 * MARGIN, layout.height - 2 * MARGIN
    ramp: NDArray[np.uint8] = np.rint(np.linspace(255, 0, bottom - top)).astype(np.uint8)
    canvas.paste(Image.fromarray(np.repeat(ramp[:, None], BAR_WIDTH, axis=1), mode="L"), (left, top))
    draw.rectangle((left - 1, top - 1, left + BAR_WIDTH, bottom), outline=INK)
    for tick in range(TICKS):
        share = tick / (TICKS - 1)
        y = bottom - share * (bottom - top)
        draw.line((left + BAR_WIDTH, y, left + BAR_WIDTH + 5, y), fill=INK)
        text = f"{scale.low + share * (scale.high - scale.low):.1f}"
        draw.text((left + BAR_WIDTH + 9, y), text, fill=INK, font=_load_font(14), anchor="lm")
    draw.text((left, 4), "°C", fill=INK, font=_load_font(14))


def _load_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
