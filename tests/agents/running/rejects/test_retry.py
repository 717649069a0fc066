"""`--retry-rejected`: what is asked again, what it reads, and that everything else keeps its bytes."""

import json
import os
import signal
import time

import pytest
from calling import call_here
from killing import count_done, read_exports, start_run
from scripted_server import MATERIALS, scripted_server

from agents.config import RunConfig
from agents.output.mined import name_mined
from agents.output.show import explain_rows, find_result
from agents.running.run import run_synthesis
from agents.store.retries import list_late, list_waiting, read_history
from agents.store.run_store import RunStore
from tools.errors import UsageError

COUNT = 24
FAULTS = {"refusal": 0.12}
REJECTS = {"reject": "a|e", "reject_captions": MATERIALS.pattern}
"""Instructions are rejected whatever they say, so that every image mines; captions can be settled."""
UNDER_WAY = 5  # requests that one image has under way at most


@pytest.fixture(scope="module")
def healthy():
    with scripted_server(**REJECTS) as server:
        yield server


@pytest.fixture(scope="module")
def refusing():
    with scripted_server(**REJECTS, faults=FAULTS, lasting=True) as server:
        yield server


def list_flags(coco, url):
    files = ["--captions", coco / "captions.json", "--instances", coco / "instances.json", "--images", coco / "photos"]
    how = ["--translator", "none", "--backend", "llm", "--model", "gpt-4o-mini", "--base-url", url, "--workers", "0"]
    return list(map(str, [*files, *how, "--block", "4", "--lag", "1", "--instructions", "all", "--attempts", "1"]))


def configure(coco, out, url, **changes):
    settings = {
        "captions": coco / "captions.json", "instances": coco / "instances.json", "images": coco / "photos", "out": out,
        "block": 4, "lag": 1, "instructions": "all", "translator": "none", "workers": 0, "backend": "llm",
        "model": "gpt-4o-mini", "base_url": url, "attempts": 1,
    }  # fmt: skip
    return RunConfig(**{**settings, **changes})


def read_rows(exports, name):
    return [json.loads(line) for line in exports[name].splitlines()]


def find_rejected(out):
    with RunStore(out) as store:
        return {result.image_id for result in store.read_results() if result.status == "rejected"}


def read_books(out):
    """The rules that each image read."""
    with RunStore(out) as store:
        return {result.image_id: result.rules for result in store.read_results()}, store.list_mined()


def test_the_retried_read_their_own_book_and_the_rest_keeps_its_bytes(coco, healthy, refusing, tmp_path):
    exports = []
    for name, concurrency in (("one", 1), ("many", 16)):
        out = tmp_path / name
        run_synthesis(configure(coco, out, refusing.url, concurrency=concurrency))
        before, rejected, books = read_exports(out), find_rejected(out), read_books(out)
        assert 0 < len(rejected) < COUNT
        run_synthesis(configure(coco, out, healthy.url, concurrency=concurrency), retry=["refusal"])
        after = read_exports(out)
        assert not find_rejected(out)
        assert read_books(out) == books  # the late rules stand in no book, those mined before the reject still do
        assert after["rules.jsonl"].count(b"\n") == before["rules.jsonl"].count(b"\n")
        for file in ("pairs.jsonl", "instructions.jsonl"):
            kept = [row for row in read_rows(after, file) if row["image_id"] not in rejected]
            assert kept == [row for row in read_rows(before, file) if row["image_id"] not in rejected]
        manifest = json.loads(after["manifest.json"])
        assert manifest["retried"]["images"] == len(rejected)
        assert manifest["retried"]["earlier_rejects"] == {"refusal": len(rejected)}
        assert manifest["retried"]["late_rules"] > 0
        assert "retried" not in json.loads(before["manifest.json"])
        exports.append(after)
        check_late_rules_are_explained(out, manifest["retried"]["late_rules"])
    assert exports[0] == exports[1]


