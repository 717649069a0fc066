"""A missing extra is one line with the command that installs it, exit code 3, from any command."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools.errors import MissingError
from tools.registry.extras import EXTRAS, explain_absent, require

ROOT = Path(__file__).resolve().parents[3]
BLOCK = """
import sys, runpy
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
module, *sys.argv[1:] = {arguments!r}
sys.argv[0] = module
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""
HIDDEN = {
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "datasets",
    "pyarrow",
    "safetensors",
    "onnx",
    "tokenizers",
}
COMMANDS = [
    ["trainer.tiny", "--out", "x"],
    ["trainer.language_model", "--data", "rows.json", "--out", "x"],
    ["trainer.align", "--config", "tiny.yaml", "--data", ".", "--out", "x", "--dry-run"],
    ["trainer.align", "--config", "tiny.yaml", "--data", ".", "--out", "x"],
    ["trainer.sft", "--config", "tiny.yaml", "--data", ".", "--align", "y", "--out", "x"],
    ["trainer.preview", "--config", "tiny.yaml", "--data", ".", "--model", "y"],
    ["trainer.export", "--model", "y", "--out", "x"],
    ["trainer.plan", "--llm-size", "7b", "--gpu", "24"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda words: " ".join(words[:1] + words[-1:]))
def test_a_command_without_its_extra_says_how_to_install_it(arguments, tmp_path):
    row = '[{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}]'
    (tmp_path / "rows.json").write_text(row)
    code = BLOCK.format(names=HIDDEN, arguments=arguments)
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 3, done.stderr
    assert "pip install -e '.[train]' -c requirements.lock" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_only_packages_of_extras_are_explained():
    assert "'.[itb]'" in str(explain_absent(ModuleNotFoundError("x", name="flyr.thermogram")))
    assert explain_absent(ModuleNotFoundError("x", name="tools.gone")) is None
    with pytest.raises(MissingError, match=r"reading needs the package nowhere_at_all.*'\.\[data\]'"):
        require("data", "reading", "nowhere_at_all")
    assert set(EXTRAS) == {"demo", "data", "cameras", "itb", "train", "vlm", "mini", "ray", "studio", "dev"}


def test_the_readme_tells_every_extra():
    told = re.findall(r"^\| `(\w+)` \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert sorted(told) == sorted(declared) == sorted(EXTRAS)
