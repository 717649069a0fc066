"""Infrared images made elsewhere, taken from a folder."""

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Final

from PIL import Image

from tools.errors import ImageError, MissingError, RejectError
from tools.ids import name_file, name_path
from tools.images import load_rgb, resize
from tools.translation.protocol import TranslateRequest
from tools.translation.settings import FolderSettings

_ENDINGS: Final = (".png", ".jpg", ".jpeg", ".tif", ".tiff")


class FolderTranslator:
    """Finds `<folder>/<name>.{png,jpg,jpeg,tif,tiff}`, or `<folder>/HH/<image id>.png` as runs write them.

    The name is the image's id where the id is the photograph's path, as that of a photograph in a folder is, so that
    two of one name in different folders are told apart; elsewhere, as in COCO, it is the photograph's own name. The
    image found is made grey and, where its size differs, resized to the photograph's; one that lies on its side is
    refused. White-hot is assumed.
    """

    name = "folder"
    is_embedded = False
    identity = "folder-1"

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            message = f"{folder} is not a folder; the translator `folder` reads infrared images made elsewhere from it"
            raise MissingError(message)
        self._folder = folder
        self._buckets = tuple(sorted(path for path in folder.glob("[0-9a-f][0-9a-f]") if path.is_dir()))

    def translate(self, requests: Sequence[TranslateRequest]) -> list[Image.Image]:
        """The images found, mode L."""
        return [self._translate_one(request) for request in requests]

    def _translate_one(self, request: TranslateRequest) -> Image.Image:
        size = load_rgb(request.photo).size
        infrared = load_rgb(self._find(request)).convert("L")
        if infrared.size == size:
            return infrared
        if infrared.size == size[::-1]:
            sizes = f"{infrared.width}x{infrared.height} pixels for a photograph of {size[0]}x{size[1]}"
            text = (
                f"{request.photo.name}: its infrared image lies on its side ({sizes}); turn it as EXIF turns the photo"
            )
            raise RejectError("bad_translation", text)
        return resize(infrared, size).image

    def _find(self, request: TranslateRequest) -> Path:
        name, own = _find_name(request), name_file(request.image_id)
        by_name = [self._folder / f"{name}{ending}" for ending in _ENDINGS]
        by_id = [bucket / f"{own}.png" for bucket in self._buckets]
        for path in (*by_name, *by_id):
            if path.is_file():
                return path
        text = f"no infrared image for photo {request.photo.name}: neither this nor {own}.png below it"
        raise ImageError(by_name[0], "missing_file", f"{text}; make it, or use another translator")


def _find_name(request: TranslateRequest) -> PurePath:
    path = request.photo.with_suffix("")
    own = PurePath(*path.parts[-1 - request.image_id.count("/") :])
    is_path = ".." not in own.parts and not own.is_absolute() and name_path(own) == request.image_id
    return own if is_path else PurePath(path.name)


def make_folder(settings: FolderSettings, seed: int) -> FolderTranslator:
    """The translator `folder`."""
    return FolderTranslator(settings.folder)
