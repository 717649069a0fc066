"""What an image file's header says: its size as stored, and how EXIF turns it; nothing is decoded."""

from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from PIL import Image, PngImagePlugin, TiffImagePlugin

from tools.images.opening import DECODER_ERRORS, open_image

Size = tuple[int, int]  # width, height in pixels
MAX_PIXELS: Final = 64 * 1024 * 1024
"""Default bomb limit: 192 MB once decoded to RGB, ten times the area of a usual camera photograph."""
ORIENTATION_TAG: Final = 0x0112
SIDEWAYS: Final = frozenset({5, 6, 7, 8})
"""Orientations that exchange width and height."""
_PNG_START: Final = 8


class Header(NamedTuple):
    """An image file's header.

    Attributes:
        stored: width and height of the pixels as they lie in the file.
        orientation: 1 to 8, as EXIF counts them; 1 where the file says nothing.
    """

    stored: Size
    orientation: int

    @property
    def upright(self) -> Size:
        """Width and height after turning, as `load_rgb` gives the picture."""
        return self.stored[::-1] if self.orientation in SIDEWAYS else self.stored


def read_header(path: Path, max_pixels: int = MAX_PIXELS) -> Header:
    """The header of an image file, whatever its name's ending.

    Raises:
        ImageError: as `load_rgb`, as far as the header shows it.
    """
    with open_image(path, max_pixels) as image:
        orientation = read_orientation(image)
        # Pillow states a TIFF's size as it is after turning, any other file's as it is stored.
        is_turned = isinstance(image, TiffImagePlugin.TiffImageFile) and orientation in SIDEWAYS
        return Header(image.size[::-1] if is_turned else image.size, orientation)


def read_orientation(image: Image.Image) -> int:
    """1 to 8 of an image that was opened and not yet decoded; 1 where its EXIF is absent, damaged or nonsense."""
    try:
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            found = image.tag_v2.get(ORIENTATION_TAG, 1)
        elif isinstance(image, PngImagePlugin.PngImageFile):
            found = _read_png(image)
        else:
            found = image.getexif().get(ORIENTATION_TAG, 1)
    except DECODER_ERRORS:
        return 1  # damaged EXIF says nothing about the pixels: keep them as stored
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _read_png(image: PngImagePlugin.PngImageFile) -> object:
    """PNG's EXIF may stand behind the pixels; Pillow would decode them to get there."""
    if "exif" not in image.info and image.fp is not None:
        place = image.fp.tell()
        content = _find_chunk(image.fp, b"eXIf")  # type: ignore[arg-type]
        image.fp.seek(place)
        if content is not None:
            exif = Image.Exif()
            exif.load(content)
            return exif.get(ORIENTATION_TAG, 1)
    return Image.Image.getexif(image).get(ORIENTATION_TAG, 1)


def _find_chunk(file: BinaryIO, wanted: bytes) -> bytes | None:
    file.seek(_PNG_START)
    while len(head := file.read(8)) == 8:
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == wanted:
            return file.read(length)
        file.seek(length + 4, 1)
    return None
