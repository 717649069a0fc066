"""An evaluation from the command line: what it writes, how it goes on, what it refuses."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from calling import call_here
from mini_bench import TASKS, write_bench
from scripted_server import scripted_server
from tolerances import share_tolerance, written_tolerance

from itb.benchmark.bench import load_bench
from itb.evaluate.evaluate import run_eval
from itb.evaluate.predictions import errors_path, manifest_path, read_predictions
from itb.models.settings import EvalSettings
from itb.records import Prediction
from tools.errors import MissingError, ToolkitError, UsageError

ROOT = Path(__file__).resolve().parents[3]
QUESTIONS = 4 * len(TASKS)
"""Of the test split of `bench`."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return write_bench(tmp_path_factory.mktemp("eval") / "bench", images=12)


def settle(out, **changes):
    return EvalSettings(**({"model": "chance", "out": out, "prompts": ROOT / "prompts/infrared"} | changes))


def evaluate(bench, out, **changes):
    return run_eval(bench, settle(out, **changes))


def start(bench, out, *arguments):
    command = [sys.executable, "-m", "itb", "eval", str(bench), "--out", str(out), *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def run(bench, out, *arguments):
    return call_here("itb", "eval", bench, "--out", out, *arguments)


def count_lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def kill_after(bench, out, lines, *arguments):
    process = start(bench, out, *arguments)
    while count_lines(out) < lines and process.poll() is None:
        time.sleep(0.002)
    was_running = process.poll() is None
    if was_running:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return was_running


def read_all(out):
    return out.read_bytes(), manifest_path(out).read_bytes()


# Baselines.


def test_chance_draws_the_same_every_time_and_states_what_it_expects(bench, tmp_path):
    manifest = evaluate(bench, tmp_path / "a.jsonl", seed=3)
    evaluate(bench, tmp_path / "b.jsonl", seed=3)
    evaluate(bench, tmp_path / "c.jsonl", seed=4)
    assert read_all(tmp_path / "a.jsonl") == read_all(tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() != (tmp_path / "c.jsonl").read_bytes()
    expected = manifest["model_notes"]["expected_accuracy"]
    assert expected["locate"] == 0.5 and expected["scene"] == expected["security"] == 0.25
    assert expected["aerial_count"] == pytest.approx(1 / 7, abs=written_tolerance(6))


def test_chance_comes_near_what_it_expects(tmp_path):
    bench = write_bench(tmp_path / "bench", tasks=("scene", "pedestrian_count"), images=6, questions=400)
    manifest = evaluate(bench, tmp_path / "chance.jsonl")
    for group in manifest["results"]["groups"]:
        share = manifest["model_notes"]["expected_accuracy"][group["task"]]
        assert group["accuracy"] == pytest.approx(share, abs=share_tolerance(share, group["n"]))


def test_majority_gives_the_answer_most_often_right_in_the_train_split(bench, tmp_path):
    evaluate(bench, tmp_path / "majority.jsonl", model="majority")
    items = {item.id: item for item in load_bench(bench).items}
    train = Counter(item.answer for item in items.values() if item.split == "train" and item.task == "aerial_count")
    rows = [row for row in read_predictions(tmp_path / "majority.jsonl") if items[row.item].task == "aerial_count"]
    assert rows
    assert all(train[row.answer] == max(train.values()) for row in rows)
    options = [row for row in read_predictions(tmp_path / "majority.jsonl") if items[row.item].options]
    assert all(row.answer in items[row.item].options for row in options)


class FirstOption:
    """A blind answerer that reads nothing but the order of the options."""

    def __init__(self, items):
        assert {item.split for item in items} == {"train"}

    def answer(self, item):
        return item.options[0] if item.options else {"yes_no": "no", "number": "1", "measure": "21"}[item.form]


def test_blind_sees_the_options_in_the_order_shown_and_no_image(bench, tmp_path, monkeypatch):
    monkeypatch.setattr("itb.models.blind.BlindAnswerer", FirstOption)
    hidden = write_bench(tmp_path / "bench", images=6)
    shutil.rmtree(hidden / "images")
    evaluate(hidden, tmp_path / "a.jsonl", model="blind", rotate_options=True)
    items = {item.id: item for item in load_bench(hidden).items}
    rows = [row for row in read_predictions(tmp_path / "a.jsonl") if items[row.item].options]
    for row in rows:
        turn = int(row.variant.removeprefix("rotate-") or 0)
        assert row.answer == items[row.item].options[turn]
    assert {row.variant for row in rows} == {"", "rotate-1", "rotate-2", "rotate-3"}


def test_the_blind_answerer_of_the_benchmark_is_the_one_asked(bench, tmp_path):
    manifest = evaluate(bench, tmp_path / "a.jsonl", model="blind")
    assert manifest["frozen"]["model"] == {"kind": "blind", "name": "blind", "is_baseline": True}
    assert not any(group["failures"] for group in manifest["results"]["groups"])


def test_majority_without_a_train_split_is_refused(tmp_path):
    bench = write_bench(tmp_path / "bench", tasks=("scene",), images=3)
    path = bench / "items.jsonl"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if '"test"' in line))
    with pytest.raises(UsageError, match="majority learns from the train split, and this benchmark has none"):
        evaluate(bench, tmp_path / "x.jsonl", model="majority")


