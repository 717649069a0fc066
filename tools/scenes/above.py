"""Things seen from above: how each is drawn, in colour and in degrees C."""

import numpy as np

from tools.scenes.canvas import Canvas
from tools.scenes.looks import AUTUMN, MATERIALS, Look, Weather, shade


def draw_car_above(
    canvas: Canvas, x: float, y: float, size: float, look: Look, weather: Weather, engine: float
) -> float:
    """A car from above, driving to the right; `size` is its width."""
    long, metal = size * 2.1, weather.air + weather.sun * 0.9
    canvas.rectangle(x - long / 2, y - size / 2, x + long / 2, y + size / 2, look.colour, metal)
    canvas.rectangle(x - 0.3 * long, y - 0.4 * size, x + 0.2 * long, y + 0.4 * size, (70, 88, 104), weather.sky + 4)
    canvas.rectangle(
        x - 0.22 * long, y - 0.42 * size, x + 0.08 * long, y + 0.42 * size, shade(look.colour, 0.95), metal + 1
    )
    canvas.rectangle(
        x + 0.24 * long, y - 0.42 * size, x + 0.48 * long, y + 0.42 * size, shade(look.colour, 1.05), metal + engine
    )
    return metal + 0.3 * engine


def draw_person_above(canvas: Canvas, x: float, y: float, size: float, look: Look, weather: Weather, _: float) -> float:
    """A person from above; `size` is the width of the shoulders."""
    cloth = weather.air + 0.45 * (30.0 - weather.air)
    canvas.ellipse(x, y, size * 0.28, size * 0.5, look.colour, cloth)
    canvas.ellipse(x + 0.05 * size, y, size * 0.2, size * 0.2, (52, 40, 32), 31.0)
    return cloth


def draw_roof(canvas: Canvas, x: float, y: float, size: float, look: Look, weather: Weather, warm: float) -> float:
    """A house from above: two sides of a roof, one of them in the sun."""
    colour, wide = shade(MATERIALS[look.material], 0.8), size * 1.4
    base = weather.air - 2.0
    canvas.rectangle(x - wide / 2, y - size / 2, x + wide / 2, y, colour, base + weather.lit(True) * 1.4)
    canvas.rectangle(x - wide / 2, y, x + wide / 2, y + size / 2, shade(colour, 0.8), base + weather.lit(False) * 1.4)
    canvas.rectangle(
        x + 0.2 * wide, y - 0.2 * size, x + 0.28 * wide, y - 0.08 * size, (120, 70, 60), weather.air + 2 * warm
    )
    return base + 0.7 * weather.sun


def draw_crown(canvas: Canvas, x: float, y: float, size: float, look: Look, weather: Weather, turn: float) -> float:
    """A tree from above."""
    for number in range(8):
        angle = turn + number * np.pi / 4
        at = (x + 0.25 * size * np.cos(angle), y + 0.25 * size * np.sin(angle))
        green = shade(AUTUMN if weather.is_autumn else (54, 98, 50), 0.85 + 0.06 * (number % 3))
        canvas.ellipse(*at, 0.28 * size, 0.28 * size, green, weather.air - 0.5)
    return weather.air - 0.5
