"""Speed of training a vision-language model with --model, against plain TRL with the same parts frozen, in one run.

    OMP_NUM_THREADS=1 PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/vlm_speed.py --rounds 3

A Qwen3-VL of random weights: tower and language model of 6 layers, 384 wide, vocabulary 49,152; four pictures of 224
pixels a step, one question and one answer each. The cost is the CPU seconds (one thread) from the end of the first step
to the end of the last, data loading included, the best of all rounds; a round runs all variants in turn, so that a busy
machine hits all alike. Stored outputs are computed before the clock starts. torchvision has to be installed.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from step_clock import Clock

import tools  # noqa: F401 - before transformers: see tools/torchvision_repair.py

WIDTH, LAYERS, VOCABULARY, SIDE, BATCH = 384, 6, 49_152, 224, 4
VISION = {
    "depth": LAYERS, "hidden_size": WIDTH, "out_hidden_size": WIDTH, "intermediate_size": 4 * WIDTH, "num_heads": 6,
    "patch_size": 16, "spatial_merge_size": 2, "temporal_patch_size": 2, "num_position_embeddings": 256,
    "deepstack_visual_indexes": [1, 3],
}  # fmt: skip
TEXT = {
    "hidden_size": WIDTH, "intermediate_size": 3 * WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": 6,
    "num_key_value_heads": 2, "head_dim": 64, "vocab_size": VOCABULARY,
    "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [8, 12, 12]},
}  # fmt: skip
QUESTION = "How many vehicles are there in the image? Count them and answer with a whole number."
ANSWER = "The image shows a warm engine near the wall: {} vehicles. The background is cold."


def write_model(folder: Path) -> None:
    """The model and its processor."""
    import torch
    import transformers
    from tiny_families import make_qwen

    torch.manual_seed(0)
    family = make_qwen("Qwen3VL", "Qwen3VL", "qwen3_vl", VISION, **TEXT)
    images = family.processor.image_processor
    images.patch_size, images.merge_size = 16, 2
    images.size = {"shortest_edge": SIDE * SIDE, "longest_edge": SIDE * SIDE}
    getattr(transformers, family.model)(family.config).save_pretrained(folder)
    family.processor.save_pretrained(folder)


def write_run(folder: Path, count: int) -> None:
    """One question and one answer a picture."""
    from tiny_run import paint, write_rows

    rows = []
    for number in range(count):
        paint(folder / f"images/{number}.png", number, "RGB")
        resize(folder / f"images/{number}.png")
        messages = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER.format(number)}]
        rows.append({"id": str(number), "image": f"images/{number}.png", "messages": messages})
    write_rows(folder / "instructions.jsonl", rows)


def resize(path: Path) -> None:
    """The picture as a square of SIDE."""
    from PIL import Image

    Image.open(path).resize((SIDE, SIDE)).save(path)


def run_ours(root: Path, out: Path, train: str, steps: int, clock: Clock, *, cache: bool = False) -> None:
    """Our loop as the command runs it."""
    from trainer.recipe import Recipe
    from trainer.stages import stage_run
    from trainer.stages.vlm import run

    sft = {
        "train": train, "max_steps": steps, "global_batch": BATCH, "device_batch": BATCH, "learning_rate": 1e-4,
        "save_every": 10**6, "feature_cache": str(root / "cache") if cache else None,
    }  # fmt: skip
    original = stage_run.train
    run.train = lambda job, kind, *rest, **more: original(job, lambda **own: clock.wrap(kind(**own)), *rest, **more)
    try:
        run.run_vlm(run.Plan("sft", Recipe.model_validate({"sft": sft}), root / "run", root / "model", out))
    finally:
        run.train = original


def run_trl(root: Path, out: Path, train: str, steps: int, clock: Clock) -> None:
    """Plain `trl.SFTTrainer`: its prompt-completion form for images, its collator and loss, the same parts frozen."""
    from datasets import Dataset, Image, List
    from trl import SFTConfig, SFTTrainer

    from trainer.model.vlm.anatomy import find_anatomy
    from trainer.model.vlm.loading import load_vlm
    from trainer.stages.freezing import freeze

    model, processor = load_vlm(root / "model")
    freeze(model, train, find_anatomy(model).name_part)
    rows = []
    for line in (root / "run/instructions.jsonl").read_text().splitlines():
        row = json.loads(line)
        prompt, completion = row["messages"][:1], row["messages"][1:]
        rows.append({"images": [str(root / "run" / row["image"])], "prompt": prompt, "completion": completion})
    dataset = Dataset.from_list(rows).cast_column("images", List(Image()))
    arguments = SFTConfig(
        output_dir=str(out), per_device_train_batch_size=BATCH, max_steps=steps, learning_rate=1e-4, weight_decay=0.0,
        save_strategy="no", report_to=[], use_cpu=True, disable_tqdm=True, bf16=False, max_length=None, seed=0,
        activation_checkpointing=False, logging_steps=1,
    )  # fmt: skip
    clock.wrap(SFTTrainer(model, arguments, train_dataset=dataset, processing_class=processor)).train()


VARIANTS: dict[str, Callable[[Path, Path, int, Clock], None]] = {
    "ours, LM, stored outputs": lambda root, out, steps, clock: run_ours(root, out, "llm", steps, clock, cache=True),
    "ours, LM, pixels": lambda root, out, steps, clock: run_ours(root, out, "llm", steps, clock),
    "plain TRL, LM": lambda root, out, steps, clock: run_trl(root, out, "llm", steps, clock),
    "ours, LM and connector, pixels": lambda root, out, steps, clock: run_ours(root, out, "both", steps, clock),
    "plain TRL, LM and connector": lambda root, out, steps, clock: run_trl(root, out, "both", steps, clock),
}


def main() -> None:
    """Print seconds a step and the ratios to plain TRL."""
    import torch

    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=7)
    options = parser.parse_args()
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_model(root / "model")
        write_run(root / "run", BATCH * options.steps)
        for turn in range(options.rounds):
            for name, work in VARIANTS.items():
                clock = Clock()
                work(root, root / f"out/{turn}/{name}", options.steps, clock)
                cost = (clock.times[-1] - clock.times[0]) / (len(clock.times) - 1)
                best[name] = min(cost, best.get(name, cost))
    print(f"{'CPU s a step':32} {'seconds':>8} {'plain TRL is':>14}")
    for name, cost in best.items():
        plain = best["plain TRL, LM and connector" if "connector" in name else "plain TRL, LM"]
        print(f"{name:32} {cost:8.3f} {plain / cost:13.2f}x")


if __name__ == "__main__":
    main()