# Stored replies.


def read_errors(out):
    return {row["item"]: row["error"] for row in map(json.loads, errors_path(out).read_text().splitlines())}


def write_replies(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_replies_made_elsewhere_are_parsed_and_missing_ones_are_no_predictions(bench, tmp_path):
    items = load_bench(bench).choose("test", ("locate",))
    rows = [{"item": item.id, "reply": f"{item.answer.capitalize()}.", "note": 1} for item in items[:-1]]
    rows.append({"item": "stranger", "reply": "x"})
    file = write_replies(tmp_path / "replies.jsonl", rows)
    manifest = evaluate(bench, tmp_path / "out.jsonl", model=str(file), task="locate")
    assert manifest["model_notes"] == {"questions_without_reply": 1, "replies_without_question": 1}
    (group,) = manifest["results"]["groups"]
    assert (group["n"], group["right"], group["failures"]) == (len(items) - 1, len(items) - 1, {})
    assert manifest["results"]["errors"] == {"questions": 1, "reasons": {"replies.jsonl has no reply to it": 1}}
    assert not manifest["is_finished"]
    assert len(read_predictions(tmp_path / "out.jsonl")) == len(items) - 1
    assert read_errors(tmp_path / "out.jsonl") == {items[-1].id: "replies.jsonl has no reply to it"}


def test_an_earlier_run_can_be_parsed_anew(bench, tmp_path):
    items = load_bench(bench).choose("test", ("locate",))
    file = write_replies(tmp_path / "r.jsonl", [{"item": i.id, "reply": f"Well, {i.answer}"} for i in items])
    lenient = evaluate(bench, tmp_path / "lenient.jsonl", model=str(file), task="locate")
    strict = evaluate(
        bench, tmp_path / "strict.jsonl", model=str(tmp_path / "lenient.jsonl"), task="locate", parsing="strict"
    )
    assert lenient["results"]["groups"][0]["accuracy"] == 1.0
    assert strict["results"]["groups"][0]["failures"] == {"no_answer": len(items)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", r"replies.jsonl:1: no stored reply: Invalid JSON"),
        ('{"item": "a"}', r"replies.jsonl:1: no stored reply: reply: Field required; a line is"),
        ('{"item": "a", "reply": "x"}\n{"item": "a", "reply": "y"}', r"replies.jsonl:2: a second reply to 'a' ''"),
        ('{"item": "a", "reply": "x"}', r"answers none of the \d+ questions asked \(its first is for 'a'\)"),
        ("", r"answers none of the \d+ questions asked \(it is empty\)"),
    ],
)
def test_a_file_that_holds_no_replies_is_refused(bench, tmp_path, text, words):
    (tmp_path / "replies.jsonl").write_text(text)
    with pytest.raises(UsageError, match=words):
        evaluate(bench, tmp_path / "out.jsonl", model=str(tmp_path / "replies.jsonl"))


