"""Where the picture of a row stands: beside its file, in a folder of its layout, or inside the row itself.

A row of a run names a photograph too (`photo`), which indirect alignment reads. The authors' rows name a bare
file, which stands beside their JSON in a folder called as their key.
"""

import functools
from pathlib import Path
from typing import Any

from tools.conversations import Conversation
from tools.conversations.pictures import AUTHORS_KEY, name_pictures
from tools.errors import MissingError, RejectError, ToolkitError, UsageError, shorten
from tools.files import explain_disk, write_bytes
from tools.files.inside import PathFault, check_name, find_link_fault
from tools.files.json_text import read_object
from tools.manifest import hash_bytes
from trainer.data.reading.request import Request

PHOTO = "photo"
ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"}


class Pictures:
    """Finds the pictures of one file's rows."""

    def __init__(self, request: Request, file: Path) -> None:
        self._request = request
        self._file = file

    def find(self, item: Conversation) -> Path:
        """The picture's file; whether it can be read is not known yet.

        Raises:
            RejectError: the row names no picture, or several (`no_image`).
            UsageError: photographs are asked for, of which such rows know nothing.
            MissingError: nothing says where the photographs are.
        """
        if isinstance(held := item.row.get("image"), dict) and "bytes" in held:
            return self._unpack(held)
        if self._request.visible and PHOTO in item.row:
            return _join(
                self._photo_root, _choose(name_pictures(item.row, PHOTO), PHOTO, "the run names no photograph")
            )
        name = _choose(item.pictures, item.key or "image", _explain_absence(item))
        if item.key != AUTHORS_KEY:
            return _join(self._image_root, name)
        if self._request.visible:
            raise UsageError(f"{self._file}: names no photographs; indirect alignment needs a RUN folder or LLaVA JSON")
        return _join(self._authors_root, name)

    @property
    def _image_root(self) -> Path:
        return self._request.images or self._file.parent

    @functools.cached_property
    def _authors_root(self) -> Path:
        beside = self._file.parent / AUTHORS_KEY
        return self._request.images or (beside if beside.is_dir() else self._file.parent)

    @functools.cached_property
    def _photo_root(self) -> Path:
        if self._request.images is not None:
            return self._request.images
        manifest = self._file.parent / "manifest.json"
        try:
            return self._file.parent / str(read_object(manifest, "finish the run")["photo_root"])
        except (OSError, KeyError, ToolkitError) as error:
            text = "does not say where the photographs are, which indirect alignment reads; give their folder as"
            raise MissingError(f"{manifest}: {text} --images") from error

    def _unpack(self, held: dict[str, Any]) -> Path:
        """Write a picture that stands inside its row, named by its content, unless it is there."""
        if self._request.visible:
            raise UsageError(f"{self._file}: holds no photographs; indirect alignment needs a RUN folder or LLaVA JSON")
        if self._request.unpacked is None:
            raise UsageError(f"{self._file}: a folder to unpack the pictures to is needed")
        data = held.get("bytes")
        if not isinstance(data, bytes):
            raise RejectError("no_image", "has no picture inside (`image.bytes`)")
        digest = hash_bytes(data)
        ending = Path(str(held.get("path") or "")).suffix.lower()
        path = self._request.unpacked / digest[:2] / f"{digest}{ending if ending in ENDINGS else '.png'}"
        if not path.is_file():
            with explain_disk(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, data)
        return path


def _choose(names: tuple[str, ...] | None, key: str, absence: str) -> str:
    """The one name.

    Raises:
        RejectError: none, several, or one that leads out of its folder.
    """
    if names is None:
        raise RejectError("no_image", f"`{key}` is no name of a picture")
    if not names:
        raise RejectError("no_image", absence)
    if len(names) > 1:
        raise RejectError("no_image", f"`{key}` names {len(names)} pictures; one picture a row is trained on")
    try:
        return check_name(names[0])
    except PathFault as error:
        raise RejectError("unsafe_file_name", f"`{key}`: {error} (--images DIR)") from error


def _join(folder: Path, name: str) -> Path:
    """The file of that name.

    Raises:
        RejectError: a link on the way leads out of the folder, or to itself.
    """
    path = folder / name
    if (fault := find_link_fault(folder, path)) is not None:
        raise RejectError("unsafe_file_name", f"{shorten(repr(name))} {fault}")
    return path


def _explain_absence(item: Conversation) -> str:
    if item.key is None:
        return "has no `image`; rows of text alone are not trained on"
    return f"`{item.key}` is {item.row[item.key]!r} (the run was made with --translator none, or the row is text alone)"
