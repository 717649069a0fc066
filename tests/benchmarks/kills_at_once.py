"""Killed runs against an uninterrupted one, byte for byte in every export.

    PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/kills_at_once.py --kills 20

Draws a dataset, runs the template backend on them once without interruption, then once for each concurrency with
SIGKILL at random points (workers die too), and compares all exported files. Exits with 1 when any byte differs.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from killing import finish_run, kill_often, read_exports
from mini_coco import write_coco


def compare(kills: int, images: int, concurrencies: list[int]) -> bool:
    """Run all comparisons; True when every export is equal."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        arguments = [
            *write_coco(root / "coco", images),
            *("--block", "4", "--lag", "2", "--workers", "1", "--instructions", "all", "--mix", "each"),
        ]
        finish_run([*arguments, "--concurrency", "1"], root / "whole")
        expected = read_exports(root / "whole")
        is_equal = True
        for concurrency in concurrencies:
            out = root / f"killed-{concurrency}"
            hits = kill_often([*arguments, "--concurrency", str(concurrency)], out, images, kills, concurrency)
            found = read_exports(out)
            different = [name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)]
            is_equal &= not different
            print(
                f"concurrency {concurrency:3}: {hits} of {kills} kills hit a running process, {len(expected)} files, "
                f"different: {different or 'none'}"
            )
        return is_equal


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--images", type=int, default=150)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 8, 64])
    options = parser.parse_args()
    sys.exit(not compare(options.kills, options.images, options.concurrency))
