"""CPU ms a request of the client, against a scripted server in a process of its own.

    PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/endpoint_cpu.py --requests 4000 --at-once 64 256

Each line runs in a process of its own, in the order ours, openai's typed client on aiohttp, openai's typed client as it
comes, then all again, `--repeats` times; the table shows the median. CPU is user + system of that process between the
first request and the last answer, after a warm-up of one request a connection; imports and the server are not in it.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from scripted_server import scripted_server

CLIENTS = ("ours", "openai, aiohttp", "openai")
SYSTEM = "You edit captions. " + "What infrared cannot show goes, and all the rest stays as it is. " * 40
OPTIONS = {"temperature": 0.8, "max_tokens": 160}


def make_messages(number: int) -> tuple[dict[str, str], ...]:
    """A caption request of usual size."""
    return (
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": f"Caption:\nA red car {number} stands before a house."},
    )


async def measure(client: str, url: str, requests: int, at_once: int) -> dict[str, float]:
    """CPU ms a request and requests a second of one client in this process."""
    import openai

    if client == "ours":
        from tools.endpoint.client import Endpoint
        from tools.endpoint.connection import EndpointConfig
        from tools.endpoint.messages import ChatRequest

        async with Endpoint(EndpointConfig(base_urls=(url,), concurrency=at_once)) as endpoint:

            async def ask(number: int) -> None:
                request = ChatRequest(model="m", messages=make_messages(number), options=OPTIONS, n=5)
                assert len((await endpoint.complete(request)).texts) == 5

            return await drive(ask, requests, at_once)
    http = openai.DefaultAioHttpClient() if client.endswith("aiohttp") else None
    async with openai.AsyncOpenAI(api_key="none", base_url=url, http_client=http, max_retries=0) as plain:

        async def ask_plain(number: int) -> None:
            found = await plain.chat.completions.create(model="m", messages=make_messages(number), n=5, **OPTIONS)
            assert len(found.choices) == 5

        return await drive(ask_plain, requests, at_once)


async def drive(ask: Callable[[int], Awaitable[None]], requests: int, at_once: int) -> dict[str, float]:
    """Ask `requests` questions, `at_once` under way."""
    await asyncio.gather(*(ask(-1 - number) for number in range(at_once)))
    numbers = iter(range(requests))

    async def work() -> None:
        for number in numbers:
            await ask(number)

    start, cpu = time.perf_counter(), read_cpu()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return {
        "cpu_ms": 1000 * (read_cpu() - cpu) / requests,
        "per_second": requests / (time.perf_counter() - start),
    }


def read_cpu() -> float:
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure_apart(client: str, requests: int, at_once: int, latency: float) -> dict[str, float]:
    """`measure` in a process of its own, with a fresh server."""
    with scripted_server(latency=latency) as server:
        command = [sys.executable, str(Path(__file__)), "--one", client, server.url, str(requests), str(at_once)]
        found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        return found


def main() -> None:
    """Measure every client at every number at once, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--at-once", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before the server answers")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        client, url, requests, at_once = options.one
        print(json.dumps(asyncio.run(measure(client, url, int(requests), int(at_once)))))
        return
    print(f"{os.cpu_count()} cores, {options.requests} requests, n=5, server answers after {options.latency} s")
    print("| client | at once | CPU ms a request (least-most) | requests/s |\n|---|---|---|---|")
    for at_once in options.at_once:
        rounds = [
            {client: measure_apart(client, options.requests, at_once, options.latency) for client in CLIENTS}
            for _ in range(options.repeats)
        ]
        for client in CLIENTS:
            cpu = [found[client]["cpu_ms"] for found in rounds]
            speed = statistics.median(found[client]["per_second"] for found in rounds)
            spread = f"{statistics.median(cpu):.2f} ({min(cpu):.2f}-{max(cpu):.2f})"
            print(f"| {client} | {at_once} | {spread} | {speed:.0f} |", flush=True)


if __name__ == "__main__":
    main()
