"""The breaker: what is held back, what stops a run, and that the run goes on with other replies afterwards."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from killing import count_done, read_exports
from scripted_server import scripted_server

from agents.config import RunConfig
from agents.conversation.results import ENDPOINT_CODES, Reject, Result
from agents.running.rejects.breaker import FIRST, IN_A_ROW, Breaker, EndpointFault
from agents.running.run import run_synthesis

ROOT = Path(__file__).parents[4]
COUNT = 24
ROWS = ("pairs.jsonl", "instructions.jsonl", "rejected.jsonl", "rules.jsonl")


def make_result(index, code=None):
    reject = Reject(stage="caption", code=code, reason=f"the reply\nbegins with {index}") if code else None
    status = "rejected" if code else "accepted"
    return Result(index=index, image_id=str(index), photo="a.jpg", status=status, reject=reject)


def feed(breaker, codes):
    """Indices in the order of their commits, and the error that stopped it."""
    kept = []
    try:
        for index, code in enumerate(codes):
            kept += [result.index for result in breaker.take(make_result(index, code))]
        kept += [result.index for result in breaker.release()]
    except EndpointFault as error:
        return kept, error
    return kept, None


def test_every_code_is_one_that_stops_a_run():
    for code in ENDPOINT_CODES:
        assert feed(Breaker(100, True), [code] * FIRST)[1] is not None


@pytest.mark.parametrize(
    ("total", "is_first", "codes", "kept"),
    [
        (100, True, ["refusal"] * (FIRST - 1) + [None], FIRST),
        (100, True, ["missing_file"] * 100, 100),
        (100, True, ["refusal"] * 10 + ["cut"] * 10 + [None], 21),
        (100, False, ["refusal"] * (IN_A_ROW - 1) + [None], IN_A_ROW),
        (100, True, [None] + ["refusal"] * (IN_A_ROW - 1), IN_A_ROW),
        (3, True, ["refusal", "refusal", None], 3),
    ],
)
def test_what_is_held_back_is_kept_in_order_when_the_endpoint_can_do_better(total, is_first, codes, kept):
    assert feed(Breaker(total, is_first), codes) == (list(range(kept)), None)


@pytest.mark.parametrize(
    ("total", "is_first", "codes", "kept"),
    [
        (100, True, ["refusal"] * FIRST, 0),
        (3, True, ["refusal"] * 3, 0),
        (100, False, ["refusal"] * IN_A_ROW, 0),
        (100, True, [None, None] + ["refusal"] * IN_A_ROW, 2),
        (100, True, ["cut"] + ["refusal"] * IN_A_ROW, 1),
    ],
)
def test_a_row_of_one_code_stops_the_run_and_none_of_it_is_final(total, is_first, codes, kept):
    found, error = feed(Breaker(total, is_first, "look there"), codes)
    assert found == list(range(kept))
    assert error.exit_code == 1
    for words in ("`refusal`", f"e.g. image {kept}: the reply begins with {kept}", "look there", "goes on"):
        assert words in str(error)


@pytest.fixture(scope="module")
def whole(coco, server, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "run"
    run_synthesis(configure(coco, out, server.url))
    return read_exports(out)


def configure(coco, out, url, **changes):
    settings = {
        "captions": coco / "captions.json", "instances": coco / "instances.json", "images": coco / "photos", "out": out,
        "block": 4, "instructions": "all", "translator": "none", "workers": 0, "backend": "llm",
        "model": "gpt-4o-mini", "base_url": url, "attempts": 1,
    }  # fmt: skip
    return RunConfig(**{**settings, **changes})


@pytest.mark.parametrize(
    "changes", [{"concurrency": 1, "block": 1, "lag": 1}, {"concurrency": 24}, {"skip_failed": True}]
)
def test_a_run_whose_first_images_are_all_refused_stops_and_goes_on_with_other_replies(coco, server, tmp_path, changes):
    out = tmp_path / "run"
    with scripted_server(faults={"refusal": 1.0}, lasting=True) as broken:
        for _ in range(2):
            with pytest.raises(EndpointFault, match=f"{FIRST} images in a row ended in the reject `refusal`"):
                run_synthesis(configure(coco, out, broken.url, **changes))
            assert count_done(out) == 0
    run_synthesis(configure(coco, out, server.url, **changes))
    run_synthesis(configure(coco, tmp_path / "straight", server.url, **changes))
    found, straight = read_exports(out), read_exports(tmp_path / "straight")
    assert [found[name] for name in ROWS] == [straight[name] for name in ROWS]


def test_a_later_run_of_refusals_keeps_what_was_final(coco, server, whole, tmp_path, monkeypatch):
    monkeypatch.setattr("agents.running.rejects.breaker.IN_A_ROW", 10)
    out = tmp_path / "run"
    run_synthesis(configure(coco, out, server.url, limit=5))
    with scripted_server(faults={"refusal": 1.0}, lasting=True) as broken, pytest.raises(EndpointFault, match="10 im"):
        run_synthesis(configure(coco, out, broken.url))
    assert count_done(out) == 5
    run_synthesis(configure(coco, out, server.url))
    found = read_exports(out)
    assert [found[name] for name in ROWS] == [whole[name] for name in ROWS]


def test_good_replies_are_not_asked_for_again_after_a_stop(coco, whole, tmp_path):
    """An endpoint that writes captions but refuses instructions: the captions are read from the store afterwards."""
    out = tmp_path / "run"
    with scripted_server(latency=0) as server:
        run_synthesis(configure(coco, out, server.url))
        asked = server.read_log()["total"]
        (out / "run.sqlite").unlink()
        from agents.store.run_store import RunStore

        with RunStore(out, create=True) as store:
            store.write_meta("draw", 3)
        run_synthesis(configure(coco, out, server.url))
        assert server.read_log()["total"] == asked
    found = read_exports(out)
    assert [found[name] for name in ROWS] == [whole[name] for name in ROWS]


def test_a_whole_process_ends_with_exit_code_1_and_says_what_to_look_at(coco, tmp_path):
    out = tmp_path / "run"
    with scripted_server(faults={"refusal": 1.0}, lasting=True) as broken:
        files = ["--captions", coco / "captions.json", "--instances", coco / "instances.json"]
        options = ["--images", coco / "photos", "--translator", "none", "--backend", "llm", "--model", "m"]
        command = [sys.executable, "-m", "agents", "run", *files, *options, "--base-url", broken.url, "--out", out]
        done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    (printed,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert f"tools doctor --base-url {broken.url} --model m" in printed
    assert "I'm sorry" in printed
    assert "Traceback" not in done.stderr
    assert count_done(out) == 0
    assert not (out / "manifest.json").exists()


def test_rejects_of_the_first_images_are_final_when_there_are_others(whole):
    assert json.loads(whole["manifest.json"])["counts"]["images"] == COUNT
