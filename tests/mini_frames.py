"""Annotated frames made by hand: what the readers of the datasets give, without files."""

import random
import zlib

import numpy as np
from PIL import Image

from tools.datasets import AnnotatedBox, AnnotatedImage, Dataset, Facts
from tools.datasets.files import find_id
from tools.registry import DATASETS, Entry

SIZE = (640, 512)
COMMON = ("person", "car", "bicycle", "light", "sign", "truck", "bus", "motorcycle", "dog")
WEIGHTS = (0.8, 0.9, 0.5, 0.6, 0.7, 0.2, 0.2, 0.15, 0.1)


def thing(name, x1, y1, x2, y2, is_certain=True):
    return AnnotatedBox(name, (float(x1), float(y1), float(x2), float(y2)), is_certain)


def frame(number=0, *things, source="flir", group=None, **changes):
    settings = {
        "source": source,
        "image": f"data/{number:05d}.jpg",
        "width": SIZE[0],
        "height": SIZE[1],
        "group": group or f"drive-{number // 10:03d}",
        "band": "lwir",
        "polarity": "white-hot",
        "boxes": tuple(things),
        "facts": {"version": "v2"} if source == "flir" else {},
    }
    made = {**settings, **changes}
    return AnnotatedImage(**{"id": find_id(made["image"]), **made})


def make_flir(count, seed=0):
    """Streets with some of nine kinds of objects, each once or twice, anywhere."""
    return [_draw_street(number, random.Random(f"{seed}-{number}")) for number in range(count)]


def _draw_street(number, generator):
    things = []
    for name, weight in zip(COMMON, WEIGHTS, strict=True):
        if generator.random() < weight:
            things += [_draw_thing(name, generator) for _ in range(generator.choice((1, 1, 2)))]
    return frame(number, *things)


def _draw_thing(name, generator):
    x, y = generator.randrange(0, 560), generator.randrange(0, 400)
    return thing(name, x, y, x + generator.randrange(16, 70), y + generator.randrange(16, 90))


def make_labelled(source, labels, each, **changes):
    """`each` images of every label, every image a group of its own."""
    return [
        frame(row * each + k, source=source, group=f"{label}-{k}", labels=(label,), **changes)
        for row, label in enumerate(labels)
        for k in range(each)
    ]


def write_images(root, frames):
    """A noisy image with a bright rectangle for each thing, for every frame, and its registered visible image."""
    for item in frames:
        generator = np.random.default_rng(zlib.crc32(item.image.encode()))
        coarse = Image.fromarray(generator.uniform(0, 160, (6, 8)).astype(np.float32))
        levels = np.asarray(coarse.resize((item.width, item.height), Image.Resampling.BICUBIC)).copy()
        for entry in item.boxes:
            x1, y1, x2, y2 = map(int, entry.box_xyxy)
            levels[y1:y2, x1:x2] = 230
        for path in filter(None, (item.image, item.photo)):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).save(root / path)


def install_sources(monkeypatch, frames, rejects=()):
    """Let the build read these frames in place of datasets; `frames`: source -> frames. The images are the caller's."""
    facts = Facts(title="hand-made", licence="none", band="lwir", polarity="white-hot", tree="none", how="By hand.")
    for name, rows in frames.items():
        entries = [*rows, *(row for row in rejects if row.source == name)]
        dataset = Dataset(name, facts, lambda root: "hand-made frames", lambda reading, found=entries: iter(found))
        monkeypatch.setitem(DATASETS._entries, name, Entry(name, "hand-made", load=dataset))
