"""A user's task, form of answer and kind of model, each one file of tests/plugins, through the real commands."""

import json

import pytest
from calling import call_here
from foreign import save_image
from killing import ROOT
from mini_bench import write_bench
from plugging import forgetting_plugins, name_plugin
from tolerances import written_tolerance

from tools.scenes import render_scenes

TASK, READER, MODEL = name_plugin("task"), name_plugin("reply_reader"), name_plugin("evaluated_model")
FOREIGN = name_plugin("foreign_benchmark")
LAYOUTS = ("lmms-eval", "vlmevalkit", "llava")


def call(*arguments):
    with forgetting_plugins():
        return call_here("itb", *arguments)


def succeed(*arguments):
    done = call(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refuse(*arguments):
    done = call(*arguments)
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    render_scenes(36, 2, folder, size=(96, 80), kinds=("road", "aerial", "field"))
    return folder


@pytest.fixture(scope="module")
def bench(scenes, tmp_path_factory):
    out = tmp_path_factory.mktemp("bench") / "bench"
    printed = succeed(
        "build", "--source", f"scenes={scenes}", "--out", out, "--count", "24", "--allow-guessable", *TASK, *READER
    )
    return out, printed


def test_a_task_of_its_own_is_built_and_audited(bench):
    out, printed = bench
    items = [item for item in read_lines(out / "items.jsonl") if item["task"] in ("anybody", "filling")]
    assert {(item["task"], item["form"]) for item in items} == {
        ("anybody", "yes_no"), ("anybody", "number"), ("filling", "grade"),
    }  # fmt: skip
    assert all(item["split"] in ("train", "test") for item in items) and len(items) == 48
    audit = json.loads((out / "audit.json").read_text())["tasks"]
    assert audit["anybody/there"]["chance"] == 0.5 and audit["anybody/sum"]["chance"] is None
    assert (
        audit["filling"]["chance"] == pytest.approx(1 / 3, abs=written_tolerance(4))
        and audit["filling"]["is_guessable"]
    )
    assert audit["anybody/there"]["framings"]
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["tasks"]["anybody"]["items"] == 24 and list(manifest["settings"]["plugins"]) == [
        "dummy_task.py",
        "dummy_reply_reader.py",
    ]
    assert "anybody: sum" in printed and "anybody: sum" in succeed("audit", out, *TASK, *READER)


def test_what_a_plugin_brought_is_refused_in_one_sentence_without_it(bench, scenes, tmp_path):
    out, _ = bench
    assert "there is no task `anybody`" in refuse("audit", out, *READER)
    eval_it = ("eval", out, "--model", "chance", "--out", tmp_path / "p.jsonl")
    assert refuse(*eval_it, *TASK).strip().endswith(", anybody; --plugin FILE adds more)")
    again = ("build", "--source", f"scenes={scenes}", "--out", out, "--count", "24", *TASK)
    assert "plugins was dummy_task.py " in call(*again).stderr


def test_a_pack_overrides_a_tasks_own_wordings_and_settings_reach_it(scenes, tmp_path):
    pack = tmp_path / "pack"
    (pack / "itb").mkdir(parents=True)
    (pack / "modality.yaml").write_text((ROOT / "prompts/infrared/modality.yaml").read_text())
    asked = "\n".join(f"      - Is {{who}} {where}?" for where in ("outside", "inside", "about", "near"))
    there = f"  there:\n    inputs: {{who: whom}}\n    wordings:\n{asked}\n"
    counted = "".join(f"      - What is {name}?\n" for name in ("a", "b", "c", "d"))
    text = f"questions:\n{there}  sum:\n    inputs: {{}}\n    wordings:\n{counted}words: {{who: a soul}}\n"
    (pack / "itb/anybody.yaml").write_text(text)
    out = tmp_path / "bench"
    build = ("build", "--source", f"scenes={scenes}", "--out", out, "--pack", pack, *TASK)
    printed = succeed(*build, "--set", "task.anybody.least=2")
    assert (
        f"absent: Relative position: the pack has no wordings for it ({pack / 'itb/locate.yaml'} is missing)" in printed
    )
    items = read_lines(out / "items.jsonl")
    assert {item["task"] for item in items} == {"anybody"}
    assert any("Is a soul " in item["question"] for item in items)
    assert min(int(item["answer"]) for item in items if item["form"] == "number") >= 2
    assert "has no setting `most`" in refuse(*build, "--set", "task.anybody.most=2")


@pytest.fixture(scope="module")
def predictions(bench, tmp_path_factory):
    out, folder = bench[0], tmp_path_factory.mktemp("predictions")
    models = {"chance": "chance", "majority": "majority", "blind": "blind", "parrot": "words:It is sparse, yes, 1."}
    for name, model in models.items():
        succeed("eval", out, "--model", model, "--out", folder / f"{name}.jsonl", *TASK, *READER, *MODEL)
    return [folder / f"{name}.jsonl" for name in models]


def test_every_model_answers_it_and_a_model_of_its_own_is_asked(predictions, bench):
    items = {item["id"]: item for item in read_lines(bench[0] / "items.jsonl")}
    for path in predictions:
        rows = read_lines(path)
        graded = [row for row in rows if items[row["item"]]["form"] == "grade"]
        assert graded and all(row["answer"] in ("empty", "sparse", "crowded") for row in graded)
        assert all(row["is_correct"] for row in graded) or path.stem != "parrot"
    manifest = json.loads(predictions[-1].with_name("parrot.jsonl.manifest.json").read_text())
    assert manifest["frozen"]["model"]["kind"] == "parrot"
    assert list(manifest["frozen"]["plugins"]) == ["dummy_task.py", "dummy_reply_reader.py", "dummy_evaluated_model.py"]


def test_a_report_and_every_export_hold_it(predictions, bench, tmp_path):
    printed = succeed("report", *predictions, "--bench", bench[0], "--out", tmp_path / "report", *TASK, *READER)
    assert "anybody (beyond the paper)" in printed and "filling (beyond the paper)" in printed
    assert "filling" in (tmp_path / "report/report.html").read_text()
    for layout in LAYOUTS:
        out = tmp_path / layout
        succeed("export", bench[0], "--format", layout, "--split", "all", "--out", out, *TASK, *READER)
    rows = read_lines(tmp_path / "lmms-eval/itb_filling.jsonl")
    assert rows[0]["request"].endswith("Reply with empty, sparse or crowded.")
    said = [row["conversations"][1]["value"] for row in json.loads((tmp_path / "llava/itb.json").read_text())]
    assert {"crowded", "sparse"} & set(said)


def test_predictions_go_on_only_with_the_plugins_that_began_them(tmp_path):
    bench = write_bench(tmp_path / "bench", tasks=("locate",), images=3)
    arguments = ("eval", bench, "--model", "words:yes", "--out", tmp_path / "p.jsonl")
    succeed(*arguments, *MODEL)
    assert refuse(*arguments).strip() == (
        f"error: {tmp_path / 'p.jsonl'}: begun with --plugin dummy_evaluated_model.py, which this command lacks; give "
        "the same plugin, another --out, or --fresh to start again"
    )
    other = tmp_path / "dummy_evaluated_model.py"
    other.write_text((ROOT / MODEL[1]).read_text() + "\n")
    assert "begun with other settings: plugins.dummy_evaluated_model.py: " in refuse(*arguments, "--plugin", other)
    succeed(*arguments, *MODEL)


def test_a_foreign_benchmark_of_its_own_is_imported_asked_and_reported(tmp_path):
    save_image(tmp_path / "in/a.png")
    (tmp_path / "in/riddles.txt").write_text(
        "What ticks?|a clock|a.png\nWhat is it?||a.png\nWhat glows?|a fire|b.png\n"
    )
    bench, out = tmp_path / "bench", tmp_path / "p.jsonl"
    done = call("import", f"riddles={tmp_path / 'in'}", "--out", bench, *FOREIGN)
    assert done.returncode == 0, done.stderr
    assert "1 of 2 questions lack an image" in done.stderr and "1 rows are not asked: no_answer" in done.stderr
    assert "there is no foreign benchmark `riddles`" in refuse("report", out, "--bench", bench, "--out", tmp_path / "r")
    succeed("eval", bench, "--model", "words:a clock", "--out", out, *FOREIGN, *MODEL)
    printed = succeed("report", out, "--bench", bench, "--out", tmp_path / "r", *FOREIGN, *MODEL)
    assert "Riddles: its own figures" in printed and "50.0" in printed