def check_late_rules_are_explained(out, count):
    """`why` says of each that it came too late, whether or not an earlier rule of the image has its id."""
    with RunStore(out) as store:
        late = [item for result in store.read_results() for item in list_late(store, result.image_id)]
        assert len(late) == count
        for item in late:
            explained = dict(explain_rows(store, find_result(store, name_mined(item)), name_mined(item)))
            assert item.text in explained[f"late rule {name_mined(item)}"]
            assert "too late for the books" in explained[f"late rule {name_mined(item)}"]
        for _, item in store.list_mined():
            explained = dict(explain_rows(store, find_result(store, name_mined(item)), name_mined(item)))
            assert item.text in explained[f"rule {name_mined(item)}"]
    (name, *_) = map(name_mined, late)
    assert f"late rule {name}" in call_here("agents", "why", out, name).stdout


def test_a_code_that_no_image_has_names_those_that_there_are(coco, refusing, healthy, tmp_path):
    out = tmp_path / "run"
    run_synthesis(configure(coco, out, refusing.url))
    count = len(find_rejected(out))
    with pytest.raises(UsageError, match=rf"--retry-rejected refuse: .* the codes are: refusal \({count}\)"):
        run_synthesis(configure(coco, out, healthy.url), retry=["refuse"])
    flags = [*list_flags(coco, healthy.url), "--out", out, "--retry-rejected", "x"]
    done = call_here("agents", "run", *flags, columns=400)
    assert (done.returncode, f"refusal ({count})" in done.stderr) == (2, True)
    both = call_here("agents", "run", *flags, "--fresh")
    assert both.returncode == 2
    assert count_done(out) == COUNT


def test_what_is_refused_again_stays_a_reject_and_is_counted(coco, refusing, tmp_path):
    out = tmp_path / "run"
    run_synthesis(configure(coco, out, refusing.url))
    rejected = find_rejected(out)
    with scripted_server(faults={"refusal": 1.0}, lasting=True) as worse:
        run_synthesis(configure(coco, out, worse.url), retry=["refusal"])
    assert find_rejected(out) == rejected
    with RunStore(out) as store:
        assert read_history(store).codes == {"refusal": len(rejected)}


def test_a_missing_photograph_is_found_when_it_is_there_again(coco, tmp_path):
    photo = coco / "photos/0003.jpg"
    data = photo.read_bytes()
    settings = {"backend": "template", "model": None, "base_url": None, "attempts": None, "translator": "gray"}
    straight = configure(coco, tmp_path / "straight", "", **settings)
    run_synthesis(straight)
    config = configure(coco, tmp_path / "run", "", **settings)
    photo.unlink()
    try:
        run_synthesis(config)
        assert find_rejected(config.out) == {"3"}
    finally:
        photo.write_bytes(data)
    run_synthesis(config, retry=["missing_file"])
    assert not find_rejected(config.out)
    run_synthesis(config)
    assert len(list((config.out / "images").rglob("*.png"))) == COUNT


def test_a_killed_retry_goes_on_and_asks_no_committed_reply_twice(coco, healthy, refusing, tmp_path):
    straight, out = tmp_path / "straight", tmp_path / "run"
    for folder in (straight, out):
        run_synthesis(configure(coco, folder, refusing.url))
    asked = -healthy.read_log()["total"]
    run_synthesis(configure(coco, straight, healthy.url), retry=["refusal"])
    asked += healthy.read_log()["total"]
    waiting = len(find_rejected(out))
    with scripted_server(**REJECTS, latency=0.1) as slow:
        flags = [*list_flags(coco, slow.url), "--concurrency", "1", "--retry-rejected", "refusal"]
        process = start_run(flags, out)
        while process.poll() is None and not _is_begun(out, waiting):
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        with RunStore(out) as store:
            left = list_waiting(store)
        assert 0 < len(left) < waiting
        process = start_run(flags, out)
        _, printed = process.communicate(timeout=120)
        assert process.returncode == 0, printed
        assert slow.read_log()["total"] - asked <= UNDER_WAY
    assert read_exports(out) == read_exports(straight)


def _is_begun(out, waiting):
    with RunStore(out) as store:
        return 0 < len(list_waiting(store)) < waiting
