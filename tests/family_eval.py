"""`itb eval` against the usual few lines, for one family: one question at a time, no cache, no batch, nothing of ours.

The prompt's rows and what the answers are written as come from the package's chat; every logit is computed anew.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from mini_bench import write_bench
from PIL import Image

from itb.answers.candidates import list_candidates
from itb.benchmark.ask import Asker, Question, VariantSettings
from itb.benchmark.bench import load_bench
from itb.models.hf.chat import Chat
from itb.models.hf.checkpoint import Checkpoint, load_checkpoint
from itb.models.hf.model import CheckpointModel

PROMPTS = Path(__file__).resolve().parents[1] / "prompts/infrared"
TASKS = ("locate", "security", "pedestrian_count")
SIZES = ((80, 64), (40, 96))
BATCH, LENGTH = 5, 4


class Compared(NamedTuple):
    """How far both ways of `itb eval` are from one question at a time.

    Attributes:
        way: what it chose by itself.
        plain, shared: the largest difference of an answer's log-probability; None where the way cannot be used.
        replies: of how many questions the way that it chose said the same, and of how many.
        distinct: how many of those replies differ from each other.
        moved: how far the answers move with the image of another question.
    """

    way: str
    plain: float
    shared: float | None
    replies: tuple[int, int]
    distinct: int
    moved: float


def ask_bench(folder: Path, images: int = 6) -> list[Question]:
    """Questions about images of two shapes, several about each."""
    bench = write_bench(folder, tasks=TASKS, images=images, questions=2)
    for number, path in enumerate(sorted((bench / "images").iterdir())):
        size = SIZES[number // 3 % 2]  # every third belongs to the test split
        image = Image.open(path)
        image.resize(size).save(path)
    read = load_bench(bench)
    return list(Asker(PROMPTS, VariantSettings(context="both")).ask_all(read, read.choose("test")))


def compare_family(folder: Path, questions: Sequence[Question]) -> Compared:
    """Evaluate a model folder in both protocols and in both ways."""
    checkpoint = load_checkpoint(str(folder), "cpu", "fp32")
    alone = {question.key: score_alone(checkpoint, question, question.load_image()) for question in questions}
    chosen = CheckpointModel(checkpoint, "generate", BATCH, LENGTH)
    way = str(chosen.explain(questions)["way"])
    said = {reply.question.key: reply.text for reply in chosen.answer(chosen.plan(questions))}
    expected = {question.key: generate_alone(checkpoint, question) for question in questions}
    is_shared = way.startswith("one pass")
    return Compared(
        way,
        measure(checkpoint, questions, alone, "plain"),
        measure(checkpoint, questions, alone, "shared") if is_shared else None,
        (sum(said[key] == text for key, text in expected.items()), len(expected)),
        len(set(expected.values())),
        move_image(checkpoint, questions, alone),
    )


def measure(checkpoint: Checkpoint, questions: Sequence[Question], alone: dict, way: str) -> float:
    """The largest difference of a log-probability."""
    model = CheckpointModel(checkpoint, "likelihood", BATCH, LENGTH, way)
    found = {reply.question.key: reply.scores for reply in model.answer(model.plan(questions))}
    assert [question.key for question in questions if list_candidates(question) and not found[question.key]] == []
    return max(abs(score - found[key][answer]) for key, scores in alone.items() for answer, score in scores.items())


def move_image(checkpoint: Checkpoint, questions: Sequence[Question], alone: dict) -> float:
    """How far the first question's answers move when the image is turned upside down."""
    question = questions[0]
    other = score_alone(checkpoint, question, question.load_image().transpose(Image.Transpose.ROTATE_180))
    return max(abs(other[answer] - score) for answer, score in alone[question.key].items())


def encode_alone(checkpoint: Checkpoint, question: Question, image: Image.Image) -> dict:
    """The processor's tensors for one question."""
    text = Chat(checkpoint).render(question)
    bos = checkpoint.tokenizer.bos_token
    adds = not (checkpoint.model_type == "paligemma" or (bos and text.startswith(bos)))
    return dict(checkpoint.processor(text=[text], images=[[image]], return_tensors="pt", add_special_tokens=adds))


def score_alone(checkpoint: Checkpoint, question: Question, image: Image.Image) -> dict[str, float]:
    """Log-probability of each answer, each way of writing it in a pass of its own; empty where none can be listed."""
    if not list_candidates(question):
        return {}
    chat = Chat(checkpoint)
    inputs = encode_alone(checkpoint, question, image)
    length = inputs["input_ids"].shape[1]
    kind = int(checkpoint.model_type == "paligemma")  # the rest of a row, which it does not see both ways
    found: dict[str, list[float]] = {}
    for surface in dict.fromkeys(chat.list_surfaces(question, chat.render(question))):
        tokens = torch.tensor([surface.tokens])
        row = dict(inputs)
        for name, value in inputs.items():
            if getattr(value, "shape", None) == inputs["input_ids"].shape:
                more = {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)}.get(name, tokens * 0 + kind)
                row[name] = torch.cat([value, more], dim=1)
        with torch.inference_mode():
            logits = checkpoint.model(**row).logits[0, length - 1 : -1]
        logs = logits.log_softmax(dim=-1).gather(1, tokens.T)
        found.setdefault(surface.answer, []).append(float(logs.sum()))
    return {answer: math.log(math.fsum(map(math.exp, logs))) for answer, logs in found.items()}


def generate_alone(checkpoint: Checkpoint, question: Question) -> str:
    """The usual call of `generate`."""
    inputs = encode_alone(checkpoint, question, question.load_image())
    with torch.inference_mode():
        output = checkpoint.model.generate(**inputs, max_new_tokens=LENGTH, do_sample=False)
    return checkpoint.tokenizer.decode(output[0][inputs["input_ids"].shape[1] :], skip_special_tokens=True)
