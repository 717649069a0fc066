"""A run on a Ray cluster whose actors, workers, nodes and driver are killed at random times, against one left alone.

    PYTHONPATH=.:tests OMP_NUM_THREADS=1 .venv/bin/python tests/benchmarks/ray_kills.py --kills 30

A cluster of three nodes on this machine, images with instructions of all three kinds, translated; the scripted endpoint
takes 0.1 s a reply, and its judge is sent the images. Kills come one to three seconds after work went on: an actor is
asked to end (SIGTERM), a worker process dies (SIGKILL), a node goes with all that is on it while another one comes, the
driver dies (SIGKILL) and the same command is given again. A run that ends before its kills are spent is followed by
another one.

Prints what was killed, the files compared with those of `--executor local` and how many differ, the requests at the
server, and how many of them asked for a reply that was committed before they came: bodies are matched with the keys of
replies, and the store is read every few milliseconds. Ends with 1 when a byte differs or such a request came.
"""

import argparse
import contextvars
import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

from clusters import Machines, machines
from killing import count_done, read_exports, start_run
from mini_coco import write_coco
from scripted_server import Server, scripted_server

from agents.backends.replay import Replies
from agents.config import RunConfig
from agents.running.run import run_synthesis
from tools.endpoint.client import Endpoint

SHARES = {"actor": 10, "worker": 10, "node": 4, "driver": 6}
LATENCY = 0.1
ACTORS = 3


def make_arguments(folder: Path, images: int, data: Path | None, url: str) -> dict[str, object]:
    """The flags of the run, by name."""
    if data is None:
        write_coco(folder, images)
        named: dict[str, object] = {name: folder / f"{name}.json" for name in ("captions", "instances")}
        named["images"] = folder / "photos"
    else:
        named = {name: data / f"annotations/{name}_val2017.json" for name in ("captions", "instances")}
        named["images"] = data / "val2017"
    asked = {"backend": "llm", "model": "gpt-4o-mini", "base_url": url, "judge": "vision"}
    return {**named, "limit": images, "block": 8, "lag": 1, "instructions": "all", "mix": "each", "workers": 0, **asked}


def run_here(arguments: dict[str, object], out: Path) -> dict[str, set[str]]:
    """The run left alone, and for each body that it sent the keys of the replies it was sent for."""
    asking: contextvars.ContextVar[str] = contextvars.ContextVar("asking")
    keys: defaultdict[str, set[str]] = defaultdict(set)
    ask, post = Replies.ask, Endpoint._post

    async def note_key(self, request, key, origin, endpoint):
        asking.set(key)
        return await ask(self, request, key, origin, endpoint)

    async def note_body(self, server, body):
        digest = hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()
        keys[digest].add(asking.get())
        return await post(self, server, body)

    Replies.ask, Endpoint._post = note_key, note_body  # type: ignore[method-assign]
    run_synthesis(RunConfig(out=out, **arguments))  # type: ignore[arg-type]
    Replies.ask, Endpoint._post = ask, post  # type: ignore[method-assign]
    return keys


class Watch(threading.Thread):
    """Notes when a reply was first seen in a run's store."""

    def __init__(self, out: Path) -> None:
        super().__init__(daemon=True)
        self._out = out
        self.seen: dict[str, float] = {}

    def run(self) -> None:
        while True:
            time.sleep(0.01)
            try:
                with sqlite3.connect(f"file:{self._out / 'replies.sqlite'}?mode=ro", uri=True, timeout=1) as connection:
                    found = [key for (key,) in connection.execute("SELECT key FROM replies")]
            except sqlite3.OperationalError:
                continue
            now = time.time()
            for key in found:
                self.seen.setdefault(key, now)


