"""Putting things on a canvas: how large each is where it stands, its shadow, and what is remembered of it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from tools.scenes.above import draw_car_above, draw_crown, draw_person_above, draw_roof
from tools.scenes.backdrop import draw_building, draw_tree
from tools.scenes.beings import draw_cow, draw_dog, draw_person
from tools.scenes.canvas import Canvas
from tools.scenes.looks import MATERIALS, PAINTS, SIGNS, SKIN, Look, Weather
from tools.scenes.vehicles import draw_bicycle, draw_bus, draw_car, draw_motorcycle

FURS = ("brown", "black", "white", "gray")
Draw = Callable[[Canvas, float, float, float, Look, Weather, float], float]
SIDE: dict[str, Draw] = {
    "person": draw_person, "car": draw_car, "bicycle": draw_bicycle, "dog": draw_dog,
    "building": draw_building, "tree": draw_tree, "bus": draw_bus,
    "motorcycle": draw_motorcycle, "cow": draw_cow,
}  # fmt: skip
ABOVE: dict[str, Draw] = {
    "person": draw_person_above, "car": draw_car_above, "building": draw_roof,
    "tree": draw_crown,
}  # fmt: skip
# Half the width of a thing's shadow as a share of its height.
SHADE = {"person": 0.2, "car": 1.25, "bicycle": 0.8, "dog": 0.75, "bus": 1.2, "motorcycle": 0.85, "cow": 0.8}
TURNING = ("car", "bicycle", "dog", "bus", "motorcycle", "cow")
# Height of a thing as a share of a person's height at the same distance.
TALL = {
    "person": 1.0, "car": 0.86, "bicycle": 0.6, "dog": 0.42, "building": 3.4, "tree": 2.6, "bus": 1.5,
    "motorcycle": 0.62, "cow": 0.8,
}  # fmt: skip
# What an open scene is populated with, and how far down the image a thing of that name stands.
OPEN = {"bus": 0.60, "car": 0.64, "cow": 0.70, "person": 0.74, "motorcycle": 0.78, "bicycle": 0.82, "dog": 0.88}
LONE, CROWD = 0.3, 0.15


@dataclass(frozen=True)
class Placed:
    """One drawn thing.

    Attributes:
        label: COCO name, `building` or `tree`.
        object_id: its number in the object map.
        celsius: its typical surface temperature.
        pixels: its area before nearer things covered parts of it.
    """

    label: str
    object_id: int
    look: Look
    celsius: float
    pixels: float


def draw_weather(generator: np.random.Generator, is_night: bool) -> Weather:
    """Air, ground, sky and sun of one moment of the year; without sun it is night or cloudy, and clouds are warm."""
    air = float(generator.uniform(-2, 24))
    sun = float(generator.choice([0.0, generator.uniform(3, 12)]))
    sky, is_left = air - float(generator.uniform(9, 18)), bool(generator.integers(2))
    light = "sunny" if sun else "night" if is_night else "cloudy"
    return Weather(air, air + 0.6 * sun - 1.0, air - 5.0 if light == "cloudy" else sky, sun, is_left, light)


def draw_look(generator: np.random.Generator, paints: tuple[str, ...]) -> Look:
    """Paint, material, text and skin, from a generator that temperatures never see."""
    return Look(
        paint=str(generator.choice(paints)),
        material=str(generator.choice(list(MATERIALS))),
        text=str(generator.choice(SIGNS)),
        skin=SKIN[int(generator.integers(len(SKIN)))],
    )


class Painter:
    """Puts things on a canvas, from far to near, and remembers them.

    Args:
        left_out: numbers of things that are not drawn, nor their shadows; all others stay as they are.
    """

    def __init__(
        self,
        canvas: Canvas,
        weather: Weather,
        place: np.random.Generator,
        paint: np.random.Generator,
        turn: np.random.Generator,
        left_out: Collection[int] = (),
    ) -> None:
        self.canvas, self.weather, self.place = canvas, weather, place
        self._paint, self._turn, self._left_out = paint, turn, left_out
        self.placed: list[Placed] = []

    def put(self, label: str, draw: Draw, x: float, y: float, size: float, extra: float) -> None:
        """Draw one thing as an object of its own."""
        look, number = (
            draw_look(self._paint, FURS if label in ("dog", "cow") else tuple(PAINTS)),
            self.canvas.start_object(),
        )
        is_turned = label in TURNING and bool(self._turn.integers(2))
        if number in self._left_out:
            self.canvas.end_object()
            return
        self.canvas.mirror_at = x if is_turned else None
        celsius = draw(self.canvas, x, y, size, look, self.weather, extra)
        self.canvas.mirror_at = None
        self.placed.append(Placed(label, number, look, celsius, self.canvas.end_object()))

    def put_standing(self, label: str, foot: float, horizon: float, slots: list[float]) -> None:
        """A thing that stands on the ground at `foot`; how far away that is decides its size."""
        size = self.size_at(label, foot, horizon)
        if label == "building":
            size = min(size, foot * 0.95)
        self.put(label, SIDE[label], slots.pop(), foot, size, self.draw_extra(label))

    def size_at(self, label: str, foot: float, horizon: float) -> float:
        """Height in pixels of a thing that stands at `foot`."""
        return TALL[label] * (foot - horizon) * 0.82

    def cast_shadow(self, x: float, y: float, wide: float, high: float, ahead: int = 1) -> None:
        """A shadow on the ground, away from the sun; without sun only the dark right under a thing.

        Args:
            ahead: whose it is: 1 is the next thing that will be put.
        """
        if self.canvas.count + ahead in self._left_out:
            return
        weather, aside = self.weather, 0.0
        if weather.sun:
            aside = wide * (0.45 if weather.is_sun_left else -0.45)
        cooler = weather.ground - 0.25 * weather.sun if weather.sun else None
        self.canvas.shadow(x + aside, y, wide, high, 1.0 if weather.sun else 0.45, cooler)

    def draw_extra(self, label: str) -> float:
        """What varies a thing besides its size: stride, warmth of an engine or a house, turn of a crown."""
        if label == "person":
            return float(self.place.uniform(0, 1))
        if label in ("car", "bus", "motorcycle"):
            return float(self.place.choice([0.0, self.place.uniform(6, 22)]))
        return float(self.place.uniform(2, 7))

    def count(self, least: int, most: int) -> int:
        """A number between `least` and `most`."""
        return int(self.place.integers(least, most + 1))

    def slots(self, number: int, margin: float = 0.1) -> list[float]:
        """Places from left to right that keep things apart, in random order."""
        width = self.canvas.width
        step = (1 - 2 * margin) / max(number, 1)
        at = [(margin + step * (k + 0.5 + self.place.uniform(-0.25, 0.25))) * width for k in range(number)]
        return [at[k] for k in self.place.permutation(number)]


def place_groups(painter: Painter, horizon: float, groups: tuple[tuple[str, int, int, float], ...]) -> None:
    """Groups of things from far to near: name, least and greatest number, and where on the ground they stand."""
    for label, least, most, depth in groups:
        number = painter.count(least, most)
        row = painter.slots(number, 0.14)
        size = painter.size_at(label, painter.canvas.height * depth, horizon)
        for ahead, x in enumerate(reversed(row), 1):  # things take their places from the end
            painter.cast_shadow(x, painter.canvas.height * min(0.985, depth), SHADE[label] * size, 0.07 * size, ahead)
        for _ in range(number):
            foot = painter.canvas.height * min(0.985, depth + float(painter.place.uniform(-0.015, 0.015)))
            painter.put_standing(label, foot, horizon, row)


def populate(painter: Painter, horizon: float) -> None:
    """One large thing, a crowd of people, or a mixture of two to six kinds of things, each at a place of its own."""
    place, height = painter.place, painter.canvas.height
    draw = float(place.random())
    if draw < LONE:
        names = [str(place.choice(list(OPEN)))]
        shift = 0.12
    elif draw < LONE + CROWD:
        names, shift = ["person"] * painter.count(4, 9), -0.06
    else:
        chosen = place.permutation(list(OPEN))[: painter.count(2, 6)]
        names = [str(name) for name in chosen for _ in range(1 + int(place.random() < 0.3))]
        shift = 0.0
    slots = painter.slots(len(names), 0.06)
    for name in sorted(names, key=lambda name: OPEN[name]):
        foot = height * min(0.97, OPEN[name] + shift + float(place.uniform(-0.02, 0.02)))
        size = painter.size_at(name, foot, horizon)
        painter.cast_shadow(slots[-1], foot, SHADE[name] * size, 0.07 * size)
        painter.put_standing(name, foot, horizon, slots)
