"""What a translator is: photographs in, infrared images out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from PIL import Image

    from tools.records import Box


class TranslateRequest(NamedTuple):
    """One photograph to be translated.

    Attributes:
        photo: the file, already resolved.
        boxes: annotated objects; translators may use them or not.
        image_id: the dataset's id (`tools.ids`); seeds noise and finds files of `folder`.
    """

    photo: Path
    boxes: "tuple[Box, ...]"
    image_id: str


class Translator(Protocol):
    """Turns visible photographs into infrared images.

    Attributes:
        name: as `--translator` names it.
        is_embedded: True when it needs no weights and no files made elsewhere; its output is then the same everywhere.
        identity: name, version and whatever else changes its output; part of a run's manifest.
    """

    name: str
    is_embedded: bool
    identity: str

    def translate(self, requests: Sequence[TranslateRequest]) -> "list[Image.Image]":
        """One image a request, in order: mode L, 8 bit, white-hot, the photograph's size after EXIF rotation.

        Raises:
            ImageError: a file that cannot be read.
        """
