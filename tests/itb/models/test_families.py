"""Families of vision-language models: `itb eval` says what one question at a time says, or it shares nothing."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from killing import ROOT

torch = pytest.importorskip("torch", reason="needs the extra `train`")
pytest.importorskip("transformers", reason="needs the extra `train`")

from family_eval import ask_bench, compare_family  # noqa: E402
from tiny_families import WITHOUT_TORCHVISION, write_family  # noqa: E402

from itb.models.hf import model as hf_model  # noqa: E402
from itb.models.hf import rows  # noqa: E402
from itb.models.hf.checkpoint import load_checkpoint  # noqa: E402
from itb.models.hf.model import CheckpointModel  # noqa: E402

CLOSE = 1e-4
HIDING = """
import importlib.util, runpy, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "torchvision" else find(name, package)
sys.argv = {arguments!r}
runpy.run_module("itb", run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    return ask_bench(tmp_path_factory.mktemp("bench") / "bench")


@pytest.fixture(scope="module")
def write(tmp_path_factory):
    written = {}

    def write_once(family):
        if family not in WITHOUT_TORCHVISION and importlib.util.find_spec("torchvision") is None:
            pytest.skip(f"{family} needs torchvision, which is not installed")
        if family not in written:
            written[family] = write_family(family, tmp_path_factory.mktemp(family) / family)
        return written[family]

    return write_once


@pytest.mark.parametrize("family", ["llava", "pixtral_llava", "qwen3_vl", "idefics3"])
def test_both_protocols_say_what_one_question_at_a_time_says(write, questions, family):
    found = compare_family(write(family), questions)
    assert found.way == "one pass over each image, shared by its questions"
    assert found.plain < CLOSE and found.shared < CLOSE
    same, count = found.replies
    assert same == count and found.distinct > count / 4 and found.moved > 100 * CLOSE


def test_a_family_without_a_chat_template_is_asked_in_the_form_of_its_processor(write, questions):
    """PaliGemma reads image and question both ways, and the answer one way: nothing of a question can be shared."""
    found = compare_family(write("paligemma"), questions[::3])
    assert found.way == "the image with every question" and found.shared is None
    assert found.plain < CLOSE and found.replies[0] == found.replies[1]


@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_places_counted_as_for_plain_text_are_found_out(write, questions, monkeypatch, dtype):
    """They are silently wrong for Qwen; the shared way is then not used, and that is said."""
    model = CheckpointModel(load_checkpoint(str(write("qwen3_vl")), "cpu", dtype), "likelihood", 8, 4)
    assert model.explain(questions)["way_tried"].endswith("tried on 6 questions about 2 images, equal to one at a time")
    monkeypatch.setattr(rows, "find_positions", lambda _, inputs: inputs.tokens["attention_mask"].cumsum(dim=1) - 1)
    model = CheckpointModel(load_checkpoint(str(write("qwen3_vl")), "cpu", dtype), "likelihood", 8, 4)
    notes = model.explain(questions)
    assert notes["way"] == "the image with every question"
    assert "not used, as its logits differ from those of one question at a time by" in notes["way_tried"]


def test_a_way_that_fails_on_the_first_questions_is_not_used(write, questions, monkeypatch):
    class Failing(hf_model.load_way("shared")):
        def weigh(self, groups, images):
            raise AttributeError("no cache for several rows")

    ways = {"plain": hf_model.load_way("plain"), "shared": Failing}
    monkeypatch.setattr(hf_model, "load_way", ways.__getitem__)
    model = CheckpointModel(load_checkpoint(str(write("llava")), "cpu", "fp32"), "generate", 8, 2)
    assert len(list(model.answer(model.plan(questions[:2])))) == 2
    notes = model.explain(questions)
    assert notes["way"] == "the image with every question"
    assert notes["way_tried"].endswith("not used, as it fails there (no cache for several rows)")


def test_the_class_that_makes_pixels_is_part_of_what_must_stay_the_same(write):
    model = CheckpointModel(load_checkpoint(str(write("llava")), "cpu", "fp32"), "generate", 8, 2)
    assert model.identify()["image_processor"] == "CLIPImageProcessorPil"


def test_a_family_that_needs_torchvision_says_so_in_one_line(write, tmp_path, questions):
    """A folder with the processor of another family, on a machine without torchvision."""
    folder = tmp_path / "model"
    folder.mkdir()
    for path in write("llava").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    config = json.loads((folder / "processor_config.json").read_text())
    (folder / "processor_config.json").write_text(json.dumps(config | {"processor_class": "PixtralProcessor"}))
    bench = Path(questions[0].image_file.folder)
    arguments = ["itb", "eval", str(bench), "--model", str(folder), "--out", str(tmp_path / "out.jsonl")]
    done = subprocess.run(
        [sys.executable, "-c", HIDING.format(arguments=arguments)],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    command = "pip install -e '.[vlm]' -c requirements.lock"
    assert f"its processor needs the package torchvision, which is not installed: {command}" in done.stderr
