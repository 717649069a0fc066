"""The one safe image loader."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from tools.images.deep import Deep, read_deep
from tools.images.header import MAX_PIXELS, read_orientation
from tools.images.levels import display_range, find_measured, scale_levels
from tools.images.opening import FORMATS, open_image
from tools.images.upright import turn_pixels

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_GDAL_NODATA: Final = 42113
"""The TIFF tag in which geographic software states its nodata value, as text."""


def load_rgb(path: Path, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Read an image file as 8-bit RGB, turned upright as its EXIF says.

    Transparency is composited on white. 16-bit and float images, grey or colour, are scaled to 8 bit between their 0.5
    and 99.5 percentiles (their extremes if these coincide), so absolute levels are lost; pixels without a value (NaN,
    a nodata value, an empty border) count for nothing and become black (`display_range`). Of an animation the first
    frame is read. `load_rgb(path).convert("L")` gives back the exact levels of an 8-bit grey file.

    Args:
        path: the file; its name's ending plays no part.
        max_pixels: width x height above which the file is refused, judged from the header before any decoding.

    Raises:
        ImageError: `missing_file`, `unreadable_file`, `not_an_image`, `unsupported_image`, `image_too_large` or
            `truncated_image`.
    """
    with open_image(path, max_pixels) as image:
        orientation = read_orientation(image)
        is_turned = isinstance(image, TiffImagePlugin.TiffImageFile)  # Pillow turns a TIFF itself
        deep = read_deep(image, lambda: Image.open(path, formats=FORMATS))
        image.load()
        rgb = _show_deep(deep) if deep is not None else _to_rgb(image)
        turn = None if is_turned else _TURNS.get(orientation)
        rgb = rgb.transpose(turn) if turn is not None else rgb
    rgb.info = {}
    return rgb


def load_values(path: Path, max_pixels: int = MAX_PIXELS) -> NDArray[np.float32] | None:
    """The values themselves of an image of one channel with more than 8 bits, turned upright as its EXIF says.

    Returns:
        (H, W) float32, NaN where a pixel holds no value (`find_measured`); None for an 8-bit picture and for colours.

    Raises:
        ImageError: as `load_rgb`.
    """
    with open_image(path, max_pixels) as image:
        if not image.mode.startswith(("I", "F")):
            return None
        orientation = 1 if isinstance(image, TiffImagePlugin.TiffImageFile) else read_orientation(image)
        nodata = _read_nodata(image)
        image.load()
        stored = np.asarray(image)
        values = np.where(find_measured(stored, nodata), stored, np.nan).astype(np.float32)
    return np.ascontiguousarray(turn_pixels(values, orientation))


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        return _scale_to_8_bit(image).convert("RGB")
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        return _put_on_white(image.convert("RGBA"))
    return image.convert("RGB")


def _put_on_white(layer: Image.Image) -> Image.Image:
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _scale_to_8_bit(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    return Image.fromarray(scale_levels(values, display_range(values, _read_nodata(image))), mode="L")


def _show_deep(deep: Deep) -> Image.Image:
    """8-bit RGB of all 16 bits; what is fully transparent has no part in the range."""
    has_alpha = deep.shape[2] in (2, 4)
    colour = deep[:, :, :-1] if has_alpha else deep
    shown = display_range(colour, is_shown=deep[:, :, -1] > 0 if has_alpha else None)
    levels = scale_levels(colour, shown)
    rgb = Image.fromarray(np.ascontiguousarray(np.broadcast_to(levels, (*levels.shape[:2], 3))), mode="RGB")
    if not has_alpha:
        return rgb
    rgb.putalpha(Image.fromarray((deep[:, :, -1] >> 8).astype(np.uint8), mode="L"))
    return _put_on_white(rgb)


def _read_nodata(image: Image.Image) -> float | None:
    """The nodata value that a TIFF states, None for none."""
    tags: Any = getattr(image, "tag_v2", {})
    try:
        return float(str(tags.get(_GDAL_NODATA, "")).strip("\0 "))
    except ValueError:
        return None
