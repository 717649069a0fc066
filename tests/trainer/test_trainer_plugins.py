"""An align layer, a model family and a vision tower of a user's, each one file, through the real commands."""

import json
from pathlib import Path

import pytest
from kill_points import call_forked
from tiny_run import write_run, write_tiny_folders
from writing_commands import import_ahead

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "tests/plugins"
FAST = ("--set", "align.max_steps=2", "--set", "sft.max_steps=1")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("plugins"), 4)


def call(program, *arguments, code=0):
    """In a forked process: what a plugin adds ends with it."""
    import_ahead("trainer")
    ended = call_forked(program, tuple(map(str, arguments)), ROOT)
    assert ended.code == code, ended.printed
    return ended.printed


def align(run, out, plugin, *changes, tower=None, code=0):
    folders = write_tiny_folders()
    parts = ("--llm", folders.llm, "--tower", tower or folders.tower)
    sets = [word for change in changes for word in ("--set", change)]
    command = ("trainer.align", "--config", "tiny.yaml", *parts, "--data", run, "--out", out, *FAST, *sets)
    return call(*command, *(("--plugin", PLUGINS / plugin) if plugin else ()), code=code)


def test_an_align_layer_is_trained_tuned_exported_and_asked(run, tmp_path):
    plugin = ("--plugin", PLUGINS / "dummy_align_layer.py")
    align(run, tmp_path / "align", "dummy_align_layer.py", "model.align_layer=pool", "align_layer.pool=4")
    config = json.loads((tmp_path / "align/model/config.json").read_text())
    assert (config["align_layer"], config["align_fields"]) == ("pool", {"pool": 4})
    assert "set:\n  align_layer:\n    pool: 4" in (tmp_path / "align/recipe.yaml").read_text()
    tuned = ("--data", run, "--align", tmp_path / "align", "--out", tmp_path / "sft", *FAST)
    call("trainer.sft", "--config", "tiny.yaml", *tuned, *plugin)
    model = ("--model", tmp_path / "sft/model", "--out")
    call("trainer.export", *model, tmp_path / "hf", "--format", "hf", *plugin)
    assert "is no mlp" in call("trainer.export", *model, tmp_path / "plain", "--format", "vanilla", *plugin, code=2)
    image = next((run / "images").rglob("*.png"))
    call("trainer.chat", "--model", tmp_path / "hf", "--image", image, "--question", "What is it?", *plugin)
    printed = call("trainer.sft", "--config", "tiny.yaml", *tuned, code=2)
    assert "there is no align layer `pool`" in printed


def test_a_model_family_writes_the_chat(run, tmp_path):
    align(run, tmp_path, "dummy_model_family.py", "model.template=asked")
    assert "Asked: " in (tmp_path / "model/chat_template.jinja").read_text()
    printed = align(run, tmp_path / "other", None, "model.template=asked", code=2)
    assert "model.template: `asked` is not known; there are auto, chatml" in printed


def test_a_vision_tower_is_known_by_its_folder(run, tmp_path):
    tower = tmp_path / "tower"
    tower.mkdir()
    (tower / "config.json").write_text('{"model_type": "stripes"}')
    align(run, tmp_path / "out", "dummy_vision_tower.py", tower=tower)
    assert json.loads((tmp_path / "out/model/config.json").read_text())["vision_config"]["hidden_size"] == 32
    printed = align(run, tmp_path / "other", None, tower=tower, code=2)
    assert "the kind `stripes` is not known; there are languagebind, clip, siglip, dinov2" in printed


def test_unknown_settings_of_an_align_layer_are_refused(run, tmp_path):
    printed = align(run, tmp_path, None, "model.align_layer=qformer", "align_layer.querries=8", code=2)
    assert "align layer `qformer` has no setting `querries`; did you mean `queries`?" in printed
    printed = align(run, tmp_path, None, "model.align_layer=q-former", code=2)
    assert "there is no align layer `q-former`; did you mean `qformer`?" in printed
