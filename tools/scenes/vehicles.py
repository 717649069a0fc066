"""What drives: how each is drawn from its side, in colour and in degrees C."""

from tools.scenes.canvas import Canvas
from tools.scenes.looks import LAMP, Look, Weather, shade


def draw_car(canvas: Canvas, x: float, foot: float, high: float, look: Look, weather: Weather, engine: float) -> float:
    """A car from its side, facing right; `engine` is degrees C above the air under the hood."""
    long, body = high * 2.5, look.colour
    metal = weather.air + weather.lit(True) * 0.6
    left, right, waist = x - long / 2, x + long / 2, foot - 0.52 * high
    roof = [(left + 0.18 * long, waist), (left + 0.30 * long, foot - high), (left + 0.66 * long, foot - high),
            (left + 0.82 * long, waist)]  # fmt: skip
    canvas.polygon(roof, shade(body, 0.92), metal + weather.sun * 0.5)
    glass = [(left + 0.235 * long, waist), (left + 0.325 * long, foot - 0.92 * high),
             (left + 0.64 * long, foot - 0.92 * high), (left + 0.755 * long, waist)]  # fmt: skip
    canvas.polygon(glass, (86, 106, 122), weather.air - 4.0)
    canvas.rectangle(left + 0.47 * long, foot - 0.93 * high, left + 0.49 * long, waist, shade(body, 0.9), metal)
    hull = [(left, waist + 0.04 * high), (left + 0.02 * long, waist), (right - 0.16 * long, waist),
            (right, waist + 0.12 * high), (right, foot - 0.16 * high), (left, foot - 0.16 * high)]  # fmt: skip
    canvas.polygon(hull, body, metal)
    canvas.polygon([(right - 0.30 * long, waist), (right - 0.16 * long, waist), (right, waist + 0.12 * high),
                    (right, foot - 0.26 * high), (right - 0.30 * long, foot - 0.26 * high)],
                   shade(body, 1.06), metal + engine)  # fmt: skip
    canvas.rectangle(
        left, foot - 0.2 * high, right, foot - 0.12 * high, shade(body, 0.5), weather.ground + 0.3 * engine
    )
    for place in (0.2, 0.8):
        canvas.ellipse(
            left + place * long, foot - 0.16 * high, 0.17 * high, 0.17 * high, (26, 26, 28), metal + 0.7 * engine
        )
        canvas.ellipse(
            left + place * long, foot - 0.16 * high, 0.08 * high, 0.08 * high, (150, 152, 156), metal + engine
        )
    if weather.light == "night" and engine:
        canvas.ellipse(right - 0.03 * high, foot - 0.34 * high, 0.06 * high, 0.05 * high, LAMP, metal + engine, True)
        canvas.ellipse(left + 0.04 * high, foot - 0.36 * high, 0.04 * high, 0.05 * high, (214, 40, 32), metal + 2, True)
    canvas.text(
        x, foot - 0.3 * high, look.text, 0.14 * high, (240, 240, 236) if look.paint != "white" else (40, 40, 40)
    )
    return metal + 0.4 * engine


def draw_bus(canvas: Canvas, x: float, foot: float, high: float, look: Look, weather: Weather, engine: float) -> float:
    """A bus from its side, facing right: a long box with warm windows and an engine at the rear."""
    long, metal = high * 2.4, weather.air + weather.lit(True) * 0.6
    left, right = x - long / 2, x + long / 2
    canvas.rectangle(left, foot - high, right, foot - 0.12 * high, look.colour, metal)
    canvas.rectangle(left, foot - high, right, foot - 0.9 * high, shade(look.colour, 0.8), metal + 0.4 * weather.sun)
    for number in range(6):
        at = left + (0.04 + 0.158 * number) * long
        canvas.rectangle(at, foot - 0.82 * high, at + 0.13 * long, foot - 0.5 * high, (88, 108, 124), weather.air + 5.0)
    canvas.rectangle(
        left, foot - 0.42 * high, left + 0.14 * long, foot - 0.16 * high, shade(look.colour, 0.7), metal + engine
    )
    for place in (0.2, 0.78):
        at = left + place * long
        canvas.ellipse(at, foot - 0.13 * high, 0.13 * high, 0.13 * high, (26, 26, 28), metal + 0.7 * engine)
    canvas.text(x, foot - 0.3 * high, look.text, 0.13 * high, (240, 240, 236))
    return metal + 0.3 * engine


def draw_motorcycle(
    canvas: Canvas, x: float, foot: float, high: float, look: Look, weather: Weather, engine: float
) -> float:
    """A motorcycle from its side, facing right: two fat wheels, a tank and a hot engine between them."""
    wheel, metal = high * 0.3, weather.air + 0.5 * weather.sun
    for place in (-0.55, 0.55):
        canvas.ellipse(x + place * high, foot - wheel, wheel, wheel, (28, 28, 30), metal + 0.4 * engine)
        canvas.ellipse(x + place * high, foot - wheel, 0.4 * wheel, 0.4 * wheel, (150, 152, 156), metal)
    canvas.rectangle(
        x - 0.28 * high, foot - 0.5 * high, x + 0.24 * high, foot - 0.16 * high, (70, 72, 76), metal + 2.2 * engine
    )
    canvas.line(
        [(x - 0.1 * high, foot - 0.2 * high), (x - 0.8 * high, foot - 0.22 * high)],
        0.09 * high,
        (170, 170, 174),
        metal + 2.5 * engine,
    )
    tank = [
        (x - 0.7 * high, foot - 0.72 * high),
        (x - 0.1 * high, foot - 0.62 * high),
        (x + 0.1 * high, foot - 0.82 * high),
        (x + 0.4 * high, foot - 0.7 * high),
        (x + 0.3 * high, foot - 0.48 * high),
        (x - 0.4 * high, foot - 0.48 * high),
    ]
    canvas.polygon(tank, look.colour, metal + 0.5 * engine)
    canvas.line([(x + 0.28 * high, foot - high), (x + 0.55 * high, foot - wheel)], 0.08 * high, (120, 122, 126), metal)
    return metal + 1.2 * engine


def draw_bicycle(canvas: Canvas, x: float, foot: float, high: float, look: Look, weather: Weather, _: float) -> float:
    """A bicycle from its side, `high` from ground to handlebar."""
    wheel, steel = high * 0.34, weather.air + 0.3 * weather.sun
    rear, front = (x - 0.46 * high, foot - wheel), (x + 0.46 * high, foot - wheel)
    for centre in (rear, front):
        canvas.ring(*centre, wheel, high * 0.055, (30, 30, 32), steel - 0.5)
    crank, seat, head = (
        (x - 0.05 * high, foot - wheel),
        (x - 0.2 * high, foot - 0.82 * high),
        (x + 0.3 * high, foot - 0.86 * high),
    )
    for path in ((rear, crank, head, seat, rear), (seat, crank), (head, front)):
        canvas.line(path, high * 0.05, look.colour, steel)
    canvas.line([(x + 0.22 * high, foot - high), head], high * 0.04, (60, 60, 62), steel)
    canvas.ellipse(seat[0], seat[1], high * 0.12, high * 0.04, (40, 32, 30), steel + 1.5)
    return steel
