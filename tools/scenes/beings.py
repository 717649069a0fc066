"""People and animals: how each is drawn, in colour and in degrees C."""

from tools.scenes.canvas import Canvas
from tools.scenes.looks import Look, Weather, shade


def draw_person(
    canvas: Canvas, x: float, foot: float, high: float, look: Look, weather: Weather, stride: float
) -> float:
    """A person, `high` pixels tall, the warmer the longer the stride; the skin's temperature is given back."""
    skin, cloth = 33.0 + stride, weather.air + (0.36 + 0.18 * stride) * (30.0 - weather.air)
    wide, coat = high * 0.13, look.colour
    hip, shoulder = foot - 0.48 * high, foot - 0.82 * high
    for side in (-1, 1):
        step = side * stride * high * 0.10
        canvas.line([(x, hip), (x + step, foot)], high * 0.085, shade((60, 62, 80), 1.0), cloth - 1.5)
        hand = (x + side * wide * (1.1 + stride), foot - 0.46 * high)
        canvas.line([(x + side * wide * 0.8, shoulder + 0.03 * high), hand], high * 0.055, shade(coat, 0.9), cloth)
        canvas.ellipse(*hand, high * 0.028, high * 0.032, look.skin, skin - 2.5)
    body = [(x - wide, shoulder), (x + wide, shoulder), (x + 0.75 * wide, hip + 2), (x - 0.75 * wide, hip + 2)]
    canvas.polygon(body, coat, cloth + 0.6)
    canvas.ellipse(x, foot - 0.91 * high, high * 0.065, high * 0.085, look.skin, skin)
    canvas.ellipse(x, foot - 0.955 * high, high * 0.066, high * 0.048, (52, 40, 32), skin - 4.5)
    return skin


def draw_dog(canvas: Canvas, x: float, foot: float, high: float, look: Look, weather: Weather, _: float) -> float:
    """A dog from its side, facing right."""
    fur, face, coat = weather.air + 0.55 * (33.0 - weather.air), 34.0, look.colour
    for place in (-0.45, -0.3, 0.3, 0.45):
        canvas.line(
            [(x + place * high, foot - 0.5 * high), (x + place * high, foot)], high * 0.12, shade(coat, 0.8), fur - 1.5
        )
    canvas.ellipse(x, foot - 0.58 * high, 0.62 * high, 0.25 * high, coat, fur)
    canvas.line(
        [(x - 0.55 * high, foot - 0.65 * high), (x - 0.85 * high, foot - 0.95 * high)], high * 0.08, coat, fur - 2
    )
    canvas.line(
        [(x + 0.45 * high, foot - 0.62 * high), (x + 0.65 * high, foot - 0.85 * high)], high * 0.2, coat, fur + 0.5
    )
    canvas.ellipse(x + 0.72 * high, foot - 0.9 * high, 0.2 * high, 0.15 * high, coat, face - 3)
    canvas.ellipse(x + 0.88 * high, foot - 0.86 * high, 0.1 * high, 0.07 * high, shade(coat, 0.7), face - 5)
    canvas.ellipse(x + 0.78 * high, foot - 0.93 * high, 0.04 * high, 0.04 * high, (20, 20, 20), face)
    canvas.ellipse(x + 0.62 * high, foot - 0.98 * high, 0.07 * high, 0.12 * high, shade(coat, 0.75), face - 1)
    return fur


def draw_cow(canvas: Canvas, x: float, foot: float, high: float, look: Look, weather: Weather, _: float) -> float:
    """A cow from its side, facing right: a long even body on four legs, the head low."""
    hide, coat = weather.air + 0.7 * (34.0 - weather.air), look.colour
    for place in (-0.56, -0.44, 0.4, 0.52):
        canvas.line(
            [(x + place * high, foot - 0.5 * high), (x + place * high, foot)], high * 0.1, shade(coat, 0.8), hide - 3
        )
    canvas.polygon(
        [
            (x - 0.66 * high, foot - 0.95 * high),
            (x + 0.6 * high, foot - high),
            (x + 0.64 * high, foot - 0.45 * high),
            (x - 0.66 * high, foot - 0.42 * high),
        ],
        coat,
        hide,
    )
    canvas.ellipse(x - 0.1 * high, foot - 0.42 * high, 0.36 * high, 0.12 * high, coat, hide + 1.0)
    canvas.line(
        [(x + 0.55 * high, foot - 0.8 * high), (x + 0.85 * high, foot - 0.72 * high)], high * 0.26, coat, hide + 0.5
    )
    canvas.ellipse(x + 0.95 * high, foot - 0.66 * high, 0.12 * high, 0.2 * high, shade(coat, 0.9), hide + 1.5)
    canvas.line(
        [(x - 0.66 * high, foot - 0.9 * high), (x - 0.74 * high, foot - 0.4 * high)], high * 0.05, coat, hide - 4
    )
    return hide
