"""One scene: the visible and the thermal image of the same geometry, with every object's box and temperature."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.scenes.canvas import Canvas, TextBox
from tools.scenes.captions import write_captions
from tools.scenes.layout import KINDS, PAINT
from tools.scenes.painter import Painter, Placed, draw_weather
from tools.scenes.sensor import Sensor
from tools.scenes.subject import SceneObject, Subject
from tools.seeds import make_generator

LEAST_VISIBLE = 0.35
LEAST_PIXELS = 24
PAINTED = ("person", "car", "bicycle", "dog", "bus", "motorcycle", "cow")
LEAST_TEXT_HEIGHT = 5
SIZE = (640, 512)
DAYLIGHT = {"sunny": (1.0, 1.0, 1.0), "cloudy": (0.86, 0.88, 0.90), "night": (0.46, 0.49, 0.60)}


@dataclass(frozen=True)
class Scene:
    """A rendered scene.

    Attributes:
        light: `sunny`, `cloudy` or `night`, outside.
        visible: (H, W, 3) uint8.
        thermal: (H, W) uint8, white is hot.
        celsius: (H, W) float32, as the sensor read it.
        object_ids: (H, W) int32, 0 is background.
    """

    kind: str
    light: str
    visible: NDArray[np.uint8]
    thermal: NDArray[np.uint8]
    celsius: NDArray[np.float32]
    object_ids: NDArray[np.int32]
    objects: tuple[SceneObject, ...]
    captions: tuple[str, ...]


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
    kind = kind or KINDS[int(make_generator(seed, index, "kind").integers(len(KINDS)))]
    paint_seed = seed if palette_seed is None else palette_seed
    left_out: set[int] = set()
    while True:
        canvas, place = Canvas(size), make_generator(seed, index, "place")
        weather = draw_weather(place, bool(make_generator(seed, index, "night").integers(2)))
        paint, turn = make_generator(paint_seed, index, "paint"), make_generator(seed, index, "turn")
        painter = Painter(canvas, weather, place, paint, turn, left_out)
        PAINT[kind](painter)
        visible, heat, object_ids = canvas.finish(DAYLIGHT["sunny" if kind == "indoor" else weather.light])
        hidden = {thing.object_id for thing in painter.placed if not _is_visible(thing, object_ids)}
        if not hidden:
            break
        left_out |= hidden  # what is too much covered to be annotated must not be seen either
    heat = heat + _draw_texture(size, make_generator(seed, index, "texture"))
    read = sensor.measure(heat, make_generator(seed, index, "noise"))
    objects = tuple(
        _measure(thing, object_ids, heat, canvas.text_boxes.get(thing.object_id)) for thing in painter.placed
    )
    subject = Subject(kind, weather.light, weather.is_autumn, size[0], objects)
    captions = write_captions(subject, make_generator(seed, index, "words"))
    grain = make_generator(seed, index, "grain").normal(0, 2.5, visible.shape)
    visible = np.asarray(np.clip(visible + grain, 0, 255), np.uint8)
    return Scene(kind, weather.light, visible, sensor.expose(read), read, object_ids, objects, captions)


def _is_visible(thing: Placed, object_ids: NDArray[np.int32]) -> bool:
    pixels = int((object_ids == thing.object_id).sum())
    return pixels >= max(LEAST_PIXELS, LEAST_VISIBLE * thing.pixels)


def _draw_texture(size: tuple[int, int], generator: np.random.Generator) -> NDArray[np.float32]:
    """Patches a fraction of a degree warmer or colder, as every real surface has them; (H, W) float32."""
    patches = Image.fromarray(generator.normal(0, 0.08, (28, 40)).astype(np.float32))
    return np.asarray(patches.resize(size, Image.Resampling.BICUBIC), np.float32)


def is_legible(text_box: TextBox, object_id: int, object_ids: NDArray[np.int32]) -> bool:
    """Whether printed text is large enough, inside the image and covered by nothing."""
    left, top, right, bottom = (round(value) for value in text_box)
    inside = left >= 0 and top >= 0 and right <= object_ids.shape[1] and bottom <= object_ids.shape[0]
    return (
        inside and bottom - top >= LEAST_TEXT_HEIGHT and bool((object_ids[top:bottom, left:right] == object_id).all())
    )


def _measure(
    thing: Placed, object_ids: NDArray[np.int32], heat: NDArray[np.float32], text_box: TextBox | None
) -> SceneObject:
    mask = object_ids == thing.object_id
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    look, celsius = thing.look, round(float(heat[mask].mean()), 2)
    paint = look.paint if thing.label in PAINTED else ""
    text = look.text if text_box and is_legible(text_box, thing.object_id, object_ids) else ""
    material = look.material if thing.label == "building" else ""
    return SceneObject(thing.label, thing.object_id, box, celsius, paint, material, text)
