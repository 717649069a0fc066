"""Speed and memory of one training step, ours against plain Trainer and plain TRL, on the same model and the same data.

    OMP_NUM_THREADS=1 PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/trainer_speed.py --rounds 2

A ViT-B/16 and a Llama of SmolLM2-135M's size, random weights, 224 x 224 images, batches of 4. Each variant runs in a
process of its own; its cost is the CPU seconds (user + system, one thread) from the end of its first step to the end of
its last, data loading included, the best of all rounds; memory is the peak resident set. Rounds run all variants in
turn, so that a busy machine hits all alike. Stored features are computed before the clock starts: they cost one pass of
the tower, which three epochs of SFT or a second recipe pay back. The share of the matmul peak is the least number of
multiplications that a step needs over what the same core multiplies in 2048 x 2048 products.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from step_clock import Clock
from tiny_run import write_run

ALIGN = {
    "ours, pixels, fp32": {},
    "ours, stored features, fp32": {"cache": True},
    "ours, pixels, frozen bf16": {"bf16": True},
    "ours, stored features, frozen bf16": {"cache": True, "bf16": True},
    "plain Trainer, fp32": {"loop": "trainer"},
    "plain TRL SFTTrainer, fp32": {"loop": "trl"},
}
SFT = {
    "ours, SFT of both, pixels, fp32": {"stage": "sft"},
    "ours, SFT of both, stored features, fp32": {"stage": "sft", "cache": True},
    "plain TRL, SFT of both, fp32": {"stage": "sft", "loop": "trl"},
}
VARIANTS: dict[str, dict[str, Any]] = {**ALIGN, **SFT}
BATCH, IMAGES = 4, 24
PATCHES, WIDTH, LAYERS, INNER, KEYS, VOCABULARY = 196, 576, 30, 1536, 192, 49152
TOWER_WIDTH, TOWER_LAYERS = 768, 12


def write_parts(folder: Path) -> None:
    """Language model, tower and data."""
    import torch
    from PIL import Image
    from transformers import AutoTokenizer, CLIPVisionConfig, CLIPVisionModel, LlamaConfig, LlamaForCausalLM

    from trainer.parts.tiny import write_tiny

    torch.manual_seed(0)
    tiny = write_tiny(folder / "tiny")
    llama = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=INNER, num_hidden_layers=LAYERS,
        num_attention_heads=9, num_key_value_heads=3, max_position_embeddings=2048, tie_word_embeddings=True,
    )  # fmt: skip
    LlamaForCausalLM(llama).save_pretrained(folder / "llm")
    AutoTokenizer.from_pretrained(tiny.llm).save_pretrained(folder / "llm")
    CLIPVisionModel(CLIPVisionConfig(image_size=224, patch_size=16)).save_pretrained(folder / "tower")
    run = write_run(folder, IMAGES)
    for path in (run / "images").rglob("*.png"):
        Image.open(path).resize((320, 256)).save(path)


def make_job(folder: Path, steps: int, stage: str, settings: dict[str, Any], out: Path) -> Any:
    """The job of our own loop; the others take its model and data."""
    from trainer.data.encode import make_encoder
    from trainer.data.prepare import prepare
    from trainer.data.reading import Request
    from trainer.model.assembled import assemble
    from trainer.recipe import DataPart, Recipe
    from trainer.stages import freezing
    from trainer.stages.feeds.llava import LlavaFeed
    from trainer.stages.stage_run import Job, quieten_libraries

    quieten_libraries()
    part = {
        "global_batch": BATCH, "device_batch": BATCH, "max_steps": steps, "save_every": 10**6,
        "frozen_precision": "bf16" if settings.get("bf16") else "fp32",
        "feature_cache": folder / "features" if settings.get("cache") else None,
    }  # fmt: skip
    recipe = Recipe.model_validate({"align": part, "sft": part})
    assembled = assemble(folder / "llm", folder / "tower")
    encoder = make_encoder(assembled.processor)
    prepared = prepare(Request(folder / "run", stage), encoder, DataPart(), "instruction", 2048)
    freezing.freeze(assembled.model, "align_layer" if stage == "align" else "both")
    freezing.set_precision(assembled.model, part["frozen_precision"])
    chosen = recipe.align if stage == "align" else recipe.sft
    feed = LlavaFeed(assembled.model, encoder)
    return Job(stage, recipe, chosen, assembled.model, encoder, prepared, out, feed)


def run_ours(job: Any, clock: Clock) -> None:
    """Our loop as the commands run it."""
    from transformers import TrainingArguments
    from trl import SFTConfig

    from trainer.stages.align_trainer import AlignTrainer
    from trainer.stages.sft_trainer import SftTrainer
    from trainer.stages.stage_run import train

    base = AlignTrainer if job.stage == "align" else SftTrainer

    def make(**arguments: Any) -> Any:
        return clock.wrap(base(**arguments))

    if job.stage == "align":
        train(job, make, TrainingArguments)
    else:
        train(job, make, SFTConfig, max_length=None, dataset_kwargs={"skip_prepare_dataset": True})


def make_plain_arguments(job: Any) -> dict[str, Any]:
    """What a user of the plain trainers would set."""
    return {
        "output_dir": str(job.output_dir), "per_device_train_batch_size": BATCH, "max_steps": job.part.max_steps,
        "learning_rate": 1e-3, "weight_decay": 0.0, "save_strategy": "no", "report_to": [], "use_cpu": True,
        "disable_tqdm": True, "remove_unused_columns": False, "optim": "adamw_torch", "bf16": False, "seed": 0,
        "activation_checkpointing": False, "logging_steps": 1,
    }  # fmt: skip


def run_trainer(job: Any, clock: Clock) -> None:
    """Plain `transformers.Trainer`: the processor's tensors, an attention mask, the model's own loss."""
    import torch
    from transformers import Trainer, TrainingArguments

    from trainer.data.collate import Collator

    ours = Collator(job.encoder)

    def collate(rows: list[Any]) -> dict[str, Any]:
        batch = ours(rows)
        batch.pop("unreadable")
        lengths = torch.tensor([len(ours.widen(row)[0]) for row in rows])
        mask = torch.arange(batch["input_ids"].shape[1])[None] < lengths[:, None]
        return {**batch, "attention_mask": mask.long()}

    arguments = TrainingArguments(**make_plain_arguments(job))
    clock.wrap(Trainer(job.model, arguments, data_collator=collate, train_dataset=job.prepared.dataset)).train()


def run_trl(job: Any, clock: Clock) -> None:
    """Plain `trl.SFTTrainer`: its documented prompt-completion form for images, its own collator and loss."""
    from datasets import Dataset, Image
    from trl import SFTConfig, SFTTrainer

    rows = []
    for sample in read_samples(job):
        talk = [{"role": turn.role, "content": turn.text} for turn in sample.turns]
        rows.append({"images": [str(sample.image)], "prompt": talk[:-1], "completion": talk[-1:]})
    dataset = Dataset.from_list(rows).cast_column("images", [Image()])
    arguments = SFTConfig(**make_plain_arguments(job), max_length=None)
    trainer = SFTTrainer(job.model, arguments, train_dataset=dataset, processing_class=job.encoder.processor)
    clock.wrap(trainer).train()


def read_samples(job: Any) -> list[Any]:
    """The samples behind the job's table, with their questions."""
    from tools.prompts import DEFAULT_PACK
    from tools.prompts.requests import ALIGNMENT_REQUESTS, load_requests
    from trainer.data.reading import Request
    from trainer.data.reading import read_samples as read
    from trainer.data.wordings import ask_for_caption

    wordings = load_requests(DEFAULT_PACK, ALIGNMENT_REQUESTS)
    run = Path(job.prepared.dataset[0]["image"]).parents[2]
    return [ask_for_caption(sample, wordings) for sample in read(Request(run, job.stage))]


