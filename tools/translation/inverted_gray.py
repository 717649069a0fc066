"""A control of the other polarity: what a translator must beat to be worth its name."""

from collections.abc import Sequence

from PIL import Image, ImageOps

from tools.images import load_rgb
from tools.registry.seam import NoSettings
from tools.translation.protocol import TranslateRequest


class InvertedGrayTranslator:
    """The negative of `gray`: what is dark to the eye counts as hot."""

    name = "inverted-gray"
    is_embedded = True
    identity = "inverted-gray-1"

    def translate(self, requests: Sequence[TranslateRequest]) -> list[Image.Image]:
        """255 - luminance, mode L."""
        return [ImageOps.invert(load_rgb(request.photo).convert("L")) for request in requests]


def make_inverted_gray(settings: NoSettings, seed: int) -> InvertedGrayTranslator:
    """The translator `inverted-gray`."""
    return InvertedGrayTranslator()
