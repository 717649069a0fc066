"""A model folder that is damaged is one sentence: missing things end with 3, wrong ones with 2; no code is run."""

import json
import pickle
import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="PyTorch (extra `train`) is not installed")

from tiny_run import build_tiny, write_tiny_folders  # noqa: E402

from tools.errors import MissingError, ToolkitError, UsageError  # noqa: E402
from trainer.model.assembled import assemble, load_assembled, save_assembled  # noqa: E402

CASE = Path(__file__).resolve().parents[4] / "shared/cases/faults/pickle-bin/pytorch_model.bin"


class Touch:
    """A pickle that would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


def change(folder, name, value):
    fields = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**fields, name: value}))


DAMAGE = {
    "no config": (MissingError, lambda folder: (folder / "config.json").unlink()),
    "no weights": (MissingError, lambda folder: (folder / "model.safetensors").unlink()),
    "config is a list": (UsageError, lambda folder: (folder / "config.json").write_text("[]")),
    "config is cut off": (UsageError, lambda folder: (folder / "config.json").write_text('{"model_type"')),
    "a size is a text": (UsageError, lambda folder: change(folder, "hidden_size", "wide")),
    "a size is nothing": (UsageError, lambda folder: change(folder, "num_attention_heads", 0)),
    "a list as the type": (UsageError, lambda folder: change(folder, "model_type", ["llama"])),
    "torn weights": (UsageError, lambda folder: (folder / "model.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{")),
    "empty weights": (UsageError, lambda folder: (folder / "model.safetensors").write_bytes(b"")),
    "a torn list of parts": (UsageError, lambda folder: (folder / "model.safetensors.index.json").write_text("{}")),
}


@pytest.mark.parametrize("part", ["llm", "tower"])
@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_part_is_one_sentence(name, part, tmp_path):
    folders = write_tiny_folders()
    kind, damage = DAMAGE[name]
    shutil.copytree(getattr(folders, part), tmp_path / part)
    damage(tmp_path / part)
    parts = {"llm": folders.llm, "tower": folders.tower, part: tmp_path / part}
    with pytest.raises(kind) as caught:
        assemble(**parts)
    assert str(tmp_path / part) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("source", ["own", "shared"])
def test_a_pickle_is_refused_and_not_run(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if source == "shared" and not CASE.is_file():
        pytest.skip(f"{CASE} is missing")
    save_assembled(build_tiny(), tmp_path / "model")
    (tmp_path / "model/model.safetensors").unlink()
    data = CASE.read_bytes() if source == "shared" else pickle.dumps(Touch(tmp_path / "PWNED"))
    (tmp_path / "model/pytorch_model.bin").write_bytes(data)
    with pytest.raises(ToolkitError, match="convert it to safetensors") as caught:
        load_assembled(tmp_path / "model")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "PWNED").exists()


def test_a_processor_that_is_a_tokenizer_alone_is_one_sentence(tmp_path):
    save_assembled(build_tiny(), tmp_path / "model")
    for name in ("processor_config.json", "tokenizer_config.json"):
        fields = json.loads((tmp_path / "model" / name).read_text())
        fields.pop("processor_class", None)
        (tmp_path / "model" / name).write_text(json.dumps(fields if name.startswith("tok") else {}))
    with pytest.raises(UsageError) as caught:
        load_assembled(tmp_path / "model")
    assert str(tmp_path / "model") in str(caught.value) and "\n" not in str(caught.value)