LOOPS: dict[str, Callable[[Any, Clock], None]] = {"ours": run_ours, "trainer": run_trainer, "trl": run_trl}


def measure_peak(dtype_name: str) -> float:
    """Operations a second of a large matrix product on one core."""
    import torch

    left = torch.randn(2048, 2048).to(getattr(torch, dtype_name))
    best = 0.0
    for _ in range(5):
        start = time.process_time()
        left @ left
        best = max(best, 2 * 2048**3 / (time.process_time() - start))
    return best


def count_operations(tokens: float, supervised: float, settings: dict[str, Any]) -> float:
    """Multiplications and additions that a step of alignment cannot do without.

    Forward and the gradient of the activations through the frozen language model, forward through the tower, both
    attentions (causal: half), and the head at the supervised tokens.
    """
    block = WIDTH * (2 * WIDTH + 2 * KEYS) + 3 * WIDTH * INNER
    llm = BATCH * tokens * LAYERS * (2 * block + 2 * tokens * WIDTH)
    head = BATCH * supervised * 2 * WIDTH * VOCABULARY
    patches = PATCHES + 1
    tower = BATCH * patches * TOWER_LAYERS * (2 * 12 * TOWER_WIDTH**2 + 4 * patches * TOWER_WIDTH)
    layer = BATCH * PATCHES * 2 * (TOWER_WIDTH * WIDTH + WIDTH**2)
    return 2 * (llm + head) + 3 * layer + (0 if settings.get("cache") else tower)


