"""Why a reply differs from lmms-eval's: each cause done here by hand, without lmms-eval.

tests/benchmarks/lmms_agreement.py compares with the real one; docs/parity-lmms-eval.md names the causes.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from mini_bench import write_bench
from PIL import Image

pytest.importorskip("torch", reason="PyTorch (extra `train`) is not installed")
pytest.importorskip("trl", reason="trl (extra `vlm`) is not installed")

from lmms_way import change_pictures, fit, pack, write_checkpoint

from itb.benchmark.ask import Asker, VariantSettings
from itb.benchmark.bench import load_bench
from itb.export import export_bench
from itb.models.hf.checkpoint import load_checkpoint
from itb.models.hf.model import CheckpointModel

PROMPTS = Path(__file__).resolve().parents[3] / "prompts/infrared"
LENGTH = 8
SYSTEM = {"role": "system", "content": "You are a helpful assistant."}
"""What the adapter says first; the template of Qwen2-VL says it by itself."""


def read_questions(bench, **variants):
    read = load_bench(bench)
    return list(Asker(PROMPTS, VariantSettings(**variants)).ask_all(read, read.choose("test")))


def ask_ours(checkpoint, bench, batch=4, way=None, **variants):
    model = CheckpointModel(checkpoint, "generate", batch, LENGTH, way)
    replies = model.answer(model.plan(read_questions(bench, **variants)))
    return {(reply.question.item.id, reply.question.perturbation): reply.text.strip() for reply in replies}


def ask_as_the_adapter(checkpoint, question, change=lambda image: image, processor=None, **pixels):
    """One question at a time, in the few lines of the adapter for Qwen2-VL."""
    content = [{"type": "image"}, {"type": "text", "text": question.text}]
    messages = [SYSTEM, {"role": "user", "content": content}]
    processor = processor or checkpoint.processor
    text = processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    image = change(question.load_image())
    inputs = processor(text=[text], images=[image], return_tensors="pt", **pixels)
    made = checkpoint.model.generate(**inputs, do_sample=False, max_new_tokens=LENGTH)
    return checkpoint.tokenizer.decode(made[0, inputs.input_ids.shape[1] :], skip_special_tokens=True).strip()


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = write_bench(tmp_path_factory.mktemp("lmms") / "bench", tasks=("locate", "security"), images=6, questions=2)
    for number, path in enumerate(sorted((folder / "images").iterdir())):
        size = (224, 160) if number % 2 else (320, 256)
        noise = np.random.default_rng(number).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(write_checkpoint("qwen2_vl", tmp_path_factory.mktemp("lmms") / "qwen"))


@pytest.fixture(scope="module")
def checkpoint(folder):
    return load_checkpoint(folder, "cpu", "fp32")


def ask_all(checkpoint, bench, *change, name="", **told):
    return {
        (question.item.id, name): ask_as_the_adapter(checkpoint, question, *change, **told)
        for question in read_questions(bench)
    }


def test_asked_alike_both_say_the_same_and_the_pixel_budget_would_change_it(bench, checkpoint):
    ours = ask_ours(checkpoint, bench)
    assert ours == ask_all(checkpoint, bench)
    wide = {"size": {"shortest_edge": 256 * 28 * 28, "longest_edge": 1605632}}
    assert ask_all(checkpoint, bench, **wide) != ours


def test_perturb_jpeg_asks_as_the_adapter_that_packs_pictures(bench, checkpoint):
    asked = ask_ours(checkpoint, bench, perturbations=("jpeg",))
    packed = {key: text for key, text in asked.items() if key[1]}
    assert packed == ask_all(checkpoint, bench, pack, name="jpeg")
    assert any(text != asked[item, ""] for (item, _), text in packed.items())


def test_pictures_resized_by_the_adapter_before_are_asked_about_as_such_files_are(bench, checkpoint, tmp_path):
    asked = ask_ours(checkpoint, change_pictures(bench, tmp_path / "fit", fit))
    assert asked == ask_all(checkpoint, bench, fit) != ask_ours(checkpoint, bench)


@pytest.mark.skipif(importlib.util.find_spec("torchvision") is None, reason="torchvision is not installed")
def test_torchvision_s_pixels_and_one_question_at_a_time_are_options(bench, folder):
    from transformers import AutoProcessor

    checkpoint = load_checkpoint(folder, "cpu", "bf16", "torchvision")
    found = ask_ours(checkpoint, bench, batch=1, way="plain")
    stock = AutoProcessor.from_pretrained(folder)
    assert found == ask_all(checkpoint, bench, processor=stock)
    pillow = load_checkpoint(folder, "cpu", "bf16").processor
    image = read_questions(bench)[0].load_image()
    pixels = [each.image_processor(image, return_tensors="pt")["pixel_values"] for each in (stock, pillow)]
    assert 0 < float((pixels[0] - pixels[1]).abs().max()) < 0.05


def test_an_export_names_no_place_to_stop(bench, tmp_path):
    for path in export_bench(bench, "lmms-eval", tmp_path):
        if path.name.startswith("itb_") and path.suffix == ".yaml":
            assert "\n  until: []\n" in path.read_text(encoding="utf-8")  # left out, lmms-eval cuts at an empty line
