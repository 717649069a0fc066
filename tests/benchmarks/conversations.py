"""Conversations/s and CPU ms a conversation of the `llm` backend, against plain asyncio + openai and other generators.

    PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/conversations.py cpu --images 1000 --at-once 64 256 \\
        [--peer distilabel=/path/to/python] [--peer curator=/path/to/python]
    PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/conversations.py share --images 1600

A conversation is one debated image: five captions (n=5 each), an instruction, its rejection, a mined rule, the second
instruction, its acceptance: 10 requests. The scripted server runs in a process of its own and answers after 50 ms.

`cpu`: each client runs in a process of its own, in turn, `--repeats` times; the table gives the median. CPU is user +
system of that process and its children. Ours is `agents run --translator none --scorer none` without its imports, with
reading the annotations, all exports and the report page; plain asyncio keeps the texts in a list and nothing else; the
peers (see `peers/`) are given the same ten requests an item as columns of steps, in the way each is meant to be used.

`share`: the server answers at most 160 requests/s, each after 100 ms; then the same with every request of one image in
200 twenty times slower. The share is that of the rate until 95 % of all requests were answered, and of the whole run,
which ends with whatever slow image began last.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mini_coco import change_json, write_coco
from peers.ten_requests import CAPTIONS, MODEL, SAMPLING, TURNS, make_caption_messages, make_turn_messages, read_cpu
from scripted_server import scripted_server

RATE = 160
PEERS = Path(__file__).with_name("peers")


def write_dataset(root: Path, images: int) -> None:
    """A COCO folder with five captions an image, one of which names a material, so that the first debate rejects."""
    write_coco(root, images, (8, 8))

    def give_five(document: dict[str, Any]) -> None:
        by_image: dict[int, list[str]] = {}
        for row in document["annotations"]:
            by_image.setdefault(row["image_id"], []).append(row["caption"])
        rows = []
        for image_id, texts in by_image.items():
            own = [
                f"A wooden table number {image_id} near a red car.",
                *(f"{text} Number {image_id}." for text in texts),
            ]
            own += [f"Another view, number {image_id}, seen {turn} times." for turn in range(CAPTIONS)]
            rows += [{"image_id": image_id, "caption": text} for text in own[:CAPTIONS]]
        document["annotations"] = [{"id": number, **row} for number, row in enumerate(rows, 1)]

    change_json(root / "captions.json", give_five)


def run_ours(url: str, images: int, at_once: int) -> dict[str, float]:
    """The whole command on a folder made before, after a small one that imports everything."""
    import agents.conversation.chat  # noqa: F401 - its import is not part of a conversation
    from agents.config import RunConfig
    from agents.running.run import run_synthesis

    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        write_dataset(root, images)
        config = RunConfig(
            captions=root / "captions.json", instances=root / "instances.json", images=root / "photos",
            out=root / "run", instructions="all", translator="none", scorer="none", workers=0, backend="llm",
            model=MODEL, base_url=url, concurrency=at_once,
        )  # fmt: skip
        run_synthesis(config.model_copy(update={"out": root / "warm", "limit": 2}))
        start, cpu = time.perf_counter(), read_cpu()
        run_synthesis(config)
        return {"cpu_ms": 1000 * (read_cpu() - cpu) / images, "per_second": images / (time.perf_counter() - start)}


def run_plain(url: str, images: int, at_once: int) -> dict[str, float]:
    """Ten requests a conversation with openai's own client as it comes, and nothing else."""
    import openai

    async def go() -> dict[str, float]:
        async with openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0) as client:

            async def ask(messages: list[Any], n: int) -> str:
                reply = await client.chat.completions.create(model=MODEL, messages=messages, n=n, **SAMPLING)
                return reply.choices[-1].message.content or ""

            async def converse(number: int) -> list[str]:
                kept = await asyncio.gather(*(ask(make_caption_messages(number, k), 5) for k in range(CAPTIONS)))
                said = [await ask(make_turn_messages(number, turn), 1) for turn in range(TURNS)]
                return [*kept, *said]

            await converse(-1)
            numbers, made = iter(range(images)), []

            async def work() -> None:
                for number in numbers:
                    made.append(await converse(number))

            start, cpu = time.perf_counter(), read_cpu()
            await asyncio.gather(*(work() for _ in range(at_once)))
            return {"cpu_ms": 1000 * (read_cpu() - cpu) / images, "per_second": images / (time.perf_counter() - start)}

    return asyncio.run(go())