# Endpoints.


def test_an_endpoint_is_asked_with_the_picture_and_its_replies_fit_the_questions(bench, tmp_path):
    with scripted_server(latency=0.02, slow_every=5, faults={"429": 0.1, "500": 0.1, "reset": 0.1}) as server:
        manifest = evaluate(bench, tmp_path / "a.jsonl", model=server.url, model_name="m", context="both")
        log = server.read_log()
    with scripted_server() as server:
        evaluate(bench, tmp_path / "b.jsonl", model=server.url, model_name="m", context="both", concurrency=1)
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert manifest["asked"]["questions"] == 2 * QUESTIONS == log["answered"]
    assert log["most"] > 4 and log["total"] > log["answered"]
    assert not any(group["failures"] for group in manifest["results"]["groups"])
    assert any(0 < group["accuracy"] < 1 for group in manifest["results"]["groups"])


def test_what_an_endpoint_refuses_or_garbles_is_a_typed_failure(bench, tmp_path):
    plan = ["400", None, "empty", "refusal", None, "no_content", "loop"]  # after a 400 the client sends a probe
    with scripted_server(plan=plan) as server:
        evaluate(bench, tmp_path / "a.jsonl", model=server.url, model_name="m", concurrency=1, task="scene,security")
    rows, errors = read_predictions(tmp_path / "a.jsonl"), read_errors(tmp_path / "a.jsonl")
    assert [row.failure for row in rows[:5]] == ["empty", "refusal", None, "empty", "no_answer"]
    assert len(errors) == 1 and "scripted 400" in errors[load_bench(bench).choose("test", ("scene", "security"))[0].id]
    assert not any(row.is_correct for row in rows if row.failure)


def test_errors_are_told_and_asked_again_until_the_file_is_as_if_there_had_been_none(bench, tmp_path):
    out = tmp_path / "a.jsonl"
    with scripted_server() as server:
        evaluate(bench, tmp_path / "whole.jsonl", model=server.url, model_name="m")
    arguments = ("--model-name", "m", "--concurrency", "1")
    with scripted_server(plan=[None, "400", None, None, "400"]) as server:
        code, table, printed = run(bench, out, "--model", server.url, *arguments)
    assert code == 1 and "incomplete: 2 errors" in table and "Traceback" not in printed
    assert f"2 of {QUESTIONS} questions got no reply and have no prediction; most often" in " ".join(printed.split())
    assert len(read_predictions(out)) == QUESTIONS - 2 and len(read_errors(out)) == 2
    with scripted_server() as server:
        code, table, _ = run(bench, out, "--model", server.url, *arguments)
        assert server.read_log()["total"] == 2
    assert code == 0 and "incomplete" not in table and not errors_path(out).exists()
    assert read_all(out)[0] == read_all(tmp_path / "whole.jsonl")[0]


def test_errors_among_older_predictions_are_asked_again(bench, tmp_path):
    out = tmp_path / "a.jsonl"
    with scripted_server() as server:
        evaluate(bench, out, model=server.url, model_name="m")
        whole = read_all(out)
        first, *others = out.read_text().splitlines(keepends=True)
        old = {"item": json.loads(first)["item"], "reply": "", "answer": None, "failure": "error", "error": "no"}
        out.write_text(json.dumps(old | {"is_correct": False}) + "\n" + "".join(others))
        evaluate(bench, out, model=server.url, model_name="m")
        assert server.read_log()["total"] == QUESTIONS + 1
    assert read_all(out) == whole


