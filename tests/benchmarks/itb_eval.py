"""How fast a checkpoint is evaluated on a CPU, against asking one question after the other.

    OMP_NUM_THREADS=1 PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/itb_eval.py [--images 6]

Builds a LLaVA of random weights (ViT and Llama of 6 layers, 384 wide, 256 image tokens), asks the same questions in
four ways in one process, and prints CPU and wall seconds a question and their ratio to the usual loop, one call of
`generate` a question. Loading the model is not counted, decoding images is. A random model never ends its reply, so the
length is set: 4 tokens, about what a trained one needs for "B." or "Yes", and 32, the default limit. The likelihood
protocol generates nothing. The replies of the first three ways must be equal.

Measured (2 shared cores, one thread, torch 2.13.0, transformers 5.23.0):

| questions an image, tokens a reply | one by one | batches | shared | likelihood |
|---|---|---|---|---|
| 1 (what is not there), 4 | 0.170 s | x1.2 | x1.2 | x1.2 |
| 1 (what is not there), 32 | 0.300 s | x1.6 | x1.5 | x2.3 |
| 4 (where, what is not there), 4 | 0.149 s | x1.0 | x3.1 | x3.3 |
| 4 (where, what is not there), 32 | 0.294 s | x1.6 | x3.1 | x7.1 |
| 8 (where, what is not there), 4 | 0.155 s | x1.1 | x4.8 | x5.4 |
| 8 (where, what is not there), 32 | 0.290 s | x1.6 | x4.1 | x10.9 |
| 4 (counts of 0 to 6), 4 | 0.140 s | x1.1 | x3.3 | x2.9 |
| 4 (counts of 0 to 6), 32 | 0.277 s | x1.6 | x3.3 | x6.5 |

CPU seconds a question, then how many times less, in one run. Wall ratios of that run, beside other work on the
machine, were 1.3 to 10.9 for likelihoods, within a seventh of those of CPU time. So the likelihood protocol is five
times as fast as the loop from about 8 questions an image on, or from 4 where the loop's replies run to the limit. With
one question an image there is nothing to share, and one core has no spare width for batches. Rotations and `--context
both` multiply the questions an image has.
"""

import argparse
import functools
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from mini_bench import write_bench
from tiny_vlm import write_tiny_vlm

from itb.benchmark.ask import Asker, Question, VariantSettings
from itb.benchmark.bench import load_bench
from itb.models.hf.checkpoint import Checkpoint, load_checkpoint
from itb.models.hf.model import CheckpointModel

LENGTHS = (4, 32)
BATCH = 16


class Cost(NamedTuple):
    """Of all questions together."""

    cpu_seconds: float
    wall_seconds: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=6, help="asked about")
    images = parser.parse_args().images
    with tempfile.TemporaryDirectory() as folder:
        vlm = write_tiny_vlm(Path(folder, "vlm"), width=384, layers=6, image=224, patch=14)
        checkpoint = load_checkpoint(str(vlm), "cpu", "fp32")
        print_row("questions an image, tokens a reply", "one by one", "batches", "shared", "likelihood")
        for label, tasks, each in (
            ("1 (what is not there)", ("security",), 1),
            ("4 (where, what is not there)", ("locate", "security"), 2),
            ("8 (where, what is not there)", ("locate", "security"), 4),
            ("4 (counts of 0 to 6)", ("pedestrian_count",), 4),
        ):
            bench = load_bench(write_bench(Path(folder, label), tasks=tasks, images=3 * images, questions=each))
            asker = Asker(Path("prompts/infrared"), VariantSettings())
            questions = list(asker.ask_all(bench, bench.choose("test")))
            for tokens in LENGTHS:
                compare(f"{label}, {tokens}", checkpoint, questions, tokens)


def compare(label: str, checkpoint: Checkpoint, questions: Sequence[Question], tokens: int) -> None:
    """Two lines of the table."""
    base, expected = measure(lambda: {q.key: generate_alone(checkpoint, q, tokens) for q in questions})
    costs = [base]
    for protocol, way in (("generate", "plain"), ("generate", "shared"), ("likelihood", "shared")):
        model = CheckpointModel(checkpoint, protocol, BATCH, tokens, way)
        cost, replies = measure(functools.partial(ask, model, questions))
        costs.append(cost)
        if protocol == "generate" and replies != expected:
            raise SystemExit(f"{label}: the replies differ from those given one by one")
    for name, place in (("CPU", 0), ("wall", 1)):
        cells = [f"{cost[place] / len(questions):.3f} s, x{base[place] / cost[place]:.1f}" for cost in costs]
        print_row(f"{label}, {name}", *cells)


def measure(work: Callable[[], dict]) -> tuple[Cost, dict]:
    """CPU and wall seconds of `work`, and what it gave."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall), result


def ask(model: CheckpointModel, questions: Sequence[Question]) -> dict:
    """All replies by question."""
    return {reply.question.key: reply.text for reply in model.answer(model.plan(questions))}


def generate_alone(checkpoint: Checkpoint, question: Question, tokens: int) -> str:
    """The usual loop's body."""
    import torch

    messages = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question.text}]}]
    text = checkpoint.processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    inputs = checkpoint.processor(text=text, images=question.load_image(), return_tensors="pt")
    with torch.inference_mode():
        output = checkpoint.model.generate(**inputs, max_new_tokens=tokens, do_sample=False)
    return checkpoint.processor.decode(output[0][inputs["input_ids"].shape[1] :], skip_special_tokens=True)


def print_row(*cells: str) -> None:
    """A line of a Markdown table."""
    sys.stdout.write("| " + " | ".join(cells) + " |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
