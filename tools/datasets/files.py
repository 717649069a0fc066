"""How a reader touches files: paths that stay inside, images by their header, JSON and XML that may be broken."""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ParseError

from tools.datasets.records import DatasetReject
from tools.errors import ImageError, RejectError, shorten
from tools.files import inside
from tools.files.text import BOM
from tools.ids import explain_collision, name_path
from tools.registry.extras import require

if TYPE_CHECKING:
    from tools.images import Frame

IMAGE_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp"})
MAX_FILE_BYTES = 16 << 20
"""Of an annotation file that is read whole; a thousand boxes take less than one."""
MAX_LINE_CHARS = 10_000
MAX_REASON_CHARS = 500
_PLAIN_PATH = re.compile(r"(?:[A-Za-z0-9_\-]+/)*[A-Za-z0-9_\-]+\.[A-Za-z0-9]+")


class BadRow(Exception):
    """A row of a dataset that cannot be used; a reader makes a `DatasetReject` of it.

    Attributes:
        code: short reason.
    """

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code

    def reject(self, source: str, where: str) -> DatasetReject:
        """The row's record."""
        return DatasetReject(source, shorten(where, MAX_REASON_CHARS), self.code, shorten(str(self), MAX_REASON_CHARS))


def find_id(image: str) -> str:
    """The id of an image of a folder: its path below the dataset's folder, without suffix (`tools.ids`)."""
    if _PLAIN_PATH.fullmatch(image):  # nearly all are, and a path object is slow to make
        return image[: image.rindex(".")]
    return name_path(PurePosixPath(image))


def list_images(folder: Path) -> dict[str, Path]:
    """The folder's images by stem, sorted by name; empty where there is no such folder.

    Raises:
        UsageError: two of them differ in their suffix only.
    """
    if not folder.is_dir():
        return {}
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if Path(entry.name).suffix.lower() in IMAGE_ENDINGS)
    found: dict[str, Path] = {}
    for name in names:
        path = folder / name
        if found.setdefault(path.stem, path) != path:
            raise explain_collision(found[path.stem].as_posix(), path.as_posix())
    return found


def join_inside(folder: Path, name: str) -> Path:
    """`folder / name`, for names that stay inside, through links too; Windows' separators are taken as separators.

    Raises:
        BadRow: a name that is unsafe.
    """
    try:
        return inside.join_inside(folder, name)
    except inside.PathFault as error:
        raise BadRow("path_outside", str(error)) from None


def find_frame(path: Path, stated: tuple[int, int] | None, needs_image: bool, has_boxes: bool) -> "Frame":
    """The image's size as it is loaded, and how boxes of its annotation get there; nothing is decoded.

    Args:
        stated: width and height, None where the annotation says nothing.
        needs_image: False takes the annotation's word and opens no file.

    Raises:
        BadRow: no image, one of another size, or one that EXIF turns nobody knows how.
    """
    from tools.images import Frame, match_frame

    if not needs_image and stated is not None:
        return Frame(stated)
    try:
        return match_frame(path, stated, has_boxes)
    except ImageError as error:
        why = f"{path.name} {str(error).removeprefix(f'{path}: ')}"
        raise BadRow("missing_image" if error.code == "missing_file" else "unreadable_image", why) from None
    except RejectError as error:
        raise BadRow(error.code, str(error)) from None


def check_length(path: Path) -> None:
    """Refuse an annotation file of one image that is too long to be read whole.

    Raises:
        BadRow: it is longer than `MAX_FILE_BYTES`.
    """
    try:
        length = path.stat().st_size
    except OSError:
        return  # whoever opens it says why it cannot be
    if length > MAX_FILE_BYTES:
        why = f"{path.name} has {length >> 20} MiB, more than the limit of {MAX_FILE_BYTES >> 20}; split it"
        raise BadRow("annotation_too_long", why)


def read_json(path: Path, kind: Any = Any) -> Any:
    """A JSON file; NaN and Infinity, which Python writes though JSON has neither, are null.

    Args:
        kind: as `msgspec` takes it; `dict[str, msgspec.Raw]` leaves the rows of a mapping for `read_row`.

    Raises:
        BadRow: it is empty, truncated, too long or no JSON.
    """
    import msgspec

    check_length(path)
    try:
        return _decode(memoryview(path.read_bytes().removeprefix(BOM)), kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadRow("broken_json", f"{path.name} cannot be read as JSON: {_name_fault(error)}") from None
    except OSError as error:
        raise BadRow("missing_annotation", f"{path.name}: {error.strerror}") from None


def _decode(content: memoryview, kind: Any) -> Any:
    import msgspec

    from tools.datasets.coco.pieces import replace_nan

    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError as error:
        clean = replace_nan(content, error)
        if clean is None:
            raise
        return msgspec.json.decode(clean, type=kind)


def _name_fault(error: Exception) -> str:
    return "its text is no UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def read_row(raw: Any) -> Any:
    """A row of a mapping that `read_json` left undecoded.

    Raises:
        BadRow: it is nothing that can be read, such as a number beyond any type.
    """
    import msgspec

    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadRow("broken_row", f"the row cannot be read: {_name_fault(error)}") from None


def stream_lines(path: Path) -> Iterator[str]:
    """Lines of a text file; a byte that is no UTF-8 becomes a mark that no number contains."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for line in file:
            yield line[:MAX_LINE_CHARS]


def read_xml(path: Path) -> Element:
    """The root of an XML file; entities are refused.

    Raises:
        BadRow: it is empty, truncated, too long or no XML.
        MissingError: defusedxml is not installed.
    """
    require("itb", "an annotation in XML", "defusedxml")
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import parse

    check_length(path)
    try:
        root = parse(path).getroot()
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise BadRow("broken_xml", f"{path.name} is no XML: {error or type(error).__name__}") from None
    except OSError as error:
        raise BadRow("missing_annotation", f"{path.name}: {error.strerror}") from None
    if not isinstance(root, Element):
        raise BadRow("broken_xml", f"{path.name} is empty")
    return root


def list_folders(folder: Path) -> Iterator[Path]:
    """Sub-folders in the order of their names."""
    yield from sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else ()
