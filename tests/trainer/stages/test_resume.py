"""Killed with SIGKILL and started again, training ends with the same losses and the same weights, bit for bit.

Most kills happen in forked processes that kill themselves at a chosen point; one kills the real command from outside.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from tiny_run import fork, read_losses, read_weights, wait, write_run, write_tiny_folders

from trainer import checkpoints
from trainer.checkpoints import STAGING, find_checkpoint
from trainer.recipe import Recipe
from trainer.recipe_file import dump_recipe
from trainer.stages.align_run import run_align
from trainer.stages.exact import ExactMixin
from trainer.stages.sft_run import run_sft

ROOT = Path(__file__).resolve().parents[3]


def make_recipe():
    """Seven samples in batches of two: 4 steps an epoch, so that kills fall inside later epochs; dropout in SFT."""
    folders = write_tiny_folders()
    common = {"global_batch": 2, "device_batch": 1, "epochs": 3, "save_every": 3, "log_every": 2, "learning_rate": 1e-2}
    settings = {
        "model": {"llm": folders.llm, "tower": folders.tower},
        "data": {"limit": 7},
        "align": {**common, "length_grouping": True},
        "sft": {**common, "method": "lora", "lora": {"rank": 2, "alpha": 4, "dropout": 0.3}},
    }
    return Recipe.model_validate(settings)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("resume"), 8)


@pytest.fixture(scope="module")
def whole(run, tmp_path_factory):
    """Both stages, never interrupted."""
    out = tmp_path_factory.mktemp("whole")
    run_align(make_recipe(), run, out / "align")
    run_sft(make_recipe(), run, out / "align", out / "sft")
    return out


def start(stage, run, whole, out):
    return run_align(make_recipe(), run, out) if stage == "align" else run_sft(make_recipe(), run, whole / "align", out)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def die_at_step(step):
    original = ExactMixin.compute_loss

    def compute_loss(self, *arguments, **more):
        loss = original(self, *arguments, **more)
        if self.state.global_step + 1 == step:
            die()
        return loss

    ExactMixin.compute_loss = compute_loss


def die_while_saving(step):
    """In the middle of writing a checkpoint: weights and half of the optimizer are there."""
    original = torch.save

    def save(held, path, *arguments, **more):
        original(held, path, *arguments, **more)
        if f"checkpoint-{step}" in str(path):
            Path(path).write_bytes(Path(path).read_bytes()[:100])
            die()

    torch.save = save


def die_before_publishing(step):
    original = checkpoints.publish

    def publish(staged, target):
        if target.name == f"checkpoint-{step}":
            die()
        original(staged, target)

    sys.modules["trainer.stages.exact"].publish = publish


def die_while_rotating(step):
    import shutil

    original = shutil.rmtree

    def rmtree(path, *arguments, **more):
        if ".old-checkpoint" in str(path):
            next(Path(path).iterdir()).unlink()
            die()
        original(path, *arguments, **more)

    shutil.rmtree = rmtree


def check_equal(found, expected):
    assert read_losses(found) == read_losses(expected)
    old, new = read_weights(expected / "model"), read_weights(found / "model")
    assert set(old) == set(new)
    assert all(torch.equal(old[name], new[name]) for name in old)


@pytest.mark.parametrize("stage", ["align", "sft"])
@pytest.mark.parametrize(
    ("how", "step", "left"),
    [
        (die_at_step, 2, None),
        (die_at_step, 8, 6),
        (die_while_saving, 6, 3),
        (die_before_publishing, 9, 6),
        (die_while_rotating, 9, 9),
    ],
)
def test_a_killed_run_goes_on_as_if_nothing_had_happened(stage, how, step, left, run, whole, tmp_path):
    out = tmp_path / stage

    def work():
        how(step)
        start(stage, run, whole, out)

    assert wait(fork(work)) == -signal.SIGKILL
    newest = find_checkpoint(out)
    assert (newest.name if newest else None) == (f"checkpoint-{left}" if left else None)
    if how is die_while_saving:
        assert (out / STAGING / f"checkpoint-{step}").is_dir()
    start(stage, run, whole, out)
    check_equal(out, whole / stage)
    assert not (out / STAGING).exists()
    assert not list(out.glob(".old-*"))
    assert sorted(path.name for path in out.glob("checkpoint-*")) == ["checkpoint-12", "checkpoint-9"]


def test_a_run_killed_after_training_only_saves(run, whole, tmp_path, monkeypatch):
    out = tmp_path / "align"

    def work():
        monkeypatch.setattr("trainer.stages.align_run.save_assembled", lambda *_: die())
        run_align(make_recipe(), run, out)

    assert wait(fork(work)) == -signal.SIGKILL
    assert not (out / "model").exists()
    run_align(make_recipe(), run, out)
    check_equal(out, whole / "align")


def test_the_command_killed_from_outside_resumes(run, whole, tmp_path):
    """The real command, SIGKILL at a moment of its own, then the same command to the end."""
    (tmp_path / "recipe.yaml").write_text(dump_recipe(make_recipe()))
    flags = ["--config", str(tmp_path / "recipe.yaml"), "--data", str(run), "--out", str(tmp_path / "out")]
    command = [sys.executable, "-m", "trainer.align", *flags]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    while find_checkpoint(tmp_path / "out") is None and process.poll() is None:
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    run_align(make_recipe(), run, tmp_path / "out")
    check_equal(tmp_path / "out", whole / "align")


def test_a_run_killed_behind_its_last_step_makes_no_further_one(run, tmp_path, monkeypatch):
    """`max_steps` ends inside an epoch, of which Trainer has steps left; what was rotated out stays out."""
    recipe = make_recipe()
    stage = recipe.align.model_copy(update={"max_steps": 5, "save_every": 1})
    recipe = recipe.model_copy(update={"align": stage})
    run_align(recipe, run, tmp_path / "whole")
    for how in ("trainer.stages.align_run.save_assembled", "trainer.stages.exact.rotate"):
        out = tmp_path / how

        def work(how=how, out=out):
            saves = iter(range(stage.max_steps))
            monkeypatch.setattr(how, lambda *_: ("save" not in how and next(saves) + 1 < stage.max_steps) or die())
            run_align(recipe, run, out)

        assert wait(fork(work)) == -signal.SIGKILL
        run_align(recipe, run, out)
        check_equal(out, tmp_path / "whole")
        assert sorted(path.name for path in out.glob("checkpoint-*")) == ["checkpoint-4", "checkpoint-5"]
