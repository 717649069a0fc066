"""Controls: what a translator must beat to be worth its name."""

from collections.abc import Sequence

from PIL import Image

from tools.images import load_rgb
from tools.registry.seam import NoSettings
from tools.translation.protocol import TranslateRequest


class GrayTranslator:
    """The photograph's luminance (ITU-R 601), taken for infrared."""

    name = "gray"
    is_embedded = True
    identity = "gray-1"

    def translate(self, requests: Sequence[TranslateRequest]) -> list[Image.Image]:
        """Luminance, mode L."""
        return [load_rgb(request.photo).convert("L") for request in requests]


def make_gray(settings: NoSettings, seed: int) -> GrayTranslator:
    """The translator `gray`."""
    return GrayTranslator()


def make_nothing(settings: NoSettings, seed: int) -> None:
    """The translator `none`: there is none."""
