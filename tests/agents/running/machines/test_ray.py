"""Runs on a Ray cluster of three nodes: the bytes of `local`, whoever dies."""

import json
import os
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from calling import call_here
from killing import ROOT, count_done, read_exports, start_run
from mini_bench import write_bench
from pages import list_steps, read_page
from parsing import split_words
from scripted_batches import scripted_batches
from scripted_server import scripted_server

from agents.config import RunConfig
from agents.running.listener import Silence
from agents.running.run import run_synthesis
from agents.store.run_store import RunStore
from tools.cluster import session
from tools.errors import MissingError, ToolkitError

ray = pytest.importorskip("ray", reason="the package ray is not installed")
clusters = pytest.importorskip("clusters", reason="the package psutil is not installed")

from agents.running.machines import executor  # noqa: E402 - imports ray

COUNT = 6
REAL = Path(__file__).resolve().parents[4].parent / "shared/data/coco2017"


class Heard(Silence):
    def __init__(self):
        self.places = []

    def place(self, text):
        self.places.append(text)


@pytest.fixture(scope="module")
def cluster():
    with clusters.machines(3) as running:
        yield running


@pytest.fixture(scope="module")
def inside(cluster):
    with clusters.joined(cluster.address):
        yield cluster


def configure(coco, out, **changes):
    settings = {
        "captions": coco / "captions.json", "instances": coco / "instances.json", "images": coco / "photos", "out": out,
        "block": 2, "lag": 1, "instructions": "all", "workers": 0,
    }  # fmt: skip
    return RunConfig(**{**settings, **changes})


def on_ray(coco, out, **changes):
    return configure(coco, out, executor="ray", **{"actors": 2, **changes})


def ask(server, **changes):
    return {"backend": "llm", "model": "gpt-4o-mini", "base_url": server.url, "judge": "vision", **changes}


def read_transcripts(out):
    with RunStore(out) as store:
        return [result.write() for result in store.read_results()]


def read_replies(out):
    with sqlite3.connect(out / "replies.sqlite") as connection:
        return dict(connection.execute("SELECT key, reply FROM replies"))


@pytest.fixture(scope="module")
def asked(coco, server, tmp_path_factory):
    """A run through the scripted endpoint, here; its judge sees the images."""
    out = tmp_path_factory.mktemp("asked") / "run"
    run_synthesis(configure(coco, out, **ask(server)))
    return out


def test_the_template_gives_the_bytes_of_local_on_three_nodes(coco, inside, tmp_path):
    heard = Heard()
    run_synthesis(configure(coco, tmp_path / "local"))
    run_synthesis(on_ray(coco, tmp_path / "ray", actors=3), heard)
    assert read_exports(tmp_path / "ray") == read_exports(tmp_path / "local")
    assert read_replies(tmp_path / "ray") == read_replies(tmp_path / "local")
    assert len(list((tmp_path / "ray/images").rglob("*.png"))) == COUNT
    assert "actor" in heard.places[-1] and "/s" in heard.places[-1]


def test_a_model_gives_the_transcripts_replies_and_bill_of_local(asked, coco, server, inside, tmp_path):
    before = server.read_log()["total"]
    run_synthesis(on_ray(coco, tmp_path / "run", **ask(server)))
    assert read_exports(tmp_path / "run") == read_exports(asked)
    assert read_transcripts(tmp_path / "run") == read_transcripts(asked)
    assert read_replies(tmp_path / "run") == read_replies(asked)
    assert server.read_log()["total"] - before == len(read_replies(asked))
    with sqlite3.connect(tmp_path / "run/requests.sqlite") as bill, sqlite3.connect(asked / "requests.sqlite") as other:
        rows = "SELECT image_id, role, prompt_tokens, usd FROM bill ORDER BY image_id, role, prompt_tokens"
        assert list(bill.execute(rows)) == list(other.execute(rows))


@pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data/coco2017 is missing")
@pytest.mark.parametrize("backend", ["template", "llm"])
def test_photographs_of_coco_give_the_bytes_of_local(backend, server, inside, tmp_path):
    """The first of them; all 135 gave the same once (docs/results.md)."""
    compare_real(ask(server) if backend == "llm" else {}, tmp_path, limit=9)


def compare_real(changes, out, limit=None):
    """A run on COCO's photographs here and on the cluster; how many files are equal."""
    annotations = REAL / "annotations"
    real = {
        "captions": annotations / "captions_val2017.json", "instances": annotations / "instances_val2017.json",
        "images": REAL / "val2017", "block": 4, "limit": limit, **changes,
    }  # fmt: skip
    run_synthesis(configure(REAL, out / "local", **real))
    run_synthesis(on_ray(REAL, out / "ray", actors=3, **real))
    here, there = read_exports(out / "local"), read_exports(out / "ray")
    assert here == there and read_replies(out / "ray") == read_replies(out / "local")
    return len(here)


@pytest.mark.parametrize("is_old", [False, True], ids=["stored now", "by an older version"])
def test_replies_that_the_driver_has_are_asked_by_no_actor(asked, coco, inside, tmp_path, is_old):
    (tmp_path / "run").mkdir()
    shutil.copy(asked / "replies.sqlite", tmp_path / "run")
    if is_old:
        with sqlite3.connect(tmp_path / "run/replies.sqlite") as connection:
            connection.execute("DROP TABLE images")
    offline = {"backend": "llm", "model": "gpt-4o-mini", "base_url": "http://localhost:9/v1", "judge": "vision"}
    run_synthesis(on_ray(coco, tmp_path / "run", attempts=1, **offline))
    assert read_exports(tmp_path / "run") == read_exports(asked)


