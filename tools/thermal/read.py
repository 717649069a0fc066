"""One reader for infrared files."""

from pathlib import Path

import numpy as np

from tools.images import load_rgb
from tools.thermal.records import Thermal


def read_thermal(path: Path, unit: str | None = None, polarity: str = "unknown") -> Thermal:
    """Read an infrared file.

    Args:
        unit: of the values, where the file does not say: `celsius`, `kelvin`, `centikelvin` or `K*N`.
        polarity: what brightness of a picture means, where that is known.

    Raises:
        RejectError: the file cannot be read, or is of a kind that has to be exported first.
    """
    image = load_rgb(path)
    return Thermal(np.asarray(image.convert("L")), "gray", polarity, "picture")