def measure_apart(name: str, python: str, images: int, at_once: int) -> dict[str, float]:
    """One client in a process of its own, with a fresh server."""
    own = name in ("ours", "plain")
    script = [str(Path(__file__)), "one", name] if own else [str(PEERS / f"{name}_run.py")]
    with scripted_server(latency=0.05) as server:
        before = server.read_log()["total"]
        command = [python, *script, server.url, str(images), str(at_once)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{name} failed:\n{done.stderr[-3000:]}")
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        found["requests"] = (server.read_log()["total"] - before) / images
    return found


def compare_cpu(options: argparse.Namespace) -> None:
    """Print the table of `cpu`."""
    peers = dict(peer.split("=", 1) for peer in options.peer)
    clients = {"ours": sys.executable, "plain": sys.executable, **peers}
    print("| client | at once | CPU ms a conversation (least-most) | conversations/s | requests each |")
    print("|---|---|---|---|---|")
    for at_once in options.at_once:
        rounds = [
            {name: measure_apart(name, python, options.images, at_once) for name, python in clients.items()}
            for _ in range(options.repeats)
        ]
        for name in clients:
            cpu = [found[name]["cpu_ms"] for found in rounds]
            speed = statistics.median(found[name]["per_second"] for found in rounds)
            spread = f"{statistics.median(cpu):.1f} ({min(cpu):.1f}-{max(cpu):.1f})"
            print(f"| {name} | {at_once} | {spread} | {speed:.1f} | {rounds[0][name]['requests']:.1f} |", flush=True)


def measure_share(options: argparse.Namespace) -> None:
    """Print the share of the server's rate that a run reaches, with and without slow images."""
    print("| images | until 95 % of the requests | whole run |\n|---|---|---|")
    for name, slow in (("all alike", {}), ("1 in 200 twenty times slower", {"slow_text": r"umber \d*[13579]00\b"})):
        with scripted_server(latency=0.1, per_second=RATE, **slow) as server, tempfile.TemporaryDirectory() as scratch:
            write_dataset(Path(scratch), options.images)
            arguments = [
                *("--captions", f"{scratch}/captions.json", "--instances", f"{scratch}/instances.json", "--images"),
                *(f"{scratch}/photos", "--out", f"{scratch}/run", "--instructions", "all", "--translator", "none"),
                *("--scorer", "none", "--workers", "0", "--backend", "llm", "--model", MODEL, "--base-url"),
                *(server.url, "--concurrency", str(options.concurrency)),
            ]
            command = [sys.executable, "-m", "agents", "run", *arguments]
            subprocess.run(command, check=True, capture_output=True)
            times = sorted(server.read_log()["answered_at"])
        most = int(0.95 * len(times))
        shares = [count / RATE / (times[count - 1] - times[0]) for count in (most, len(times))]
        print(f"| {name} | {100 * shares[0]:.1f} % | {100 * shares[1]:.1f} % |", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cpu", "share", "one"])
    parser.add_argument("rest", nargs="*")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--at-once", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=128)
    parser.add_argument("--peer", action="append", default=[], help="NAME=PYTHON of a venv that has it")
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if options.what == "one":
        name, url, images, at_once = options.rest
        run = run_ours if name == "ours" else run_plain
        print(json.dumps(run(url, int(images), int(at_once))))
    elif options.what == "cpu":
        compare_cpu(options)
    else:
        measure_share(options)


if __name__ == "__main__":
    main()
