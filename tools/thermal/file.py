"""A file as the readers look at it: its ending, its first bytes, the segments of a JPEG."""

from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from tools.errors import ImageError
from tools.images import check_file

_HEAD_BYTES: Final = 64 * 1024
_JPEG: Final = b"\xff\xd8\xff"
_MOST_SEGMENTS: Final = 2000
_SEGMENT_HEAD: Final = 16
_IMAGE_FOLLOWS: Final = frozenset({0xDA, 0xD9})
_MAKE_BYTES: Final = 4096


class Segment(NamedTuple):
    """One of a JPEG's segments: its marker, and how its content begins."""

    marker: int
    start: bytes


class ThermalFile:
    """A file that is to be read; nothing but its beginning is loaded.

    Attributes:
        path: the file.
        ending: of its name, in small letters, with the dot.
        start: its first 64 KiB.

    Raises:
        ImageError: `missing_file`, `unreadable_file`, or `not_an_image` for an empty file.
    """

    def __init__(self, path: Path) -> None:
        check_file(path)
        self.path = path
        self.ending = path.suffix.lower()
        try:
            with path.open("rb") as file:
                self.start = file.read(_HEAD_BYTES)
        except OSError as error:
            text = f"cannot be read ({error.strerror}); check its rights and the disk"
            raise ImageError(path, "unreadable_file", text) from error

    @property
    def is_jpeg(self) -> bool:
        """Whether its content is a JPEG's, whatever its name says."""
        return self.start.startswith(_JPEG)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The segments before the image data; none for what is no JPEG, and those before the first damaged one."""
        found: list[Segment] = []
        if not self.is_jpeg:
            return ()
        with self.path.open("rb") as file:
            file.seek(2)
            while len(found) < _MOST_SEGMENTS:
                marker, length = file.read(2), int.from_bytes(file.read(2), "big")
                if len(marker) < 2 or marker[0] != 0xFF or marker[1] in _IMAGE_FOLLOWS or length < 2:
                    break
                start = file.read(min(_SEGMENT_HEAD, length - 2))
                found.append(Segment(marker[1], start))
                file.seek(length - 2 - len(start), 1)
        return tuple(found)

    def is_made_by(self, *makers: str) -> bool:
        """Whether the EXIF of a JPEG or TIFF begins its maker's name so, capital letters or not."""
        return bool(self._maker) and self._maker.startswith(tuple(maker.lower() for maker in makers))

    @cached_property
    def _maker(self) -> str:
        from PIL import Image

        from tools.images.opening import DECODER_ERRORS, FORMATS

        if not self.is_jpeg or b"Exif\0" not in self.start[:_MAKE_BYTES]:
            return ""
        try:
            with Image.open(self.path, formats=FORMATS) as image:
                return str(image.getexif().get(0x010F, "")).strip("\0 ").lower()
        except DECODER_ERRORS:
            return ""  # damaged EXIF names nobody; whoever reads the picture says what is wrong with it
