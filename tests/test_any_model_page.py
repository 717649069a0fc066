"""docs/any-model.md: its way from a run to a report, command by command, with a tiny Qwen3-VL and a tiny LLaVA."""

import json
import shlex
from pathlib import Path

import pytest
from calling import call_here
from pages import list_steps, read_page
from tiny_families import write_family

from tools.registry.extras import is_there

MARK = "# needs weights: any vision-language model's folder in place of models/mine"
VICUNA = ("--set", "model.template=vicuna")
"""LLaVA-1.5's own template writes no end of turn: what the refusal says."""


def list_words(place: Path, model: Path) -> list[list[str]]:
    """The commands of the page, with its folders in `place`."""
    block = next(step.text for step in list_steps(read_page("any-model.md")) if step.text.startswith(MARK))
    lines = block.replace("\\\n", " ").splitlines()[1:]
    assert all(line.startswith("python -m ") for line in lines)
    moved = {"runs/": f"{place}/runs/", "models/mine": str(model)}
    for old, new in moved.items():
        lines = [line.replace(old, new) for line in lines]
    return [shlex.split(line, comments=True)[2:] for line in lines]


def is_shared(words: list[str]) -> bool:
    """Whether a command does not hang on the model."""
    return words[0] in ("tools", "agents") or words[:2] == ["itb", "build"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Scenes, a run, a benchmark, the run for another trainer: made once."""
    place = tmp_path_factory.mktemp("page")
    for words in filter(is_shared, list_words(place, place / "none")):
        done = call_here(*words)
        assert done.returncode == 0, (words, done.stderr)
    return place


@pytest.mark.parametrize(
    ("family", "more"),
    [
        pytest.param(
            "qwen3_vl", (), marks=pytest.mark.skipif(not is_there("torchvision"), reason="torchvision is not installed")
        ),
        ("llava", VICUNA),
    ],
)
def test_a_model_goes_from_a_run_to_a_report(made, tmp_path, family, more):
    model = write_family(family, tmp_path / family)
    for given in list_words(made, model):
        if is_shared(given):
            continue
        words = [name_apart(word, family) for word in given]
        if words[0] == "trainer.sft":
            words += more
        elif words[0] == "trainer.preview" and more:
            words[words.index("--model") + 1] = f"{made}/runs/{family}-sft/model"
        done = call_here(*words)
        assert done.returncode == 0, (words, done.stderr)
    report = json.loads((made / f"runs/{family}-report/report.json").read_text())
    assert len(report["models"]) == 2
    facts = json.loads((made / f"runs/{family}-sft/model/provenance.json").read_text())["stages"][-1]
    assert facts["effort"] == {"gpu_hours": "not measured", "energy_kwh": "not measured"}


def name_apart(word: str, family: str) -> str:
    """A path of the model that is trained: the other model of this test has one of its own."""
    own = ("any-sft", "any-before", "any-after", "any-report", "any-swift")
    return word.replace("runs/any-", f"runs/{family}-") if any(name in word for name in own) else word
