"""The translator `srgb-tir`: photographs through the official network, in batches."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from tools.errors import ImageError, ToolkitError
from tools.images import load_rgb
from tools.translation.protocol import TranslateRequest
from tools.translation.srgb_tir.styles import Code, Styles, load_styles
from tools.weights import Precision, pick_device, pick_dtype, require_torch

if TYPE_CHECKING:
    import torch

    from tools.translation.srgb_tir.network import Generator

Pixels = npt.NDArray[np.uint8]
Planes = npt.NDArray[np.float32]

VERSION: Final = 1
LEAST_SIDE: Final = 16
"""Pixels; what the official script can translate at all."""
MAX_PIXELS: Final = 8 * 1024 * 1024
"""Largest photograph: the network needs about 1.8 GB of memory a megapixel in fp32."""
_MULTIPLE: Final = 4
_BATCH_PIXELS: Final = 2_500_000  # eight photographs of COCO, 4.5 GB in fp32
_LEAST_RANGE: Final = np.float32(1e-5)


class Styled(NamedTuple):
    """A translated photograph.

    Attributes:
        image: RGB, 8 bit, white-hot, its darkest value 0 and its brightest 255 over all channels. The network's three
            channels are not quite equal.
        code: the style code it was made with.
    """

    image: Image.Image
    code: Code


class SrgbTirTranslator:
    """Official sRGB-TIR: content of the photograph, read by generator `b`, painted by generator `a` in a given style.

    The output is the official script's, with one difference: that cuts sizes down to multiples of 4, which would move
    boxes. Here a photograph is padded by reflection on the right and below, and the result cut back to its size.
    An image of mode L is the ITU-R 601 luminance of the three channels.

    Args:
        weights: `translation_weights.pt`.
        styles: which style code an image gets; by default the official first code for seed 1234, for all.
        device: `cpu`, `cuda`, ...; a GPU is taken when there is one.
        precision: number format of the network.
        batch_size: greatest number of photographs in a forward pass; only those of one size share one. By default 8 on
            a GPU, and 1 on a processor, where more only cost memory (tests/benchmarks/models.py).
        as_upstream: sizes as the official script has them: 4 floor(H / 4) x 4 floor(W / 4), less than 16 refused.

    Raises:
        MissingError: no PyTorch, or no such file.
        UsageError: the file is no sRGB-TIR checkpoint, or a setting does not fit.
    """

    name = "srgb-tir"
    is_embedded = False

    def __init__(
        self,
        weights: Path,
        *,
        styles: Styles | None = None,
        device: str | None = None,
        precision: Precision = "fp32",
        batch_size: int | None = None,
        as_upstream: bool = False,
    ) -> None:
        require_torch("the translator `srgb-tir`")
        from tools.translation.srgb_tir.checkpoint import load_generators

        self.styles = styles or load_styles()
        self._device = pick_device(device)
        self._dtype = pick_dtype(precision, self._device)
        self._batch_size = max(1, batch_size or (1 if self._device.type == "cpu" else 8))
        self._as_upstream = as_upstream
        loaded = load_generators(weights)
        self.styles.check_length(loaded.thermal.size.style)
        self._visible, self._thermal = (self._place(half) for half in (loaded.visible, loaded.thermal))
        sizes = "upstream" if as_upstream else "padded"
        self.identity = f"srgb-tir-{VERSION}-{loaded.digest}-{self.styles.describe()}-{precision}-{sizes}"

    def translate(self, requests: Sequence[TranslateRequest]) -> list[Image.Image]:
        """Mode L, white-hot, the photograph's size (`as_upstream`: cut to multiples of 4)."""
        return [styled.image.convert("L") for styled in self.translate_with_codes(requests)]

    def translate_with_codes(self, requests: Sequence[TranslateRequest]) -> list[Styled]:
        """The three channels of each image and its style code, in order.

        Raises:
            ImageError: a file that cannot be read, or is too large.
            ToolkitError: the device has not enough memory.
        """
        photos = [np.asarray(load_rgb(request.photo, MAX_PIXELS)) for request in requests]
        self._check_sizes(requests, photos)
        codes = [self.styles.code_for(request.image_id) for request in requests]
        images: dict[int, Image.Image] = {}
        for batch in self._group(photos):
            raw = self._translate_raw([photos[index] for index in batch], [codes[index] for index in batch])
            for index, planes in zip(batch, raw, strict=True):
                images[index] = Image.fromarray(stretch(planes))
        return [Styled(images[index], code) for index, code in enumerate(codes)]

    def translate_raw(self, photos: Sequence[Pixels], codes: Sequence[Code]) -> list[Planes]:
        """The network's own output for photographs (H, W, 3): each (3, H, W) float32, -1..1, before any stretching."""
        raw: dict[int, Planes] = {}
        for batch in self._group(photos):
            made = self._translate_raw([photos[index] for index in batch], [codes[index] for index in batch])
            raw.update(zip(batch, made, strict=True))
        return [raw[index] for index in range(len(photos))]

    def _place(self, half: "Generator") -> "Generator":
        import torch

        placed = half.to(self._device, self._dtype)
        return placed.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def _check_sizes(self, requests: Sequence[TranslateRequest], photos: Sequence[Pixels]) -> None:
        for request, photo in zip(requests, photos, strict=True):
            if self._as_upstream and min(photo.shape[:2]) < LEAST_SIDE:
                text = f"{photo.shape[1]} x {photo.shape[0]} pixels; the official script needs {LEAST_SIDE} a side"
                raise ImageError(request.photo, "image_too_small", f"{text}; leave `as_upstream` out")

    def _group(self, photos: Sequence[Pixels]) -> Iterator[list[int]]:
        by_size: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, photo in enumerate(photos):
            by_size[self._size(photo)].append(index)
        for (height, width), indices in by_size.items():
            step = max(1, min(self._batch_size, _BATCH_PIXELS // (height * width)))
            for start in range(0, len(indices), step):
                yield indices[start : start + step]

    def _size(self, photo: Pixels) -> tuple[int, int]:
        height, width = photo.shape[:2]
        return (height, width) if self._as_upstream else (_round_up(height), _round_up(width))

    def _translate_raw(self, photos: Sequence[Pixels], codes: Sequence[Code]) -> list[Planes]:
        import torch

        padded = np.stack([_pad(photo, self._size(photo)) for photo in photos])
        try:
            with torch.inference_mode():
                made = self._forward(torch.from_numpy(padded), torch.tensor(codes)).float().cpu().numpy()
        except torch.OutOfMemoryError as error:
            count, height, width, _ = padded.shape
            text = f"{self._device} has not enough memory for {count} photographs of {width} x {height} pixels"
            raise ToolkitError(f"{text}; lower the batch size, or compute in bf16 or on the cpu") from error
        if self._as_upstream:
            return list(made)
        return [planes[:, : photo.shape[0], : photo.shape[1]] for planes, photo in zip(made, photos, strict=True)]

    def _forward(self, pixels: "torch.Tensor", codes: "torch.Tensor") -> "torch.Tensor":
        """(B, H, W, 3) uint8 and (B, 8) -> (B, 3, H', W')."""
        images = (pixels.to(self._device).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5
        content = self._visible.encode_content(images.to(self._dtype))
        return self._thermal.decode(content, codes.to(self._device, self._dtype))


def stretch(planes: Planes) -> Pixels:
    """(3, H, W) of -1..1 to (H, W, 3) of 0..255: darkest to 0 and brightest to 255, jointly over the channels."""
    levels = (planes + np.float32(1)) / np.float32(2)
    low, high = levels.min(), levels.max()
    scaled = (levels - low) / max(high - low, _LEAST_RANGE)
    bytes_ = np.clip(scaled * np.float32(255) + np.float32(0.5), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(bytes_.transpose(1, 2, 0))


def _round_up(side: int) -> int:
    return max(LEAST_SIDE, -(-side // _MULTIPLE) * _MULTIPLE)


def _pad(photo: Pixels, size: tuple[int, int]) -> Pixels:
    rows, columns = size[0] - photo.shape[0], size[1] - photo.shape[1]
    if rows == columns == 0:
        return photo
    return np.pad(photo, ((0, rows), (0, columns), (0, 0)), mode="reflect")
