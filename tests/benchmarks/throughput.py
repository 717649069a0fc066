"""Speed and memory of the template backend, without images: CPU ms and MB against the number of images.

    PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/throughput.py --images 2000 20000 118287 \\
        --base ../shared/data/coco2017 --texts ../shared/data/coco2017_text

Each size runs in a process of its own with `--translator none` and the defaults otherwise (10 % of the images debated);
CPU seconds are user + system of that process, memory its peak resident set. Then the same command runs again over the
finished images, timed by the clock. The dataset is made by repeating the boxes of a COCO folder (`--base`) and five
captions an image from all captions of another (`--texts`) in shuffled order; without them, of a small drawn dataset.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mini_coco import write_coco

CAPTIONS_PER_IMAGE = 5


def read_base(base: Path | None, texts: Path | None, scratch: Path) -> tuple[dict[str, Any], list[str]]:
    """Instances to repeat, and captions to draw from."""
    if base is None:
        write_coco(scratch / "base", 120)
        base_file, text_file = scratch / "base/instances.json", scratch / "base/captions.json"
    else:
        base_file = base / "annotations/instances_val2017.json"
        text_file = (texts or base) / "annotations/captions_val2017.json"
    captions = [item["caption"] for item in json.loads(text_file.read_text())["annotations"]]
    return json.loads(base_file.read_text()), captions


def write_dataset(folder: Path, base: dict[str, Any], captions: list[str], images: int) -> list[str]:
    """COCO files of `images` images; the arguments that name them."""
    folder.mkdir()
    boxes: dict[int, list[dict[str, Any]]] = {}
    for item in base["annotations"]:
        boxes.setdefault(item["image_id"], []).append({**item, "segmentation": []})
    generator = random.Random(0)
    rows, annotations, texts = [], [], []
    for number in range(1, images + 1):
        source = base["images"][number % len(base["images"])]
        rows.append({**source, "id": number})
        for item in boxes.get(source["id"], []):
            annotations.append({**item, "id": len(annotations) + 1, "image_id": number})
        for text in generator.choices(captions, k=CAPTIONS_PER_IMAGE):
            texts.append({"id": len(texts) + 1, "image_id": number, "caption": text})
    categories = base["categories"]
    write = {"captions": {"images": rows, "annotations": texts}}
    write["instances"] = {"images": rows, "annotations": annotations, "categories": categories}
    for name, data in write.items():
        (folder / f"{name}.json").write_text(json.dumps(data))
    return [
        *("--captions", str(folder / "captions.json"), "--instances", str(folder / "instances.json")),
        *("--images", str(folder), "--translator", "none", "--out", str(folder / "run")),
    ]


class Cost(dict[str, float]):
    """CPU seconds, wall seconds and peak MB of one child process."""


def measure(arguments: list[str]) -> Cost:
    """Run `python -m agents run` and measure it alone."""
    code = (
        "import resource, subprocess, sys, json\n"
        "done = subprocess.run([sys.executable, '-m', 'agents', 'run', *sys.argv[1:]], stdout=subprocess.DEVNULL, "
        "stderr=subprocess.PIPE, text=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, done.stderr[-500:]]))"
    )
    start = time.perf_counter()
    shown = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    code_, cpu, peak, printed = json.loads(shown.stdout)
    if code_ != 0:
        raise RuntimeError(printed)
    return Cost(cpu_seconds=cpu, wall_seconds=time.perf_counter() - start, peak_mb=peak)


def main() -> None:
    """Measure every size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, nargs="+", default=[2000, 20000])
    parser.add_argument("--base", type=Path, help="COCO folder whose boxes are repeated")
    parser.add_argument("--texts", type=Path, help="COCO folder whose captions are drawn from")
    parser.add_argument("--more", nargs=argparse.REMAINDER, default=[], help="further flags for the run")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores")
    print("| images | CPU ms/image | images/s | CPU min | peak MB | again s |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base, captions = read_base(options.base, options.texts, folder)
        for images in options.images:
            arguments = [*write_dataset(folder / str(images), base, captions, images), *options.more]
            first, again = measure(arguments), measure(arguments)
            cpu = first["cpu_seconds"]
            print(
                f"| {images:,} | {1000 * cpu / images:.1f} | {images / first['wall_seconds']:.0f} | {cpu / 60:.1f} "
                f"| {first['peak_mb']:.0f} | {again['wall_seconds']:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
