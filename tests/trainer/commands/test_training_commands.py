"""The commands as a user types them: help, recipe, dry run, preview, and the whole way on stand-ins."""

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_run import read_losses, write_run, write_tiny_folders
from typer.testing import CliRunner

from tools.errors import MissingError, ToolkitError, UsageError
from trainer.commands import align, preview, sft
from trainer.commands.dryrun import forecast_align, forecast_sft
from trainer.data.collate import Collator
from trainer.data.encode import make_encoder
from trainer.data.prepare import prepare
from trainer.data.reading import Request
from trainer.model.memory import Batch, estimate_memory
from trainer.model.processing import load_processor
from trainer.model.sizes import Language, Sizes
from trainer.recipe import SftPart
from trainer.recipe_file import load_recipe
from trainer.stages.memory import TRAINER_GB
from trainer.stages.order import order_epoch

ROOT = Path(__file__).resolve().parents[3]
FAST = ["--set", "align.max_steps=2", "--set", "sft.max_steps=2"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("commands"), 4)


@pytest.fixture(scope="module")
def aligned(run, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "align"
    done = call(align.app, *name_model(), "--data", run, "--out", out, *FAST)
    assert done.exit_code == 0, done.output
    return out


def name_model():
    folders = write_tiny_folders()
    return ["--config", "tiny.yaml", "--llm", folders.llm, "--tower", folders.tower]


def call(app, *arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.mark.parametrize("module", ["align", "sft", "preview"])
def test_help_answers_at_once_with_an_example(module):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    command = [sys.executable, "-m", f"trainer.{module}", "--help"]
    shown = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, env={"PATH": "", "COLUMNS": "200"}
    )
    assert f"Example: python -m trainer.{module}" in shown.stdout
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 1
    code = (
        f"import sys, trainer.{module}; print([m for m in ('torch', 'transformers', 'datasets') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_both_stages_and_the_preview_run_from_the_command_line(run, aligned, tmp_path, capsys):
    done = call(sft.app, "--config", "tiny.yaml", "--data", run, "--align", aligned, "--out", tmp_path, *FAST)
    assert done.exit_code == 0
    assert f"model in {tmp_path / 'model'}" in done.stdout.replace("\n", "")
    assert "its answers are nonsense" in done.stderr.replace("\n", " ")
    assert "freeze table, sft, both, full" in done.stderr
    assert len(read_losses(tmp_path)) == 2
    shown = call(preview.app, "--config", "tiny.yaml", "--data", run, "--model", tmp_path / "model", "--count", "2")
    assert "There is one person." in shown.stdout
    assert "positions supervised" in shown.stdout


def test_fresh_asks_before_it_deletes(run, aligned):
    arguments = [*name_model(), "--data", run, "--out", aligned, *FAST]
    stamp = (aligned / "model/provenance.json").stat().st_mtime_ns
    assert call(align.app, *arguments, "--fresh").exit_code == 1
    assert (aligned / "model/provenance.json").stat().st_mtime_ns == stamp
    assert call(align.app, *arguments, "--fresh", "--yes").exit_code == 0
    assert (aligned / "model/provenance.json").stat().st_mtime_ns != stamp


def test_the_merged_recipe_is_printed_and_saved(aligned, run, tmp_path):
    shown = call(align.app, *name_model(), "--data", run, "--out", tmp_path, *FAST, "--print-config")
    (tmp_path / "printed.yaml").write_text(shown.stdout)
    assert load_recipe(tmp_path / "printed.yaml") == load_recipe(aligned / "recipe.yaml")


def test_the_dry_run_says_steps_tokens_memory_and_trains_nothing(run, aligned, tmp_path):
    arguments = [*name_model(), "--data", run, "--out", tmp_path / "new", "--dry-run"]
    shown = call(align.app, *arguments)
    assert not (tmp_path / "new").exists()
    for text in ("samples", "steps", "tokens", "memory, optimizer", "nothing"):
        assert text in shown.stdout
    forecast = forecast_align(load_recipe(aligned / "recipe.yaml"), run)
    assert (forecast.samples, forecast.steps, forecast.image_tokens, forecast.missing) == (8, 2, 16, ())
    assert forecast_sft(load_recipe(Path("tiny.yaml"), ["sft.max_steps=null"]), run, aligned).steps == 1


@pytest.mark.parametrize("stage", ["align", "sft"])
def test_the_dry_run_counts_the_tokens_that_the_collator_makes(stage, run, aligned):
    recipe = load_recipe(aligned / "recipe.yaml")
    found = forecast_align(recipe, run) if stage == "align" else forecast_sft(recipe, run, aligned)
    encoder = make_encoder(load_processor(aligned / "model"))
    prepared = prepare(Request(run, stage), encoder, recipe.data, "instruction", 1024)
    part = recipe.align if stage == "align" else recipe.sft
    order = order_epoch(prepared.lengths, recipe.seed, 0, part.global_batch, part.length_grouping).tolist()
    rows = [prepared.dataset[place] for place in order]
    batches = [Collator(encoder)(rows[start : start + 4]) for start in range(0, len(rows), 4)]
    assert found.traffic.positions == sum(batch["input_ids"].numel() for batch in batches)
    assert found.traffic.supervised == sum(int((batch["labels"] != -100).sum()) for batch in batches)
    alone = [Collator(encoder)([row])["input_ids"].numel() for row in rows if row["id"] != "filler"]
    assert found.traffic.tokens == sum(alone)


def test_the_dry_run_forecasts_the_memory_that_training_takes(run, aligned):
    rows = [json.loads(line) for line in (aligned / "log.jsonl").read_text().splitlines()]
    taken = max(row["memory_gb"] for row in rows if "memory_gb" in row)
    said = forecast_align(load_recipe(aligned / "recipe.yaml"), run).memory.total_gb
    assert said == pytest.approx(taken, rel=0.15, abs=TRAINER_GB)


def test_a_dry_run_ends_as_the_run_would_where_something_is_missing(run, aligned, tmp_path):
    model = name_model()
    for changes, text in (
        (["--images", tmp_path / "none"], "no such folder"),
        (["--images", tmp_path], "name the folder that the images are in"),
        (["--llm", tmp_path / "none"], "no such folder"),
        (["--llm", copy_without(write_tiny_folders().llm, tmp_path / "llm", "model.safetensors")], "holds no weights"),
        (
            ["--tower", copy_without(write_tiny_folders().tower, tmp_path / "tower", "config.json")],
            "config.json is missing",
        ),
    ):
        arguments = [*model, "--data", run, "--out", tmp_path / "out", *changes]
        for more in ([], ["--dry-run"]):
            with pytest.raises(MissingError) as caught:
                call(align.app, *arguments, *more)
            assert more or text in str(caught.value)
    assert not (tmp_path / "out/model").exists()


def copy_without(folder, target, name):
    shutil.copytree(folder, target)
    (target / name).unlink()
    return target


def test_the_dry_run_lists_everything_that_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("trainer.commands.dryrun.is_there", lambda name: False)
    recipe = load_recipe(Path("24gb.yaml"), ["sft.report_to=[wandb]", "parallel=fsdp"])
    missing = " | ".join(forecast_sft(recipe, tmp_path / "no-run", tmp_path / "no-model").missing)
    for text in (
        "holds no model",
        "package bitsandbytes",
        "package wandb",
        "parallel: fsdp needs GPUs",
        "does not exist; make",
    ):
        assert text in missing
    missing = " | ".join(forecast_align(load_recipe(Path("table3-indirect-visible.yaml")), tmp_path).missing)
    for flag in ("--llm", "--tower", "--image_tower"):
        assert f"give a folder with {flag} " in missing


def test_the_memory_of_a_7b_follows_from_its_parameters():
    """Full fine-tuning: 4 bytes each of weight and gradient, 8 of Adam; adapters in 4 bits: a seventh of that."""
    linear = {"linear_in": 6 * 4096 + 11008, "linear_out": 5 * 4096 + 2 * 11008, "linears": 7}
    ends = 2 * 32064 * 4096
    language = Language(6_738_000_000, ends, 4096, 11008, 4096, 4096, 32, **linear, vocabulary=32064)
    sizes = Sizes(304_000_000, 21_000_000, language, 256, 0)
    base = {"device_batch": 1, "gradient_checkpointing": True, "precision": "bf16", "frozen_precision": "bf16"}
    full = estimate_memory(sizes, SftPart.model_validate(base), Batch(1, 500, 244, True))
    trained = 6_759_000_000
    assert full.gradients_gb == pytest.approx(trained * 4 / 2**30)
    assert full.optimizer_gb == pytest.approx(2 * full.gradients_gb)
    light = estimate_memory(sizes, SftPart.model_validate({**base, "method": "qlora"}), Batch(4, 2000, 976, True))
    assert full.total_gb > 80
    assert light.total_gb < 24


def test_a_preview_without_a_processor_says_what_to_name(tmp_path):
    with pytest.raises(MissingError, match=r"has no processor; name a model folder, e\.g\. ALIGN/model"):
        preview.render_batch(load_recipe(Path("tiny.yaml")), tmp_path, tmp_path, "sft")


def test_what_is_no_model_says_what_to_name(run, aligned, tmp_path):
    folders = write_tiny_folders()
    (tmp_path / "models/pandagpt-7b").mkdir(parents=True)
    adapter = tmp_path / "tuned/adapter"
    adapter.mkdir(parents=True)
    (tmp_path / "tuned/model").symlink_to(aligned / "model")
    cases = {
        folders.llm: "checkpoint takes no image and text, so it is no vision-language model",
        folders.tower: "checkpoint takes no image and text, so it is no vision-language model",
        aligned: f"did you mean {aligned}/model?",
        adapter: f"did you mean {tmp_path}/tuned/model?",
        tmp_path / "models/pandagpt-7b": "has to be converted first: python -m trainer.convert --help",
        tmp_path / "nothing": "give the folder of a saved model",
    }
    for folder, words in cases.items():
        with pytest.raises(ToolkitError) as caught:
            call(sft.app, "--config", "any-model.yaml", "--data", run, "--model", folder, "--out", tmp_path / "out")
        assert words in str(caught.value)


def test_a_model_is_named_in_one_way(run, aligned, tmp_path):
    for given, words in (
        (["--align", aligned, "--model", aligned / "model"], "both --align and"),
        ([], "give --align"),
    ):
        with pytest.raises(UsageError, match=words):
            call(sft.app, "--config", "tiny.yaml", "--data", run, "--out", tmp_path / "out", *given)


def test_the_log_has_rates_and_memory(aligned):
    rows = [json.loads(line) for line in (aligned / "log.jsonl").read_text().splitlines()]
    for row in rows[:-1]:
        assert row["tokens_per_second"] > 0
        assert row["samples_per_second"] > 0
        assert row["memory_gb"] > 0.1
