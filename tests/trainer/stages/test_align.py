"""Alignment in process: direct, indirect, stored features, and what goes wrong on the way."""

import json
import re
import resource
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny_run import build_tiny, read_losses, read_weights, write_run, write_tiny_folders
from training_bounds import RATE, TrainingBounds, check_close

from tools.errors import MissingError, ToolkitError, UsageError
from trainer.checkpoints import find_checkpoint, load_weights, save_weights
from trainer.model.assembled import load_assembled
from trainer.recipe import Recipe
from trainer.stages import freezing
from trainer.stages.align_run import run_align
from trainer.stages.memory import measure_memory_gb
from trainer.stages.order import measure_padding, order_epoch


def make_recipe(**align):
    folders = write_tiny_folders()
    settings = {"global_batch": 4, "device_batch": 4, "max_steps": 3, "save_every": 2, "learning_rate": 1e-2}
    model = {"llm": folders.llm, "tower": folders.tower, "image_tower": folders.image_tower}
    return Recipe.model_validate({"model": model, "align": {**settings, **align}})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("align"), 5)


@pytest.fixture(scope="module")
def direct(run, tmp_path_factory):
    out = tmp_path_factory.mktemp("direct")
    run_align(make_recipe(), run, out)
    return out


def split(weights):
    """Parts of the model, by the names in its file."""
    parts = {}
    for name, tensor in weights.items():
        parts.setdefault(freezing.name_part(name), {})[name] = tensor
    return parts


def test_direct_alignment_changes_the_align_layer_and_nothing_else(direct, run, tmp_path):
    untrained = make_recipe(max_steps=1, learning_rate=1e-30)
    run_align(untrained, run, tmp_path)
    before, after = split(read_weights(tmp_path / "model")), split(read_weights(direct / "model"))
    for part in ("vision tower", "language model"):
        assert all(torch.equal(before[part][name], after[part][name]) for name in before[part])
    assert not any(
        torch.equal(before["align layer"][name], after["align layer"][name]) for name in before["align layer"]
    )
    freeze = json.loads((direct / "freeze.json").read_text())
    assert {name.rpartition("multi_modal_projector.")[2] for name in freeze["trained"]} == {
        name.rpartition("multi_modal_projector.")[2] for name in before["align layer"]
    }


def test_the_small_checkpoint_is_the_align_layer_of_the_model(direct):
    small = load_file(str(direct / "projector.safetensors"))
    layer = load_assembled(direct / "model").model.model.multi_modal_projector.state_dict()
    assert {name.removeprefix("multi_modal_projector.") for name in small} == set(layer)
    assert all(torch.equal(small[f"multi_modal_projector.{name}"], tensor) for name, tensor in layer.items())


def test_it_says_where_the_model_came_from(direct, run):
    (stage,) = json.loads((direct / "model/provenance.json").read_text())["stages"]
    assert (stage["stage"], stage["steps"], stage["data"]["samples"]) == ("align, direct", 3, 10)
    assert stage["data"]["run"]["prompts"] == {"debate.md": "0123"}
    assert stage["data"]["rules"]["count"] == 1
    assert stage["recipe"]["model"]["llm"] == "llm"
    assert "/" not in json.dumps(stage["recipe"]["model"])


def test_indirect_alignment_reads_photographs_and_leaves_the_infrared_tower(direct, run, tmp_path):
    from transformers import CLIPVisionModel

    run_align(make_recipe(mode="indirect"), run, tmp_path)
    tower = CLIPVisionModel.from_pretrained(write_tiny_folders().tower).state_dict()
    found = load_assembled(tmp_path / "model").model.model.vision_tower.state_dict()
    assert set(found) == set(tower)
    assert all(torch.equal(found[name], tower[name]) for name in tower)
    assert read_losses(tmp_path) != read_losses(direct)


def test_the_same_command_again_says_that_it_is_done_and_another_one_is_refused(direct, run, capsys):
    stamp = (direct / "model/provenance.json").stat().st_mtime_ns
    run_align(make_recipe(), run, direct)
    assert "finished before: " in capsys.readouterr().out
    assert (direct / "model/provenance.json").stat().st_mtime_ns == stamp
    with pytest.raises(
        UsageError, match=re.escape("was begun by another run: learning_rate was 0.01, is 0.1. Use another")
    ):
        run_align(make_recipe(learning_rate=0.1), run, direct)
    run_align(make_recipe(device_batch=2, log_every=2), run, direct)


