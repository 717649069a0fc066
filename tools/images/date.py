"""The day on which a camera took a picture, as its file states it."""

import re
from pathlib import Path
from typing import Final

from tools.errors import ImageError
from tools.images.header import MAX_PIXELS
from tools.images.opening import DECODER_ERRORS, open_image

EXIF_PART: Final = 0x8769
TAKEN: Final = 0x9003
"""EXIF's DateTimeOriginal; its DateTime is that of the last change."""
_DAY: Final = re.compile(r"(\d{4})[:\-](\d{2})[:\-](\d{2})\b")


def read_date(path: Path) -> str | None:
    """`2024-05-31`; None where the file states no such day, or cannot be read."""
    try:
        with open_image(path, MAX_PIXELS) as image:
            found = image.getexif().get_ifd(EXIF_PART).get(TAKEN)
    except (ImageError, *DECODER_ERRORS):
        return None
    match = _DAY.match(str(found or ""))
    return "-".join(match.groups()) if match and match[1] != "0000" else None
