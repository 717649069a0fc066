"""Images as ImageBind's branches take them: shorter side to that of the model (224), the middle cut out.

The thermal branch reads one channel in 0..1, not normalised (ImageBind publishes no reader of its own for it; this is
PandaGPT's). The image branch reads colours normalised with CLIP's mean and deviation.
"""

from typing import Any, Literal

import numpy as np
from PIL import Image
from transformers import AutoImageProcessor, BatchFeature
from transformers.image_processing_utils import BaseImageProcessor

from trainer.model.baselines.imagebind import SIDE, ImageBindConfig

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
Encoder = Literal["thermal", "vision"]


def frame(image: Image.Image, encoder: Encoder, side: int = SIDE) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """One channel or three of the middle square: (C, side, side) uint8.

    The longer side is cut off to whole pixels, the place of the square rounded to even halves, both as upstream.
    """
    picture = image.convert("L" if encoder == "thermal" else "RGB")
    width, height = picture.size
    size = (side, int(side * height / width)) if width <= height else (int(side * width / height), side)
    small = picture.resize(size, Image.Resampling.BICUBIC)
    left, top = round((size[0] - side) / 2), round((size[1] - side) / 2)
    pixels = np.asarray(small.crop((left, top, left + side, top + side)))
    return pixels[None] if encoder == "thermal" else pixels.transpose(2, 0, 1)


def scale(pixels: np.ndarray[Any, np.dtype[np.uint8]], encoder: Encoder) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(C, H, W) uint8 -> float32 as the branch takes it."""
    values = pixels.astype(np.float32) / np.float32(255)
    if encoder == "thermal":
        return values
    mean, std = (np.asarray(each, dtype=np.float32)[:, None, None] for each in (MEAN, STD))
    return (values - mean) / std


class ImageBindImageProcessor(BaseImageProcessor):
    """Frames and scales pictures for one branch.

    Args:
        encoder: the branch; side: of the square, in pixels.
    """

    model_input_names = ["pixel_values"]  # noqa: RUF012 - transformers reads it as a list

    def __init__(self, encoder: Encoder = "thermal", side: int = SIDE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.encoder = encoder
        self.side = side
        self.crop_size = {"height": side, "width": side}

    def preprocess(self, images: Any, return_tensors: Any = None, **_: Any) -> BatchFeature:
        """`pixel_values`: (B, 1 or 3, side, side) float32.

        Args:
            images: one picture or a list, also a list of one-picture lists; of Pillow or as arrays (H, W[, 3]).
        """
        found = [scale(frame(image, self.encoder, self.side), self.encoder) for image in _flatten(images)]
        return BatchFeature({"pixel_values": found}, tensor_type=return_tensors)

    def __call__(self, images: Any, *args: Any, **kwargs: Any) -> BatchFeature:  # type: ignore[override]
        """See `preprocess`."""
        return self.preprocess(images, **kwargs)


def _flatten(images: Any) -> list[Image.Image]:
    if isinstance(images, list | tuple):
        return [picture for each in images for picture in _flatten(each)]
    return [images if isinstance(images, Image.Image) else Image.fromarray(np.asarray(images))]


AutoImageProcessor.register(ImageBindConfig, image_processor_classes={"pil": ImageBindImageProcessor}, exist_ok=True)