@pytest.fixture(scope="module")
def gentle(run, tmp_path_factory):
    """`direct` at a rate so small that another order of sums makes no great difference; see `training_bounds`."""
    out = tmp_path_factory.mktemp("gentle")
    run_align(make_recipe(learning_rate=RATE), run, out)
    return out


@pytest.fixture(scope="module")
def bounds():
    return TrainingBounds(build_tiny().model.config.text_config)


def test_stored_features_train_to_the_same_weights(gentle, bounds, run, tmp_path):
    """But for the order of sums: all five pictures go through the tower at once, in training four at a time."""
    run_align(make_recipe(feature_cache=tmp_path / "features", learning_rate=RATE), run, tmp_path / "out")
    assert len(list((tmp_path / "features").rglob("*.safetensors"))) == 5
    check_close(tmp_path / "out", gentle, bounds)
    stored, pixels = split(read_weights(tmp_path / "out/model")), split(read_weights(gentle / "model"))
    for part in ("vision tower", "language model"):
        assert all(torch.equal(stored[part][name], pixels[part][name]) for name in pixels[part])


def test_the_global_batch_may_be_accumulated(gentle, bounds, run, tmp_path):
    run_align(make_recipe(device_batch=1, learning_rate=RATE), run, tmp_path)
    check_close(tmp_path, gentle, bounds)


def test_frozen_weights_in_bf16_and_gradient_checkpointing_train(run, tmp_path):
    recipe = make_recipe(frozen_precision="bf16", gradient_checkpointing=True, length_grouping=True)
    run_align(recipe, run, tmp_path)
    losses = [loss for loss, _ in read_losses(tmp_path).values()]
    assert losses[-1] < losses[0]
    assert load_file(str(tmp_path / "projector.safetensors")).popitem()[1].dtype == torch.float32


def test_a_picture_that_breaks_in_the_middle_is_counted_and_training_goes_on(run, tmp_path, capsys):
    mine = write_run(tmp_path, 5)
    victim = mine / "images/03/3.png"
    victim.write_bytes(victim.read_bytes()[:100])  # its header is whole, so the check before training passes
    out = tmp_path / "out"
    run_align(make_recipe(epochs=2, max_steps=None), mine, out)
    rows = [json.loads(line) for line in (out / "rejected.jsonl").read_text().splitlines()]
    assert sorted((row["id"], row["code"], row["where"]) for row in rows) == [
        ("3-0", "truncated_image", "train"),
        ("3-1", "truncated_image", "train"),
    ]
    assert "2 pictures could not be read in training and weighed nothing" in capsys.readouterr().err
    assert all(loss > 0 for loss, _ in read_losses(out).values())


