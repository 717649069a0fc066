"""How fast questions are made of annotations: boxes of the size of full FLIR ADAS v2 and of LSOTB-TIR's evaluation set.

    PYTHONPATH=. .venv/bin/python tests/benchmarks/itb_build.py [--scale 1.0]

FLIR: 9711 images with 191736 boxes, names as frequent as a street has them. LSOTB: 120 sequences with 82133 boxes.
Measured is all that comes behind parsing, in one process: what each frame can be asked, the split, balancing, wording,
proving every item, and its line of JSON. Hashing images is no part of it.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from PIL import Image

from itb.benchmark.duplicates import join_groups
from itb.build.build import without_collector
from itb.build.compose import compose_all, count_available, count_kinds, make_items, take_planned
from itb.build.gather import gather
from itb.build.plan import make_plan
from itb.build.split import split_groups
from itb.tasks.base.wordings import load_wordings
from tools.datasets import AnnotatedImage, open_dataset

FLIR_IMAGES, FLIR_BOXES = 9711, 191736
FLIR_NAMES = {
    "car": 735, "person": 505, "sign": 208, "light": 162, "bicycle": 72, "bus": 22, "other vehicle": 14,
    "motorcycle": 11, "hydrant": 11, "truck": 8, "skateboard": 0.3, "scooter": 0.2, "stroller": 0.2, "train": 0.1,
    "dog": 0.1,
}  # fmt: skip
LSOTB_SEQUENCES, LSOTB_BOXES = 120, 82133
LSOTB_NAMES = {
    "person": 40, "car": 22, "hog": 6, "bird": 5, "dog": 5, "boat": 4, "bus": 4, "helicopter": 4, "cat": 3, "fox": 3,
    "truck": 3, "airplane": 3, "deer": 3, "cow": 3, "drone": 4, "bat": 2, "leopard": 2, "badger": 2, "motobiker": 2,
}  # fmt: skip


def write_flir(root: Path, scale: float) -> int:
    """FLIR ADAS v2's coco.json; names, sizes and places of the boxes are drawn. Gives the number of boxes."""
    generator = random.Random(1)
    count, boxes = round(FLIR_IMAGES * scale), round(FLIR_BOXES * scale)
    ids = {name: number for number, name in enumerate(FLIR_NAMES, 1)}
    images = [
        {"id": k, "file_name": f"data/video-v{k // 40:04d}-frame-{k:06d}-x.jpg", "width": 640, "height": 512}
        for k in range(count)
    ]
    annotations = []
    for name in generator.choices(list(FLIR_NAMES), list(FLIR_NAMES.values()), k=boxes):
        width, height = generator.lognormvariate(3.2, 0.8), generator.lognormvariate(3.4, 0.8)
        x, y = generator.uniform(0, max(1, 640 - width)), generator.uniform(0, max(1, 512 - height))
        owner = min(count - 1, int(generator.betavariate(1.2, 1.2) * count))
        annotations.append({"image_id": owner, "category_id": ids[name], "bbox": [x, y, width, height], "iscrowd": 0})
    categories = [{"id": number, "name": name} for name, number in ids.items()]
    folder = root / "images_thermal_train"
    (folder / "data").mkdir(parents=True)
    text = json.dumps({"images": images, "annotations": annotations, "categories": categories})
    (folder / "coco.json").write_text(text)
    return boxes


def write_lsotb(root: Path, scale: float) -> int:
    """LSOTB-TIR's evaluation part: images (links to one another) and a text file of boxes for each sequence."""
    generator = random.Random(2)
    labels = [label for label, count in LSOTB_NAMES.items() for _ in range(count)][:LSOTB_SEQUENCES]
    each = round(LSOTB_BOXES * scale / len(labels))
    for number, label in enumerate(labels):
        folder = root / "sequences" / f"{label}_S_{number:03d}"
        (folder / "img").mkdir(parents=True)
        picture = folder / "img" / "0001.jpg"
        Image.new("L", (640, 512)).save(picture)
        for k in range(2, each + 1):
            os.link(picture, folder / "img" / f"{k:04d}.jpg")
        lines = (f"{generator.uniform(0, 500):.0f},{generator.uniform(0, 400):.0f},60,60\n" for _ in range(each))
        (folder / "groundtruth_rect.txt").write_text("".join(lines))
    return each * len(labels)


def measure(frames: list[AnnotatedImage]) -> tuple[Counter[str], float, float]:
    """Questions by task, seconds of processor time, wall seconds."""
    wordings, source = load_wordings(Path("prompts/infrared")), frames[0].source
    wall, cpu = time.perf_counter(), time.process_time()
    with without_collector():
        gathered = gather({source: frames}, {source: Path()}, wordings)
        counts = count_kinds(gathered)
        sides = split_groups(counts, join_groups(counts, ()), 0)
        drafts = compose_all(gathered, sides, wordings, 0)
        items = make_items(take_planned(drafts, make_plan(count_available(drafts), "all")))
        lines = [item.model_dump_json() for item in items]
    spent = time.process_time() - cpu, time.perf_counter() - wall
    assert len(lines) == len(items)
    return Counter(item.task for item in items), *spent


def main() -> None:
    """Print questions a second."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full size")
    scale = parser.parse_args().scale
    total, seconds = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, write in (("flir", write_flir), ("lsotb", write_lsotb)):
            boxes = write(Path(folder) / name, scale)
            begun = time.process_time()
            frames = list(open_dataset(name, Path(folder) / name, needs_images=False).stream())
            parsing = time.process_time() - begun
            good = [entry for entry in frames if isinstance(entry, AnnotatedImage)]
            tasks, cpu, wall = measure(good)
            count = tasks.total()
            total, seconds = total + count, seconds + cpu
            print(
                f"{name}: {len(good)} frames, {boxes} boxes, parsed in {parsing:.2f} s -> {count} questions "
                f"{dict(tasks)}\n  in {cpu:.2f} s of the processor, {wall:.2f} s wall: {count / cpu:,.0f} questions/s, "
                f"{len(good) / cpu:,.0f} frames/s"
            )
    print(f"together: {total} questions, {total / seconds:,.0f} questions per second of the processor")


if __name__ == "__main__":
    main()
