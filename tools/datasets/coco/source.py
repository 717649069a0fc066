"""One COCO file: opened, checked for its parts, and its long lists handed out in pieces.

The file is mapped, not read: its pages are the system's to drop, and only one piece of a list is decoded at a time.
"""

import hashlib
import mmap
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tools.datasets.coco.pieces import BYTE, PIECE_BYTES, Skipped, cut_pieces, replace_nan
from tools.errors import DamagedError, MissingError, ToolkitError, UsageError

_BOM = b"\xef\xbb\xbf"
_KINDS = {"caption": "a captions file", "bbox": "an instances file", "segments_info": "a panoptic file"}


class _Parts(msgspec.Struct, gc=False):
    images: msgspec.Raw = msgspec.Raw()
    annotations: msgspec.Raw = msgspec.Raw()
    categories: msgspec.Raw = msgspec.Raw()


class CocoSource:
    """A COCO annotation file.

    Attributes:
        path: the file.
        flag: the flag it came by, for error texts.
        digest: SHA-256 of its bytes.
    """

    def __init__(self, path: Path, flag: str) -> None:
        """Open it and find its parts.

        Raises:
            MissingError: there is no such file.
            UsageError: it is a folder, or no COCO file.
            DamagedError: it is not JSON, or is cut short.
            ToolkitError: it cannot be read.
        """
        self.path = path
        self.flag = flag
        self._map = _map_file(path, flag)
        self.digest = hashlib.sha256(self._map).hexdigest()
        self._parts = self._find_parts()
        self.release()  # or the pages of both files of a dataset would be in memory at once

    def release(self) -> None:
        """Let the system have the pages back; they are read again when touched."""
        if isinstance(self._map, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def require(self, *parts: str, kind: str) -> None:
        """Check that the file has these parts.

        Raises:
            UsageError: one is missing, so that this is not a file of this kind.
        """
        missing = [part for part in parts if not bytes(memoryview(getattr(self._parts, part))[:1])]
        if missing:
            names = " and ".join(f'"{part}"' for part in missing)
            raise self.wrong_kind(kind, f"it has no {names}")
        for part in parts:
            if bytes(memoryview(getattr(self._parts, part))[:1]) != b"[":
                raise UsageError(f'{self.path}: "{part}" is not a list, so this is not {kind}; {self._advise()}')

    def wrong_kind(self, kind: str, why: str) -> UsageError:
        """The error for a file of another kind, which says what it looks like."""
        return UsageError(f"{self.path} is not {kind}: {why}. {self._advise()}")

    def pieces(self, part: str, decode: Callable[[bytes], list[Any]], counts: Counter[str]) -> Iterator[list[Any]]:
        """The rows of a list, decoded piece by piece.

        Args:
            part: `images`, `annotations` or `categories`.
            decode: JSON array -> rows.
            counts: rows that cannot be read at all are left out, and counted here as `<part>_malformed`.

        Raises:
            DamagedError: the list is damaged, or not one of its rows can be read.
        """
        skipped, total = Skipped(), 0
        found = cut_pieces(memoryview(getattr(self._parts, part)), decode, f"{self.path}: {part}", skipped)
        while True:
            with self._not_deep():
                rows = next(found, None)
            if rows is None:
                break
            total += len(rows)
            yield rows
            self.release()
        if skipped.count:
            counts[f"{part}_malformed"] += skipped.count
            if not total:
                raise DamagedError(f"{skipped.first}, nor can any other row. Take the file from its source again")

    @contextmanager
    def _not_deep(self) -> Iterator[None]:
        try:
            yield
        except RecursionError:
            raise DamagedError(
                f"{self.path} is nested too deeply to be a COCO file. Repair it, or take it from its source again"
            ) from None

    def _find_parts(self) -> _Parts:
        decoder = msgspec.json.Decoder(_Parts)
        data = memoryview(self._map)
        skip = len(_BOM) if data[: len(_BOM)] == _BOM else 0
        try:
            with self._not_deep():
                return decoder.decode(data[skip:])
        except msgspec.ValidationError:
            raise UsageError(f"{self.path} is JSON, but not a COCO file: {self._advise()}") from None
        except msgspec.DecodeError as error:
            clean = replace_nan(data[skip:], error)
            if clean is None:
                raise self._malformed(error, skip) from None
        try:
            self._map = clean
            with self._not_deep():
                return decoder.decode(clean)
        except msgspec.DecodeError as error:
            raise self._malformed(error, 0) from None

    def _malformed(self, error: Exception, skip: int) -> DamagedError:
        size = len(self._map)
        if not self._map[skip : skip + PIECE_BYTES].strip():
            return DamagedError(f"{self.path} is empty: a COCO file is expected. Take it from its source again")
        found = BYTE.search(str(error))
        if found is None:
            return DamagedError(
                f"{self.path} is cut short: the JSON does not end (byte {size}, {_place(self._map, size)}). "
                "Copy or download it again"
            )
        byte = int(found[1]) + skip
        return DamagedError(
            f"{self.path} is not valid JSON at byte {byte} ({_place(self._map, byte)}). "
            "Repair it, or take it from its source again"
        )

    def _advise(self) -> str:
        head = bytes(memoryview(self._parts.annotations)[: 1 << 20]) if hasattr(self, "_parts") else b""
        for key, kind in _KINDS.items():
            if f'"{key}"'.encode() in head:
                return f"It looks like {kind}: are --captions and --instances swapped?"
        return f"{self.flag} takes a COCO {self.flag.removeprefix('--')}_*.json with images and annotations"


def _map_file(path: Path, flag: str) -> mmap.mmap | bytes:
    if not path.exists():
        raise MissingError(f"{flag} {path}: no such file; name a COCO annotation file")
    if path.is_dir():
        raise UsageError(f"{flag} {path} is a folder; name the annotation file in it")
    try:
        with path.open("rb") as file:
            if file.seek(0, 2) == 0:
                return b""
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise ToolkitError(f"{flag} {path} cannot be read: {error.strerror}; check its permissions") from None


def _place(data: mmap.mmap | bytes, byte: int) -> str:
    line = 1 + sum(data[at : min(at + PIECE_BYTES, byte)].count(b"\n") for at in range(0, byte, PIECE_BYTES))
    column = byte - data.rfind(b"\n", 0, byte)
    return f"line {line}, column {column}"
