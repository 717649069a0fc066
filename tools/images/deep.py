"""Colour and grey with alpha of 16 bits a channel, of which Pillow keeps the upper byte alone."""

import sys
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, PpmImagePlugin

Deep = NDArray[np.uint16]

_OTHER_END: Final = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_LAYOUTS: Final = frozenset({"RGB", "RGBA", "RGBX"})
_GREY_ALPHA: Final = "LA;16B"
_MOST_LEVEL: Final = 65535


def read_deep(image: Image.Image, reopen: Callable[[], Image.Image]) -> Deep | None:
    """All 16 bits of an image that was opened and not yet decoded; None where it has 8 bits, or one channel.

    The decoder runs twice: as it is, and told the other byte order, which makes it keep the lower byte.

    Args:
        reopen: the same image, opened once more.

    Returns:
        (H, W, channels): grey and alpha, RGB, or RGB and alpha.
    """
    if isinstance(image, PpmImagePlugin.PpmImageFile):
        return _read_ppm(image)
    layouts = {_find_layout(tile) for tile in image.tile} if isinstance(image, ImageFile.ImageFile) else {None}
    layout = layouts.pop() if len(layouts) == 1 else None
    if layout is None:
        return None
    with reopen() as second:
        assert isinstance(second, ImageFile.ImageFile)
        if layout == _GREY_ALPHA:  # four bytes a pixel: upper and lower of grey, then of alpha
            second.tile = [tile._replace(args="RGBA") for tile in second.tile]
            planes = np.asarray(second, np.uint16)
            return np.asarray(planes[:, :, 0::2] << 8 | planes[:, :, 1::2], np.uint16)
        second.tile = [_exchange(tile) for tile in second.tile]
        low = np.asarray(second, np.uint16)
    high = np.asarray(image, np.uint16)
    return np.asarray(high << 8 | low, np.uint16)


def _find_layout(tile: ImageFile._Tile) -> str | None:
    """The raw mode of a tile that can be read twice."""
    mode = tile.args if isinstance(tile.args, str) else tile.args[0] if tile.args else None
    if mode == _GREY_ALPHA:
        return str(mode)
    name, _, bits = mode.partition(";") if isinstance(mode, str) else ("", "", "")
    return mode if name in _LAYOUTS and bits in ("16B", "16L", "16N") else None


def _exchange(tile: ImageFile._Tile) -> ImageFile._Tile:
    if isinstance(tile.args, str):
        return tile._replace(args=tile.args[:-1] + _OTHER_END[tile.args[-1]])
    mode, *others = tile.args or ("",)
    return tile._replace(args=(str(mode)[:-1] + _OTHER_END[str(mode)[-1]], *others))


def _read_ppm(image: PpmImagePlugin.PpmImageFile) -> Deep | None:
    """Binary PPM (`P6`): the pixels follow the header as they are, the upper byte first."""
    tile = image.tile[0] if len(image.tile) == 1 else None
    if tile is None or tile.codec_name != "ppm" or image.mode != "RGB" or not isinstance(tile.args, tuple):
        return None
    most = tile.args[-1]
    if not isinstance(most, int) or not 255 < most <= _MOST_LEVEL or image.fp is None:
        return None
    count = image.width * image.height * 3
    image.fp.seek(tile.offset)
    content = image.fp.read(2 * count)
    if len(content) < 2 * count:
        raise EOFError("pixels are missing at its end")
    return np.frombuffer(content, ">u2").reshape(image.height, image.width, 3).astype(np.uint16)
