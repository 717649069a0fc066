"""What the executor `ray` costs beside `local`, how it grows with workers, and the driver's memory.

    PYTHONPATH=.:tests OMP_NUM_THREADS=1 .venv/bin/python tests/benchmarks/ray_scale.py overhead --images 2000
    PYTHONPATH=.:tests OMP_NUM_THREADS=1 .venv/bin/python tests/benchmarks/ray_scale.py workers --images 24
    PYTHONPATH=.:tests OMP_NUM_THREADS=1 .venv/bin/python tests/benchmarks/ray_scale.py memory --images 20000 100000

`overhead`: CPU ms an image (template backend, no translation, 10 % of the images debated) of the driver, and of all
processes together: driver, actors and Ray's own. Each is the difference of two sizes, so that what a process takes to
begin counts for nothing. `workers`: images a second with 1, 2 and 4 actors of one conversation each, where the scripted
endpoint takes 50 ms a reply, from the first commit to the last. `memory`: greatest resident set of the driver.

`--base` and `--texts` name COCO folders to repeat, as in `throughput.py`.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import psutil
from clusters import Machines, joined, machines
from mini_coco import write_coco
from scripted_server import scripted_server
from throughput import read_base, write_dataset

from agents.config import RunConfig
from agents.conversation.results import Result
from agents.running.listener import Silence
from agents.running.run import run_synthesis

FEW = 200
ACTORS = 2
LATENCY = 0.05
SAMPLED_SECONDS = 0.2


class Sampler(threading.Thread):
    """CPU seconds of a cluster's processes, read again and again, as those that have ended cannot be asked."""

    def __init__(self, cluster: Machines) -> None:
        super().__init__(daemon=True)
        self._cluster = cluster
        self._first: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self._is_over = threading.Event()
        self._look()
        self._first = dict(self._last)

    def _look(self) -> None:
        for process in self._cluster.list_processes():
            with contextlib.suppress(psutil.Error):
                used = process.cpu_times()
                self._last[process.pid] = used.user + used.system

    def run(self) -> None:
        while not self._is_over.wait(SAMPLED_SECONDS):
            self._look()

    def stop(self) -> float:
        """What they used since the beginning."""
        self._is_over.set()
        self.join()
        return sum(used - self._first.get(pid, 0.0) for pid, used in self._last.items())


class Cost(NamedTuple):
    """One command: CPU seconds of its own and of the cluster, its greatest MB, and the seconds by the clock."""

    driver: float
    cluster: float
    peak_mb: float
    seconds: float


def measure(arguments: list[str], cluster: Machines | None) -> Cost:
    """Run `python -m agents run` and measure it alone, with the cluster that it works on."""
    code = (
        "import resource, subprocess, sys, json\n"
        "done = subprocess.run([sys.executable, '-m', 'agents', 'run', *sys.argv[1:]], stdout=subprocess.DEVNULL, "
        "stderr=subprocess.PIPE, text=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, done.stderr[-500:]]))"
    )
    words = [*arguments, "--executor", "ray", "--address", cluster.address] if cluster else arguments
    sampler = Sampler(cluster) if cluster else None
    if sampler:
        sampler.start()
    started = time.perf_counter()
    shown = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - started
    returned, cpu, peak, stderr = json.loads(shown.stdout)
    if returned:
        raise RuntimeError(stderr)
    return Cost(cpu, sampler.stop() if sampler else 0.0, peak, seconds)


def prepare(folder: Path, options: argparse.Namespace, images: int) -> list[str]:
    """A dataset of so many images, and the arguments of its run."""
    folder.mkdir()
    base, captions = read_base(options.base, options.texts, folder)
    arguments = write_dataset(folder / "data", base, captions, images)
    return [*arguments, "--concurrency", "64"]


def compare_overhead(options: argparse.Namespace, scratch: Path) -> None:
    """CPU an image of both executors."""
    with machines(ACTORS) as cluster:
        for name, place in (("local", None), ("ray", cluster)):
            few, many = (
                measure(prepare(scratch / f"{name}-{count}", options, count), place)
                for count in (FEW, FEW + options.images[0])
            )
            driver, whole = many.driver - few.driver, many.driver + many.cluster - few.driver - few.cluster
            each = 1000 / options.images[0]
            print(f"{name}: CPU ms an image {driver * each:.2f} of the driver, {whole * each:.2f} of all processes")


class Clock(Silence):
    """Notes when images became final."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def hear(self, result: Result) -> None:
        self.times.append(time.perf_counter())


def compare_workers(options: argparse.Namespace, scratch: Path) -> None:
    """Images a second by the number of actors."""
    images = options.images[0]
    write_coco(scratch / "coco", images)
    given = {name: scratch / f"coco/{name}.json" for name in ("captions", "instances")}
    with scripted_server(latency=LATENCY) as server, machines(4) as cluster, joined(cluster.address):
        alone = 0.0
        for actors in (1, 2, 4):
            before, clock, cpu = server.read_log()["total"], Clock(), Sampler(cluster)
            config = RunConfig(
                **given, images=scratch / "coco/photos", out=scratch / f"run-{actors}", instructions="all",
                translator="none", backend="llm", model="gpt-4o-mini", base_url=server.url, concurrency=actors,
                executor="ray", actors=actors,
            )  # fmt: skip
            cpu.start()
            run_synthesis(config, clock)
            rate = (images - 1) / (clock.times[-1] - clock.times[0])
            alone = alone or rate
            asked = (server.read_log()["total"] - before) / images
            print(
                f"{actors} workers: {rate:.2f} images/s, {rate / alone:.2f} times one; {asked:.1f} requests an image, "
                f"{cpu.stop() / images * 1000:.0f} CPU ms an image on the nodes, actors begun among them",
                flush=True,
            )


def compare_memory(options: argparse.Namespace, scratch: Path) -> None:
    """Memory of the driver by the number of images."""
    with machines(ACTORS) as cluster:
        for images in options.images:
            found = measure(prepare(scratch / f"memory-{images}", options, images), cluster)
            print(
                f"{images} images: driver {found.peak_mb:.0f} MB, {found.driver:.0f} CPU s, {found.seconds:.0f} s",
                flush=True,
            )


def main() -> None:
    """Measure what was asked for."""
    ways = {"overhead": compare_overhead, "workers": compare_workers, "memory": compare_memory}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=ways)
    parser.add_argument("--images", type=int, nargs="+", required=True)
    parser.add_argument("--base", type=Path)
    parser.add_argument("--texts", type=Path)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        ways[options.what](options, Path(folder))


if __name__ == "__main__":
    main()
