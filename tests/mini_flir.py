"""The smallest FLIR files: one frame of raw values and camera settings, alone or hidden in a JPEG's segment."""

import io
import struct

import numpy as np
from PIL import Image

RAW, CAMERA, INSET = 1, 32, 42
WIDTH, HEIGHT = 8, 6


def make_values(width=WIDTH, height=HEIGHT):
    """Raw values that rise from the upper left to the lower right: 2 to 46 degrees Celsius."""
    return np.linspace(12000, 16000, width * height).astype("<u2").reshape(height, width)


def make_raw(values, kind="plain"):
    """The record of raw values."""
    height, width = values.shape
    content = values.astype("<u2").tobytes()
    if kind == "png":
        file = io.BytesIO()
        Image.fromarray(values.byteswap().astype(np.uint16)).save(file, "PNG")
        content = file.getvalue()
    if kind == "jpeg":
        content = b"\xff\xd8\xff\xf7" + bytes(2 * width * height)
    return (b"\2\0" + struct.pack("<HH", width, height)).ljust(32, b"\0") + content


def make_camera():
    """The record of the camera's settings."""
    camera = bytearray(b"\2\0".ljust(900, b"\0"))
    floats = {
        32: 0.95, 36: 2.0, 40: 293.15, 44: 293.15, 48: 293.15, 52: 1.0, 60: 0.5, 88: 14906.2, 92: 1396.5, 96: 1.0,
        112: 0.006569, 116: 0.01262, 120: -0.002276, 124: -0.00667, 128: 1.9, 132: 423.0, 136: 233.0, 780: 0.0108,
    }  # fmt: skip
    for place, value in floats.items():
        camera[place : place + 4] = struct.pack("<f", value)
    camera[776:780] = struct.pack("<i", -6303)
    return bytes(camera)


def make_frame(values=None, order=">", kind="plain", inset=None):
    """A frame as `.fff` files and JPEGs hold it.

    Args:
        order: of header and directory.
        inset: left, right, top, bottom of the picture-in-picture.
    """
    records = {RAW: make_raw(make_values() if values is None else values, kind), CAMERA: make_camera()}
    if inset is not None:
        records[INSET] = struct.pack("<fhhhhhh", 1.2, 0, 0, *inset) + bytes(32)
    # flyr looks for the entries from the file's start on, so as many are counted as fit before them too
    count = len(records) + 2
    entries, at = b"", 64 + 32 * count
    for number, record in records.items():
        entries += struct.pack(f"{order}HHIIII", number, 1, 100, 1, at, len(record)).ljust(32, b"\0")
        at += len(record)
    header = struct.pack(f"{order}4s16sIII", b"FFF\0", b"test", 100, 64, count).ljust(64, b"\0")
    return header + entries.ljust(32 * count, b"\0") + b"".join(records.values())


def make_flir(frame=None, picture=None, **saved):
    """A JPEG with a frame in it."""
    segment = b"FLIR\0\1\0\0" + (frame or make_frame())
    file = io.BytesIO()
    (picture or Image.new("L", (WIDTH, HEIGHT))).save(file, "JPEG", **saved)
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + file.getvalue()[2:]