def test_samples_that_are_too_long_are_counted_and_named(run, tmp_path, capsys):
    mine = write_run(tmp_path, 3)
    rows = [json.loads(line) for line in (mine / "pairs.jsonl").read_text().splitlines()]
    rows[0]["caption"] = "word " * 1200
    (mine / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run_align(make_recipe(max_steps=1), mine, tmp_path / "out")
    assert "rejected before training: too_long 1" in capsys.readouterr().err
    (reject,) = [json.loads(line) for line in (tmp_path / "out/rejected.jsonl").read_text().splitlines()]
    assert (reject["id"], reject["code"]) == ("1-0", "too_long")


def test_nothing_to_train_on_stops_at_once(run, tmp_path):
    (tmp_path / "pairs.jsonl").write_text("")
    with pytest.raises(UsageError, match=r"nothing to train on\. the data has no rows at all"):
        run_align(make_recipe(), tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_missing_folders_are_named_with_their_flag(run, tmp_path):
    with pytest.raises(MissingError, match=re.escape("model.llm is not set; give a folder with --llm (stand-ins:")):
        run_align(Recipe(), run, tmp_path)
    recipe = make_recipe()
    gone = recipe.model_copy(update={"model": recipe.model.model_copy(update={"tower": Path("/nowhere")})})
    with pytest.raises(MissingError, match=re.escape("--tower /nowhere: no such folder")):
        run_align(gone, run, tmp_path)
    indirect = make_recipe(mode="indirect")
    alone = indirect.model_copy(update={"model": indirect.model.model_copy(update={"image_tower": None})})
    with pytest.raises(MissingError, match=re.escape("model.image_tower is not set; give a folder with --image_tower")):
        run_align(alone, run, tmp_path)


def test_a_full_disk_loses_nothing_and_the_same_command_goes_on(direct, run, tmp_path):
    """The disk is played by a limit on the size of files, so that writing fails in the middle, as when it fills up."""
    out = tmp_path / "out"
    recipe = make_recipe(save_every=1, keep_checkpoints=3)
    run_align(make_recipe(save_every=1, keep_checkpoints=3), run, tmp_path / "whole")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    sizes = sorted(path.stat().st_size for path in (tmp_path / "whole/checkpoint-1").iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (sizes[-1] - 1, hard))
    try:
        with pytest.raises(
            ToolkitError, match=r"checkpoint-1: cannot be written .*earlier checkpoints are whole; make room"
        ):
            run_align(recipe, run, out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert find_checkpoint(out) is None
    run_align(recipe, run, out)
    assert read_losses(out) == read_losses(tmp_path / "whole")


def test_a_disk_that_fills_up_at_the_end_leaves_the_last_checkpoint(run, tmp_path, monkeypatch):
    import errno

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    recipe, out = make_recipe(), tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr("trainer.stages.align_run.save_assembled", fail)
        with pytest.raises(ToolkitError, match=r"No space left on device\). the last checkpoint is whole; make room"):
            run_align(recipe, run, out)
    assert find_checkpoint(out).name == "checkpoint-3"
    run_align(recipe, run, out)
    assert (out / "model/provenance.json").is_file()


def test_a_loss_that_is_no_number_stops_with_advice(run, tmp_path):
    with pytest.raises(ToolkitError, match=r"step \d: the loss is (nan|inf); nothing of this step is kept. Lower"):
        run_align(make_recipe(learning_rate=1e30, max_grad_norm=0, max_steps=9), run, tmp_path)


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    save_weights({"a": torch.zeros(2), "b": torch.ones(3)}, tmp_path / "trained.safetensors")
    for targets in ({"a": torch.zeros(2)}, {"a": torch.zeros(2), "b": torch.zeros(4)}):
        with pytest.raises(UsageError, match=r"1 tensors are not those in training, e\.g\. b"):
            load_weights(targets, tmp_path / "trained.safetensors")
        assert all((tensor == 0).all() for tensor in targets.values())
    (tmp_path / "trained.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(UsageError, match="delete its folder to go on from the checkpoint before it"):
        load_weights({"a": torch.zeros(2)}, tmp_path / "trained.safetensors")


@pytest.mark.parametrize("is_grouped", [False, True])
def test_every_sample_is_visited_once_an_epoch_in_an_order_of_its_own(is_grouped):
    import numpy as np

    lengths = np.random.default_rng(0).integers(10, 200, 1003).astype(np.int32)
    orders = [order_epoch(lengths, 0, epoch, 16, is_grouped) for epoch in range(2)]
    for order in orders:
        assert len(order) == 1008
        assert sorted(order[order < 1003]) == list(range(1003))
        assert (order == 1003).sum() == 5
    assert (orders[0] != orders[1]).any()
    assert (order_epoch(lengths, 0, 1, 16, is_grouped) == orders[1]).all()
    padding = measure_padding(lengths, orders[0], 16)
    assert padding < 0.06 if is_grouped else padding > 0.3


def test_two_runs_never_train_into_one_folder(run, tmp_path):
    import fcntl

    out = tmp_path / "out"
    out.mkdir()
    with (out / ".lock").open("w") as file:
        file.write("77")
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(ToolkitError, match=r"another process \(pid 77\) works on it; wait for it"):
            run_align(make_recipe(), run, out)
    assert [path.name for path in out.iterdir()] == [".lock"]


def test_memory_is_measured_in_gigabytes():
    assert 0.1 < measure_memory_gb() < 20
