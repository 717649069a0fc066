"""A run in waves against one that asks one by one, on real captions and boxes: bytes, waves, requests, CPU time.

    PYTHONPATH=.:tests OMP_NUM_THREADS=1 .venv/bin/python tests/benchmarks/waves.py ../shared/data/coco2017

Both ask scripted endpoints in processes of their own (tests/scripted_server.py, tests/scripted_batches.py). Of the
Batch API's results 10 % of lines are broken and 5 % are errors, and its second batch expires half-way. Prints a line a
wave, then what differs; exits with 1 when a byte does or the waves are more than `plan` says. The CPU time is that of
this process: the conversations, the stores and the exports, and no endpoint.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from killing import read_exports
from scripted_batches import scripted_batches
from scripted_server import scripted_server

from agents.config import RunConfig
from agents.running.listener import Silence
from agents.running.plan import make_plan
from agents.running.run import run_synthesis

FAULTS = {"malformed": 0.1, "failed": 0.05, "ends": ["completed", "expired"]}


class Printer(Silence):
    """Prints how large each wave is."""

    def say(self, text: str) -> None:
        if " requests in " in text or " request in " in text:
            print(text, flush=True)


def configure(coco: Path, part: str, out: Path, url: str, block: int, **changes: Any) -> RunConfig:
    """A run of one debated instruction an image."""
    files = {"captions": f"annotations/captions_{part}.json", "instances": f"annotations/instances_{part}.json"}
    paths = {name: coco / file for name, file in files.items()}
    settings = {
        **paths, "images": coco / part, "out": out, "block": block, "instructions": "all", "translator": "none",
        "workers": 0, "backend": "llm", "model": "gpt-4o-mini", "base_url": url,
    }  # fmt: skip
    return RunConfig.model_validate({**settings, **changes})


def measure(config: RunConfig) -> float:
    """Run it; its CPU seconds."""
    start = time.process_time()
    run_synthesis(config, Printer())
    return time.process_time() - start


def main() -> int:
    """Run both and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("coco", type=Path, help="a folder in COCO's layout")
    parser.add_argument("--part", default="val2017")
    parser.add_argument("--block", type=int, default=32)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with scripted_server() as chat, scripted_batches(root / "api", **FAULTS) as api:
            one = configure(given.coco, given.part, root / "chat", chat.url, given.block)
            waves = {"transport": "batch", "set": {"transport": {"poll": 0.05}}}
            many = configure(given.coco, given.part, root / "batch", api.url, given.block, **waves)
            plan = make_plan(many)
            seconds = [measure(config) for config in (one, many)]
            sent, log = chat.read_log()["total"], api.read_log()
        exports = [read_exports(root / name) for name in ("chat", "batch")]
    differing = sorted(name for name in exports[0] if exports[0][name] != exports[1].get(name))
    assert plan.waves is not None
    each = [f"{1000 * spent / plan.images:.0f}" for spent in seconds]
    print(
        f"{plan.images} images in {plan.blocks} blocks: {len(log['requests'])} waves (plan: at most {plan.waves.total} "
        f"without faults), {sent} requests one by one, {log['total']} in waves; CPU ms an image {' and '.join(each)}; "
        f"files that differ: {differing or 'none'}"
    )
    return int(bool(differing) or len(log["requests"]) > plan.waves.total)


if __name__ == "__main__":
    sys.exit(main())
