"""Why a reply differs from lmms-eval's: each cause done here by hand, without lmms-eval.

tests/benchmarks/lmms_agreement.py compares with the real one; docs/parity-lmms-eval.md names the causes.
"""

from pathlib import Path

import pytest
from mini_bench import write_bench
from PIL import Image

pytest.importorskip("torch", reason="PyTorch (extra `train`) is not installed")
pytest.importorskip("trl", reason="trl (extra `vlm`) is not installed")

from lmms_way import change_pictures, fit, pack, write_checkpoint

from itb.benchmark.ask import Asker, VariantSettings
from itb.benchmark.bench import load_bench
from itb.models.hf.checkpoint import load_checkpoint
from itb.models.hf.model import CheckpointModel

PROMPTS = Path(__file__).resolve().parents[3] / "prompts/infrared"
LENGTH = 8
SYSTEM = {"role": "system", "content": "You are a helpful assistant."}
"""What the adapter says first; the template of Qwen2-VL says it by itself."""


def read_questions(bench):
    read = load_bench(bench)
    return list(Asker(PROMPTS, VariantSettings()).ask_all(read, read.choose("test")))


def ask_ours(checkpoint, bench):
    questions = read_questions(bench)
    model = CheckpointModel(checkpoint, "generate", 4, LENGTH)
    return {reply.question.item.id: reply.text for reply in model.answer(model.plan(questions))}


def ask_as_the_adapter(checkpoint, question, change=lambda image: image, **pixels):
    """One question at a time, in the few lines of the adapter for Qwen2-VL."""
    content = [{"type": "image"}, {"type": "text", "text": question.text}]
    messages = [SYSTEM, {"role": "user", "content": content}]
    text = checkpoint.processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    image = change(question.load_image())
    inputs = checkpoint.processor(text=[text], images=[image], return_tensors="pt", **pixels)
    made = checkpoint.model.generate(**inputs, do_sample=False, max_new_tokens=LENGTH)
    return checkpoint.tokenizer.decode(made[0, inputs.input_ids.shape[1] :], skip_special_tokens=True)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = write_bench(tmp_path_factory.mktemp("lmms") / "bench", tasks=("locate", "security"), images=6, questions=2)
    for path in (folder / "images").iterdir():
        Image.open(path).resize((224, 160)).save(path)
    return folder


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return load_checkpoint(str(write_checkpoint("qwen2_vl", tmp_path_factory.mktemp("lmms") / "qwen")), "cpu", "fp32")


def test_jpeg_resizing_and_the_pixel_budget_are_what_differs_and_nothing_else(bench, checkpoint, tmp_path):
    questions = read_questions(bench)
    ours = ask_ours(checkpoint, bench)
    assert {q.item.id: ask_as_the_adapter(checkpoint, q).strip() for q in questions} == {
        item: reply.strip() for item, reply in ours.items()
    }
    for number, change in enumerate((pack, fit)):
        changed = {q.item.id: ask_as_the_adapter(checkpoint, q, change).strip() for q in questions}
        again = ask_ours(checkpoint, change_pictures(bench, tmp_path / str(number), change))
        assert changed == {item: reply.strip() for item, reply in again.items()}
        assert any(changed[item] != reply.strip() for item, reply in ours.items())
    wide = {"size": {"shortest_edge": 256 * 28 * 28, "longest_edge": 1605632}}
    assert any(ask_as_the_adapter(checkpoint, q, **wide).strip() != ours[q.item.id].strip() for q in questions[:3])
