"""A picture as the model's own image processor wants it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def normalise(processor: Any, image: Any) -> "torch.Tensor":
    """An RGB picture framed, scaled and normalised by the model's own image processor: (3, H, W) float32."""
    import torch

    pixels = processor.image_processor(images=image, return_tensors="pt")["pixel_values"][0]
    return torch.as_tensor(pixels, dtype=torch.float32)
