"""FLIR's own containers: `.fff`, one frame, and `.seq`, frames one after the other, of which the first is read.

The layout of header, directory and records is documented by ExifTool's FLIR tables; the formula for degrees is flyr's.
flirpy, the usual package for these files, cannot stand beside this toolkit's NumPy (0.6.2 wants less than 2.4).
"""

import io
import struct
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.errors import RejectError
from tools.images import MAX_PIXELS
from tools.thermal.file import ThermalFile
from tools.thermal.reader import Asked
from tools.thermal.readers.flir import DIRECTORY_ENTRY, Thermogram, describe, import_flyr, read_bytes
from tools.thermal.records import CELSIUS, WHITE_HOT, Thermal

_STARTS: Final = (b"FFF\0", b"AFF\0")
_HEADER: Final = 0x40
_VERSIONS: Final = range(100, 200)
_RAW, _CAMERA = 0x01, 0x20
_RAW_HEADER: Final = 0x20
_LITTLE_ENDIAN: Final = 2
"""What the first two bytes of a record say where its numbers have the low byte first."""
_MOST_RECORDS: Final = 4096
_MOST_BYTES: Final = 4 * MAX_PIXELS
_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG"


class Record(NamedTuple):
    """Where a record lies in its frame."""

    start: int
    length: int


class Fff:
    """FFF and SEQ files."""

    def knows(self, file: ThermalFile) -> bool:
        """By its first bytes."""
        return file.start.startswith(_STARTS)

    def read(self, file: ThermalFile, asked: Asked) -> Thermal:
        """The first frame, in degrees Celsius."""
        flyr = import_flyr()
        found = read_bytes(lambda: read_frame(_read_first(file.path), file.path, flyr), file.path)
        return Thermal(found.celsius, CELSIUS, WHITE_HOT, "fff", settings=found.settings)


def read_frame(frame: bytes, path: Path, flyr: Any) -> Thermogram:
    """The temperatures of one frame.

    Raises:
        ValueError: its bytes make no sense.
        RejectError: it is compressed as in `.csq` files.
    """
    from flyr.thermal import parse_camera_info

    records = list_records(frame)
    if _RAW not in records or _CAMERA not in records:
        raise ValueError("no record of raw values and camera settings")
    camera = frame[records[_CAMERA].start :]
    if int.from_bytes(camera[:2], "little") != _LITTLE_ENDIAN:
        raise ValueError("camera settings in the other byte order")
    raw = read_raw(frame, records[_RAW], path)
    settings = parse_camera_info(io.BytesIO(camera), (0, _CAMERA, 0, len(camera)))
    return describe(flyr.FlyrThermogram(raw, settings))


def list_records(frame: bytes) -> dict[int, Record]:
    """A frame's records by their type, the first of each; the directory is in either byte order.

    Raises:
        ValueError: its directory does not lie in the frame.
    """
    order = "<" if struct.unpack_from("<I", frame, 0x14)[0] in _VERSIONS else ">"
    start, count = struct.unpack_from(f"{order}II", frame, 0x18)
    if count > _MOST_RECORDS or start + DIRECTORY_ENTRY * count > len(frame):
        raise ValueError(f"its directory of {count} records is longer than the file")
    found: dict[int, Record] = {}
    for place in range(start, start + DIRECTORY_ENTRY * count, DIRECTORY_ENTRY):
        kind = struct.unpack_from(f"{order}H", frame, place)[0]
        record = Record(*struct.unpack_from(f"{order}II", frame, place + 12))
        if kind and record.start + record.length <= len(frame):
            found.setdefault(kind, record)
    return found


def read_raw(frame: bytes, record: Record, path: Path) -> NDArray[np.uint16]:
    """(H, W) raw values: plain numbers of 16 bits, or a PNG."""
    from PIL import Image

    is_little = int.from_bytes(frame[record.start : record.start + 2], "little") == _LITTLE_ENDIAN
    order = "<" if is_little else ">"
    width, height = struct.unpack_from(f"{order}HH", frame, record.start + 2)
    if not 0 < width * height <= MAX_PIXELS:
        raise ValueError(f"{width} x {height} pixels")
    content = frame[record.start + _RAW_HEADER : record.start + max(record.length, _RAW_HEADER)]
    if content.startswith(_JPEG):
        why = f"{path.name}: FLIR's compressed frames (.csq) are not read; export .seq, TIFF or CSV with Research Studio"
        raise RejectError("export_first", why)
    if content.startswith(_PNG):
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            values = np.asarray(image, np.uint16).byteswap()  # FLIR writes a PNG's bytes the wrong way round
    else:
        if len(content) < 2 * width * height:
            raise ValueError("pixels are missing at its end")
        values = np.frombuffer(content, f"{order}u2", width * height).reshape(height, width).astype(np.uint16)
    if values.shape != (height, width):
        raise ValueError("width and height differ from those of its pixels")
    return values


def _read_first(path: Path) -> bytes:
    """The first frame, up to the end of its last record; a sequence of hours is not loaded whole."""
    with path.open("rb") as file:
        head = file.read(_HEADER)
        order = "<" if struct.unpack_from("<I", head, 0x14)[0] in _VERSIONS else ">"
        start, count = struct.unpack_from(f"{order}II", head, 0x18)
        if count > _MOST_RECORDS:
            raise ValueError(f"its directory of {count} records is longer than the file")
        file.seek(start)
        entries = file.read(DIRECTORY_ENTRY * count)
        ends = [
            sum(struct.unpack_from(f"{order}II", entries, place + 12))
            for place in range(0, len(entries) - DIRECTORY_ENTRY + 1, DIRECTORY_ENTRY)
        ]
        file.seek(0)
        return file.read(min(max([start + len(entries), _HEADER, *ends]), _MOST_BYTES))


FFF = Fff()
"""The reader `fff`."""
