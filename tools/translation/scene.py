"""The background of `prior`: temperatures guessed from a photograph's pixels alone."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from tools.translation.filters import Plane, box_mean, guided_filter, step
from tools.translation.priors import ClassPrior

WORKING_SIDE: Final = 320

# Weights in degrees Celsius, set on the tuning half of RoadScene (tools/compare). Day and night of one street are
# opposite in luminance, so it gets next to no weight; height in the picture, sky and texture carry what can be known.
_SKY_DROP: Final = 10.0
_TOP_DROP: Final = 5.0
_TEXTURE: Final = 1.0
_VEGETATION: Final = -0.5
_SATURATION: Final = -3.0
_LUMINANCE: Final = 0.5
_DETAIL: Final = 1.6


class View(NamedTuple):
    """A photograph at working size.

    Attributes:
        rgb: (h, w, 3) float32, 0..1.
        luminance: (h, w) float32, 0..1.
    """

    rgb: npt.NDArray[np.float32]
    luminance: Plane


def make_view(photo: Image.Image) -> View:
    """Shrink to at most 320 pixels on the longer side; a smaller photograph stays as it is."""
    ratio = min(1.0, WORKING_SIDE / max(photo.size))
    size = (max(2, round(photo.width * ratio)), max(2, round(photo.height * ratio)))
    rgb = np.asarray(photo.resize(size, Image.Resampling.BOX), dtype=np.float32) / np.float32(255)
    return View(rgb, rgb @ np.array([0.299, 0.587, 0.114], dtype=np.float32))


def guess_outdoor(priors: Sequence[ClassPrior]) -> float:
    """How sure it is that the scene is outdoors, 0..1, from the classes in it; 0.6 when they do not say."""
    outdoor = sum(prior.place == "outdoor" for prior in priors)
    indoor = sum(prior.place == "indoor" for prior in priors)
    return (outdoor + 0.6) / (outdoor + indoor + 1.0)


def guess_background(view: View, ambient_celsius: float, outdoor: float) -> Plane:
    """Temperatures in degrees Celsius without the annotated objects.

    Sky cold, the ground warmer towards the camera, textured surfaces (foliage, masonry) a little warmer than smooth
    ones, saturated paint and vegetation a little cooler. Indoors only texture and luminance count.
    """
    light = view.luminance
    red, green, blue = (view.rgb[..., channel] for channel in range(3))
    base = guided_filter(light, light, 6, 0.01)
    spread = np.sqrt(np.maximum(box_mean(light * light, 2) - box_mean(light, 2) ** 2, 0))
    texture = guided_filter(light, np.log(box_mean(spread, 3) + np.float32(0.01)) + np.float32(3.2), 4, 0.01)
    vegetation = step(2 * green - red - blue, 0.08, 0.02)
    saturation = view.rgb.max(-1) - view.rgb.min(-1)
    levels = (base - base.mean()) / (base.std() + np.float32(0.05))
    surface = (
        _TEXTURE * (0.3 + 0.7 * outdoor) * texture
        + _VEGETATION * vegetation
        + _SATURATION * outdoor * box_mean(saturation, 2)
        + _LUMINANCE * np.tanh(levels)
        + _DETAIL * np.tanh((light - base) / np.float32(0.08))
    )
    height = np.linspace(1.0, 0.0, light.shape[0], dtype=np.float32)[:, None]
    sky = find_sky(view) * min(1.0, 1.3 * outdoor)
    ground = ambient_celsius + surface - _TOP_DROP * outdoor * height**2
    celsius = ground * (1 - sky) + (ambient_celsius - _SKY_DROP + 0.3 * surface) * sky
    return np.asarray(celsius, dtype=np.float32)


def find_sky(view: View) -> Plane:
    """How much each pixel looks like sky, 0..1: bright, blue or (at night) the darkest, smooth, up to the top edge."""
    light, blueness = view.luminance, view.rgb[..., 2] - view.rgb[..., 0]
    middle = float(np.median(light))
    spread = np.sqrt(np.maximum(box_mean(light * light, 2) - box_mean(light, 2) ** 2, 0))
    smooth = np.exp(-((box_mean(spread, 2) / np.float32(0.045)) ** 2))
    bright = step(light, max(0.62, middle + 0.1), 0.04)
    blue = step(blueness, 0.04, 0.02) * step(light, 0.4, 0.05)
    height = np.linspace(0.0, 1.0, light.shape[0], dtype=np.float32)[:, None]
    likeness = smooth * np.maximum(np.maximum(bright, blue), _night_sky(light)) * step(-height, -0.6, 0.05)
    reach = np.minimum.accumulate(_widen(np.sqrt(likeness)), axis=0)
    sky = guided_filter(light, np.asarray(reach * np.sqrt(likeness), dtype=np.float32), 3, 0.002)
    return np.asarray(np.clip(sky, 0, 1), dtype=np.float32)


def _night_sky(light: Plane) -> Plane:
    rows = max(1, light.shape[0] // 5)
    top, rest = float(np.median(light[:rows])), float(np.median(light[min(2 * rows, light.shape[0] - 1) :]))
    is_darker = 1.0 / (1.0 + np.exp(np.clip((top - rest + 0.06) / 0.02, -30, 30)))
    is_lit = 1.0 / (1.0 + np.exp(np.clip((top - 0.45) / 0.04, -30, 30)))
    return step(-light, -(top + 0.05), 0.02) * np.float32(is_darker * is_lit)


def _widen(values: Plane) -> Plane:
    """Largest value within 6 columns: wires, lamp posts and branches do not cut the sky below them off."""
    padded = np.pad(values, ((0, 0), (6, 6)), mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 13, axis=1).max(-1), dtype=np.float32)
