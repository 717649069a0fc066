"""The things a scene is made of: how each is drawn, in colour and in degrees C."""

from dataclasses import dataclass

import numpy as np

from tools.scenes.canvas import Canvas, Colour

PAINTS: dict[str, Colour] = {
    "red": (178, 36, 34), "blue": (40, 74, 150), "white": (226, 226, 222), "black": (34, 34, 38),
    "green": (44, 112, 62), "yellow": (216, 184, 48), "gray": (128, 130, 132), "orange": (214, 112, 36),
    "brown": (106, 72, 44),
}  # fmt: skip
MATERIALS: dict[str, Colour] = {
    "brick": (150, 84, 66), "wooden": (146, 112, 74), "concrete": (164, 162, 156), "stone": (138, 132, 120),
}  # fmt: skip
AUTUMN: Colour = (168, 104, 44)
LAMP: Colour = (250, 216, 148)
SIGNS = ("CAFE", "BAKERY", "HOTEL", "BOOKS", "BANK", "PIZZA")
SKIN: tuple[Colour, ...] = ((224, 182, 150), (196, 146, 110), (140, 96, 68), (92, 62, 44))


@dataclass(frozen=True)
class Weather:
    """What sets temperatures that no object makes itself.

    Attributes:
        air, ground, sky: degrees C; the sky is what a camera reads from it.
        sun: degrees C that a lit side is warmer; 0 at night and under clouds.
        is_sun_left: where the light comes from.
        light: what the visible image is lit by: `sunny`, `cloudy`, `night` or, in a room, `lamp`.
    """

    air: float
    ground: float
    sky: float
    sun: float
    is_sun_left: bool
    light: str

    @property
    def is_autumn(self) -> bool:
        """Whether leaves have turned."""
        return self.air < 6

    def lit(self, is_left: bool) -> float:
        """Degrees C that this side gains from the sun."""
        return self.sun if is_left == self.is_sun_left else 0.0


@dataclass(frozen=True)
class Look:
    """What only the visible image shows: paint, material, skin and printed text."""

    paint: str
    material: str
    text: str
    skin: Colour

    @property
    def colour(self) -> Colour:
        """The paint as RGB."""
        return PAINTS[self.paint]


def shade(colour: Colour, factor: float) -> Colour:
    """A darker or brighter tone."""
    return tuple(int(min(255, max(0, value * factor))) for value in colour)  # type: ignore[return-value]


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
