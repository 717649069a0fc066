"""How large a picture is, without reading its pixels: the number of tokens that it fills hangs on nothing else."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from tools.images import load_rgb

ImageSize = tuple[int, int]
"""Width and height in pixels, upright."""
EXIF_ORIENTATION = 274
QUARTER_TURNS = (5, 6, 7, 8)


@lru_cache(maxsize=65536)
def read_size(path: Path) -> ImageSize:
    """Width and height of a picture as `load_rgb` gives it; anything odd is left to `load_rgb`.

    Raises:
        ImageError: it cannot be read.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            if image.format in ("PNG", "JPEG") and image.getexif().get(EXIF_ORIENTATION, 1) not in QUARTER_TURNS:
                return image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        pass
    return load_rgb(path).size


def make_blank(size: ImageSize) -> Any:
    """A black RGB picture."""
    from PIL import Image

    return Image.new("RGB", size)
