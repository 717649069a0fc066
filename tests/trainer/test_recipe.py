"""Recipes: every row of the paper's tables loads and changes only what it should; mistakes are named."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from tools.errors import MissingError, UsageError
from trainer.recipe import RECIPES, Recipe
from trainer.recipe_file import dump_recipe, load_recipe
from trainer.stages.arguments import build_arguments, check_parallel, cut_batch

NAMES = sorted(path.name for path in RECIPES.glob("*.yaml"))


def flatten(model, prefix=""):
    found = {}
    for name, value in model:
        found.update(flatten(value, f"{prefix}{name}.") if isinstance(value, BaseModel) else {prefix + name: value})
    return found


def change(name):
    """What a recipe changes of paper.yaml, its title left out."""
    paper, other = flatten(load_recipe(Path("paper.yaml"))), flatten(load_recipe(Path(name)))
    return {key: value for key, value in other.items() if value != paper[key] and key != "title"}


def test_the_paper_recipe_holds_the_papers_hyperparameters():
    recipe = load_recipe(Path("paper.yaml"))
    assert (recipe.align.learning_rate, recipe.align.global_batch, recipe.align.epochs) == (1e-3, 128, 1)
    assert (recipe.sft.learning_rate, recipe.sft.global_batch, recipe.sft.epochs) == (2e-5, 64, 3)
    for part in (recipe.align, recipe.sft):
        assert (part.weight_decay, part.schedule, part.warmup_share) == (0.0, "cosine", 0.03)
        assert part.gradient_checkpointing
    assert (recipe.model.align_layer, recipe.sft.train, recipe.align.mode) == ("mlp", "both", "direct")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("table3-direct-visible.yaml", {}),
        ("table3-indirect-visible.yaml", {"align.mode": "indirect"}),
        ("table3-indirect-infrared.yaml", {"align.mode": "indirect"}),
        ("table3-direct-infrared.yaml", {}),
        ("table4-mlp.yaml", {"sft.train": "align_layer"}),
        ("table4-llm.yaml", {"sft.train": "llm"}),
        ("table4-both.yaml", {}),
        ("table5-qformer.yaml", {"model.align_layer": "qformer"}),
        ("table5-linear.yaml", {"model.align_layer": "linear"}),
        ("table5-mlp.yaml", {}),
        ("figure5-peer.yaml", {}),
        ("figure5-ours.yaml", {}),
        ("table2b-ours.yaml", {}),
        (
            "fsdp.yaml",
            {"parallel": "fsdp", "align.frozen_precision": "fp32", "sft.frozen_precision": "fp32"},
        ),
        (
            "24gb.yaml",
            {"align.device_batch": 8, "sft.method": "qlora", "sft.learning_rate": 2e-4, "sft.device_batch": 4},
        ),
    ],
)
def test_a_row_of_a_table_changes_only_what_it_is_about(name, expected):
    assert change(name) == expected


@pytest.mark.parametrize("name", ["pandagpt-7b", "pandagpt-13b", "imagebind-llm-7b"])
@pytest.mark.parametrize("table", ["figure5", "table2b"])
def test_a_peers_row_is_its_authors_recipe(name, table):
    base = load_recipe(Path(f"peer-{name.removesuffix('-7b').removesuffix('-13b')}.yaml"))
    row = load_recipe(Path(f"{table}-{name}.yaml"))
    assert row.sft.train == "upstream" and row.title != base.title
    assert row.model_copy(update={"title": base.title}) == base


def test_the_peers_zero_shot_rows_are_evaluations():
    from itb.models.settings import EvalSettings

    files = sorted((RECIPES.parents[1] / "itb/recipes").glob("table2a-*.yaml"))
    assert [path.stem for path in files] == [
        "table2a-imagebind-llm-7b", "table2a-ours", "table2a-pandagpt-13b", "table2a-pandagpt-7b"
    ]  # fmt: skip
    for path in files:
        settings = EvalSettings.model_validate({"out": "p.jsonl", **yaml.safe_load(path.read_text())})
        assert (settings.split, settings.protocol) == ("test", "generate")


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_loads_has_a_title_and_survives_its_own_dump(name, tmp_path):
    recipe = load_recipe(Path(name))
    assert recipe.title
    (tmp_path / "merged.yaml").write_text(dump_recipe(recipe))
    assert load_recipe(tmp_path / "merged.yaml") == recipe


def test_tiny_says_that_its_answers_are_nonsense():
    assert "nonsense" in load_recipe(Path("tiny.yaml")).notice


def test_every_field_is_described():
    def walk(model, prefix=""):
        for name, field in model.model_fields.items():
            kind = field.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from walk(kind, f"{prefix}{name}.")
            elif not field.description:
                yield prefix + name

    assert list(walk(Recipe)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sft: {epoch: 1}", "unknown setting `sft.epoch`; did you mean `sft.epochs`?"),
        ("modell: {}", "unknown setting `modell`; did you mean `model`?"),
        ("sft: {lora: {ranks: 8}}", "unknown setting `sft.lora.ranks`; did you mean `sft.lora.rank`?"),
        ("sft: 3", "`sft` is 3; expected a mapping of settings"),
        ("- 1", "expected a mapping of settings, e.g. `sft: {epochs: 1}`, found list"),
        ("align: {learning_rate: -1}", "align.learning_rate = -1: Input should be greater than 0"),
        ("sft: {method: lora, train: align_layer}", "puts adapters on the language model, which train: align_layer"),
        ("extends: [paper.yaml]", "`extends` is ['paper.yaml']; expected the name of a recipe"),
        ("a: [", "cannot read the recipe"),
    ],
)
def test_a_mistake_is_refused_and_named(text, message, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        load_recipe(path)
    assert "mine.yaml" in str(caught.value)


def test_recipes_that_extend_each_other_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a.yaml").write_text("extends: b.yaml")
    (tmp_path / "b.yaml").write_text("extends: a.yaml")
    with pytest.raises(UsageError, match=re.escape("in a circle: a.yaml -> b.yaml -> a.yaml")):
        load_recipe(tmp_path / "a.yaml")


def test_a_missing_recipe_names_those_there_are():
    with pytest.raises(
        MissingError, match=re.escape("nope.yaml: no such file or recipe; there are 24gb.yaml, any-model.yaml")
    ):
        load_recipe(Path("nope.yaml"))


def test_the_pack_goes_by_its_older_name_too(tmp_path):
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("extends: tiny.yaml\ndata: {prompts: tests/packs/depth}\n")
    assert load_recipe(recipe).data.pack == Path("tests/packs/depth")
    assert load_recipe(recipe, ["data.pack=elsewhere"]).data.pack == Path("elsewhere")
    assert load_recipe(Path("tiny.yaml"), ["data.prompts=here"]).data.pack == Path("here")
    assert "prompts:" not in dump_recipe(load_recipe(recipe))


def test_changes_go_on_top_of_the_file():
    recipe = load_recipe(Path("paper.yaml"), ["sft.epochs=1", "sft.lora.rank=8", "model.llm=/some/llm"])
    assert (recipe.sft.epochs, recipe.sft.lora.rank, recipe.model.llm) == (1, 8, Path("/some/llm"))
    with pytest.raises(UsageError, match=re.escape("--set sft.epochs: expected NAME=VALUE")):
        load_recipe(Path("paper.yaml"), ["sft.epochs"])
    with pytest.raises(UsageError, match=re.escape("--set: unknown setting `sft.epoch`; did you mean `sft.epochs`?")):
        load_recipe(Path("paper.yaml"), ["sft.epoch=1"])


@given(share=st.integers(1, 64), devices=st.integers(1, 16), most=st.integers(1, 64))
def test_the_global_batch_is_kept_whatever_the_devices(share, devices, most):
    cut = cut_batch(share * devices, most, devices)
    assert cut.device_batch * cut.accumulation * devices == share * devices
    assert cut.device_batch <= most


def test_devices_that_cannot_share_the_batch_are_told_what_can():
    with pytest.raises(UsageError, match=re.escape("global_batch 64 cannot be shared evenly by 6 devices; launch 4")):
        cut_batch(64, 8, 6)


def test_the_arguments_say_what_the_paper_says(tmp_path):
    recipe = load_recipe(Path("paper.yaml"))
    arguments = build_arguments(recipe, recipe.sft, tmp_path, devices=4)
    batch = arguments["per_device_train_batch_size"] * arguments["gradient_accumulation_steps"] * 4
    assert (batch, arguments["learning_rate"], arguments["num_train_epochs"]) == (64, 2e-5, 3)
    assert (arguments["weight_decay"], arguments["warmup_steps"], arguments["lr_scheduler_type"]) == (0, 0.03, "cosine")
    assert arguments["activation_checkpointing"] is True


def test_fsdp_on_a_processor_is_refused_instead_of_running_plain_ddp():
    with pytest.raises(UsageError, match=re.escape("parallel: fsdp needs GPUs; on CPUs the launcher runs plain DDP")):
        check_parallel(load_recipe(Path("fsdp.yaml")), devices=2)
