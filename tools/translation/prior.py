"""The embedded translator `prior`: an infrared look from class temperatures and image structure, without weights.

It is no measurement and no learnt model. Temperatures come from a table (`classes.yaml`) for annotated objects and from
pixel cues for the rest; outlines come from the photograph. What it is worth is measured by `tools compare-translators`.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from tools.images import load_rgb
from tools.records import Box
from tools.registry.seam import NoSettings
from tools.translation.filters import Plane, enlarge, guided_coefficients, guided_filter
from tools.translation.masks import make_mask
from tools.translation.priors import PriorTable, digest_priors, load_priors
from tools.translation.protocol import TranslateRequest
from tools.translation.scene import View, guess_background, guess_outdoor, make_view

VERSION: Final = 1

_PERCENTILES: Final = (0.5, 99.5)
_LEAST_SPAN_CELSIUS: Final = 14.0  # gain control never stretches a smaller range over all grey levels
_SHOULDER: Final = 0.85  # share of the grey range that is linear; hotter objects are compressed into the rest
_DETAIL_CELSIUS: Final = 3.0  # what a step of full luminance adds in fine structure, before compression
_CROWD_COVER: Final = 0.5
_OWN_STRUCTURE: Final = 0.25  # how much of the background's fine structure shows on an object
_NOISE_LEVELS: Final = 1.5
_COLUMN_LEVELS: Final = 0.6
_BLUR_PIXELS: Final = 0.8


class PriorTranslator:
    """Brightness from class temperature priors on boxes over an edge-preserving luminance map.

    Args:
        seed: with the image id, seeds the sensor noise.
    """

    name = "prior"
    is_embedded = True

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._table = load_priors()
        self.identity = f"prior-{VERSION}-{digest_priors()}-seed{seed}"

    def translate(self, requests: Sequence[TranslateRequest]) -> list[Image.Image]:
        """Mode L, white-hot, the photograph's size."""
        return [self._translate_one(request) for request in requests]

    def _translate_one(self, request: TranslateRequest) -> Image.Image:
        photo = load_rgb(request.photo)
        celsius = guess_temperatures(make_view(photo), request.boxes, self._table)
        levels = _render(celsius, photo)
        return _add_sensor(levels, f"{self.name}/{VERSION}/{self._seed}/{request.image_id}")


def make_prior(settings: NoSettings, seed: int) -> PriorTranslator:
    """The translator `prior`."""
    return PriorTranslator(seed)


def guess_temperatures(view: View, boxes: Sequence[Box], table: PriorTable) -> Plane:
    """Degrees Celsius at working size: the background, then the objects from the largest to the smallest."""
    priors = [table.find(box.label) for box in boxes]
    background = guess_background(view, table.ambient_celsius, guess_outdoor(priors))
    celsius = background.copy()
    for box, prior in sorted(zip(boxes, priors, strict=True), key=lambda pair: -_area(pair[0])):
        mask = make_mask(view, box.box_xyxy_norm, prior.shape)
        if mask is None:
            continue
        rows, columns = mask.cover.shape
        window = (slice(mask.top, mask.top + rows), slice(mask.left, mask.left + columns))
        structure = _OWN_STRUCTURE * (background[window] - background[window].mean())
        warmth = np.float32(prior.celsius) + mask.offset_celsius + structure
        cover = mask.cover * np.float32(_CROWD_COVER if box.is_crowd else 1.0)
        celsius[window] += cover * (warmth - celsius[window])
    return celsius


def _area(box: Box) -> float:
    x1, y1, x2, y2 = box.box_xyxy_norm
    return (x2 - x1) * (y2 - y1)


def _render(celsius: Plane, photo: Image.Image) -> Plane:
    """Grey levels 0..255 at the photograph's size, outlines taken from its luminance (joint upsampling)."""
    luminance = photo.convert("L")
    size = (celsius.shape[1], celsius.shape[0])
    small = np.asarray(luminance.resize(size, Image.Resampling.BOX), dtype=np.float32) / np.float32(255)
    slope, offset = guided_coefficients(small, celsius, 1, 0.002)
    full = np.asarray(luminance, dtype=np.float32) / np.float32(255)
    detail = full - enlarge(guided_filter(small, small, 4, 0.02), photo.size)
    warmth = enlarge(slope, photo.size) * full + enlarge(offset, photo.size)
    return _control_gain(celsius, warmth + np.float32(_DETAIL_CELSIUS) * np.clip(detail, -0.08, 0.08))


def _control_gain(celsius: Plane, warmth: Plane) -> Plane:
    """Spread the scene's own range over the grey levels, as thermal cameras do; absolute levels are lost."""
    low, high = (float(value) for value in np.percentile(celsius, _PERCENTILES))
    missing = max(0.0, _LEAST_SPAN_CELSIUS - (high - low))
    low, span = low - 0.4 * missing, high - low + missing
    share = np.float32(0.04) + (warmth - np.float32(low)) * np.float32(0.94 / span)
    rest = np.float32(1 - _SHOULDER)
    over = np.maximum(share - np.float32(_SHOULDER), 0)
    bent = np.minimum(share, np.float32(_SHOULDER)) + rest * over / (over + rest)
    return np.asarray(np.clip(bent, 0, 1) * np.float32(255), dtype=np.float32)


def _add_sensor(levels: Plane, seed: str) -> Image.Image:
    """Optical blur, temporal noise and the column pattern of a microbolometer; the same for the same seed."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big"))
    sharp = Image.fromarray(np.rint(levels).astype(np.uint8), mode="L")
    blurred = np.asarray(sharp.filter(ImageFilter.GaussianBlur(_BLUR_PIXELS)), dtype=np.float32)
    noise = rng.standard_normal(levels.shape, dtype=np.float32) * np.float32(_NOISE_LEVELS)
    columns = rng.standard_normal(levels.shape[1], dtype=np.float32) * np.float32(_COLUMN_LEVELS)
    return Image.fromarray(np.clip(np.rint(blurred + noise + columns), 0, 255).astype(np.uint8), mode="L")
