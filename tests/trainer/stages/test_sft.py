"""SFT in process: what each structure changes on disk, adapters, and where a model came from."""

import json
import re

import pytest
import torch
from safetensors.torch import load_file
from tiny_run import paint, read_losses, read_weights, write_run, write_tiny_folders
from tolerances import largest_difference, layers_tolerance

from tools.errors import MissingError, UsageError
from trainer.model.assembled import assemble, load_assembled
from trainer.recipe import Recipe
from trainer.stages import freezing
from trainer.stages.align_run import run_align
from trainer.stages.sft_run import find_start, run_sft

BOTH = {"align layer", "language model"}


def make_recipe(align_layer="mlp", **sft):
    folders = write_tiny_folders()
    common = {"global_batch": 4, "device_batch": 4, "max_steps": 2, "save_every": 2, "learning_rate": 1e-2}
    settings = {"lora": {"rank": 2, "alpha": 4, "dropout": 0.1}, **common, **sft}
    model = {"llm": folders.llm, "tower": folders.tower, "align_layer": align_layer}
    return Recipe.model_validate({"model": model, "align": common, "sft": settings})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("sft"), 5)


@pytest.fixture(scope="module")
def aligned(run, tmp_path_factory):
    """One alignment an align layer, made when it is asked for."""
    made = {}

    def align(layer):
        if layer not in made:
            made[layer] = tmp_path_factory.mktemp(layer)
            run_align(make_recipe(layer), run, made[layer])
        return made[layer]

    return align


def list_changed_parts(before, after):
    old, new = read_weights(before / "model"), read_weights(after / "model")
    assert set(old) == set(new)
    return {freezing.name_part(name) for name in old if not torch.equal(old[name], new[name])}


@pytest.mark.parametrize(
    ("layer", "trained", "method", "parts"),
    [
        ("mlp", "align_layer", "full", {"align layer"}),
        ("mlp", "llm", "full", {"language model"}),
        ("mlp", "both", "full", BOTH),
        ("mlp", "llm", "lora", {"language model"}),
        ("mlp", "both", "lora", BOTH),
        ("linear", "both", "full", BOTH),
        ("linear", "both", "lora", BOTH),
        ("qformer", "align_layer", "full", {"align layer"}),
        ("qformer", "both", "full", BOTH),
        ("qformer", "both", "lora", BOTH),
    ],
)
def test_sft_changes_what_its_table_says_and_nothing_else(layer, trained, method, parts, run, aligned, tmp_path):
    run_sft(make_recipe(layer, train=trained, method=method), run, aligned(layer), tmp_path)
    assert list_changed_parts(aligned(layer), tmp_path) == parts
    table = json.loads((tmp_path / "freeze.json").read_text())
    assert table["stage"] == f"sft, {trained}, {method}"
    shown = {row["part"] for row in table["parts"] if row["trained_parameters"]}
    assert shown == (parts if method == "full" else {"adapters"} | (parts & {"align layer"}))
    model = load_assembled(tmp_path / "model").model
    if method == "full":
        assert {
            re.sub(r"^.*?(multi_modal_projector|language_model|lm_head)", r"\1", name) for name in table["trained"]
        } == {
            re.sub(r"^.*?(multi_modal_projector|language_model|lm_head)", r"\1", name)
            for name, _ in model.named_parameters()
            if freezing.name_part(name) in parts
        }


