"""How an image file is opened: only by known decoders, and every failure is an `ImageError` that quotes no bytes."""

import errno
import re
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

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
from tools.images.unsupported import describe_start, find_unsupported

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

# What Pillow's decoders raise on damaged data, seen by truncating and altering files of every format above.
DECODER_ERRORS: Final = (
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
_PLAIN_REASON: Final = re.compile(r"[A-Za-z0-9 ,.()/=:\-]{1,120}")
_warnings_lock = threading.Lock()  # warnings.catch_warnings changes process-wide state


@contextmanager
def open_image(path: Path, max_pixels: int) -> Iterator[Image.Image]:
    """An image file, identified and its size checked, but not decoded; what its decoder raises inside is translated.

    Raises:
        ImageError: `missing_file`, `unreadable_file`, `not_an_image`, `unsupported_image`, `image_too_large` or
            `truncated_image`.
    """
    check_file(path)
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _open(path, max_pixels) as image:
            _check_pixels(path, image.size, max_pixels)
            try:
                yield image
            except DECODER_ERRORS as error:
                raise _decode_error(path, error) from error


def check_file(path: Path) -> None:
    """Refuse what is no file that can be read.

    Raises:
        ImageError: `missing_file`, `unreadable_file`, or `not_an_image` for an empty file.
    """
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
    except DECODER_ERRORS as error:
        raise _decode_error(path, error) from error


def _unidentified(path: Path) -> ImageError:
    what = find_unsupported(path)
    if what is not None:
        return ImageError(path, "unsupported_image", f"is {what}")
    kind = describe_start(path)
    if kind is None:
        return ImageError(path, "truncated_image", "its header is cut off or damaged; copy or download it again")
    return ImageError(path, "not_an_image", f"is {kind}, none of the formats read here ({', '.join(FORMATS)})")


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
    what = find_unsupported(path)
    if what is not None:
        return ImageError(path, "unsupported_image", f"is {what}")
    # A decoder's words may quote the file's bytes, which belong on nobody's terminal.
    said = str(error) if _PLAIN_REASON.fullmatch(str(error)) else type(error).__name__
    return ImageError(path, "truncated_image", f"truncated or damaged ({said}); copy or download it again")
