"""How a reader touches files: paths that stay inside, images by their header, JSON and XML that may be broken."""

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from itb.records import BoxXyxy, SourceReject

IMAGE_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp"})
LEAST_SIDE = 1e-6


class BadRow(Exception):
    """A row of a dataset that cannot be used; a reader makes a `SourceReject` of it.

    Attributes:
        code: short reason.
    """

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code

    def reject(self, source: str, where: str) -> SourceReject:
        """The row's record."""
        return SourceReject(source, where, self.code, str(self))


def list_images(folder: Path) -> dict[str, Path]:
    """The folder's images by stem, sorted by name; empty where there is no such folder."""
    if not folder.is_dir():
        return {}
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if Path(entry.name).suffix.lower() in IMAGE_ENDINGS)
    return {Path(name).stem: folder / name for name in names}


def join_inside(folder: Path, name: str) -> Path:
    """`folder / name`, for names that stay inside.

    Raises:
        BadRow: an absolute name, or one that leaves the folder.
    """
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or not parts.name or ":" in parts.parts[0]:
        raise BadRow("path_outside", f"the file name {name!r} leads out of the dataset's folder")
    return folder.joinpath(*parts.parts)


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
        return msgspec.json.decode(path.read_bytes())
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadRow("broken_json", f"{path.name} is no JSON: {error}") from None
    except OSError as error:
        raise BadRow("missing_annotation", f"{path.name}: {error.strerror}") from None


def read_xml(path: Path) -> Element:
    """The root of an XML file; entities are refused.

    Raises:
        BadRow: it is empty, truncated or no XML.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import parse

    try:
        root = parse(path).getroot()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadRow("broken_xml", f"{path.name} is no XML: {error or type(error).__name__}") from None
    except OSError as error:
        raise BadRow("missing_annotation", f"{path.name}: {error.strerror}") from None
    if not isinstance(root, Element):
        raise BadRow("broken_xml", f"{path.name} is empty")
    return root


def clip_box(box: BoxXyxy, width: int, height: int) -> BoxXyxy:
    """The part of a box inside the frame.

    Raises:
        BadRow: it has no area, is no number, or lies outside.
    """
    if not all(map(math.isfinite, box)):
        raise BadRow("bad_box", f"the box {box} holds what is no number")
    left, top = max(0.0, box[0]), max(0.0, box[1])
    right, bottom = min(float(width), box[2]), min(float(height), box[3])
    if right - left < LEAST_SIDE or bottom - top < LEAST_SIDE:
        raise BadRow("bad_box", f"of the box {box} nothing lies inside {width}x{height}")
    return left, top, right, bottom


def list_folders(folder: Path) -> Iterator[Path]:
    """Sub-folders in the order of their names."""
    yield from sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else ()
