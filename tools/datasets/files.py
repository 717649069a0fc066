"""How a reader touches files: paths that stay inside, images by their header, JSON and XML that may be broken."""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from tools.datasets.records import DatasetReject
from tools.errors import MissingError
from tools.files import inside
from tools.files.text import BOM
from tools.ids import explain_collision, name_path

IMAGE_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp"})
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
        return DatasetReject(source, where, self.code, str(self))


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


def read_size(path: Path) -> tuple[int, int]:
    """Width and height from an image's header; nothing is decoded.

    Raises:
        BadRow: the file is not there, or is no image.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return image.size
    except FileNotFoundError:
        raise BadRow("missing_image", f"there is no image {path.name}") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadRow("unreadable_image", f"{path.name} cannot be read as an image: {error}") from None


def check_size(path: Path, stated: tuple[int, int] | None, needs_image: bool) -> tuple[int, int]:
    """The image's size, which must be what the annotation states.

    Args:
        stated: width and height, None where the annotation says nothing.
        needs_image: False takes the annotation's word and opens no file.

    Raises:
        BadRow: no image, or one of another size.
    """
    if not needs_image and stated is not None:
        return stated
    size = read_size(path)
    if stated is not None and size != stated:
        raise BadRow(
            "size_differs", f"{path.name} has {size[0]}x{size[1]} pixels, its annotation says {stated[0]}x{stated[1]}"
        )
    return size


def read_json(path: Path) -> Any:
    """A JSON file.

    Raises:
        BadRow: it is empty, truncated or no JSON.
    """
    import msgspec

    try:
        return msgspec.json.decode(path.read_bytes().removeprefix(BOM))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadRow("broken_json", f"{path.name} is no JSON: {error}") from None
    except OSError as error:
        raise BadRow("missing_annotation", f"{path.name}: {error.strerror}") from None


def read_xml(path: Path) -> Element:
    """The root of an XML file; entities are refused.

    Raises:
        BadRow: it is empty, truncated or no XML.
        MissingError: defusedxml is not installed.
    """
    try:
        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import parse
    except ImportError as error:
        hint = "pip install -e '.[itb]' -c requirements.lock"
        raise MissingError(f"annotations in XML need the package defusedxml: {hint}") from error

    try:
        root = parse(path).getroot()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadRow("broken_xml", f"{path.name} is no XML: {error or type(error).__name__}") from None
    except OSError as error:
        raise BadRow("missing_annotation", f"{path.name}: {error.strerror}") from None
    if not isinstance(root, Element):
        raise BadRow("broken_xml", f"{path.name} is empty")
    return root


def list_folders(folder: Path) -> Iterator[Path]:
    """Sub-folders in the order of their names."""
    yield from sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else ()