def test_waves_travel_with_conversations_in_actors(asked, coco, inside, tmp_path):
    with scripted_batches(tmp_path / "api") as api:
        wave = {"transport": "batch", "set": {"transport": {"poll": 0.01}}}
        run_synthesis(on_ray(coco, tmp_path / "run", **ask(api), **wave))
    assert read_exports(tmp_path / "run") == read_exports(asked)


def test_the_cluster_of_the_page_gives_the_bytes_of_one_machine(coco, inside, tmp_path, monkeypatch):
    section = read_page("many-machines.md").partition("## A Ray cluster\n")[2].partition("\n## ")[0]
    lines = [line for step in list_steps(section) if step.kind == "commands" for line in step.text.splitlines()]
    (command,) = [line for line in lines if line.startswith("python -m ")]
    assert "HEAD:6379" in command and "ray start --head --port 6379" in section
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prompts").symlink_to(ROOT / "prompts")
    config = configure(coco, Path("runs/coco"))
    given = config.model_dump(mode="json", include=config.model_fields_set, exclude_none=True)
    (tmp_path / "coco.yaml").write_text(json.dumps(given))
    done = call_here(*split_words(command.replace("HEAD:6379", inside.address))[2:])
    assert done.returncode == 0, done.stderr
    assert call_here("agents", "run", "--config", "coco.yaml", "--out", "runs/local").returncode == 0
    assert read_exports(Path("runs/coco")) == read_exports(Path("runs/local"))


@pytest.mark.parametrize("words", [("agents", "run"), ("itb", "eval")])
def test_a_missing_ray_is_one_line_with_the_command(coco, tmp_path, monkeypatch, words):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "agents.running.machines.executor", raising=False)
    given = ["--captions", coco / "captions.json", "--images", coco / "photos"]
    if words[0] == "itb":
        bench, _ = write_bench(tmp_path / "bench", tasks=("locate",), images=3), (tmp_path / "model").mkdir()
        given = [bench, "--model", tmp_path / "model"]
    done = call_here(*words, *given, "--executor", "ray", "--out", tmp_path / "out")
    assert done.returncode == 3 and "pip install -e '.[ray]'" in done.stderr, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and not (tmp_path / "out").exists()


def test_no_cluster_at_the_address_is_said_at_once(tmp_path):
    with pytest.raises(
        MissingError, match=r"--address localhost:1: this cluster cannot be joined: .*`ray start --head"
    ):
        session._reach("localhost:1")


def test_what_was_begun_of_a_cluster_ends_with_the_error_that_names_ways_out(monkeypatch):
    class Node:
        ended = False

        def __init__(self):
            raise RuntimeError("The current node timed out during startup.")

        def kill_all_processes(self, *, check_alive, allow_graceful):
            Node.ended = True

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", lambda **_: Node())
    monkeypatch.setattr(ray, "shutdown", lambda: time.sleep(60))  # is not waited for
    monkeypatch.setattr(session, "END_SECONDS", 0.1)
    ways = r"timed out during startup; .*: try again, .*--executor local.*--address"
    with pytest.raises(ToolkitError, match=ways), session.join_cluster(session.ClusterSettings()):
        pass
    assert Node.ended


def test_what_actors_see_is_what_the_driver_sees(coco, inside, tmp_path, monkeypatch):
    other = executor.Identity("another backend", None, "none")
    monkeypatch.setattr(executor, "identify", lambda resources: other)
    with pytest.raises(ToolkitError, match=r"node .*: its backend is another one .* the same version of this project"):
        run_synthesis(on_ray(coco, tmp_path / "run", actors=1))
    assert count_done(tmp_path / "run") == 0


def test_actors_a_node_and_the_driver_die_and_no_byte_differs(asked, coco, cluster, tmp_path):
    out, seen = tmp_path / "run", Counter()
    with scripted_server(latency=0.25) as slow:
        flags = [
            *(
                "--captions",
                coco / "captions.json",
                "--instances",
                coco / "instances.json",
                "--images",
                coco / "photos",
            ),
            *("--block", "2", "--lag", "1", "--instructions", "all", "--workers", "0", "--backend", "llm"),
            *("--model", "gpt-4o-mini", "--judge", "vision", "--base-url", slow.url),
            *("--executor", "ray", "--address", cluster.address, "--actors", "2"),
        ]
        process = start_run([str(flag) for flag in flags], out)
        wait_for_replies(out, 4, process)
        assert cluster.kill_actor(0)
        wait_for_replies(out, 12, process)
        cluster.replace_node(0)
        wait_for_replies(out, 20, process)
        os.killpg(process.pid, signal.SIGKILL)
        _, printed = process.communicate()
        assert "Traceback" not in printed
        time.sleep(1)  # the actors of a dead driver end
        committed, before = len(read_replies(out)), slow.read_log()["total"]
        run_synthesis(configure(coco, out, **ask(slow)))
        assert slow.read_log()["total"] - before == len(read_replies(asked)) - committed
        seen.update(slow.read_log()["bodies"].values())
    assert read_exports(out) == read_exports(asked)
    assert max(seen) <= 3


def wait_for_replies(out, count, process):
    end = time.monotonic() + 300
    while not (out / "replies.sqlite").is_file() or count_replies(out) < count:
        assert process.poll() is None and time.monotonic() < end, process.stderr.read() if process.poll() else ""
        time.sleep(0.02)


def count_replies(out):
    try:
        return len(read_replies(out))
    except sqlite3.OperationalError:
        return 0
