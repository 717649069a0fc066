"""Whether a run on infrared images with boxes and evidence takes time in line with their number, and how much memory.

    PYTHONPATH=. OMP_NUM_THREADS=1 .venv/bin/python tests/benchmarks/sensor_size.py 500 2000 20000

Images are hard links to forty pictures of 320x256 with ten things each, brighter and darker; boxes are COCO's. Each
row is a run of its own by the template backend in one process, and every image gets an instruction.
Prints images, CPU seconds, milliseconds an image, the peak of resident memory, and what came of the images.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

PICTURES, OBJECTS = 40, 10
WIDTH, HEIGHT = 320, 256
NAMES = ("person", "car", "bicycle", "dog")
Box = tuple[int, int, int, int]


class Taken(NamedTuple):
    """What a run took, and its manifest."""

    cpu_seconds: float
    peak_mb: float
    manifest: dict[str, Any]


def draw(seed: int) -> tuple[Image.Image, list[Box]]:
    """A noisy picture with a thing in ten of the twelve cells of a grid; boxes as x, y, width, height."""
    random = np.random.default_rng(seed)
    pixels = random.integers(90, 110, (HEIGHT, WIDTH)).astype(np.uint8)
    boxes = []
    for cell in sorted(random.permutation(12)[:OBJECTS].tolist()):
        width, height = (int(side) for side in random.integers((18, 24), (40, 50)))
        x, y = 80 * (cell % 4) + int(random.integers(8, 30)), 85 * (cell // 4) + int(random.integers(8, 28))
        pixels[y : y + height, x : x + width] += np.uint8(random.choice([0, 30, 60, 120, 200]))
        boxes.append((x, y, width, height))
    return Image.fromarray(pixels), boxes


def write_dataset(folder: Path, count: int) -> list[str]:
    """`count` images below `folder`; the arguments that name them."""
    (folder / "pictures").mkdir()
    drawn = [draw(seed) for seed in range(PICTURES)]
    for number, (picture, _) in enumerate(drawn):
        picture.save(folder / "pictures" / f"{number}.png")
    images, annotations = [], []
    (folder / "thermal").mkdir()
    for number in range(count):
        name = f"{number:06d}.png"
        os.link(folder / "pictures" / f"{number % PICTURES}.png", folder / "thermal" / name)
        images.append({"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT})
        annotations += [
            {"id": len(annotations) + k, "image_id": number, "category_id": (number + k) % len(NAMES), "bbox": box}
            for k, box in enumerate(drawn[number % PICTURES][1])
        ]
    categories = [{"id": number, "name": name} for number, name in enumerate(NAMES)]
    made = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "boxes.json").write_text(json.dumps(made))
    return ["--sensor-images", str(folder / "thermal"), "--instances", str(folder / "boxes.json")]


def measure(count: int, folder: Path) -> Taken:
    """Run on so many images in a process of its own."""
    arguments = write_dataset(folder, count)
    more = ("--polarity", "white-hot", "--instructions", "all", "--workers", "0", "--out", str(folder / "run"))
    command = [sys.executable, "-m", "agents", "run", *arguments, *more]
    with (folder / "told.txt").open("wb") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit((folder / "told.txt").read_text())
    manifest = json.loads((folder / "run/manifest.json").read_text())
    return Taken(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, manifest)


def main() -> None:
    """Print a row a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("counts", nargs="*", type=int, default=[500, 2000], help="numbers of images")
    parser.add_argument("--below", type=Path, help="folder for what is made and deleted again")
    options = parser.parse_args()
    print("| images | CPU s | ms an image | peak MB | accepted | facts |\n| --- | --- | --- | --- | --- | --- |")
    for count in options.counts:
        with tempfile.TemporaryDirectory(dir=options.below) as folder:
            found = measure(count, Path(folder))
        each, facts = 1000 * found.cpu_seconds / count, sum(found.manifest["evidence"]["facts"].values())
        row = (f"{count:,}", f"{found.cpu_seconds:.0f}", f"{each:.1f}", f"{found.peak_mb:.0f}")
        print("|", " | ".join((*row, f"{found.manifest['counts']['accepted']:,}", f"{facts:,}")), "|", flush=True)


if __name__ == "__main__":
    main()
