"""What the dry run says of memory against what training takes: python tests/benchmarks/memory.py [NAME ...]

Each row trains two steps on random weights in a process of its own, and asks a dry run in another. On a CPU what is
measured is the peak resident set, on a GPU the peak of its allocator. The C library keeps freed blocks that it cannot
use again, with adapters as much as the activations themselves: with MALLOC_MMAP_THRESHOLD_=262144 in the environment
it gives them back, and what is measured is what was needed.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
CHECKPOINTED = ("gradient_checkpointing=true",)
BF16 = ("precision=bf16", "frozen_precision=bf16")
SMALL = {"hidden_size": 512, "intermediate_size": 1376, "num_hidden_layers": 8, "num_attention_heads": 8}
WIDE = {**SMALL, "hidden_size": 1024, "intermediate_size": 2048, "num_attention_heads": 16}

QWEN = {**SMALL, "num_key_value_heads": 4, "head_dim": 64, "vocab_size": 8192}
GEMMA = {**QWEN, "query_pre_attn_scalar": 64, "layer_types": ["sliding_attention", "full_attention"] * 4}


class Case(NamedTuple):
    """A language model, a stage, and what is set of the stage; with `family` a whole model of it (`--model`)."""

    shape: dict[str, int]
    stage: str
    settings: tuple[str, ...] = ()
    family: str = ""


CASES = {
    "tiny align": Case({}, "align"),
    "tiny sft": Case({}, "sft"),
    "small align": Case(SMALL, "align"),
    "small align, checkpointed": Case(SMALL, "align", CHECKPOINTED),
    "small align, bf16": Case(SMALL, "align", BF16),
    "small sft": Case(SMALL, "sft"),
    "small sft, checkpointed": Case(SMALL, "sft", CHECKPOINTED),
    "small sft, align layer": Case(SMALL, "sft", ("train=align_layer",)),
    "small sft, LoRA": Case(SMALL, "sft", ("method=lora", "lora.rank=16")),
    "small sft, bf16": Case(SMALL, "sft", BF16),
    "wide sft": Case(WIDE, "sft"),
    "small Qwen3-VL align": Case(QWEN, "align", (), "qwen3_vl"),
    "small Qwen3-VL sft": Case(QWEN, "sft", (), "qwen3_vl"),
    "small Qwen3-VL sft, language model": Case(QWEN, "sft", ("train=llm",), "qwen3_vl"),
    "small Qwen3-VL sft, LoRA": Case(QWEN, "sft", ("method=lora", "lora.rank=16"), "qwen3_vl"),
    "small Qwen3-VL sft, checkpointed": Case(QWEN, "sft", CHECKPOINTED, "qwen3_vl"),
    "small Gemma 3 sft": Case(GEMMA, "sft", (), "gemma3"),
}


class Found(NamedTuple):
    """GB as forecast and as measured."""

    said: float
    measured: float


def measure(case: Case, folder: Path) -> Found:
    """Forecast and train; `folder` is filled."""
    from tiny_run import write_run

    from trainer.parts.tiny import TinyFolders, make_language, write_tiny

    run = write_run(folder, 16)
    if case.family:
        return measure_whole(case, run, folder)
    parts: TinyFolders = write_tiny(folder / "tiny")
    if case.shape:
        heads = case.shape["num_attention_heads"]
        make_language(500, **case.shape, num_key_value_heads=heads).save_pretrained(str(folder / "tiny/llm"))
    align = ["align", "--llm", parts.llm, "--tower", parts.tower, "--out", folder / "align"]
    tune = ["sft", "--align", folder / "align", "--out", folder / "sft"]
    if case.stage == "sft":
        call(align, run, ("align.max_steps=1",))
    batch = ("device_batch=8", "global_batch=8", "max_steps=2")
    settings = tuple(f"{case.stage}.{each}" for each in (*batch, *case.settings))
    wanted = align if case.stage == "align" else tune
    said = float(call([*wanted, "--dry-run"], run, settings).partition("memory, peak")[2].split()[1])
    call(wanted, run, settings)
    rows = map(json.loads, (folder / case.stage / "log.jsonl").read_text().splitlines())
    return Found(said, max(row["memory_gb"] for row in rows if "memory_gb" in row))


def measure_whole(case: Case, run: Path, folder: Path) -> Found:
    """The same for a model that came whole."""
    from tiny_families import write_family
    from transformers import AutoConfig, AutoModelForImageTextToText

    model = write_family(case.family, folder / "whole")
    config = AutoConfig.from_pretrained(model)
    text = config.get_text_config()
    for name, value in case.shape.items():
        setattr(text, name, value)
    if hasattr(config.vision_config, "out_hidden_size"):
        config.vision_config.out_hidden_size = text.hidden_size
    if getattr(text, "rope_parameters", None) and "mrope_section" in text.rope_parameters:
        text.rope_parameters["mrope_section"] = [12, 10, 10]
    AutoModelForImageTextToText.from_config(type(config).from_dict(config.to_dict())).save_pretrained(model)
    wanted = [case.stage, "--model", model, "--out", folder / case.stage]
    batch = ("device_batch=8", "global_batch=8", "max_steps=2")
    settings = tuple(f"{case.stage}.{each}" for each in (*batch, *case.settings))
    said = float(call([*wanted, "--dry-run"], run, settings).partition("memory, peak")[2].split()[1])
    call(wanted, run, settings)
    rows = map(json.loads, (folder / case.stage / "log.jsonl").read_text().splitlines())
    return Found(said, max(row["memory_gb"] for row in rows if "memory_gb" in row))


def call(arguments: list[object], run: Path, settings: tuple[str, ...]) -> str:
    """A training command; gives what it prints."""
    flags = [word for each in settings for word in ("--set", each)]
    command = [sys.executable, "-m", f"trainer.{arguments[0]}", "--config", "tiny.yaml", "--data", run, *arguments[1:]]
    done = subprocess.run([*map(str, command), *flags], check=False, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def main() -> None:
    """Print a table."""
    print(f"{'case':30} {'said':>8} {'measured':>8} {'error':>7}")
    for name in sys.argv[1:] or CASES:
        with tempfile.TemporaryDirectory() as folder:
            found = measure(CASES[name], Path(folder))
        print(f"{name:30} {found.said:8.2f} {found.measured:8.2f} {found.said / found.measured - 1:7.1%}", flush=True)


if __name__ == "__main__":
    main()
