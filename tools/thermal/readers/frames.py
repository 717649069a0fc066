"""FLIR's frames: a header, a directory, records of raw values and camera settings; ExifTool documents the layout.

Frames are what `.fff` and `.seq` files hold, and what a radiometric JPEG hides in its segments. The formula for degrees
is flyr's; flirpy, the usual package for `.seq`, cannot stand beside this toolkit's NumPy (0.6.2 wants less than 2.4).
"""

import io
import struct
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.errors import RejectError
from tools.images import MAX_PIXELS
from tools.thermal.readers.thermogram import Thermogram, describe, import_flyr

STARTS: Final = (b"FFF\0", b"AFF\0")
HEADER_BYTES: Final = 0x40
DIRECTORY_ENTRY: Final = 32
"""Bytes of an entry in the directory of a frame's records."""
MOST_RECORDS: Final = 4096
RAW, CAMERA = 0x01, 0x20
"""Types of the records that are needed."""
_VERSIONS: Final = range(100, 200)
_VERSION_AT, _DIRECTORY_AT = 0x14, 0x18
_RAW_HEADER: Final = 0x20
_LITTLE_ENDIAN: Final = 2
"""What the first two bytes of a record say where its numbers have the low byte first."""
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG"


class Record(NamedTuple):
    """Where a record lies in its frame."""

    start: int
    length: int


def find_order(frame: bytes) -> str:
    """The byte order of header and directory, as `struct` writes it: `<` for the low byte first."""
    if len(frame) < HEADER_BYTES:
        raise ValueError("its header is cut off")
    return "<" if struct.unpack_from("<I", frame, _VERSION_AT)[0] in _VERSIONS else ">"


def find_directory(frame: bytes) -> tuple[int, int]:
    """Where a frame's directory begins, and how many entries it has."""
    start, count = struct.unpack_from(f"{find_order(frame)}II", frame, _DIRECTORY_AT)
    return int(start), int(count)


def check_directory(frame: bytes) -> None:
    """Refuse a directory of records longer than the file: flyr walks through it entry by entry, for minutes or hours.

    Raises:
        ValueError: the directory cannot be in there, as the header is damaged.
    """
    start, count = find_directory(frame)
    if count > MOST_RECORDS or start + DIRECTORY_ENTRY * count > len(frame):
        raise ValueError(f"its directory of {count} records is longer than the file")


def list_records(frame: bytes) -> dict[int, Record]:
    """A frame's records by their type, the first of each.

    Raises:
        ValueError: its directory does not lie in the frame.
    """
    check_directory(frame)
    order, (start, count) = find_order(frame), find_directory(frame)
    found: dict[int, Record] = {}
    for place in range(start, start + DIRECTORY_ENTRY * count, DIRECTORY_ENTRY):
        kind = struct.unpack_from(f"{order}H", frame, place)[0]
        record = Record(*struct.unpack_from(f"{order}II", frame, place + 12))
        if kind and record.start + record.length <= len(frame):
            found.setdefault(kind, record)
    return found


def read_frame(frame: bytes, path: Path) -> Thermogram:
    """The temperatures of one frame.

    Raises:
        ValueError: its bytes make no sense.
        RejectError: it is compressed as in `.csq` files.
        MissingError: flyr is not installed.
    """
    flyr: Any = import_flyr()
    from flyr.thermal import parse_camera_info

    records = list_records(frame)
    if RAW not in records or CAMERA not in records:
        raise ValueError("no record of raw values and camera settings")
    camera = frame[records[CAMERA].start :]
    if int.from_bytes(camera[:2], "little") != _LITTLE_ENDIAN:
        raise ValueError("camera settings in the other byte order")
    raw = read_raw(frame, records[RAW], path)
    return describe(flyr.FlyrThermogram(raw, parse_camera_info(io.BytesIO(camera), (0, CAMERA, 0, len(camera)))))


def read_raw(frame: bytes, record: Record, path: Path) -> NDArray[np.uint16]:
    """(H, W) raw values: plain numbers of 16 bits, or a PNG.

    Raises:
        ValueError, RejectError: as `read_frame`.
    """
    from PIL import Image

    is_little = int.from_bytes(frame[record.start : record.start + 2], "little") == _LITTLE_ENDIAN
    order = "<" if is_little else ">"
    width, height = struct.unpack_from(f"{order}HH", frame, record.start + 2)
    if not 0 < width * height <= MAX_PIXELS:
        raise ValueError(f"{width} x {height} pixels")
    content = frame[record.start + _RAW_HEADER : record.start + max(record.length, _RAW_HEADER)]
    if content.startswith(_JPEG):
        why = f"{path.name}: FLIR's compressed frames (.csq) are not read"
        raise RejectError("export_first", f"{why}; export .seq, TIFF or CSV with Research Studio")
    if content.startswith(_PNG):
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            values = np.asarray(image, np.uint16).byteswap()  # FLIR writes a PNG's bytes the wrong way round
    elif len(content) < 2 * width * height:
        raise ValueError("pixels are missing at its end")
    else:
        values = np.frombuffer(content, f"{order}u2", width * height).reshape(height, width).astype(np.uint16)
    if values.shape != (height, width):
        raise ValueError("width and height differ from those of its pixels")
    return values
