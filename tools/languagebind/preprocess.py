"""Images as LanguageBind sees them, of every modality alike: bicubic on the float tensor, then the centre."""

from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

SIDE: Final = 224
MEAN: Final = (0.48145466, 0.4578275, 0.40821073)
STD: Final = (0.26862954, 0.26130258, 0.27577711)
_LONGEST: Final = 32
"""Longer images (long side / short side) are cut before the resize, which would else need gigabytes."""


def prepare_image(image: Image.Image, antialias: bool = False, side: int = SIDE) -> Tensor:
    """One image for the vision tower: (3, side, side) float32, CLIP-normalised; the bicubic overshoot is kept.

    Args:
        image: any mode 8-bit; made RGB (grey repeated).
        antialias: whether the resize averages. Upstream pins torchvision 0.14.1, which does not: LanguageBind was
            trained so. With a newer torchvision its code does.
        side: of the square.
    """
    rgb = _cut(image.convert("RGB"))
    pixels = torch.from_numpy(np.asarray(rgb).copy()).permute(2, 0, 1).float() / 255
    pixels = _resize(pixels[None], side, antialias)[0]
    top, left = (round((length - side) / 2) for length in pixels.shape[1:])
    pixels = pixels[:, top : top + side, left : left + side]
    return (pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def _resize(pixels: Tensor, side: int, antialias: bool) -> Tensor:
    height, width = pixels.shape[2:]
    if min(height, width) == side:
        return pixels
    longest = int(side * max(height, width) / min(height, width))
    size = (side, longest) if height <= width else (longest, side)
    return functional.interpolate(pixels, size=size, mode="bicubic", align_corners=False, antialias=antialias)


def _cut(image: Image.Image) -> Image.Image:
    width, height = image.size
    most = _LONGEST * min(width, height)
    if max(width, height) <= most:
        return image
    left, top = max(0, (width - most) // 2), max(0, (height - most) // 2)
    return image.crop((left, top, left + min(width, most), top + min(height, most)))
