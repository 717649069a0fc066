"""Datasets drawn on the spot: what the tests of every family write layouts with, and how they look at the result."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.datasets import AnnotatedImage, DatasetReject, find_dataset, open_dataset

DATA = Path("../shared/data")
FIRST = (4.0, 5.0, 24.0, 15.0)
SECOND = (30.0, 8.0, 39.0, 17.0)

SIZE = (64, 48)


def write_image(path, size=SIZE, mode="L"):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.arange(size[0] * size[1]).reshape(size[1], size[0])
    kind = {"L": np.uint8, "I;16": np.uint16}[mode]
    Image.fromarray((pixels * 37 % 251).astype(kind)).save(path)


def write_text(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_json(path, value):
    write_text(path, json.dumps(value))


def make_coco(names=("a.jpg",), boxes=((0, [4, 5, 20, 10], 1),), folder="", **keys):
    """`boxes`: place of the image, x y width height, category."""
    name_key, boxes_key = keys.get("name_key", "file_name"), keys.get("boxes_key", "annotations")
    images = [
        {"id": 10 + k, name_key: f"{folder}{n}", "width": SIZE[0], "height": SIZE[1]} for k, n in enumerate(names)
    ]
    rows = [{"id": k, "image_id": 10 + i, "bbox": b, "category_id": c} for k, (i, b, c) in enumerate(boxes)]
    kinds = [{"id": k, "name": name} for k, name in enumerate(keys.get("kinds", ("person", "car")), 1)]
    return {"images": images, boxes_key: rows, "categories": kinds}


def make_voc(*objects, size=SIZE):
    """`objects`: the inner XML of each."""
    inner = "".join(f"<object>{each}</object>" for each in objects)
    return f"<annotation><size><width>{size[0]}</width><height>{size[1]}</height></size>{inner}</annotation>"


def make_object(name, *corners):
    tags = zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)
    return f"<name>{name}</name><bndbox>{''.join(f'<{tag}>{value}</{tag}>' for tag, value in tags)}</bndbox>"


def change_json(path, change):
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    change(found)
    write_json(path, found)


def read(name, root, **options):
    """Images and rejects."""
    found = list(open_dataset(name, root, **options).stream())
    images = [entry for entry in found if isinstance(entry, AnnotatedImage)]
    return images, [entry for entry in found if isinstance(entry, DatasetReject)]


def show(image):
    return [(box.name, box.box_xyxy) for box in image.boxes]


def check_layout(name, write, root, layout, boxes, **others):
    """A layout is read as it is written, twice alike; `others`: what the first image has besides."""
    write(root)
    opened = open_dataset(name, root)
    assert layout in opened.layout
    images, rejects = read(name, root)
    assert rejects == [] and read(name, root)[0] == images
    first, facts = images[0], find_dataset(name).facts
    assert show(first) == [(kind, pytest.approx(box)) for kind, box in boxes]
    assert (root / first.image).is_file()
    assert (first.source, first.band, first.polarity) == (name, facts.band, facts.polarity)
    assert all(box.is_certain for box in first.boxes)
    assert {key: getattr(first, key) for key in others} == others
    assert [opened.find(image.id) for image in images] == images


def check_spoiled(name, spoil, root, code, images_left):
    """What cannot be used is a reject of this code, with a reason, and the rest is read."""
    spoil(root)
    images, rejects = read(name, root)
    assert code in {reject.code for reject in rejects}
    assert len(images) == images_left
    assert all(reject.where and reject.why and reject.source == name for reject in rejects)


def check_samples(name, folder, names):
    """Real samples are read; some of their objects have these names."""
    root = DATA / folder
    if not root.is_dir():
        pytest.skip(f"needs ../shared/data/{folder}")
    images, _ = read(name, root)
    assert images and all((root / image.image).is_file() for image in images)
    assert names <= {box.name for image in images for box in image.boxes}
    assert len({image.id for image in images}) == len(images)
    for image in images:
        for box in image.boxes:
            left, top, right, bottom = box.box_xyxy
            assert 0 <= left < right <= image.width and 0 <= top < bottom <= image.height


def spoil_file(write, file, text):
    def change(root):
        write(root)
        write_text(root / file, text)

    return change


def spoil_json(write, file, change):
    def spoil(root):
        write(root)
        change_json(root / file, change)

    return spoil


def drop_file(write, file):
    def change(root):
        write(root)
        (root / file).unlink()

    return change


def add_image(write, file, size=SIZE):
    def change(root):
        write(root)
        write_image(root / file, size)

    return change
