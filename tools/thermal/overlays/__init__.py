"""What is drawn into a picture: false colours, a scale, letters.

found = find_overlays(picture)
found.names, found.palette                         # ("false-colour", "scale"), "iron"
"""

from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from tools.thermal.overlays.colour import LEAST_SHARE_COLOURED, LEAST_SHARE_NEAR, find_palette, share_coloured
from tools.thermal.overlays.letters import LEAST_LETTERS, count_letters
from tools.thermal.overlays.scale_bar import has_scale

LONGEST: Final = 480
"""Pixels of the longer side at which scale and letters are looked for."""
LEAST_SIDE: Final = 100
"""Pixels of the shorter side; nobody draws into a smaller picture, and enlarged it looks drawn."""


class Overlays(NamedTuple):
    """Names as `Thermal.overlays` has them, and the palette of a picture in false colour."""

    names: tuple[str, ...] = ()
    palette: str | None = None


def find_overlays(picture: Image.Image) -> Overlays:
    """What is drawn into a picture.

    Args:
        picture: mode RGB.
    """
    rgb = np.asarray(picture)
    names: list[str] = []
    palette = None
    if share_coloured(rgb) >= LEAST_SHARE_COLOURED:
        name, share = find_palette(rgb)
        palette = name if share >= LEAST_SHARE_NEAR else None
        names.append("false-colour" if palette else "colour")
    if min(picture.size) < LEAST_SIDE:
        return Overlays(tuple(names), palette)
    plain = picture if names else picture.convert("L")
    fitted = _fit(plain)
    # in a small picture its own pixels are sharper, and the enlarged ones more even
    looked_at = [fitted, plain] if max(plain.size) < LONGEST else [fitted]
    if any(has_scale(np.atleast_3d(np.asarray(image))) for image in looked_at):
        names.append("scale")
    if count_letters(np.asarray(fitted.convert("L"))) >= LEAST_LETTERS:
        names.append("text")
    return Overlays(tuple(names), palette)


def _fit(picture: Image.Image) -> Image.Image:
    factor = LONGEST / max(picture.size)
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    return picture.resize(size, Image.Resampling.BOX if factor < 1 else Image.Resampling.BICUBIC)
