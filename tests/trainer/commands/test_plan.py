"""What fits on a GPU, without weights: sizes by name or by config.json, and the search over batches."""

from pathlib import Path

import pytest
from tiny_run import write_tiny_folders
from typer.testing import CliRunner

from tools.errors import MissingError, UsageError
from trainer.commands import plan
from trainer.commands.planning import USABLE, find_sizes, plan_stages
from trainer.recipe_file import load_recipe

RECIPE = load_recipe(Path("paper.yaml"))


def search(llm, gpu, devices=1):
    return {each.name: each for each in plan_stages(RECIPE, find_sizes(llm, None, RECIPE), gpu, devices, (100, 400))}


@pytest.mark.parametrize(("llm", "parameters"), [("7b", 6.74e9), ("13b", 13.02e9)])
def test_the_papers_sizes_are_known_by_name(llm, parameters):
    sizes = find_sizes(llm, None, RECIPE)
    assert sizes.language.parameters == pytest.approx(parameters, rel=0.001)
    assert (sizes.image_tokens, sizes.tower) == (256, pytest.approx(303e6, rel=0.01))


def test_a_7b_is_tuned_in_full_on_no_24_gb_and_with_adapters_on_one():
    found = search("7b", 24)
    assert {name: each.fits for name, each in found.items()} == {
        "align": True, "sft, full": False, "sft, lora": True, "sft, qlora": True,
    }  # fmt: skip
    for each in found.values():
        assert each.fits == (each.memory.total_gb <= 24 * USABLE)
        assert each.cut.device_batch * each.cut.accumulation == each.part.global_batch
    assert found["sft, full"].memory.total_gb > 100
    assert search("7b", 140)["sft, full"].fits
    assert found["sft, qlora"].memory.weights_gb < found["sft, lora"].memory.weights_gb / 2


def test_a_smaller_gpu_takes_a_smaller_batch_or_recomputes():
    large, small = search("7b", 80)["sft, lora"], search("7b", 20)["sft, lora"]
    assert small.cut.device_batch <= large.cut.device_batch
    assert small.part.gradient_checkpointing


def test_the_command_answers_from_a_folder_and_guesses_hours_only_when_told_a_speed():
    llm = write_tiny_folders().llm
    shown = CliRunner().invoke(plan.app, ["--llm-size", str(llm), "--gpu", "4"], catch_exceptions=False)
    assert shown.exit_code == 0 and "yes" in shown.stdout and " h for" not in shown.stdout
    timed = ["--llm-size", str(llm / "config.json"), "--gpu", "4", "--throughput", "1000", "--samples", "3600"]
    assert " h for 3,600 samples" in CliRunner().invoke(plan.app, timed, catch_exceptions=False).stdout


def test_what_is_no_size_is_named(tmp_path):
    with pytest.raises(UsageError, match="expected 7b, 13b, a model's folder"):
        find_sizes("9q", None, RECIPE)
    with pytest.raises(MissingError, match=r"config\.json is missing"):
        find_sizes(str(tmp_path), None, RECIPE)
    for text in (
        "[]",
        "{}",
        '{"model_type": "nix"}',
        '{"model_type": "llama", "hidden_size": "a"}',
        "{",
        '{"model_type": 7}',
    ):
        (tmp_path / "config.json").write_text(text)
        with pytest.raises(UsageError, match=r"config\.json") as caught:
            find_sizes(str(tmp_path), None, RECIPE)
        assert "\n" not in str(caught.value)
