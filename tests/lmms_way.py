"""What adapters of lmms-eval do to a picture before a model sees it, and a tiny Qwen on which that can be seen."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from tiny_families import Family, build_family, make

QWEN = {"shortest_edge": 56 * 56, "longest_edge": 28 * 28 * 64}
"""Pixels of a picture in the tiny Qwen2-VL, as its own processor has them."""


def widen_patches(family: Family) -> Family:
    """A Qwen with the patches of the real ones: the adapter resizes pictures to multiples of 28, whatever the model."""
    family.config.vision_config.patch_size = 14
    if hasattr(family.config.vision_config, "window_size"):
        family.config.vision_config.window_size = 112
    family.processor.image_processor = make(
        "Qwen2VLImageProcessor", patch_size=14, merge_size=2, temporal_patch_size=2, size=QWEN
    )
    return family


def write_checkpoint(name: str, folder: Path) -> Path:
    """The tiny checkpoint of a family."""
    model, processor = build_family(name, widen_patches if name.startswith("qwen") else lambda family: family)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def change_pictures(bench: Path, out: Path, change: Callable[[Image.Image], Image.Image]) -> Path:
    """A copy of a benchmark with other pictures."""
    shutil.copytree(bench, out)
    for path in (out / "images").iterdir():
        change(Image.open(path)).save(path)
    return out


def pack(image: Image.Image) -> Image.Image:
    """A picture after JPEG, as Qwen2-VL's adapter saves it: quality 85, in colour."""
    packed = io.BytesIO()
    image.convert("RGB").save(packed, "JPEG", quality=85)
    return Image.open(packed)


def fit(image: Image.Image) -> Image.Image:
    """A picture resized by Pillow to multiples of 28, before the processor sees it."""
    return image.convert("RGB").resize((28 * round(image.width / 28), 28 * round(image.height / 28)))
