"""One scene: the visible and the thermal image of the same geometry, with every object's box and temperature."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.scenes.canvas import Canvas
from tools.scenes.captions import write_captions
from tools.scenes.layout import KINDS, PAINT, Painter, Placed, draw_weather
from tools.scenes.sensor import Sensor

LEAST_VISIBLE = 0.35
LEAST_PIXELS = 24
SIZE = (640, 512)


@dataclass(frozen=True)
class SceneObject:
    """One object that can be seen.

    Attributes:
        box: left, top, right, bottom in pixels, of its visible part; right and bottom are exclusive.
        celsius: mean temperature of its visible part.
        paint, material, text: what only the visible image shows.
    """

    label: str
    object_id: int
    box: tuple[int, int, int, int]
    celsius: float
    paint: str
    material: str
    text: str


@dataclass(frozen=True)
class Scene:
    """A rendered scene.

    Attributes:
        visible: (H, W, 3) uint8.
        thermal: (H, W) uint8, white is hot.
        celsius: (H, W) float32, as the sensor read it.
        object_ids: (H, W) int32, 0 is background.
    """

    kind: str
    visible: NDArray[np.uint8]
    thermal: NDArray[np.uint8]
    celsius: NDArray[np.float32]
    object_ids: NDArray[np.int32]
    objects: tuple[SceneObject, ...]
    captions: tuple[str, ...]


def make_generator(*parts: object) -> np.random.Generator:
    """A generator that depends on nothing but `parts`."""
    digest = hashlib.sha256("|".join(str(part) for part in parts).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def render_pair(
    seed: int,
    index: int,
    kind: str | None = None,
    size: tuple[int, int] = SIZE,
    sensor: Sensor | None = None,
    palette_seed: int | None = None,
) -> Scene:
    """Render scene `index` of `seed`.

    Args:
        kind: one of `KINDS`; chosen by seed and index without it.
        size: width and height in pixels.
        sensor: the thermal camera.
        palette_seed: draws paint, materials and text from another seed; the thermal image stays as it is.
    """
    sensor = sensor or Sensor()
    place = make_generator(seed, index, "place")
    kind = kind or KINDS[int(make_generator(seed, index, "kind").integers(len(KINDS)))]
    paint = make_generator(seed if palette_seed is None else palette_seed, index, "paint")
    canvas = Canvas(size)
    painter = Painter(canvas, draw_weather(place), place, paint)
    PAINT[kind](painter)
    visible, heat, object_ids = canvas.finish()
    read = sensor.measure(heat, make_generator(seed, index, "noise"))
    kept = [thing for thing in painter.placed if _is_visible(thing, object_ids)]
    objects = tuple(_measure(thing, object_ids, heat) for thing in kept)
    captions = write_captions(kind, kept, make_generator(seed, index, "words"))
    grain = make_generator(seed, index, "grain").normal(0, 2.5, visible.shape)
    visible = np.asarray(np.clip(visible + grain, 0, 255), np.uint8)
    return Scene(kind, visible, sensor.expose(read), read, object_ids, objects, captions)


def _is_visible(thing: Placed, object_ids: NDArray[np.int32]) -> bool:
    pixels = int((object_ids == thing.object_id).sum())
    return pixels >= max(LEAST_PIXELS, LEAST_VISIBLE * thing.pixels)


def _measure(thing: Placed, object_ids: NDArray[np.int32], heat: NDArray[np.float32]) -> SceneObject:
    mask = object_ids == thing.object_id
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    look, celsius = thing.look, round(float(heat[mask].mean()), 2)
    return SceneObject(thing.label, thing.object_id, box, celsius, look.paint, look.material, look.text)
