"""Speed and memory of the template backend, without images: CPU ms and MB against the number of images.

    PYTHONPATH=. .venv/bin/python tests/benchmarks/throughput.py --images 2000 20000 118287

Each size runs in a process of its own with `--translator none` and the defaults otherwise (10 % of the images debated);
CPU seconds are user + system of that process, memory its peak resident set. Then the same command runs again over the
finished images, timed by the clock. Captions come from rendered scenes, repeated to the size; boxes likewise.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.scenes import render_scenes

BASE_SCENES = 200


def write_dataset(root: Path, images: int) -> list[str]:
    """COCO files of `images` images made from the annotations of rendered scenes; the arguments that name them."""
    base = {
        name: json.loads((root / f"scenes/annotations/{name}_scenes.json").read_text())
        for name in ("captions", "instances")
    }
    folder = root / str(images)
    folder.mkdir()
    for name, data in base.items():
        by_image: dict[int, list[dict[str, object]]] = {}
        for annotation in data["annotations"]:
            by_image.setdefault(annotation["image_id"], []).append(annotation)
        ids = [image["id"] for image in data["images"]]
        rows = [{**data["images"][k % len(ids)], "id": k + 1} for k in range(images)]
        annotations = [
            {**item, "image_id": k + 1} for k in range(images) for item in by_image.get(ids[k % len(ids)], [])
        ]
        for number, item in enumerate(annotations, 1):
            item["id"] = number
        (folder / f"{name}.json").write_text(json.dumps({**data, "images": rows, "annotations": annotations}))
    return [
        *("--captions", str(folder / "captions.json"), "--instances", str(folder / "instances.json")),
        *("--images", str(root / "scenes/visible"), "--translator", "none", "--out", str(folder / "run")),
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
    code_, cpu, peak, told = json.loads(shown.stdout)
    if code_ != 0:
        raise RuntimeError(told)
    return Cost(cpu_seconds=cpu, wall_seconds=time.perf_counter() - start, peak_mb=peak)


def main() -> None:
    """Measure every size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, nargs="+", default=[2000, 20000])
    parser.add_argument("--more", nargs=argparse.REMAINDER, default=[], help="further flags for the run")
    options = parser.parse_args()
    print(f"cores {os.cpu_count()}, page {resource.getpagesize()}")  # noqa: T201
    print("| images | CPU ms/image | images/s | CPU min | peak MB | again s |\n|---|---|---|---|---|---|")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        render_scenes(BASE_SCENES, 1, Path(folder) / "scenes", size=(64, 48))
        for images in options.images:
            arguments = [*write_dataset(Path(folder), images), *options.more]
            first, again = measure(arguments), measure(arguments)
            cpu = first["cpu_seconds"]
            print(  # noqa: T201
                f"| {images:,} | {1000 * cpu / images:.1f} | {images / first['wall_seconds']:.0f} | {cpu / 60:.1f} "
                f"| {first['peak_mb']:.0f} | {again['wall_seconds']:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
