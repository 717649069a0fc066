"""The one safe image loader, and the one way images are written."""

import errno
import io
import struct
import threading
import warnings
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from tools.errors import ImageError
from tools.files import list_unfinished, stage_file
from tools.framing import BoxMap, Framed, centre_crop, clip_box, crop, letterbox, resize

__all__ = [
    "FORMATS",
    "MAX_PIXELS",
    "BoxMap",
    "Framed",
    "centre_crop",
    "clip_box",
    "crop",
    "letterbox",
    "load_rgb",
    "remove_unfinished",
    "resize",
    "save_png",
]

MAX_PIXELS: Final = 64 * 1024 * 1024
"""Default bomb limit: 192 MB once decoded to RGB, ten times the area of a usual camera photograph."""

_PLUGINS: Final[tuple[type[ImageFile.ImageFile], ...]] = (
    JpegImagePlugin.JpegImageFile,
    PngImagePlugin.PngImageFile,
    WebPImagePlugin.WebPImageFile,
    BmpImagePlugin.BmpImageFile,
    GifImagePlugin.GifImageFile,
    TiffImagePlugin.TiffImageFile,
    PpmImagePlugin.PpmImageFile,
)
FORMATS: Final = tuple(str(plugin.format) for plugin in _PLUGINS)
"""Pillow's decoders that may run at all (JPEG also opens MPO); the rest stay out of reach of a hostile file."""

_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*", b"RIFF")
_PERCENTILES: Final = (0.5, 99.5)
_ORIENTATION_TAG: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow's decoders raise on damaged data, seen by truncating and altering files of every format above.
_DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    MemoryError,
    NotImplementedError,
    struct.error,
    zlib.error,
)
_warnings_lock = threading.Lock()  # warnings.catch_warnings changes process-wide state


def load_rgb(path: Path, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Read an image file as 8-bit RGB, turned upright as its EXIF says.

    Transparency is composited on white. 16-bit and float grey (I;16, I, F) is scaled to 8 bit between its 0.5 and 99.5
    percentiles (its extremes if these coincide), so absolute levels are lost. Of an animation the first frame is read.
    `load_rgb(path).convert("L")` gives back the exact levels of an 8-bit grey file.

    Args:
        path: the file; its name's ending plays no part.
        max_pixels: width x height above which the file is refused, judged from the header before any decoding.

    Raises:
        ImageError: `missing_file`, `unreadable_file`, `not_an_image`, `image_too_large` or `truncated_image`.
    """
    _check_file(path)
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _open(path, max_pixels) as image:
            _check_pixels(path, image.size, max_pixels)
            try:
                image.load()
                rgb = _to_rgb(_turn_upright(image))
            except _DECODER_ERRORS as error:
                raise _decode_error(path, error) from error
    rgb.info = {}
    return rgb


def save_png(image: Image.Image, path: Path) -> None:
    """Write a PNG atomically: readers see the old file or the whole new one.

    Deterministic: equal pixels give equal bytes, as no metadata (time, ICC profile, EXIF, dpi) is written and the
    compression level is fixed; another zlib build may compress to other bytes of the same pixels. Level 1: a 640x480
    gray image is written three times faster than at the default 6 and grows by about a tenth.

    Raises:
        OSError: the folder is missing or the disk is full; nothing is left behind.
    """
    buffer = io.BytesIO()
    bare = image.copy()
    bare.info = {}
    bare.save(buffer, format="PNG", compress_level=1)
    with stage_file(path) as temporary:
        temporary.write_bytes(buffer.getbuffer())


def remove_unfinished(folder: Path) -> int:
    """Delete what writing leaves in a folder, or below it, when its process is killed; the number of such files.

    For the end of a command that goes on after a kill, when nothing is being written there any more.
    """
    found = list_unfinished(folder, is_deep=True)
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _check_file(path: Path) -> None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        text = "no such file; check the image folder and the file names in the annotation file"
        raise ImageError(path, "missing_file", text) from error
    except (OSError, ValueError) as error:
        raise ImageError(
            path, "unreadable_file", f"cannot be looked at ({error}); check its name and rights"
        ) from error
    if not path.is_file():
        kind = "a directory" if path.is_dir() else "not a regular file"
        raise ImageError(path, "unreadable_file", f"is {kind}; name an image file")
    if status.st_size == 0:
        raise ImageError(path, "not_an_image", "the file is empty (0 bytes); copy or download it again")


def _open(path: Path, max_pixels: int) -> Image.Image:
    try:
        return Image.open(path, formats=FORMATS)
    except Image.DecompressionBombError as error:
        text = f"{error}; the limit here is {max_pixels} pixels. Make it smaller first"
        raise ImageError(path, "image_too_large", text) from error
    except UnidentifiedImageError as error:
        raise _unidentified(path) from error
    except _DECODER_ERRORS as error:
        raise _decode_error(path, error) from error


def _unidentified(path: Path) -> ImageError:
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_SIGNATURES):
        return ImageError(path, "truncated_image", "its header is cut off or damaged; copy or download it again")
    known = ", ".join(FORMATS)
    return ImageError(path, "not_an_image", f"is none of the formats that are read here ({known})")


def _check_pixels(path: Path, size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        text = f"{width} x {height} pixels, more than the limit of {max_pixels}; make it smaller or raise the limit"
        raise ImageError(path, "image_too_large", text)
    if width * height == 0:
        raise ImageError(path, "not_an_image", f"{width} x {height} pixels: nothing to see")


def _decode_error(path: Path, error: BaseException) -> ImageError:
    if isinstance(error, OSError) and error.errno in {errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE}:
        return ImageError(path, "unreadable_file", f"cannot be read ({error.strerror}); check its rights and the disk")
    text = f"truncated or damaged ({error or type(error).__name__}); copy or download it again"
    return ImageError(path, "truncated_image", text)


def _turn_upright(image: Image.Image) -> Image.Image:
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    except _DECODER_ERRORS:
        return image  # damaged EXIF says nothing about the pixels: keep them as stored
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image.transpose(turn) if turn is not None else image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        return _scale_to_8_bit(image).convert("RGB")
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _scale_to_8_bit(image: Image.Image) -> Image.Image:
    levels = np.nan_to_num(np.asarray(image, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = (float(value) for value in np.percentile(levels, _PERCENTILES))
    if low == high:
        low, high = float(levels.min()), float(levels.max())
    scaled = (levels - low) * (255.0 / (high - low) if high > low else 0.0)
    return Image.fromarray(np.clip(np.rint(scaled), 0, 255).astype(np.uint8), mode="L")