@pytest.mark.parametrize("timing", ["{}", '{"sessions":"questions": 8', "[1]", '{"sessions": 5}', ""])
def test_a_torn_file_of_times_is_one_sentence_and_loses_nothing(bench, tmp_path, timing):
    out = tmp_path / "a.jsonl"
    evaluate(bench, out, limit=1)
    before = read_all(out)
    (tmp_path / "a.jsonl.timing.json").write_text(timing)
    code, _, printed = run(bench, out, "--model", "chance", "--limit", "2")
    assert code in (0, 2) and "Traceback" not in printed
    assert code == 0 or (read_all(out) == before and "a.jsonl.timing.json" in printed)


@pytest.mark.parametrize("url", ["http://user:pass@localhost:1/v1", "http://user@localhost:1", "http://x/v1?key=pass"])
def test_an_address_with_a_password_is_refused_and_not_repeated(bench, tmp_path, url):
    code, _, printed = run(bench, tmp_path / "a.jsonl", "--model", url, "--model-name", "m")
    assert code == 2 and "an address with a password or a query would be written down" in printed
    assert "pass@" not in printed and "key=pass" not in printed and not (tmp_path / "a.jsonl").exists()


def test_an_endpoint_that_fails_half_way_stops_the_run_which_goes_on_later(bench, tmp_path):
    out = tmp_path / "a.jsonl"
    with scripted_server() as server:
        evaluate(bench, tmp_path / "whole.jsonl", model=server.url, model_name="m")
    with scripted_server(plan=[None] * 9 + ["401"] * 1000) as server:
        code, _, printed = run(bench, out, "--model", server.url, "--model-name", "m", "--concurrency", "2")
    assert code == 1
    assert "the key was refused; set the right one in the environment variable OPENAI_API_KEY" in printed
    assert 0 < len(read_predictions(out)) < QUESTIONS
    assert json.loads(manifest_path(out).read_text())["is_finished"] is False
    with scripted_server() as server:
        code, table, _ = run(bench, out, "--model", server.url, "--model-name", "m")
        asked_again = server.read_log()["total"]
    assert code == 0 and "Counting pedestrians" in table
    assert 0 < asked_again < QUESTIONS
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_an_endpoint_needs_a_name_and_weights_are_needed_for_likelihoods(bench, tmp_path):
    with pytest.raises(UsageError, match="--model-name is required with an endpoint"):
        evaluate(bench, tmp_path / "a.jsonl", model="http://localhost:1/v1")
    with pytest.raises(UsageError, match="--protocol likelihood needs a model's weights, and --model chance has none"):
        evaluate(bench, tmp_path / "a.jsonl", protocol="likelihood")
    with pytest.raises(MissingError, match=r"elsewhere.example/v1 wants a key: export NO_SUCH_KEY"):
        evaluate(
            bench,
            tmp_path / "a.jsonl",
            model="https://elsewhere.example/v1",
            model_name="m",
            key_variable="NO_SUCH_KEY",
        )


# Killed and resumed.


def test_killed_often_and_resumed_equals_uninterrupted_with_an_endpoint(bench, tmp_path):
    out = tmp_path / "a.jsonl"
    arguments = ["--model-name", "m", "--concurrency", "3", "--rotate-options", "--context", "both"]
    with scripted_server(latency=0.01, slow_every=7, slow_factor=5) as server:
        evaluate(bench, tmp_path / "whole.jsonl", model=server.url, model_name="m", rotate_options=True, context="both")
        hits = sum(kill_after(bench, out, lines, "--model", server.url, *arguments) for lines in (1, 40, 90))
        before = count_lines(out)
        code, _, _ = run(bench, out, "--model", server.url, *arguments)
    assert hits >= 2 and before >= 40 and code == 0
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    one, other = (json.loads(manifest_path(path).read_text()) for path in (out, tmp_path / "whole.jsonl"))
    assert one == other


