"""Rendered scenes on disk: COCO layout, exact temperatures, 16-bit radiometric images, and the FLIR layout."""

import functools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from tools.errors import UsageError
from tools.files import Claim, explain_disk, own_folder, write_text, write_with
from tools.files.json_text import find_object, read_object
from tools.images import remove_unfinished, save_png
from tools.manifest import TOOLKIT_VERSION
from tools.scenes.annotations import (
    CATEGORIES,
    FLIR_CATEGORIES,
    Row,
    Thing,
    list_temperatures,
    list_things,
    make_captions,
    make_instances,
)
from tools.scenes.layout import KINDS
from tools.scenes.render import SIZE, Scene, render_pair
from tools.scenes.sensor import Sensor, to_centikelvin
from tools.scenes.written import read_scene

FORMAT = 4
VALIDATION_EVERY = 5
OF_MANIFEST = {"format", "seed", "size", "kinds", "sensor", "thermal16"}


class ScenesSummary(NamedTuple):
    """What was written: the folder, how many scenes it holds, how many of them are new, and its objects by name."""

    folder: Path
    scenes: int
    rendered: int
    objects: dict[str, int]


def render_scenes(
    count: int,
    seed: int,
    out: Path,
    *,
    size: tuple[int, int] = SIZE,
    kinds: Sequence[str] = KINDS,
    sensor: Sensor | None = None,
    progress: Callable[[int], None] | None = None,
) -> ScenesSummary:
    """Write scenes 1..`count` of `seed` to `out`; scenes that are there already are kept, so that a folder can grow.

    Scene k is of kind `kinds[k % len(kinds)]` and depends on nothing but seed, k and these settings.

    Raises:
        UsageError: `out` holds something else, scenes of other settings, or more than `count`.
        ToolkitError: the folder cannot be written, or one of its own files is damaged.
    """
    sensor = sensor or Sensor()
    settings = {
        "format": FORMAT, "seed": seed, "size": list(size), "kinds": list(kinds), "sensor": sensor.model_dump(),
        "thermal16": "kelvin = value / 100",
    }  # fmt: skip
    with own_folder(out, SCENES), explain_disk(out):
        (out / "scenes").mkdir(exist_ok=True)
        _check_settings(out / "manifest.json", settings, count)
        _write_json(out / "manifest.json", settings)
        rendered = 0
        for number in range(1, count + 1):
            if not _is_whole(out, number):
                scene = render_pair(seed, number, kinds[number % len(kinds)], size, sensor)
                _write_scene(out, number, scene)
                rendered += 1
            if progress:
                progress(number)
        remove_unfinished(out)
        summary = _write_annotations(out, count, size, rendered)
        _write_json(out / "manifest.json", settings | {"version": TOOLKIT_VERSION, "count": count})
        return summary


def recognise_scenes(folder: Path) -> tuple[str, ...] | None:
    """Whether a folder from before the marker holds rendered scenes, told by its manifest."""
    return () if find_object(folder / "manifest.json").keys() >= OF_MANIFEST else None


SCENES = Claim(
    "scenes",
    "python -m tools scenes",
    recognise_scenes,
    ("manifest.json", "temperatures.jsonl", "annotations", "scenes", "visible", "thermal8", "thermal16", "flir"),
)


def _check_settings(path: Path, settings: Row, count: int) -> None:
    if not path.is_file():
        return
    found = read_object(path, "use another --out")
    different = [
        f"{name}: {found.get(name)} -> {value}" for name, value in settings.items() if found.get(name) != value
    ]
    if different:
        raise UsageError(f"{path.parent}: holds scenes of other settings ({'; '.join(different)}); use another --out")
    there = len(list((path.parent / "scenes").glob("*.json")))
    if there > count:
        raise UsageError(f"{path.parent}: holds {there} scenes already; --count cannot be less, or use another --out")


def _list_images(out: Path, number: int) -> tuple[Path, Path, Path, Path]:
    """Where a scene's images stand: visible, FLIR, 8-bit and 16-bit thermal."""
    split = "val" if number % VALIDATION_EVERY == 0 else "train"
    return (
        out / f"visible/{number:06d}.jpg",
        out / f"flir/{split}/thermal_8_bit/FLIR_{number:05d}.jpeg",
        out / f"thermal8/{number:06d}.png",
        out / f"thermal16/{number:06d}.png",
    )


def _is_whole(out: Path, number: int) -> bool:
    """Whether a scene's record and all of its images are there."""
    return all(path.is_file() for path in (out / f"scenes/{number:06d}.json", *_list_images(out, number)))


def _write_scene(out: Path, number: int, scene: Scene) -> None:
    """Images first, the scene's own record last."""
    paths = _list_images(out, number)
    thermal = Image.fromarray(scene.thermal)
    for image, path in zip((Image.fromarray(scene.visible), thermal), paths[:2], strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_with(path, functools.partial(image.save, format="JPEG", quality=92))
    for image, path in zip((thermal, Image.fromarray(to_centikelvin(scene.celsius))), paths[2:], strict=True):
        path.parent.mkdir(exist_ok=True)
        save_png(image, path)
    objects = [
        {"label": thing.label, "box": thing.box, "celsius": thing.celsius, "paint": thing.paint,
         "material": thing.material, "text": thing.text}
        for thing in scene.objects
    ]  # fmt: skip
    _write_json(
        out / f"scenes/{number:06d}.json",
        {"image_id": number, "kind": scene.kind, "light": scene.light, "captions": scene.captions, "objects": objects},
    )


def _write_annotations(out: Path, count: int, size: tuple[int, int], rendered: int) -> ScenesSummary:
    scenes = [read_scene(out, number) for number in range(1, count + 1)]
    images = [
        {"id": scene["image_id"], "file_name": f"{scene['image_id']:06d}.jpg", "width": size[0], "height": size[1]}
        for scene in scenes
    ]
    things = list_things(scenes)
    instances = make_instances(images, things, CATEGORIES)
    (out / "annotations").mkdir(exist_ok=True)
    _write_json(out / "annotations/captions_scenes.json", make_captions(images, scenes))
    _write_json(out / "annotations/instances_scenes.json", instances)
    rows = list_temperatures(things, instances["annotations"])
    write_text(out / "temperatures.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    for split in ("train", "val"):
        _write_flir(out, split, scenes, size)
    counts = {label: sum(thing["label"] == label for _, thing in things) for label in CATEGORIES}
    return ScenesSummary(out, count, rendered, counts)


def _write_flir(out: Path, split: str, scenes: Sequence[Row], size: tuple[int, int]) -> None:
    """The thermal images as FLIR ADAS v1 lays them out; image ids start at 0, annotation ids at 1."""
    mine = [scene for scene in scenes if (scene["image_id"] % VALIDATION_EVERY == 0) == (split == "val")]
    images = [
        {"id": k, "file_name": f"thermal_8_bit/FLIR_{scene['image_id']:05d}.jpeg", "width": size[0], "height": size[1]}
        for k, scene in enumerate(mine)
    ]
    known = [
        Thing(k, thing)
        for k, scene in enumerate(mine)
        for thing in scene["objects"]
        if thing["label"] in FLIR_CATEGORIES
    ]
    (out / "flir" / split).mkdir(parents=True, exist_ok=True)
    _write_json(out / f"flir/{split}/thermal_annotations.json", make_instances(images, known, FLIR_CATEGORIES))


def _write_json(path: Path, data: Any) -> None:
    write_text(path, json.dumps(data))
