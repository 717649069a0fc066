"""Time and memory of the COCO reader on files of train2017's size.

    PYTHONPATH=. .venv/bin/python tests/benchmarks/coco_size.py [--images 118287]

Writes a captions and an instances file with as many captions and boxes an image as train2017 has (5.0 and 7.3, with
segmentation polygons), loads them in a fresh process, and prints seconds and peak memory.

Measured on 2 cores (Python 3.11): 118,287 images, 591,435 captions, 859,946 boxes, files of 99 and 482 MB: 5.0 s, peak
506 MB (480 MB of it pages of the mapped file, which the system may drop), 276 MB resident afterwards. A file with NaN
in it takes the slow way: 15 s, peak 960 MB.
"""

import argparse
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

WORDS = ("a", "the", "man", "woman", "dog", "street", "with", "sitting", "red", "people", "near", "wooden", "holding")
CATEGORIES = [{"supercategory": "thing", "id": id_, "name": f"thing {id_}"} for id_ in range(1, 81)]
CAPTIONS_PER_IMAGE = 5
BOXES_PER_IMAGE = 7.27
TEMPLATES = 997


class Measured(NamedTuple):
    """Of one load: seconds, peak resident memory, what stays, and the counts."""

    seconds: float
    peak_mb: float
    resident_mb: float
    counts: dict[str, int]


def main() -> None:
    """Write, load, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=118_287)
    images = parser.parse_args().images
    with tempfile.TemporaryDirectory() as folder:
        captions, instances = Path(folder, "captions.json"), Path(folder, "instances.json")
        write_captions(captions, images)
        write_instances(instances, images)
        sizes = [path.stat().st_size / 1e6 for path in (captions, instances)]
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            measured = pool.apply(measure, (captions, instances))
    sys.stdout.write(
        f"captions {sizes[0]:.0f} MB, instances {sizes[1]:.0f} MB\n"
        f"loaded in {measured.seconds:.1f} s, peak {measured.peak_mb:.0f} MB, after {measured.resident_mb:.0f} MB\n"
        f"{json.dumps(measured.counts)}\n"
    )


def measure(captions: Path, instances: Path) -> Measured:
    """Load both files in this process."""
    from tools.datasets.coco import load_coco

    started = time.perf_counter()
    dataset = load_coco(captions, instances)
    seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Measured(seconds, peak_mb, pages * resource.getpagesize() / 2**20, dict(dataset.counts))


def write_captions(path: Path, images: int) -> None:
    """A captions file; the images are in no order, as in COCO."""
    rng = random.Random(1)
    rows = (
        json.dumps({"image_id": image * 5, "id": image * 5 + k, "caption": " ".join(rng.choices(WORDS, k=11)) + "."})
        for image in _shuffle(images, 2)
        for k in range(CAPTIONS_PER_IMAGE)
    )
    _write(path, {"images": _image_rows(images), "annotations": rows})


def write_instances(path: Path, images: int) -> None:
    """An instances file; segmentations and boxes are taken from a stock, ids and images are not."""
    rng = random.Random(3)
    stock = [_make_shape(rng) for _ in range(TEMPLATES)]
    boxes = round(images * BOXES_PER_IMAGE)
    rows = (
        f'{stock[k % TEMPLATES]}, "image_id": {rng.randrange(images) * 5}, "category_id": {k % 80 + 1}, "id": {k + 1}}}'
        for k in range(boxes)
    )
    _write(path, {"images": _image_rows(images), "annotations": rows, "categories": map(json.dumps, CATEGORIES)})


def _make_shape(rng: random.Random) -> str:
    x, y = rng.uniform(0, 500), rng.uniform(0, 350)
    polygon = [round(rng.uniform(0, 480), 2) for _ in range(2 * rng.randint(6, 41))]
    shape = {
        "segmentation": [polygon],
        "area": round(rng.uniform(30, 90000), 4),
        "iscrowd": 0,
        "bbox": [round(x, 2), round(y, 2), round(rng.uniform(4, 640 - x), 2), round(rng.uniform(4, 480 - y), 2)],
    }
    return json.dumps(shape)[:-1]


def _image_rows(images: int) -> Iterable[str]:
    return (json.dumps(_make_image(image)) for image in _shuffle(images, 4))


def _make_image(image: int) -> dict[str, object]:
    return {
        "license": 3,
        "file_name": f"{image * 5:012d}.jpg",
        "coco_url": f"http://images.cocodataset.org/train2017/{image * 5:012d}.jpg",
        "height": 480,
        "width": 640,
        "date_captured": "2013-11-14 11:18:45",
        "flickr_url": "http://farm9.staticflickr.com/8186/8119368305_4e622c8349_z.jpg",
        "id": image * 5,
    }


def _shuffle(images: int, seed: int) -> list[int]:
    order = list(range(images))
    random.Random(seed).shuffle(order)
    return order


def _write(path: Path, parts: dict[str, Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('{"info": {"year": 2017}')
        for name, rows in parts.items():
            file.write(f', "{name}": [')
            for place, row in enumerate(rows):
                file.write(row if place == 0 else f", {row}")
            file.write("]")
        file.write("}")


if __name__ == "__main__":
    main()
