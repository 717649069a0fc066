"""Published shapes and folders of any family: parameters by part, tokens of a picture, what fits on a GPU."""

from pathlib import Path

import pytest
from tiny_families import write_family
from typer.testing import CliRunner

from tools.errors import MissingError, UsageError
from tools.registry.extras import is_there
from trainer.commands import plan
from trainer.commands.planning import find_whole, plan_stages
from trainer.model.shapes import list_shapes, read_shape
from trainer.model.shapes.measure import measure_whole
from trainer.model.shapes.pictures import USUAL, PictureSize, count_of_folder, count_of_shape, parse_size
from trainer.recipe_file import load_recipe

FAMILIES = ("gemma3", "idefics3", "llava_next", *(("qwen3_vl", "internvl") if is_there("torchvision") else ()))
SHAPED = (
    "qwen3-vl-8b-24gb",
    "qwen3-vl-8b-lora",
    "qwen2.5-vl-7b-lora",
    "internvl3.5-8b",
    "smolvlm2-2b-full",
    "gemma3-4b",
)


@pytest.mark.parametrize("name", list_shapes())
def test_a_published_shape_has_as_many_parameters_as_were_published(name):
    """Counted on models without memory; the numbers were published with the weights, by others."""
    shape = read_shape(name)
    sizes = measure_whole(shape.make_config(), count_of_shape(shape, USUAL))
    counted = sizes.tower + sizes.align_layer + sizes.language.parameters
    assert counted == pytest.approx(shape.parameters, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("qwen3-vl-8b", 20 * 16),  # 32 pixels a token
        ("qwen2.5-vl-7b", 23 * 18),  # 28 pixels a token: 644 x 504
        ("internvl3.5-8b", 13 * 256 + 2),  # 4 x 3 tiles and the whole picture, and the marks around them
        ("smolvlm2-2b", 17 * 81 + 4 * (4 * 2 + 1) + 3),  # 4 x 4 tiles with their places, a line break a row, the whole
        ("gemma3-4b", 256 + 4),
    ],
)
def test_a_thermal_picture_fills_as_many_tokens_as_its_family_says(name, tokens):
    assert count_of_shape(read_shape(name), USUAL) == tokens


@pytest.mark.parametrize("name", FAMILIES)
def test_tokens_of_a_folders_picture_are_those_that_its_processor_writes(name, tmp_path):
    from PIL import Image
    from transformers import AutoProcessor

    folder = write_family(name, tmp_path / name)
    processor = AutoProcessor.from_pretrained(folder)
    for size in (PictureSize(40, 30), PictureSize(64, 96)):
        content = [{"type": "image"}, {"type": "text", "text": "Is it warm?"}]
        text = processor.apply_chat_template([{"role": "user", "content": content}])
        with_picture = processor(text=[text], images=[[Image.new("RGB", size)]], add_special_tokens=False)
        alone = processor.tokenizer(text, add_special_tokens=False)
        widened = len(with_picture["input_ids"][0]) - len(alone["input_ids"])
        assert abs(count_of_folder(folder, size) - widened) <= 4  # not all count marks and breaks around it


@pytest.mark.parametrize("name", SHAPED)
def test_recipes_for_published_models_say_that_they_were_never_run_and_fit_where_they_say(name):
    recipe = load_recipe(Path(f"{name}.yaml"))
    assert "never run" in recipe.title and "never run" in recipe.notice
    assert recipe.model.shape in list_shapes()
    found = {each.name: each for each in plan_stages(recipe, find_whole(recipe.model.shape, USUAL), 24, 1, (100, 400))}
    if name.endswith("24gb"):
        assert recipe.sft.method == "qlora" and found["sft, qlora"].fits
        assert found["sft, qlora"].memory.total_gb < 22


def test_the_plan_answers_for_a_recipe_a_shape_and_a_folder(tmp_path):
    run = CliRunner()
    for arguments in (
        ("--config", "gemma3-4b.yaml", "--tflops", "60"),
        ("--model", "gemma3-4b", "--picture", "1280x1024"),
        ("--model", str(write_family("gemma3", tmp_path / "gemma3"))),
    ):
        shown = run.invoke(plan.app, [*arguments, "--gpu", "24"], catch_exceptions=False)
        assert shown.exit_code == 0 and "yes" in shown.stdout and "tokens" in shown.stdout, arguments
        assert ("TFLOP/s" in shown.stdout) == ("--tflops" in arguments)


def test_what_is_no_whole_model_is_named(tmp_path):
    with pytest.raises(UsageError, match="expected gemma3-4b, internvl"):
        find_whole("nix", USUAL)
    with pytest.raises(MissingError, match="expected gemma3-4b"):
        find_whole(str(tmp_path / "none"), USUAL)
    for text in ("640", "640x", "0x5", "axb", "640x512x3"):
        with pytest.raises(UsageError, match="expected WIDTHxHEIGHT"):
            parse_size(text)
