"""A user's own parts, each one file of tests/plugins, through the real commands; and what is frozen of them."""

import hashlib
import json
import shutil

import pytest
from calling import call_here
from killing import read_exports
from mini_coco import write_coco
from PIL import Image
from plugging import PLUGINS, forget_plugins, forgetting_plugins, name_plugin  # noqa: F401

from agents.__main__ import app
from tools.errors import UsageError


def call(*arguments):
    with forgetting_plugins():
        return call_here("agents", *arguments)


def succeed(*arguments):
    done = call(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    arguments = write_coco(tmp_path_factory.mktemp("coco"), 4, (48, 32))
    return [*arguments, "--block", "1", "--lag", "1", "--instructions", "all", "--workers", "0"]


def read_manifest(out):
    return json.loads((out / "manifest.json").read_text())


@pytest.fixture(scope="module")
def flat(inputs, tmp_path_factory):
    """A run of two images by a translator from a file that is gone afterwards."""
    folder = tmp_path_factory.mktemp("flat")
    shutil.copy(PLUGINS / "dummy_translator.py", folder)
    arguments = ["run", *inputs, "--out", folder / "run", "--translator", "flat", "--set", "translator.level=7"]
    plugin = folder / "dummy_translator.py"
    succeed(*arguments, "--workers", "2", "--limit", "2", "--plugin", plugin)
    plugin.unlink()
    return folder / "run", arguments


def test_a_translator_works_in_worker_processes_and_is_named_in_the_manifest(flat):
    out, _ = flat
    pictures = list((out / "images").rglob("*.png"))
    assert len(pictures) == 2 and {Image.open(path).getextrema() for path in pictures} == {(7, 7)}
    manifest = read_manifest(out)
    digest = hashlib.sha256((PLUGINS / "dummy_translator.py").read_bytes()).hexdigest()[:16]
    assert manifest["plugins"] == {"dummy_translator.py": digest}
    assert manifest["translator"] == {"name": "flat", "is_embedded": True, "identity": "flat-1"}
    assert manifest["config"]["set"] == {"translator": {"level": 7}}
    card = (out / "README.md").read_text()
    assert "--translator flat" in card and "--set translator.level=7" in card
    assert "--plugin dummy_translator.py" in card


def test_what_reads_a_run_needs_no_plugin(flat, tmp_path):
    out, _ = flat
    assert "caption agent" in succeed("show", out, "1")
    assert "dummy_translator.py" in succeed("why", out, "1-0")
    succeed("report", out)
    succeed("export", out, "--format", "llava", "--out", tmp_path / "llava")


def test_without_the_plugin_or_with_another_the_run_does_not_go_on(flat, tmp_path):
    out, arguments = flat
    without = call(*arguments)
    assert without.returncode == 2
    assert "there is no translator `flat`" in without.stderr
    assert f"{out} was begun with --plugin dummy_translator.py, which is not given now" in without.stderr
    changed = tmp_path / "dummy_translator.py"
    changed.write_text((PLUGINS / "dummy_translator.py").read_text() + "# changed\n")
    other = call(*arguments, "--plugin", changed)
    assert other.returncode == 2
    assert "--plugin dummy_translator.py has changed since this run was begun" in other.stderr
    more = call(*arguments, *name_plugin("translator"), *name_plugin("scorer"))
    assert more.returncode == 2 and "begun without --plugin dummy_scorer.py; leave it out" in more.stderr
    level = call(*arguments, *name_plugin("translator"), "--set", "translator.level=8")
    assert level.returncode == 2 and "set.translator.level: 7 -> 8" in level.stderr
    assert len(list((out / "images").rglob("*.png"))) == 2


def test_with_the_plugin_it_goes_on_to_the_bytes_of_one_run(flat, inputs, tmp_path):
    out, arguments = flat
    again = tmp_path / "run"
    shutil.copytree(out, again)
    succeed(*[again if part == out else part for part in arguments], *name_plugin("translator"))
    config = tmp_path / "run.yaml"
    config.write_text("translator: flat\nset: {translator: {level: 9}}\n")
    one = ["run", *inputs, "--out", tmp_path / "one", "--config", config, *name_plugin("translator")]
    succeed(*one, "--set", "translator.level=7")
    assert read_exports(again) == read_exports(tmp_path / "one")


def test_plugins_that_decide_an_output_are_those_of_every_shard(inputs, tmp_path):
    rules = tmp_path / "rules.jsonl"
    rules.write_text("")
    frozen = ["--rules", rules, "--freeze", "--translator", "flat", *name_plugin("translator")]
    parts = [tmp_path / str(number) for number in (1, 2)]
    for number, part in enumerate(parts, 1):
        succeed("run", *inputs, "--out", part, *frozen, "--shard", f"{number}/2")
    succeed("merge", *parts, "--out", tmp_path / "all")
    assert read_manifest(tmp_path / "all")["plugins"].keys() == {"dummy_translator.py"}


def test_a_scorer_chooses_the_captions(inputs, tmp_path):
    out = tmp_path / "run"
    succeed("run", *inputs, "--out", out, "--scorer", "brief", "--set", "scorer.factor=0.5", *name_plugin("scorer"))
    pairs = [json.loads(line) for line in (out / "pairs.jsonl").read_text().splitlines()]
    for pair in pairs:
        assert len(pair["caption"]) == min(len(candidate["text"]) for candidate in pair["candidates"])
        assert pair["candidates"][0]["score"] == -0.5 * len(pair["candidates"][0]["text"])
    assert read_manifest(out)["scorer"]["identity"] == "brief-0.5"


def test_a_backend_answers_the_agents_and_its_replies_are_kept(inputs, tmp_path):
    out = tmp_path / "run"
    arguments = [*inputs, "--out", out, "--backend", "parrot", *name_plugin("backend")]
    lacking = call("run", *arguments)
    assert lacking.returncode == 2
    assert "backend `parrot` needs --set backend.words=VALUE" in lacking.stderr
    refused = call("run", *arguments, "--set", "backend.words=x", "--model", "m")
    assert refused.returncode == 2 and "--model: backend `parrot` has no setting `model`" in refused.stderr
    arguments += ["--set", "backend.words=Polly"]
    unable = call("run", *arguments)
    assert unable.returncode == 2
    assert "the backend `parrot` cannot judge captions; give --debate instructions" in unable.stderr
    arguments += ["--debate", "instructions"]
    printed = succeed("run", *arguments)
    assert "not an LLM" not in printed
    rows = [json.loads(line) for line in (out / "instructions.jsonl").read_text().splitlines()]
    assert {row["messages"][1]["content"] for row in rows} == {"Polly, round 2."} and len(rows) == 4
    manifest = read_manifest(out)
    assert manifest["config"]["set"] == {"backend": {"words": "Polly"}}
    assert (manifest["backend"]["name"], manifest["usage"]) == ("parrot", [])
    assert (out / "replies.sqlite").stat().st_size > 0
    assert "unknown: this backend cannot say" in succeed("plan", *arguments, "--set", "backend.words=Polly")


def test_an_arm_takes_the_judge_of_any_backend_its_sight(inputs, tmp_path):
    arguments = [
        *inputs,
        "--out",
        tmp_path,
        "--backend",
        "parrot",
        "--set",
        "backend.words=Polly",
        "--debate",
        "instructions",
        *name_plugin("backend"),
    ]
    shown = succeed("ablate", *arguments, "--arms", "blind-judge,gray")
    assert "| blind judge |" in shown
    assert read_manifest(tmp_path / "blind-judge")["backend"]["identity"] == "parrot-1:Polly:blind-judge"


def test_an_executor_changes_no_byte_and_may_change_between_two_runs(inputs, tmp_path):
    stack = ["--executor", "stack", *name_plugin("executor")]
    succeed("run", *inputs, "--out", tmp_path / "local", "--block", "4")
    out = tmp_path / "run"
    printed = succeed(
        "run", *inputs, "--out", out, "--block", "4", "--limit", "3", *stack, "--set", "executor.is_loud=on"
    )
    assert printed.splitlines()[:3] == ["image 3", "image 2", "image 1"]
    succeed("run", *inputs, "--out", out, "--block", "4", "--executor", "local")
    assert read_exports(out) == read_exports(tmp_path / "local")
    assert read_manifest(out)["plugins"] == {}


def test_a_transport_carries_waves_for_any_executor(inputs, tmp_path):
    asked = ["--backend", "llm", "--model", "m", "--base-url", "http://localhost:1/v1", "--instructions", "0"]
    carried = ["--transport", "echo", *name_plugin("transport"), "--set", "transport.caption=A car."]
    stack = ["--executor", "stack", *name_plugin("executor")]
    done = call("run", *inputs[:6], *asked, *carried, *stack, "--workers", "0", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "wave 2: 4 requests" in done.stderr and "echoed 4" in done.stderr
    pairs = [json.loads(line) for line in (tmp_path / "run/pairs.jsonl").read_text().splitlines()]
    assert {candidate["text"] for pair in pairs for candidate in pair["candidates"][:5]} == {"A car."}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--translator", "flat", "--set", "translator.levle=3"], "has no setting `levle`; did you mean `level`?"),
        (["--translator", "flat", "--set", "translator.level=300"], "translator.level of translator `flat`: Input"),
        (["--set", "translater.level=3"], "no seam `translater`; did you mean `translator`?"),
        (["--set", "task.level=3"], "--set task: nothing here chooses a task, only backend, translator"),
        (["--set", "level=3"], "--set level=3: expected SEAM.NAME=VALUE"),
        (["--translator", "flta"], "no translator `flta`; did you mean `flat`?"),
        (["--executor", "dask"], "--executor: there is no executor `dask`"),
        (
            ["--translator", "srgb-tir", "--style-index", "1", "--set", "translator.style_index=1"],
            "--style-index and --set translator.style_index give the same setting; leave one of them out",
        ),
    ],
)
@pytest.mark.usefixtures("forget_plugins")
def test_what_cannot_be_set_is_refused(inputs, tmp_path, arguments, message):
    words = ["run", *inputs, "--out", tmp_path / "run", *name_plugin("translator"), *arguments]
    with pytest.raises(UsageError) as caught:
        app([str(word) for word in words], standalone_mode=False)
    assert message in str(caught.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("forget_plugins")
def test_help_after_a_plugin_names_what_it_adds(capsys):
    app(["run", *name_plugin("translator"), "--help"], standalone_mode=False)
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "srgb-tir, sensor, none, flat" in shown
