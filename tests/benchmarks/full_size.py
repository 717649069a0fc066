"""Which of the paper's tasks survive on sources of full size, and how many questions each has: annotations simulated.

    PYTHONPATH=. .venv/bin/python tests/benchmarks/full_size.py [--facts ../shared/data/full_size_facts] [--seed 0]

FLIR v1: which classes occur together in a frame is that of all 13,386 frames (flir_v1_frame_patterns.csv), in drives of
frames that show alike; how many of each, how large and where, is drawn here. The other sources are drawn in the sizes
that their papers state, with counts and labels as uneven as real ones are. No image is read: what is measured is the
build's balancing, its refusals, and what cheap answers get right of what is left.
"""

import argparse
import csv
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from itb.build.average import describe_average
from itb.build.build import BuildSettings
from itb.build.choose import Chosen, choose
from itb.build.compose import compose_all
from itb.build.gather import Gathered, gather
from itb.build.guessing import list_guessable, list_refusals
from itb.build.sides import part
from itb.tasks import list_paper_tasks, load_task
from itb.tasks.base.wordings import load_wordings
from tools.datasets import AnnotatedBox, AnnotatedImage
from tools.prompts import DEFAULT_PACK

FACTS = Path("../shared/data/full_size_facts")
WIDTH, HEIGHT = 640, 512
DRIVE = 40
"""Frames that show alike, about."""
SEVERAL = {"car": 5.0, "person": 3.6, "bicycle": 1.5, "dog": 1.1}
"""Of a class that is in a frame, how many there are on average."""
LSOTB = {
    "person": 40, "car": 22, "hog": 6, "bird": 5, "dog": 5, "boat": 4, "bus": 4, "helicopter": 4, "cat": 3, "fox": 3,
    "truck": 3, "airplane": 3, "deer": 3, "cow": 3, "drone": 4, "bat": 2, "leopard": 2, "badger": 2, "motobiker": 2,
}  # fmt: skip
SCENES = {
    "country": 52, "field": 51, "forest": 53, "indoor": 56, "mountain": 55, "oldbuilding": 51, "street": 50,
    "urban": 58, "water": 51,
}  # fmt: skip


def draw_box(name: str, generator: random.Random) -> AnnotatedBox:
    """Anywhere, as large as road users are: a median of 30 pixels, seldom above 150."""
    width, height = generator.lognormvariate(3.4, 0.7), generator.lognormvariate(3.5, 0.7)
    x, y = generator.uniform(0, max(1, WIDTH - width)), generator.uniform(0, max(1, HEIGHT - height))
    return AnnotatedBox(name, (x, y, min(WIDTH, x + width), min(HEIGHT, y + height)))


def draw_many(name: str, mean: float, generator: random.Random) -> list[AnnotatedBox]:
    """One or more of a name, as a geometric distribution has it."""
    count = 1
    while generator.random() > 1 / mean:
        count += 1
    return [draw_box(name, generator) for _ in range(count)]


def make_frame(source: str, number: int, group: str, boxes: list[AnnotatedBox], **facts: object) -> AnnotatedImage:
    """A frame without an image."""
    return AnnotatedImage(
        id=f"{number:06d}", source=source, image=f"data/{number:06d}.jpg", width=WIDTH, height=HEIGHT, group=group,
        boxes=tuple(boxes), band="lwir", polarity="white-hot", facts=facts,
    )  # fmt: skip


def draw_flir(patterns: Path, generator: random.Random) -> Iterator[AnnotatedImage]:
    """All frames of FLIR v1, drive by drive."""
    drives: list[list[tuple[str, str]]] = []
    for row in csv.DictReader(patterns.open(encoding="utf-8")):
        left = int(row["frames"])
        while left:
            size = min(left, 1 + int(generator.expovariate(1 / DRIVE)))
            drives.append([(row["split"], row["classes in the frame"])] * size)
            left -= size
    generator.shuffle(drives)
    shown = sorted((frame for drive in drives for frame in drive), key=lambda frame: frame[0])
    for number, (split, classes) in enumerate(shown):
        boxes = [box for name in classes.split("+") for box in draw_many(name, SEVERAL[name], generator)]
        frame = make_frame("flir", number, f"v1-{split}-{number // 100}", boxes, version="v1")
        yield replace(frame, recording=split)


