"""False-colour palettes, drawn from formulae of our own; each is near what cameras and plotting software call so.

`PALETTES[name]` is (256, 3) float32, from cold to hot, sRGB 0 to 255. White-hot and black-hot have no colours and are
not among them, nor are greys whose hot end is red: a photograph's greys are as near to them.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Palette = NDArray[np.float32]
_AT: Final = np.linspace(0, 1, 256)


def _blend(*stops: tuple[float, tuple[int, int, int]]) -> Palette:
    """Straight lines between colours at places from 0 to 1."""
    places = [place for place, _ in stops]
    channels = [np.interp(_AT, places, [colour[channel] for _, colour in stops]) for channel in range(3)]
    return np.stack(channels, 1).astype(np.float32)


def _join(red: NDArray[np.float64], green: NDArray[np.float64], blue: NDArray[np.float64]) -> Palette:
    return (255 * np.clip(np.stack([red, green, blue], 1), 0, 1)).astype(np.float32)


def _make_iron() -> Palette:
    """Red rises first, then green; blue is a hump at the cold end, and comes back for white."""
    quarter = np.pi / 2
    red = np.sin(quarter * np.clip((_AT - 0.045) / 0.55, 0, 1))
    green = np.where(_AT < 0.77, 1.7 * (_AT - 0.3), 0.8 + 1.03 * (_AT - 0.77))
    rise = np.sin(quarter * np.clip((_AT + 0.03) / 0.24, 0, 1))
    fall = np.cos(quarter * np.clip((_AT - 0.21) / 0.43, 0, 1)) ** 1.3
    return _join(red, green, np.maximum(0.66 * rise * fall, np.clip((_AT - 0.76) / 0.24, 0, 1) ** 1.6))


def _make_rainbow() -> Palette:
    """Dark blue to dark red: three humps in a row, as plotting software draws it."""
    red, green, blue = (1.5 - np.abs(4 * _AT - middle) for middle in (3, 2, 1))
    return _join(red, green, blue)


def _make_glow() -> Palette:
    """Black, red, yellow, white: one channel after the other."""
    return _join(_AT / 0.37, (_AT - 0.37) / 0.38, (_AT - 0.75) / 0.25)


PALETTES: Final[dict[str, Palette]] = {
    "iron": _make_iron(),
    "lava": _blend(
        (0, (0, 0, 8)), (0.25, (85, 15, 110)), (0.5, (186, 55, 85)), (0.75, (248, 140, 10)), (1, (252, 255, 164))
    ),
    "glow": _make_glow(),
    "rainbow": _make_rainbow(),
    "rainbow-white": _blend(
        (0, (0, 0, 0)), (0.1, (0, 0, 130)), (0.28, (0, 80, 255)), (0.42, (0, 220, 220)), (0.55, (0, 200, 0)),
        (0.68, (240, 240, 0)), (0.82, (255, 120, 0)), (0.92, (255, 0, 0)), (1, (255, 255, 255)),
    ),
    "rainbow-high-contrast": _blend(
        (0, (0, 0, 0)), (0.11, (206, 0, 206)), (0.17, (150, 0, 204)), (0.25, (0, 16, 160)), (0.38, (0, 214, 204)),
        (0.48, (0, 80, 0)), (0.59, (190, 206, 0)), (0.64, (204, 176, 0)), (0.75, (126, 0, 0)), (0.86, (214, 46, 46)),
        (1, (255, 255, 255)),
    ),
    "arctic": _blend(
        (0, (10, 20, 150)), (0.3, (20, 150, 220)), (0.45, (120, 160, 170)), (0.6, (110, 80, 60)), (0.8, (230, 130, 20)),
        (1, (255, 240, 190)),
    ),
}  # fmt: skip
"""By name."""
