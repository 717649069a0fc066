"""Which files are whole and of a kind that is not read here, so that nobody copies them again in vain."""

from pathlib import Path
from typing import BinaryIO, Final

from PIL import TiffImagePlugin

_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", *_TIFF)
_SAMPLE_KINDS: Final = {1: "unsigned", 2: "signed", 3: "float", 5: "complex integer", 6: "complex"}
_BITS: Final = frozenset({1, 2, 4, 8, 12, 16, 24, 32, 64})
_ADVICE: Final = "which is not read here; save one channel, or 8- or 16-bit RGB"
_JPEG_KINDS: Final = {3: "lossless", 7: "hierarchical lossless", 11: "lossless arithmetic"}
_HEAD_BYTES: Final = 256
_MOST_JPEG_SEGMENTS: Final = 1000
_OTHER: Final = {
    b"%PDF": "a PDF document", b"PK\x03\x04": "a ZIP archive", b"\x1f\x8b": "a gzip archive",
    b"\x00\x00\x00\x0cjP": "a JPEG 2000 image", b"\xff\x4f\xff\x51": "a JPEG 2000 image",
    b"\xd7\xcd\xc6\x9a": "a Windows metafile", b"8BPS": "a Photoshop file", b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array", b"qoif": "a QOI image",
}  # fmt: skip


def describe_start(path: Path) -> str | None:
    """What a file that no decoder took looks like, without its bytes; None for a damaged one of a known format."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_SIGNATURES) or (head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"")):
        return None
    found = next((kind for start, kind in _OTHER.items() if head.startswith(start)), None)
    if found is not None:
        return found
    if head[4:8] == b"ftyp":
        return "an HEIF, AVIF or video file"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<html", b"<!doctype html")):
        return "a web page (HTML)"
    if text.startswith((b"<?xml", b"<svg")):
        return "an XML or SVG file"
    is_text = head.isascii() and not any(byte < 9 for byte in head)
    return "a text file" if is_text else "of an unknown kind"


def find_unsupported(path: Path) -> str | None:
    """What an intact file is that no decoder here reads; None where it is damaged, or of another format."""
    with path.open("rb") as file:
        head = file.read(8)
        file.seek(0)
        if head.startswith(_TIFF):
            return _describe_tiff(file, head, path.stat().st_size)
        return _describe_jpeg(file) if head.startswith(b"\xff\xd8\xff") else None


def _describe_tiff(file: BinaryIO, head: bytes, size: int) -> str | None:
    """A TIFF whose directory is whole and whose pixels all lie in the file, of a combination without a decoder."""
    file.seek(0)
    try:
        head += file.read(16)[8:] if head[2:3] == b"+" or head[3:4] == b"+" else b""
        tags = TiffImagePlugin.ImageFileDirectory_v2(head)
        file.seek(tags.next)
        tags.load(file)
        if not _is_whole(tags, size):
            return None
        return _describe_kind(tags, "II" if head[:2] == b"II" else "MM")
    except Exception:  # noqa: BLE001 - a directory that cannot be read is damaged, however it fails
        return None


def _is_whole(tags: TiffImagePlugin.ImageFileDirectory_v2, size: int) -> bool:
    starts, counts = (tags.get(273) or tags.get(324)), (tags.get(279) or tags.get(325))
    if not starts or not counts or len(starts) != len(counts) or not tags.get(256) or not tags.get(257):
        return False
    return all(start + count <= size for start, count in zip(starts, counts, strict=True))


def _describe_kind(tags: TiffImagePlugin.ImageFileDirectory_v2, order: str) -> str | None:
    channels = int(tags.get(277, 1))
    bits = tuple(tags.get(258, (1,)))
    kinds = tuple(tags.get(339, (1,)))
    photometric, extra = int(tags.get(262, 0)), tuple(tags.get(338, ()))
    compression = int(tags.get(259, 1))
    if compression not in TiffImagePlugin.COMPRESSION_INFO:
        return f"a TIFF compressed by method {compression}, which is not read here; save it without compression"
    kind = kinds[:1] if len(set(kinds)) == 1 else kinds
    widths = bits * channels if len(bits) == 1 and channels > 1 else bits
    key = (order.encode(), photometric, kind, int(tags.get(266, 1)), widths, extra)
    if key in TiffImagePlugin.OPEN_INFO:
        return None
    of = f" of {bits[0]}-bit {_SAMPLE_KINDS.get(kind[0], 'unknown')} values" if bits[0] in _BITS else ""
    return f"a TIFF of {channels} channel{'s' * (channels != 1)}{of}, {_ADVICE}"


def _describe_jpeg(file: BinaryIO) -> str | None:
    """A JPEG of 12 or 16 bits, or a lossless one."""
    file.seek(2)
    for _ in range(_MOST_JPEG_SEGMENTS):
        marker = file.read(2)
        length = int.from_bytes(file.read(2), "big")
        if len(marker) < 2 or marker[0] != 0xFF or length < 2:
            return None
        if marker[1] in range(0xC0, 0xD0) and marker[1] not in (0xC4, 0xC8, 0xCC):
            bits = file.read(1)
            if bits[:1] not in (b"\x08", b""):
                return f"a JPEG of {bits[0]} bits a value, {_ADVICE}" if bits[0] in (12, 16) else None
            kind = _JPEG_KINDS.get(marker[1] - 0xC0)
            return f"a JPEG of the {kind} kind, {_ADVICE}" if kind else None
        file.seek(length - 2, 1)
    return None
