"""Infrared images made elsewhere, taken from a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image

from tools.errors import ImageError, UsageError
from tools.images import load_rgb, resize
from tools.translation.protocol import TranslateRequest
from tools.translation.settings import FolderSettings

_ENDINGS: Final = (".png", ".jpg", ".jpeg", ".tif", ".tiff")


class FolderTranslator:
    """Finds `<folder>/<photo stem>.{png,jpg,jpeg,tif,tiff}`, or `<folder>/HH/<image id>.png` as runs write them.

    The image found is made grey and, where its size differs, resized to the photograph's. White-hot is assumed.
    """

    name = "folder"
    is_embedded = False
    identity = "folder-1"

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            message = f"{folder} is not a folder; the translator `folder` reads infrared images made elsewhere from it"
            raise UsageError(message)
        self._folder = folder
        self._buckets = tuple(sorted(path for path in folder.glob("[0-9a-f][0-9a-f]") if path.is_dir()))

    def translate(self, requests: Sequence[TranslateRequest]) -> list[Image.Image]:
        """The images found, mode L."""
        return [self._translate_one(request) for request in requests]

    def _translate_one(self, request: TranslateRequest) -> Image.Image:
        size = load_rgb(request.photo).size
        infrared = load_rgb(self._find(request)).convert("L")
        return infrared if infrared.size == size else resize(infrared, size).image

    def _find(self, request: TranslateRequest) -> Path:
        by_stem = [self._folder / f"{request.photo.stem}{ending}" for ending in _ENDINGS]
        by_id = [bucket / f"{request.image_id}.png" for bucket in self._buckets]
        for path in (*by_stem, *by_id):
            if path.is_file():
                return path
        text = f"no infrared image for photo {request.photo.name}: neither this nor {request.image_id}.png below it"
        raise ImageError(by_stem[0], "missing_file", f"{text}; make it, or use another translator")


def make_folder(settings: FolderSettings, seed: int) -> FolderTranslator:
    """The translator `folder`."""
    return FolderTranslator(settings.folder)
