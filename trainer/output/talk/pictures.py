"""The image of a talk: 8 or 16 bit, a camera's own file with temperatures, or an array."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from tools.images import load_rgb, load_values
from tools.thermal import is_picture, read_thermal


class Opened(NamedTuple):
    """An image as models are given it.

    Attributes:
        picture: 8 bits, RGB, upright.
        name: of the file.
        note: how its values became that, for people; empty for a picture of 8 bits, which is as it was.
    """

    picture: Image.Image
    name: str
    note: str = ""


def open_picture(path: Path) -> Opened:
    """Read any image: colours stay, deeper values and temperatures are scaled between their 0.5 and 99.5 percentiles.

    Raises:
        RejectError: the file cannot be read; says why.
        MissingError: a package that this kind of file needs is not installed.
    """
    if is_picture(path):
        values = load_values(path)
        picture = load_rgb(path)
        if values is None or not np.isfinite(values).any():
            return Opened(picture, path.name)
        low, high = np.percentile(values[np.isfinite(values)], (0.5, 99.5))
        return Opened(picture, path.name, _explain("values", float(low), float(high)))
    found = read_thermal(path)
    return Opened(
        found.display().convert("RGB"), path.name, _explain(f"{found.unit} ({found.source})", *found.find_shown())
    )


def _explain(what: str, low: float, high: float) -> str:
    return f"{what}: {low:.6g} is black, {high:.6g} is white"
