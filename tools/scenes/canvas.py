"""One drawing, three maps: what a camera sees, how warm it is, and which object is in front."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Light = tuple[float, float, float]
Point = tuple[float, float]
TextBox = tuple[float, float, float, float]
OVERSAMPLING = 2


class Canvas:
    """Draws every shape into the visible image, the temperature map and the object map at once.

    Coordinates are pixels of the finished image; drawing happens at twice the size, for smooth edges.

    Args:
        size: width and height of the finished image.

    Attributes:
        mirror_at: while set, shapes are drawn mirrored at this column; printed text stays readable.
        count: objects so far; the last one's id.
        text_boxes: where each object's printed text stands: left, top, right, bottom in pixels.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.width, self.height = size
        large = (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING)
        self._visible = Image.new("RGB", large)
        self._heat = Image.new("F", large)
        self._objects = Image.new("I", large)
        self._lamps = Image.new("L", large)
        self.object_id = self.count = 0
        self.mirror_at: float | None = None
        self.text_boxes: dict[int, TextBox] = {}
        self._see = ImageDraw.Draw(self._visible, "RGBA")
        self._shine = ImageDraw.Draw(self._lamps)
        self._warm = ImageDraw.Draw(self._heat)
        self._own = ImageDraw.Draw(self._objects)

    def start_object(self) -> int:
        """What is drawn from now on belongs to a new object; its id."""
        self.count += 1
        self.object_id = self.count
        return self.object_id

    def end_object(self) -> float:
        """What is drawn from now on belongs to the background; the area of the object that ends, in finished pixels."""
        area = (np.asarray(self._objects) == self.object_id).sum() / OVERSAMPLING**2
        self.object_id = 0
        return float(area)

    def polygon(self, points: Sequence[Point], colour: Colour, celsius: float, is_lamp: bool = False) -> None:
        """A filled polygon; a lamp keeps its colour at night."""
        scaled = self._scale(points)
        self._see.polygon(scaled, fill=colour)
        self._warm.polygon(scaled, fill=celsius)
        self._own.polygon(scaled, fill=self.object_id)
        self._shine.polygon(scaled, fill=255 * is_lamp)

    def rectangle(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        colour: Colour,
        celsius: float,
        is_lamp: bool = False,
    ) -> None:
        """A filled rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour, celsius, is_lamp)

    def ellipse(
        self, x: float, y: float, wide: float, high: float, colour: Colour, celsius: float, is_lamp: bool = False
    ) -> None:
        """A filled ellipse with centre and half axes."""
        ((x, y),) = self._scale([(x, y)])
        wide, high = wide * OVERSAMPLING, high * OVERSAMPLING
        box = [x - wide, y - high, x + wide, y + high]
        self._see.ellipse(box, fill=colour)
        self._warm.ellipse(box, fill=celsius)
        self._own.ellipse(box, fill=self.object_id)
        self._shine.ellipse(box, fill=255 * is_lamp)

    def shadow(self, x: float, y: float, wide: float, high: float, darkness: float, celsius: float | None) -> None:
        """A see-through dark ellipse on the ground; `celsius` is that of shaded ground, None leaves what is there."""
        ((x, y),) = self._scale([(x, y)])
        wide, high = wide * OVERSAMPLING, high * OVERSAMPLING
        box = [x - wide, y - high, x + wide, y + high]
        self._see.ellipse(box, fill=(0, 0, 0, round(130 * darkness)))
        if celsius is not None:
            self._warm.ellipse(box, fill=celsius)

    def _scale(self, points: Sequence[Point]) -> list[Point]:
        mirror = self.mirror_at
        placed = points if mirror is None else [(2 * mirror - x, y) for x, y in points]
        return [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in placed]

    def line(self, points: Sequence[Point], width: float, colour: Colour, celsius: float) -> None:
        """A line with round joints."""
        scaled = self._scale(points)
        wide = max(1, round(width * OVERSAMPLING))
        self._see.line(scaled, fill=colour, width=wide, joint="curve")
        self._warm.line(scaled, fill=celsius, width=wide, joint="curve")
        self._own.line(scaled, fill=self.object_id, width=wide, joint="curve")
        self._shine.line(scaled, fill=0, width=wide, joint="curve")

    def ring(self, x: float, y: float, radius: float, width: float, colour: Colour, celsius: float) -> None:
        """A circle's outline."""
        angles = np.linspace(0, 2 * np.pi, 24)
        self.line([(x + radius * np.cos(a), y + radius * np.sin(a)) for a in angles], width, colour, celsius)

    def text(self, x: float, y: float, text: str, height: float, colour: Colour) -> None:
        """Printed text, centred; only the visible image has it."""
        font = ImageFont.load_default(max(6, height * OVERSAMPLING))
        (at,) = self._scale([(x, y)])
        self._see.text(at, text, fill=colour, font=font, anchor="mm")
        left, top, right, bottom = self._see.textbbox(at, text, font=font, anchor="mm")
        self.text_boxes[self.object_id] = (left / 2, top / 2, right / 2, bottom / 2)

    def stripes(self, left: float, top: float, right: float, bottom: float, step: float, colour: Colour) -> None:
        """Horizontal lines of a pattern or of masonry; only the visible image has them."""
        for y in np.arange(top, bottom, max(step, 2.0)):
            self._see.line([(left * 2, y * 2), (right * 2, y * 2)], fill=colour, width=1)

    def ramp(self, top: float, bottom: float, colours: tuple[Colour, Colour], celsius: tuple[float, float]) -> None:
        """A band over the full width whose colour and temperature change from its top to its bottom."""
        rows = range(round(top * OVERSAMPLING), round(bottom * OVERSAMPLING))
        for row in rows:
            share = (row - rows.start) / max(len(rows) - 1, 1)
            colour = tuple(round(a + (b - a) * share) for a, b in zip(*colours, strict=True))
            for draw, fill in ((self._see, colour), (self._warm, celsius[0] + (celsius[1] - celsius[0]) * share)):
                draw.line([(0, row), (self.width * OVERSAMPLING, row)], fill=fill)
            self._own.line([(0, row), (self.width * OVERSAMPLING, row)], fill=0)

    def finish(self, daylight: Light) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int32]]:
        """Visible (H, W, 3) uint8; temperature (H, W) float32 in degrees C; object ids (H, W), 0 is background.

        Args:
            daylight: share of red, green and blue that reaches everything but lamps.
        """
        size = (self.width, self.height)
        bands = [band.point(lambda value, share=share: value * share) for band, share in
                 zip(self._visible.split(), daylight, strict=True)]  # fmt: skip
        lit = Image.composite(self._visible, Image.merge("RGB", bands), self._lamps)
        visible = lit.resize(size, Image.Resampling.BOX)
        heat = self._heat.resize(size, Image.Resampling.BOX)
        objects = self._objects.resize(size, Image.Resampling.NEAREST)
        return np.asarray(visible).copy(), np.asarray(heat, np.float32).copy(), np.asarray(objects, np.int32).copy()
