"""How fast questions are made of annotations: boxes of the size of full FLIR ADAS v2 and of LSOTB-TIR's evaluation set.

    python tests/benchmarks/itb_build.py [--scale 1.0]

FLIR: 9711 images with 191736 boxes, names as frequent as a street has them. LSOTB: 120 sequences with 82133 boxes.
Measured is all that comes behind parsing, in one process: what each frame can be asked, the split, balancing, wording,
proving every item, and its line of JSON. Hashing images is no part of it.
"""

import argparse
import random
import time
from collections import Counter
from pathlib import Path

from itb.build import without_collector
from itb.compose import compose_all, count_available, count_kinds, make_items, take_planned
from itb.duplicates import join_groups
from itb.gather import gather
from itb.plan import make_plan
from itb.records import Frame, Thing
from itb.split import split_groups
from itb.tasks import open_tasks
from itb.wordings import load_wordings

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


def draw_flir(scale: float) -> list[Frame]:
    """Streets; names, sizes and places are drawn."""
    generator = random.Random(1)
    count = round(FLIR_IMAGES * scale)
    names = generator.choices(list(FLIR_NAMES), list(FLIR_NAMES.values()), k=round(FLIR_BOXES * scale))
    owners = sorted(min(count - 1, int(generator.betavariate(1.2, 1.2) * count)) for _ in names)
    things: list[list[Thing]] = [[] for _ in range(count)]
    for owner, name in zip(owners, names, strict=True):
        width, height = generator.lognormvariate(3.2, 0.8), generator.lognormvariate(3.4, 0.8)
        x, y = generator.uniform(0, max(1, 640 - width)), generator.uniform(0, max(1, 512 - height))
        things[owner].append(Thing(name, (x, y, min(640.0, x + width), min(512.0, y + height))))
    return [
        Frame(
            "flir", f"images_thermal_train/data/video-{k // 40:04d}-frame-{k:06d}.jpg", 640, 512,
            f"video-{k // 40:04d}", "lwir", "white-hot", tuple(rows), facts={"version": "v2"},
        )
        for k, rows in enumerate(things)
    ]  # fmt: skip


def draw_lsotb(scale: float) -> list[Frame]:
    """Sequences of one target each."""
    generator = random.Random(2)
    labels = [label for label, count in LSOTB_NAMES.items() for _ in range(count)][:LSOTB_SEQUENCES]
    frames = []
    each = round(LSOTB_BOXES * scale / LSOTB_SEQUENCES)
    for number, label in enumerate(labels):
        for k in range(each):
            x, y = generator.uniform(0, 500), generator.uniform(0, 400)
            target = (Thing(label, (x, y, x + 60, y + 60)),)
            name = f"{label}_S_{number:03d}"
            image = f"sequences/{name}/img/{k:04d}.jpg"
            frames.append(Frame("lsotb", image, 640, 512, name, "lwir", "white-hot", target, label))
    return frames


def measure(frames: list[Frame]) -> tuple[Counter[str], float, float]:
    """Questions by task, seconds of processor time, wall seconds."""
    wordings, source = load_wordings(Path("prompts/infrared")), frames[0].source
    wall, cpu = time.perf_counter(), time.process_time()
    with without_collector():
        tasks = {source: open_tasks(Path())}
        gathered = gather({source: frames}, tasks, wordings)
        counts = count_kinds(gathered)
        sides = split_groups(counts, join_groups(counts, ()), 0)
        drafts = compose_all(gathered, sides, tasks[source], wordings, 0)
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
    for draw in (draw_flir, draw_lsotb):
        frames = draw(scale)
        boxes = sum(len(frame.things) for frame in frames)
        tasks, cpu, wall = measure(frames)
        count = tasks.total()
        total, seconds = total + count, seconds + cpu
        print(
            f"{frames[0].source}: {len(frames)} frames, {boxes} boxes -> {count} questions {dict(tasks)}\n"
            f"  in {cpu:.2f} s of the processor, {wall:.2f} s wall: {count / cpu:,.0f} questions/s, "
            f"{len(frames) / cpu:,.0f} frames/s"
        )
    print(f"together: {total} questions, {total / seconds:,.0f} questions per second of the processor")


if __name__ == "__main__":
    main()