@pytest.fixture(scope="module")
def vlm(tmp_path_factory):
    pytest.importorskip("torch", reason="needs the extra `train`")
    from tiny_vlm import write_tiny_vlm

    return write_tiny_vlm(tmp_path_factory.mktemp("vlm") / "tiny")


def test_killed_and_resumed_equals_uninterrupted_with_a_checkpoint(bench, tmp_path, vlm):
    out = tmp_path / "a.jsonl"
    evaluate(bench, tmp_path / "whole.jsonl", model=str(vlm), batch=5, device="cpu")
    arguments = ["--model", vlm, "--batch", "5", "--device", "cpu"]
    assert kill_after(bench, out, 3, *arguments)
    assert 0 < count_lines(out) < QUESTIONS
    code, _, printed = run(bench, out, *arguments)
    assert code == 0, printed
    assert read_all(out) == read_all(tmp_path / "whole.jsonl")


@pytest.mark.parametrize("cut", [1, 7, 700, 2500])
def test_a_file_cut_anywhere_is_completed_to_the_same_bytes(bench, tmp_path, vlm, cut):
    """Batches are formed as in the first run, so that not even the last digit of a likelihood differs."""
    out = tmp_path / "a.jsonl"
    settings = {"model": str(vlm), "protocol": "likelihood", "batch": 5, "device": "cpu"}
    evaluate(bench, out, **settings)
    whole = read_all(out)
    out.write_bytes(whole[0][:-cut])
    evaluate(bench, out, **settings)
    assert read_all(out) == whole


def test_a_grown_limit_keeps_what_is_there_and_a_finished_run_asks_nothing(bench, tmp_path):
    out = tmp_path / "a.jsonl"
    with scripted_server() as server:
        first = evaluate(bench, out, model=server.url, model_name="m", limit=2)
        assert first["results"]["predictions"] == 2 * len(TASKS) == server.read_log()["total"]
        whole = evaluate(bench, out, model=server.url, model_name="m")
        assert whole["results"]["predictions"] == QUESTIONS == server.read_log()["total"]
        stamp = out.stat().st_mtime_ns
        evaluate(bench, out, model=server.url, model_name="m")
        assert server.read_log()["total"] == QUESTIONS
    assert out.stat().st_mtime_ns == stamp
    timing = json.loads((tmp_path / "a.jsonl.timing.json").read_text())
    assert [session["questions"] for session in timing["sessions"]] == [2 * len(TASKS)] * 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "majority"}, r"begun with other settings: model.kind: chance -> majority; model.name"),
        ({"seed": 5}, r"model.seed: 0 -> 5"),
        ({"parsing": "strict"}, r"parsing: lenient -> strict\. Use the same, another --out, or --fresh"),
        ({"context": "on"}, r"prompts.context: None -> .*; context: off -> on"),
        ({"split": "train"}, r"split: test -> train"),
        ({"max_new_tokens": 5}, r"max_new_tokens: 32 -> 5"),
    ],
)
def test_a_change_of_what_decides_replies_is_refused_with_what_differs(bench, tmp_path, changes, words):
    evaluate(bench, tmp_path / "a.jsonl", limit=1)
    with pytest.raises(UsageError, match=words):
        evaluate(bench, tmp_path / "a.jsonl", **changes)


def test_another_benchmark_is_refused_and_fresh_starts_again(bench, tmp_path):
    evaluate(bench, tmp_path / "a.jsonl", limit=1)
    other = write_bench(tmp_path / "other", images=3)
    code, _, printed = run(other, tmp_path / "a.jsonl", "--model", "chance")
    assert code == 2 and "bench.items_digest" in printed
    code, _, _ = run(other, tmp_path / "a.jsonl", "--model", "chance", "--fresh", "--yes")
    assert code == 0
    assert len(read_predictions(tmp_path / "a.jsonl")) == len(TASKS)


