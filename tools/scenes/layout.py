"""Where things stand: the seven kinds of scene, laid out from a seed."""

from collections.abc import Callable

from tools.scenes.looks import Weather
from tools.scenes.painter import ABOVE, Painter, place_groups, populate

KINDS = ("street", "yard", "indoor", "aerial", "road", "field", "shore")
# Name, least and greatest number, size and lanes, both in tenths of the image's height from the road's upper edge.
AERIAL_TRAFFIC = (("car", 1, 4, 0.62, (0.65, 1.95)), ("person", 0, 5, 0.30, (-0.35, 2.9)))
# By light: the sky's colours at its upper edge and at the horizon.
SKY = {
    "sunny": ((120, 160, 206), (206, 220, 232)), "cloudy": ((158, 164, 170), (204, 207, 210)),
    "night": ((26, 34, 62), (70, 80, 110)),
}  # fmt: skip


def paint_street(painter: Painter) -> None:
    """Houses and trees behind a road with cars, people and bicycles."""
    canvas, weather, height = painter.canvas, painter.weather, painter.canvas.height
    horizon = height * float(painter.place.uniform(0.36, 0.44))
    canvas.ramp(0, horizon, SKY[weather.light], (weather.sky, weather.sky + 8))
    canvas.ramp(horizon, height * 0.62, ((150, 148, 142), (140, 138, 132)), (weather.ground - 1, weather.ground))
    _put_houses(painter, (2, 4), 0.65, height * 0.56, horizon)
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


def paint_road(painter: Painter) -> None:
    """A wide road between houses, with any of the things of `OPEN`."""
    canvas, weather, height = painter.canvas, painter.weather, painter.canvas.height
    horizon = height * 0.38
    canvas.ramp(0, horizon, SKY[weather.light], (weather.sky, weather.sky + 8))
    canvas.ramp(horizon, height * 0.54, ((150, 148, 142), (140, 138, 132)), (weather.ground - 1, weather.ground))
    _put_houses(painter, (3, 5), 0.75, height * 0.52, horizon)
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


def _put_houses(painter: Painter, number: tuple[int, int], share: float, foot: float, horizon: float) -> None:
    """A row of houses, this share of all, and trees."""
    row = painter.slots(painter.count(*number), 0.02)
    for _ in range(len(row)):
        label = "building" if painter.place.random() < share else "tree"
        painter.put_standing(label, foot, horizon, row)


PAINT: dict[str, Callable[[Painter], None]] = {
    "street": paint_street, "yard": paint_yard, "indoor": paint_indoor, "aerial": paint_aerial, "road": paint_road,
    "field": paint_field, "shore": paint_shore,
}  # fmt: skip