def run_one(name: str, folder: Path, steps: int) -> None:
    """One variant in this process; JSON on stdout."""
    import torch

    from trainer.stages.memory import measure_memory_gb

    torch.set_num_threads(1)
    settings, clock = VARIANTS[name], Clock()
    stage = settings.get("stage", "align")
    with tempfile.TemporaryDirectory() as out:
        job = make_job(folder, steps + 1, stage, settings, Path(out))
        LOOPS[settings.get("loop", "ours")](job, clock)
    seconds = (clock.times[-1] - clock.times[0]) / steps
    found = {"seconds": seconds, "gb": measure_memory_gb()}
    if stage == "align" and "loop" not in settings:
        tokens, supervised = float(job.prepared.lengths.mean()), job.prepared.supervised_tokens / job.prepared.count
        peak = measure_peak("bfloat16" if settings.get("bf16") else "float32")
        found["share"] = count_operations(tokens, supervised, settings) / seconds / peak
    print("RESULT" + json.dumps(found))


def run_apart(name: str, folder: Path, steps: int) -> dict[str, float]:
    """One variant in a process of its own."""
    command = [sys.executable, __file__, "--one", name, "--folder", str(folder), "--steps", str(steps)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.rpartition("RESULT")[2]))


def measure_grouping(folder: Path) -> str:
    """What length grouping saves on captions and on dialogues: padding with and without, batches of 4 and 16."""
    from trainer.stages.order import measure_padding, order_epoch

    lines = []
    for stage in ("align", "sft"):
        lengths = make_job(folder, 1, stage, {}, folder).prepared.lengths.repeat(20)
        for batch in (BATCH, 16):
            shares = [
                measure_padding(lengths, order_epoch(lengths, 0, 0, batch, is_on), batch) for is_on in (False, True)
            ]
            lines.append(f"padding, {stage}, batch {batch}: {shares[0]:.1%} -> {shares[1]:.1%} with length grouping")
    return "\n".join(lines)


def main() -> None:
    """Measure all variants and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--one", choices=VARIANTS, help="run one variant in this process")
    parser.add_argument("--folder", type=Path, help="where the parts are, for --one")
    options = parser.parse_args()
    if options.one:
        run_one(options.one, options.folder, options.steps)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_parts(folder)
        runs = [{each: run_apart(each, folder, options.steps) for each in VARIANTS} for _ in range(options.rounds)]
        best = {each: min((run[each] for run in runs), key=lambda found: found["seconds"]) for each in VARIANTS}
        print("| variant | CPU s a step | plain Trainer takes | plain TRL takes | peak GB | of matmul peak |")
        print("|---|---|---|---|---|---|")
        for each, found in best.items():
            is_sft = each in SFT
            trainer = "" if is_sft else f"{best['plain Trainer, fp32']['seconds'] / found['seconds']:.2f}x"
            trl = best["plain TRL, SFT of both, fp32" if is_sft else "plain TRL SFTTrainer, fp32"]["seconds"]
            share = f"{found['share']:.0%}" if "share" in found else ""
            shown = f"{found['seconds']:.2f} | {trainer} | {trl / found['seconds']:.2f}x | {found['gb']:.1f} | {share}"
            print(f"| {each} | {shown} |")
        print(measure_grouping(folder))


if __name__ == "__main__":
    main()
