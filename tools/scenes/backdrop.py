"""Houses and trees: how each is drawn, in colour and in degrees C."""

import numpy as np

from tools.scenes.canvas import Canvas
from tools.scenes.looks import AUTUMN, LAMP, MATERIALS, Look, Weather, shade


def draw_building(
    canvas: Canvas, x: float, foot: float, high: float, look: Look, weather: Weather, warm: float
) -> float:
    """A house front; `warm` is degrees C that its windows lose from inside."""
    wide, wall = high * 0.8, weather.air + 1.5 + weather.lit(True) * 0.8
    left, right, top = x - wide / 2, x + wide / 2, foot - high
    colour = MATERIALS[look.material]
    canvas.rectangle(left, top, right, foot, colour, wall)
    canvas.stripes(left, top, right, foot, high * 0.03, shade(colour, 0.86))
    canvas.rectangle(
        x + 0.2 * wide, top, right, foot, shade(colour, 0.82), weather.air + 1.5 + weather.lit(False) * 0.8
    )
    canvas.rectangle(left - 3, top - 0.04 * high, right + 3, top, shade(colour, 0.6), wall + 0.6 * weather.sun)
    for row in (0.18, 0.44):
        for place in (-0.32, 0.0, 0.32):
            centre, y = x + place * wide, top + row * high
            is_lamp = weather.light == "night" and (centre * 7 + y) % 3 < 1.6
            canvas.rectangle(centre - 0.075 * wide, y - 0.07 * high, centre + 0.075 * wide, y + 0.07 * high,
                             LAMP if is_lamp else (70, 84, 100), weather.air + warm, is_lamp)  # fmt: skip
    canvas.rectangle(x - 0.08 * wide, foot - 0.26 * high, x + 0.08 * wide, foot, (70, 52, 40), wall - 1.0)
    canvas.rectangle(
        x - 0.3 * wide, foot - 0.37 * high, x + 0.3 * wide, foot - 0.28 * high, (236, 232, 220), wall + 0.2
    )
    canvas.text(x, foot - 0.325 * high, look.text, 0.075 * high, (120, 24, 24))
    return wall


def draw_tree(canvas: Canvas, x: float, foot: float, high: float, look: Look, weather: Weather, turn: float) -> float:
    """A tree; `turn` varies its crown."""
    leaf = weather.air - 0.5
    canvas.polygon([(x - 0.045 * high, foot), (x + 0.045 * high, foot), (x + 0.025 * high, foot - 0.5 * high),
                    (x - 0.025 * high, foot - 0.5 * high)], (92, 70, 50), weather.air + 1.2)  # fmt: skip
    green = AUTUMN if weather.is_autumn else (58, 104, 52)
    for number in range(48):
        angle, far = turn + number * 2.4, 0.27 * high * ((number + 1) / 48) ** 0.5
        at = (x + far * np.cos(angle), foot - 0.68 * high + 1.05 * far * np.sin(angle))
        glow = weather.lit(np.cos(angle) < 0) * 0.35 * far / (0.27 * high) + 0.5 * np.sin(5 * angle)
        tone = 0.86 + 0.09 * (number % 4) - 0.12 * np.sin(angle)
        canvas.ellipse(*at, 0.075 * high, 0.065 * high, shade(green, tone), leaf + glow)
    return leaf
