"""What things look like: paints, materials and skins for the visible image, and the weather that sets temperatures."""

from dataclasses import dataclass

from tools.scenes.canvas import Colour

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
