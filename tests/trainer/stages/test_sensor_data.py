"""A run on images that a sensor took, through alignment, instruction tuning, export and the benchmark, at tiny size."""

import pytest
from calling import call_here
from sensor_run import run_sensor, write_scenes
from tiny_run import read_losses, write_tiny_folders

from tools.errors import UsageError
from trainer.recipe import Recipe
from trainer.stages.align_run import run_align
from trainer.stages.sft_run import run_sft


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_sensor(tmp_path_factory.mktemp("sensor") / "run")


def make_recipe(**align):
    folders = write_tiny_folders()
    stage = {"global_batch": 4, "device_batch": 4, "max_steps": 2, "save_every": 2}
    model = {"llm": folders.llm, "tower": folders.tower, "image_tower": folders.image_tower}
    return Recipe.model_validate({"model": model, "align": {**stage, **align}, "sft": stage})


def test_a_sensor_run_goes_through_align_sft_export_and_the_benchmark(run, tmp_path):
    run_align(make_recipe(), run, tmp_path / "align")
    run_sft(make_recipe(), run, tmp_path / "align", tmp_path / "sft")
    assert not any((tmp_path / stage / "rejected.jsonl").read_bytes() for stage in ("align", "sft"))
    assert len(read_losses(tmp_path / "align")) == len(read_losses(tmp_path / "sft")) == 2
    made = call_here("trainer.export", "--model", tmp_path / "sft" / "model", "--out", tmp_path / "llava")
    assert made.returncode == 0, made.stderr
    source = f"scenes={write_scenes()}"
    assert call_here("itb", "build", "--source", source, "--out", tmp_path / "itb").returncode == 0
    answers = tmp_path / "answers.jsonl"
    asked = call_here("itb", "eval", tmp_path / "itb", "--model", tmp_path / "llava", "--out", answers, "--limit", 4)
    assert asked.returncode == 0, asked.stderr
    assert len(answers.read_text().splitlines()) >= 4


def test_indirect_alignment_reads_photographs_and_not_the_sensors_files(run, tmp_path):
    with pytest.raises(UsageError, match="no photograph is registered to it, which indirect alignment reads"):
        run_align(make_recipe(mode="indirect"), run, tmp_path / "indirect")
    registered = run_sensor(tmp_path / "run", images=write_scenes() / "visible")
    run_align(make_recipe(mode="indirect"), registered, tmp_path / "registered")
    assert len(read_losses(tmp_path / "registered")) == 2
