"""Where things stand: the four kinds of scene, laid out from a seed."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from tools.scenes import things
from tools.scenes.canvas import Canvas
from tools.scenes.things import MATERIALS, PAINTS, SIGNS, SKIN, Look, Weather

FURS = ("brown", "black", "white", "gray")
KINDS = ("street", "yard", "indoor", "aerial", "road", "field", "shore")
Draw = Callable[[Canvas, float, float, float, Look, Weather, float], float]
SIDE: dict[str, Draw] = {
    "person": things.draw_person, "car": things.draw_car, "bicycle": things.draw_bicycle, "dog": things.draw_dog,
    "building": things.draw_building, "tree": things.draw_tree, "bus": things.draw_bus,
    "motorcycle": things.draw_motorcycle, "cow": things.draw_cow,
}  # fmt: skip
ABOVE: dict[str, Draw] = {
    "person": things.draw_person_above, "car": things.draw_car_above, "building": things.draw_roof,
    "tree": things.draw_crown,
}  # fmt: skip
# Name, least and greatest number, size and lanes, both in tenths of the image's height from the road's upper edge.
AERIAL_TRAFFIC = (("car", 1, 4, 0.62, (0.65, 1.95)), ("person", 0, 5, 0.30, (-0.35, 2.9)))
# Height of a thing as a share of a person's height at the same distance.
SKY = {
    "sunny": ((120, 160, 206), (206, 220, 232)), "cloudy": ((158, 164, 170), (204, 207, 210)),
    "night": ((26, 34, 62), (70, 80, 110)),
}  # fmt: skip
# Half the width of a thing's shadow as a share of its height.
SHADE = {"person": 0.2, "car": 1.25, "bicycle": 0.8, "dog": 0.75, "bus": 1.2, "motorcycle": 0.85, "cow": 0.8}
TURNING = ("car", "bicycle", "dog", "bus", "motorcycle", "cow")
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


def paint_street(painter: Painter) -> None:
    """Houses and trees behind a road with cars, people and bicycles."""
    canvas, weather, height = painter.canvas, painter.weather, painter.canvas.height
    horizon = height * float(painter.place.uniform(0.36, 0.44))
    canvas.ramp(0, horizon, SKY[weather.light], (weather.sky, weather.sky + 8))
    canvas.ramp(horizon, height * 0.62, ((150, 148, 142), (140, 138, 132)), (weather.ground - 1, weather.ground))
    row = painter.slots(painter.count(2, 4), 0.02)
    for _ in range(len(row)):
        label = "building" if painter.place.random() < 0.65 else "tree"
        painter.put_standing(label, height * 0.56, horizon, row)
    canvas.ramp(height * 0.62, height, ((84, 84, 88), (70, 70, 74)), (weather.ground + 1.5, weather.ground + 3))
    for x in range(0, canvas.width, max(canvas.width // 8, 8)):
        canvas.rectangle(x, height * 0.80, x + canvas.width / 20, height * 0.812, (222, 220, 206), weather.ground + 1.8)
    place_groups(painter, horizon, (("person", 0, 3, 0.62), ("car", 0, 3, 0.74), ("bicycle", 0, 1, 0.84),
                                    ("person", 0, 2, 0.95)))  # fmt: skip


def paint_yard(painter: Painter) -> None:
    """A lawn before a fence and a house wall, with people, dogs and a bicycle."""
    canvas, weather, height = painter.canvas, painter.weather, painter.canvas.height
    horizon = height * 0.34
    canvas.ramp(0, height * 0.42, SKY[weather.light], (weather.sky, weather.sky + 8))
    canvas.ramp(height * 0.40, height * 0.51, ((62, 96, 56), (70, 108, 62)), (weather.air - 0.8, weather.air - 0.3))
    row = painter.slots(painter.count(2, 3), 0.05)
    for label in ("building", *["tree"] * (len(row) - 1)):
        painter.put_standing(label, height * 0.52, height * 0.30, row)
    canvas.ramp(height * 0.50, height, ((96, 140, 72), (74, 116, 56)), (weather.ground - 1, weather.ground + 0.5))
    for x in range(0, canvas.width, max(canvas.width // 26, 4)):
        canvas.rectangle(
            x, height * 0.44, x + canvas.width / 46, height * 0.54, (186, 170, 142), weather.air + 0.5 * weather.sun
        )
    place_groups(painter, horizon, (("person", 0, 2, 0.68), ("bicycle", 0, 1, 0.76), ("dog", 0, 2, 0.86),
                                    ("person", 0, 1, 0.96)))  # fmt: skip


def paint_indoor(painter: Painter) -> None:
    """A room with a window, a radiator and a table, with people and dogs."""
    canvas, weather, height, width = painter.canvas, painter.weather, painter.canvas.height, painter.canvas.width
    room, outside, view = 21.0, weather.air, SKY[weather.light][1]
    painter.weather = weather = Weather(room, room - 1, room, 0.0, weather.is_sun_left, "lamp")
    canvas.ramp(0, height * 0.64, ((222, 214, 196), (206, 198, 180)), (room + 1.0, room - 0.5))
    canvas.ramp(height * 0.64, height, ((142, 106, 72), (116, 84, 56)), (room - 1.5, room - 0.5))
    at = float(painter.place.uniform(0.1, 0.6)) * width
    canvas.rectangle(at, height * 0.12, at + 0.28 * width, height * 0.42, view, room - 0.25 * (room - outside))
    canvas.rectangle(at + 0.135 * width, height * 0.12, at + 0.145 * width, height * 0.42, (240, 240, 236), room - 1)
    canvas.rectangle(at + 0.02 * width, height * 0.48, at + 0.26 * width, height * 0.62, (238, 238, 234), room + 16)
    canvas.stripes(at + 0.02 * width, height * 0.48, at + 0.26 * width, height * 0.62, height * 0.02, (210, 210, 206))
    table = float(painter.place.uniform(0.2, 0.6)) * width
    place_groups(painter, height * 0.30, (("person", 1, 3, 0.80), ("dog", 0, 1, 0.93)))
    canvas.rectangle(table, height * 0.78, table + 0.3 * width, height * 0.81, (120, 84, 52), room + 0.2)
    for place in (0.02, 0.26):
        canvas.rectangle(
            table + place * width, height * 0.81, table + (place + 0.02) * width, height, (100, 70, 44), room
        )
    canvas.ellipse(table + 0.12 * width, height * 0.765, 0.02 * width, 0.025 * height, (214, 60, 52), room + 20)


def paint_aerial(painter: Painter) -> None:
    """A road seen from above, with cars, people, roofs and trees."""
    canvas, weather, height, width = painter.canvas, painter.weather, painter.canvas.height, painter.canvas.width
    canvas.ramp(0, height, ((104, 132, 82), (98, 126, 78)), (weather.ground - 1.2, weather.ground - 0.6))
    top, unit = height * float(painter.place.uniform(0.40, 0.50)), height * 0.1
    canvas.rectangle(0, top, width, top + 2.6 * unit, (88, 88, 92), weather.ground + 2.5)
    for left in range(0, width, max(width // 14, 6)):
        canvas.rectangle(
            left, top + 1.28 * unit, left + width / 30, top + 1.34 * unit, (224, 222, 206), weather.ground + 2
        )
    for low, high in ((0.08, 0.26), (0.86, 0.94)):
        for x in painter.slots(painter.count(2, 4)):
            label = "building" if painter.place.random() < 0.5 else "tree"
            y = height * float(painter.place.uniform(low, high))
            size = (1.9 if label == "building" else 1.5) * unit
            if label == "tree":
                painter.cast_shadow(x, y + 0.08 * size, 0.5 * size, 0.5 * size)
            painter.put(label, ABOVE[label], x, y, size, painter.draw_extra(label))
    for label, least, most, size, lanes in AERIAL_TRAFFIC:
        for x in painter.slots(painter.count(least, most)):
            y = top + float(painter.place.choice(lanes)) * unit
            painter.put(label, ABOVE[label], x, y, size * unit, painter.draw_extra(label))


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


def paint_road(painter: Painter) -> None:
    """A wide road between houses, with any of the things of `OPEN`."""
    canvas, weather, height = painter.canvas, painter.weather, painter.canvas.height
    horizon = height * 0.38
    canvas.ramp(0, horizon, SKY[weather.light], (weather.sky, weather.sky + 8))
    canvas.ramp(horizon, height * 0.54, ((150, 148, 142), (140, 138, 132)), (weather.ground - 1, weather.ground))
    row = painter.slots(painter.count(3, 5), 0.02)
    for _ in range(len(row)):
        label = "building" if painter.place.random() < 0.75 else "tree"
        painter.put_standing(label, height * 0.52, horizon, row)
    canvas.ramp(height * 0.54, height, ((84, 84, 88), (70, 70, 74)), (weather.ground + 1.5, weather.ground + 3))
    populate(painter, horizon)


def paint_field(painter: Painter) -> None:
    """A meadow before a line of trees, with any of the things of `OPEN`."""
    canvas, weather, height = painter.canvas, painter.weather, painter.canvas.height
    horizon = height * 0.36
    canvas.ramp(0, height * 0.42, SKY[weather.light], (weather.sky, weather.sky + 8))
    row = painter.slots(painter.count(5, 8), 0.0)
    for _ in range(len(row)):
        painter.put_standing("tree", height * float(painter.place.uniform(0.42, 0.46)), horizon, row)
    canvas.ramp(height * 0.42, height, ((120, 150, 76), (92, 132, 60)), (weather.ground - 2, weather.ground - 0.5))
    populate(painter, horizon)


def paint_shore(painter: Painter) -> None:
    """A lake, of one temperature from bank to bank, and the sand before it, with any of the things of `OPEN`."""
    canvas, weather, height = painter.canvas, painter.weather, painter.canvas.height
    horizon, water = height * 0.30, 0.4 * weather.air + 7.0
    canvas.ramp(0, horizon, SKY[weather.light], (weather.sky, weather.sky + 8))
    canvas.ramp(horizon, height * 0.56, ((70, 110, 140), (96, 134, 152)), (water, water + 0.2))
    canvas.ramp(height * 0.56, height, ((206, 190, 150), (190, 170, 126)), (weather.ground + 1, weather.ground + 2))
    populate(painter, horizon)


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


PAINT: dict[str, Callable[[Painter], None]] = {
    "street": paint_street, "yard": paint_yard, "indoor": paint_indoor, "aerial": paint_aerial, "road": paint_road,
    "field": paint_field, "shore": paint_shore,
}  # fmt: skip