def test_the_adapter_on_its_base_gives_the_merged_models_logits(run, aligned, tmp_path):
    from peft import PeftModel

    out = tmp_path / "sft"
    run_sft(make_recipe(method="lora"), run, aligned("mlp"), out)
    config = json.loads((out / "adapter/adapter_config.json").read_text())
    assert (out / "adapter" / config["base_model_name_or_path"]).resolve() == (aligned("mlp") / "model").resolve()
    merged = load_assembled(out / "model").model.eval()
    adapted = PeftModel.from_pretrained(load_assembled(aligned("mlp") / "model").model, str(out / "adapter")).eval()
    size = merged.config.vision_config.image_size
    patches = (size // merged.config.vision_config.patch_size) ** 2
    ids = torch.cat([torch.full((1, patches), merged.config.image_token_id), torch.arange(10, 30)[None]], dim=1)
    pixels = torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    inputs = {"input_ids": ids, "pixel_values": pixels}
    with torch.no_grad():
        expected, found = merged(**inputs).logits, adapted(**inputs).logits
        with adapted.disable_adapter():
            bare = adapted(**inputs).logits
    bound = layers_tolerance(merged.config.text_config, float(expected.abs().max()), ids.shape[1])
    assert largest_difference(found, expected) < bound
    assert largest_difference(bare, expected) > 10 * bound


def test_adapters_on_frozen_bf16_start_from_the_full_precision_align_layer(run, aligned, tmp_path):
    recipe = make_recipe(method="lora", frozen_precision="bf16", learning_rate=1e-30, max_steps=1)
    run_sft(recipe, run, aligned("mlp"), tmp_path)
    adapter = load_file(str(tmp_path / "adapter/adapter_model.safetensors"))
    small = load_file(str(aligned("mlp") / "projector.safetensors"))
    kept = {
        name.rpartition("multi_modal_projector.")[2]: tensor for name, tensor in adapter.items() if "projector" in name
    }
    assert all(torch.equal(kept[name.rpartition("projector.")[2]], tensor) for name, tensor in small.items())


def test_training_leaves_the_configuration_as_it_was(run, aligned, tmp_path):
    run_sft(make_recipe(), run, aligned("mlp"), tmp_path)
    for name in ("config.json", "generation_config.json", "processor_config.json", "tokenizer_config.json"):
        assert (tmp_path / "model" / name).read_text() == (aligned("mlp") / "model" / name).read_text()
    folders = write_tiny_folders()
    fresh = assemble(folders.llm, folders.tower).model
    assert (
        load_assembled(tmp_path / "model").model.generation_config.eos_token_id == fresh.generation_config.eos_token_id
    )


def test_both_stages_stand_in_the_models_provenance(run, aligned, tmp_path):
    run_sft(make_recipe(train="align_layer"), run, aligned("mlp"), tmp_path)
    facts = json.loads((tmp_path / "model/provenance.json").read_text())["stages"]
    assert [stage["stage"] for stage in facts] == ["align, direct", "sft, align_layer, full"]
    assert facts[1]["data"]["samples"] == 5
    assert facts[1]["versions"]["trl"]


def test_visual_instructions_in_llavas_json_train_too(aligned, tmp_path):
    paint(tmp_path / "coco/1.jpg", 1, "RGB")
    turns = [{"from": "human", "value": "What is it?\n<image>"}, {"from": "gpt", "value": "A street."}]
    rows = [{"id": str(k), "image": "1.jpg", "conversations": turns} for k in range(4)]
    (tmp_path / "visual.json").write_text(json.dumps(rows))
    recipe = make_recipe(max_steps=4)
    recipe = recipe.model_copy(update={"data": recipe.data.model_copy(update={"images": tmp_path / "coco"})})
    run_sft(recipe, tmp_path / "visual.json", aligned("mlp"), tmp_path / "out")
    losses = [loss for loss, _ in read_losses(tmp_path / "out").values()]
    assert losses[-1] < losses[0]


def test_a_folder_without_a_model_is_refused(tmp_path, run):
    with pytest.raises(MissingError, match=re.escape("holds no model (model/config.json or config.json); finish the")):
        run_sft(make_recipe(), run, tmp_path, tmp_path / "out")


def test_any_model_folder_will_do_as_a_start(aligned):
    start = find_start(aligned("mlp") / "model")
    assert (start.folder, start.projector) == (aligned("mlp") / "model", None)
    assert find_start(aligned("mlp")).projector == aligned("mlp") / "projector.safetensors"


def test_qlora_without_bitsandbytes_says_what_to_install(run, aligned, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingError, match=r"method: qlora needs the package bitsandbytes: pip install bitsandbytes"):
        run_sft(make_recipe(method="qlora"), run, aligned("mlp"), tmp_path)


def test_instructions_that_are_no_dialogue_are_counted_and_nothing_left_is_refused(aligned, tmp_path):
    rows = [{"id": "1", "image": "x.png", "messages": [{"role": "assistant", "content": "Hi"}]}]
    (tmp_path / "instructions.jsonl").write_text(json.dumps(rows[0]))
    with pytest.raises(UsageError, match=r"1 rejected: 1 broken_conversation \(e\.g\. 1: .*turn 1 is of the assistant"):
        run_sft(make_recipe(), tmp_path, aligned("mlp"), tmp_path / "out")