class Killer:
    """One run after another on a cluster, killed as long as there are kills left."""

    def __init__(self, cluster: Machines, flags: list[str], generator: random.Random, kills: list[str]) -> None:
        self._cluster = cluster
        self._flags = [*flags, "--executor", "ray", "--address", cluster.address, "--actors", str(ACTORS)]
        self._generator = generator
        self.kills = kills
        self.hit: Counter[str] = Counter()
        self.stops: list[str] = []

    def run(self, out: Path, watch: Watch) -> None:
        """Bring one run to its end."""
        process = start_run(self._flags, out)
        while process.poll() is None:
            if self.kills and self._wait_for_work(process, watch):
                time.sleep(self._generator.uniform(1, 3))
                process = self._kill(process, out)
            elif not self.kills:
                time.sleep(0.1)
            if process.poll() not in (None, 0):
                self.stops.append(process.communicate()[1][-300:])
                process = start_run(self._flags, out)

    def _wait_for_work(self, process: subprocess.Popen[str], watch: Watch) -> bool:
        before = len(watch.seen)
        while process.poll() is None and len(watch.seen) == before:
            time.sleep(0.02)
        return process.poll() is None

    def _kill(self, process: subprocess.Popen[str], out: Path) -> subprocess.Popen[str]:
        kind, place = self.kills[0], self._generator.randrange(100)
        if process.poll() is not None:
            return process
        is_hit = True
        if kind == "driver":
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            process = start_run(self._flags, out)
        elif kind == "node":
            self._cluster.replace_node(place)
        else:
            is_hit = self._cluster.kill_actor(place, signal.SIGTERM if kind == "actor" else signal.SIGKILL)
        if is_hit:
            self.hit[kind] += 1
            self.kills.pop(0)
            print(f"{kind} killed at {count_done(out)} images", file=sys.stderr, flush=True)
        return process


def count_asked_twice(server: Server, keys: dict[str, set[str]], seen: dict[str, float], since: float) -> int:
    """Requests that came when every reply that they could be for was seen in the store."""
    late = 0
    for clock, digest in server.read_log()["arrived"]:
        known = [seen.get(key) for key in keys[digest]]
        late += clock >= since and all(first is not None and first < clock for first in known)
    return late


def compare(out: Path, expected: dict[str, bytes]) -> list[str]:
    """The files that are not what they were."""
    found = read_exports(out)
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def main() -> bool:
    """Kill, compare, print; True when all is as it was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--images", type=int, default=48)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, help="COCO 2017 folder in place of drawn photographs")
    options = parser.parse_args()
    generator = random.Random(options.seed)
    share = options.kills / sum(SHARES.values())
    kills = [kind for kind, count in SHARES.items() for _ in range(max(1, round(count * share)))][: options.kills]
    generator.shuffle(kills)
    with tempfile.TemporaryDirectory() as scratch, scripted_server(latency=LATENCY) as server, machines(3) as cluster:
        folder = Path(scratch)
        arguments = make_arguments(folder / "coco", options.images, options.data, server.url)
        keys = run_here(arguments, folder / "local")
        expected, whole = read_exports(folder / "local"), server.read_log()["total"]
        flags = [word for name, value in arguments.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        killer = Killer(cluster, flags, generator, kills)
        different, late, runs = list[str](), 0, 0
        while killer.kills or not runs:
            out, since = folder / f"run-{runs}", time.time()
            watch = Watch(out)
            watch.start()
            killer.run(out, watch)
            different += compare(out, expected)
            late += count_asked_twice(server, keys, watch.seen, since)
            runs += 1
        asked = server.read_log()["total"] - whole
    print(f"killed: {', '.join(f'{count} x {kind}' for kind, count in killer.hit.items())}; in {runs} runs")
    print(f"files of a run: {len(expected)}, of {runs} runs differ: {different or 'none'}")
    print(f"replies of a run: {whole}; requests: {asked}, of them lost on the way: {asked - runs * whole}")
    print(f"requests for a reply that was committed before: {late}; runs that stopped by themselves: {killer.stops}")
    return not different and not late


if __name__ == "__main__":
    sys.exit(not main())