# Bad input.


def test_predictions_of_unknown_origin_and_broken_lines_are_refused(bench, tmp_path):
    out = tmp_path / "a.jsonl"
    row = Prediction(item="x", reply="", answer=None, failure="empty", is_correct=False)
    out.write_text(row.model_dump_json() + "\n")
    with pytest.raises(UsageError, match=r"holds predictions, and no a.jsonl.manifest.json says of which model"):
        evaluate(bench, out)
    out.write_text('{"item": "x"}\n')
    with pytest.raises(UsageError, match=r"a.jsonl:1: no prediction \(reply: Field required\)"):
        evaluate(bench, out)
    out.write_text((row.model_dump_json() + "\n") * 2)
    with pytest.raises(UsageError, match=r"a.jsonl:2: a second prediction for 'x' ''"):
        evaluate(bench, out)


def test_missing_images_stop_the_run_before_the_first_question(bench, tmp_path):
    moved = write_bench(tmp_path / "moved", tasks=("locate", "scene"), images=6)
    (moved / "images").rename(tmp_path / "images")
    with pytest.raises(MissingError, match=r"4 images are missing, .*flir-0002.png; .* --source flir=DIR"):
        evaluate(moved, tmp_path / "a.jsonl", model="http://localhost:1/v1", model_name="m")
    assert not (tmp_path / "a.jsonl").exists()
    with scripted_server() as server:
        source = f"flir={tmp_path},rgbnir={tmp_path}"
        evaluate(moved, tmp_path / "a.jsonl", model=server.url, model_name="m", source=source)
    assert len(read_predictions(tmp_path / "a.jsonl")) == 4


def test_a_broken_image_is_an_error_of_its_own_question(tmp_path):
    bench = write_bench(tmp_path / "bench", tasks=("scene",), images=6)
    (bench / "images/rgbnir-0002.png").write_text("no image")
    with scripted_server() as server:
        evaluate(bench, tmp_path / "a.jsonl", model=server.url, model_name="m")
    (second,) = read_predictions(tmp_path / "a.jsonl")
    (why,) = read_errors(tmp_path / "a.jsonl").values()
    assert second.failure is None and "rgbnir-0002.png" in why


def test_nothing_to_ask_unknown_tasks_and_models_are_refused(bench, tmp_path):
    with pytest.raises(UsageError, match=r"nothing to ask in the split 'test' \(its tasks: .*locate"):
        only = write_bench(tmp_path / "bench", tasks=("locate",), images=3)
        evaluate(only, tmp_path / "a.jsonl", task="scene")
    with pytest.raises(MissingError, match=r"--model nowhere: no such checkpoint folder or file of replies"):
        evaluate(bench, tmp_path / "a.jsonl", model="nowhere")
    for arguments, words in (
        (["--task", "count"], "there is no task 'count'; known: locate, aerial_count"),
        (["--source", "flir"], "'flir' is not NAME=DIR"),
        (["--perturb", "blur"], "--perturb: there is no 'blur'"),
    ):
        code, _, printed = run(bench, tmp_path / "a.jsonl", "--model", "chance", *arguments)
        assert code == 2 and words in printed


def test_two_evaluations_on_one_file_are_refused(bench, tmp_path):
    from itb.evaluate.predictions import PredictionsFile

    with (
        PredictionsFile(tmp_path / "a.jsonl"),
        pytest.raises(ToolkitError, match=r"another process \(pid \d+\) works on it"),
    ):
        evaluate(bench, tmp_path / "a.jsonl")


def test_help_answers_at_once_and_shows_an_example():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "itb", "eval", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2
    assert "python -m itb eval benchmarks/itb --model" in " ".join(result.stdout.split())
    for heavy in ("torch", "transformers", "openai", "aiohttp", "matplotlib"):
        assert f" {heavy}\n" not in result.stderr
