"""How fast the studio opens and turns pages on a store of COCO's size: python tests/benchmarks/studio_store.py RUN.

The store is made of a finished run's results, each again and again under ids of its own, some of them rejected and some
with a second round; its pictures are those of the run. What is timed is what a browser asks the server for.
"""

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
IMAGES = 118_287
TIMES = 9
SEARCHES = {
    "first page": {},
    "verdict": {"verdict": "failed"},
    "category": {"category": "colour"},
    "words": {"text": "helmet flag"},
    "a word that half of it has": {"text": "infrared"},
    "sorted by objections": {"sort": "objections"},
    "words, verdict and order": {"text": "person", "verdict": "accepted", "sort": "edits"},
}
FIELDS = ("kind", "verdict", "category", "rule", "round", "sort", "text")


def make_results(run: Path) -> Iterator[tuple[int, str, str, str]]:
    """Rows of `results`: an image of the run a time, in another guise at times."""
    with sqlite3.connect(run / "run.sqlite") as store:
        texts = [json.loads(text) for (text,) in store.execute("SELECT result FROM results ORDER BY position")]
    for place in range(IMAGES):
        found = json.loads(json.dumps(texts[place % len(texts)]))
        name, old = f"{place + 1:012d}", found["image_id"]
        text = json.dumps({**found, "index": place, "image_id": name}).replace(f'"{old}-', f'"{name}-')
        found = json.loads(text)
        if place % 97 == 96:
            reject = {"stage": "image", "code": "truncated_image", "reason": "the file ends too soon"}
            found |= {"status": "rejected", "reject": reject, "pairs": [], "debates": [], "caption_rounds": []}
        elif place % 13 == 12 and found["debates"]:
            first = json.loads(json.dumps(found["debates"][0]["rounds"][0]))
            words = first["messages"][-1]["content"].split()[:3]
            objection = {"check": "llm", "category": "colour", "quote": " ".join(words), "reason": "not to be seen"}
            first["verdict"] = {"is_accepted": False, "objections": [objection]}
            last = {**found["debates"][0]["rounds"][0], "round": 2}
            found["debates"][0]["rounds"] = [first, {**first, "round": 2} if place % 26 == 12 else last]
            found["status"] = "failed" if place % 26 == 12 else "accepted"
        yield place, name, found["status"], json.dumps(found)


def make_store(run: Path, out: Path) -> None:
    """The big run."""
    shutil.copytree(run, out, ignore=shutil.ignore_patterns("run.sqlite*", "replies*", "*.jsonl", "report.html"))
    shutil.copy(run / "run.sqlite", out / "run.sqlite")
    with closing(sqlite3.connect(out / "run.sqlite")) as store, store:  # closed, so that no log lies beside it
        store.execute("DELETE FROM results")
        store.executemany("INSERT INTO results VALUES (?, ?, ?, ?)", make_results(run))


class Server:
    """The studio of a run, as a browser sees it."""

    def __init__(self, run: Path, keep: Path) -> None:
        begun = time.perf_counter()
        words = [sys.executable, "-m", "agents", "serve", str(run), "--port", "0", "--out", str(keep)]
        self.process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().split(": ", 1)[1].split()[0]
        config = json.loads(self.get("/config"))
        self.get("/")
        self.opened = time.perf_counter() - begun
        names = {each["id"]: each["props"].get("elem_id") for each in config["components"]}
        self._filter = next(
            each["id"] for each in config["dependencies"] if ("browse-text", "input") in
            [(names.get(target), event) for target, event in each["targets"]]
        )  # fmt: skip
        self._load = next(each["id"] for each in config["dependencies"] if len(each["outputs"]) > len(FIELDS))

    def get(self, path: str, data: bytes | None = None) -> bytes:
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def call(self, dependency: int, data: list[Any]) -> float:
        """Seconds that an event takes."""
        body = json.dumps({"fn_index": dependency, "data": data, "session_hash": "measured"}).encode()
        begun = time.perf_counter()
        self.get("/gradio_api/run/predict?section=browse", body)
        return time.perf_counter() - begun

    def search(self, values: dict[str, str]) -> float:
        return self.call(self._filter, [values.get(name, "") for name in FIELDS])

    def load(self) -> float:
        return self.call(self._load, [])

    def wait_for_index(self, keep: Path) -> float:
        """Seconds until every image is in the index."""
        begun = time.perf_counter()
        while True:
            with sqlite3.connect(keep / "index.sqlite") as index:
                if index.execute("SELECT count(*) FROM images").fetchone() == (IMAGES,):
                    return time.perf_counter() - begun
            time.sleep(0.2)

    def count_cpu(self) -> float:
        """CPU seconds that the server has taken."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="a finished run")
    parser.add_argument("--work", type=Path, help="keep the big run here, or take the one that is here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = given.work or Path(folder)
        big, keep = work / "run", work / "keep"
        if not big.exists():
            make_store(given.run, big)
        shutil.rmtree(keep, ignore_errors=True)
        size = (big / "run.sqlite").stat().st_size / 1e9
        print(f"{IMAGES:,} images, a store of {size:.2f} GB")
        server = Server(big, keep)
        cpu = server.count_cpu()
        print(f"opened, no index yet: {server.opened:.2f} s (CPU {cpu:.2f}), first page {server.load():.3f} s")
        print(f"a page while the index is built: {max(server.search({}) for _ in range(TIMES)):.3f} s at the most")
        waited = server.wait_for_index(keep)
        print(f"index built after {waited:.0f} s more (CPU {server.count_cpu() - cpu:.1f}, pages among it)")
        print(f"index of {(keep / 'index.sqlite').stat().st_size / 1e9:.2f} GB")
        server.close()
        server = Server(big, keep)
        cpu = server.count_cpu()
        print(f"opened again: {server.opened:.2f} s (CPU {cpu:.2f}), first page {server.load():.3f} s", end="")
        print(f" (CPU {server.count_cpu() - cpu:.2f})")
        for name, values in SEARCHES.items():
            cpu, seconds = server.count_cpu(), [server.search(values) for _ in range(TIMES)]
            each = (server.count_cpu() - cpu) / TIMES
            print(f"{name}: {statistics.median(seconds):.3f} s, at the most {max(seconds):.3f} s (CPU {each:.3f})")
        server.close()


if __name__ == "__main__":
    main()
