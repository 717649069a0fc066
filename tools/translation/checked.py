"""What a translator gives, checked: a picture of the photograph's size, one a request."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tools.errors import RejectError, ToolkitError
from tools.images import read_header
from tools.translation.protocol import TranslateRequest, Translator

if TYPE_CHECKING:
    from PIL import Image


def translate_checked(translator: Translator, requests: Sequence[TranslateRequest]) -> "list[Image.Image]":
    """As `Translator.translate`.

    Raises:
        RejectError: a photograph cannot be read, or its image has another size (`bad_translation`): boxes and captions
            would speak of other places.
        ToolkitError: the translator gave something else than an image for each request.
    """
    from PIL import Image

    images = list(translator.translate(requests))
    if len(images) != len(requests) or not all(isinstance(image, Image.Image) for image in images):
        raise ToolkitError(
            f"the translator `{translator.name}` gave no image, or not one for each of {len(requests)} photographs; "
            "its `translate` returns a list of one PIL image a request"
        )
    for request, image in zip(requests, images, strict=True):
        wanted = read_header(request.photo).upright
        if image.size != wanted:
            sizes = f"{image.width}x{image.height} pixels for a photograph of {wanted[0]}x{wanted[1]}"
            raise RejectError(
                "bad_translation",
                f"{request.photo.name}: the translator `{translator.name}` made {sizes}; it has to keep the size",
            )
    return images
