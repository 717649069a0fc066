"""A small COCO dataset drawn on the spot: pictures, captions as people write them, boxes that agree with them."""

import json
from pathlib import Path
from typing import Any

from PIL import Image

CATEGORIES = {"person": 1, "bicycle": 2, "car": 3, "dog": 18, "bench": 15, "chair": 62, "dining table": 67, "cup": 47}
SCENES: tuple[tuple[tuple[str, ...], tuple[tuple[str, int, int, int, int], ...]], ...] = (
    (
        (
            "A man in a red shirt sits on a wooden bench.",
            "A man resting on a bench in a park.",
            "a guy on a brown bench",
        ),
        (("person", 20, 10, 20, 40), ("bench", 10, 35, 50, 20)),
    ),
    (
        ("Two cars parked in front of a brick house.", "A blue car and a white car on a street.", "Two shiny cars."),
        (("car", 4, 30, 30, 20), ("car", 50, 32, 26, 18)),
    ),
    (
        (
            "A black dog runs next to a bicycle.",
            "A dog and a bike on a sunlit path.",
            "A dog running on the left of a bike.",
        ),
        (("dog", 5, 30, 20, 15), ("bicycle", 45, 20, 30, 30)),
    ),
    (
        ("A glass cup on a striped table cloth.", "A cup of coffee on a wooden table.", "A white cup on a table."),
        (("cup", 30, 20, 12, 12), ("dining table", 0, 28, 80, 30)),
    ),
    (
        (
            "Three people stand near a stop sign.",
            "People in colorful coats wait by a sign that says STOP.",
            "Three people.",
        ),
        (("person", 5, 10, 14, 45), ("person", 30, 12, 14, 43), ("person", 58, 9, 14, 46)),
    ),
    (
        ("A plastic chair beside a metal table.", "An empty chair at a table.", "A green plastic chair and a table."),
        (("chair", 6, 20, 20, 35), ("dining table", 35, 25, 40, 30)),
    ),
)


def write_coco(root: Path, count: int, size: tuple[int, int] = (80, 60)) -> list[str]:
    """Write `count` images and their annotation files to `root`; the arguments that name them."""
    photos = root / "photos"
    photos.mkdir(parents=True)
    images, captions, boxes = [], [], []
    for image_id in range(1, count + 1):
        texts, objects = SCENES[image_id % len(SCENES)]
        name = f"{image_id:04d}.jpg"
        paint(size, image_id).save(photos / name, quality=80)
        images.append({"id": image_id, "file_name": name, "width": size[0], "height": size[1]})
        captions += [{"id": len(captions) + k, "image_id": image_id, "caption": text} for k, text in enumerate(texts)]
        boxes += [
            {
                "id": len(boxes) + k, "image_id": image_id, "category_id": CATEGORIES[label], "bbox": corner,
                "area": corner[2] * corner[3], "iscrowd": 0, "segmentation": [],
            }
            for k, (label, *corner) in enumerate(objects)
        ]  # fmt: skip
    categories = [{"id": number, "name": name} for name, number in CATEGORIES.items()]
    write_json(root / "captions.json", {"images": images, "annotations": captions})
    write_json(root / "instances.json", {"images": images, "annotations": boxes, "categories": categories})
    return name_files(root)


def paint(size: tuple[int, int], seed: int) -> Image.Image:
    """A picture that differs for every seed."""
    gradient = Image.linear_gradient("L").rotate(37 * seed % 360).resize(size)
    return Image.merge("RGB", [gradient, gradient.rotate(180), gradient.point(lambda value: (value * seed) % 256)])


def name_files(root: Path) -> list[str]:
    """The arguments of `python -m agents run` for the dataset in `root`."""
    return [
        *("--captions", str(root / "captions.json"), "--instances", str(root / "instances.json")),
        *("--images", str(root / "photos")),
    ]


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write `data` as JSON."""
    path.write_text(json.dumps(data), encoding="utf-8")


def change_json(path: Path, change: Any) -> None:
    """Read, let `change` alter, write."""
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    write_json(path, data)