def draw_counts(source: str, frames: int, means: dict[str, float], group: int, **facts: object) -> list[AnnotatedImage]:
    """Frames with so many of each name on average, unevenly; `group` frames a group."""
    generator = random.Random(source)
    made = []
    for number in range(frames):
        boxes = []
        for name, mean in means.items():
            count = int(generator.expovariate(1 / mean) + 0.3)
            boxes += [draw_box(name, generator) for _ in range(min(count, 60))]
        made.append(make_frame(source, number, f"{number // group}", boxes, **facts))
    return made


def draw_lsotb() -> Iterator[AnnotatedImage]:
    """120 sequences of 685 frames, one target each, which wanders."""
    generator, number = random.Random("lsotb"), 0
    for label, sequences in LSOTB.items():
        for sequence in range(sequences):
            x, y = generator.uniform(0, 560), generator.uniform(0, 430)
            for _ in range(685):
                x, y = (min(580.0, max(0.0, v + generator.gauss(0, 6))) for v in (x, y))
                box = AnnotatedBox("target", (x, y, x + 50, y + 60))
                frame = make_frame("lsotb", number, f"{label}_S_{sequence}", [box])
                yield replace(frame, labels=(label,))
                number += 1


def draw_scenes() -> Iterator[AnnotatedImage]:
    """477 images of nine kinds of scene."""
    names = [label for label, count in SCENES.items() for _ in range(count)]
    for number, label in enumerate(names):
        frame = make_frame("rgbnir", number, f"scene-{number}", [])
        yield replace(frame, labels=(label,), band="nir", polarity="none")


def draw_sources(patterns: Path, seed: int) -> dict[str, list[AnnotatedImage]]:
    """All sources of the paper."""
    vedai = {"car": 1.1, "pickup": 0.8, "truck": 0.25, "van": 0.1, "boat": 0.14, "camping car": 0.3, "tractor": 0.15}
    drone = {"car": 13.0, "truck": 0.9, "bus": 0.5, "van": 0.4, "freight car": 0.5}
    return {
        "flir": list(draw_flir(patterns, random.Random(seed))),
        "vedai": draw_counts("vedai", 1246, vedai, 1),
        "dronevehicle": draw_counts("dronevehicle", 28_439, drone, 50, view="aerial"),
        "llvip": draw_counts("llvip", 15_488, {"person": 2.7}, 600),
        "lsotb": list(draw_lsotb()),
        "rgbnir": list(draw_scenes()),
    }


def show(chosen: Chosen, gathered: Gathered) -> bool:
    """Print a row a task; whether five of six survive, with half of Table 1's count where FLIR is the source."""
    guessable = list_guessable(chosen.audit, chosen.refused)
    print("\n".join(list_refusals(chosen.refused)))
    print(f"{'task':<18} {'questions':>9} {'Table 1':>8} {'chance':>7}  best cheap answer beyond chance")
    counts = Counter(item.task for item in chosen.items)
    for task in list_paper_tasks():
        wanted = load_task(task).paper.questions
        entries = [entry for kind, entry in chosen.audit.tasks.items() if kind.partition("/")[0] == task]
        rows = [row for entry in entries for row in entry.cheap.items()]
        name, best = max(rows, key=lambda row: row[1].right - row[1].chance, default=("", None))
        told = f"{name} {100 * best.right:.1f} [{100 * best.low:.1f}, {100 * best.high:.1f}]" if best else ""
        chance = f"{100 * entries[0].chance:.1f}" if entries else "refused"
        print(f"{task:<18} {counts[task]:>9} {wanted:>8} {chance:>7}  {told}")
    average = describe_average(chosen.items, guessable, False)
    print("ITB Avg:", average)
    asked = [task for task in list_paper_tasks() if counts[task]]
    enough = all(2 * counts[task] >= load_task(task).paper.questions for task in asked)
    return len(asked) >= 5 and enough and not set(average.get("tasks", ())) & set(guessable)


def main() -> None:
    """Build, and say what is left; exit code 1 where fewer than five tasks are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facts", type=Path, default=FACTS)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    streams = draw_sources(given.facts / "flir_v1_frame_patterns.csv", given.seed)
    print(", ".join(f"{name} {len(frames)} frames" for name, frames in streams.items()))
    wordings = load_wordings(DEFAULT_PACK)
    gathered = gather(streams, {name: Path() for name in streams}, wordings)
    settings = BuildSettings({}, Path(), count="plan", is_hashed=False)
    sides = part(gathered, {}, given.seed)
    chosen = choose(compose_all(gathered, sides, wordings, given.seed, True), gathered, {}, settings)
    raise SystemExit(not show(chosen, gathered))


if __name__ == "__main__":
    main()
