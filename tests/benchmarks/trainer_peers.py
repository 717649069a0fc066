"""CPU seconds of a training step, ours against LLaMA-Factory and ms-swift, on one model and one set of dialogues.

    python3 -m venv lf && lf/bin/pip install llamafactory==0.9.5 && lf/bin/pip install --no-deps torch==2.13.0
    python3 -m venv swift && swift/bin/pip install torch==2.13.0 ms-swift==4.6.0
    lf/bin/pip uninstall -y torchvision torchaudio; swift/bin/pip uninstall -y torchvision torchaudio
    echo > lf/lib/python3.11/site-packages/torchaudio.py    # LLaMA-Factory imports it, and here uses nothing of it
    PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/trainer_peers.py --llamafactory lf --swift swift

The model is a LLaVA-1.5 of random weights (ViT and Llama of 6 layers, 384 wide, vocabulary 49153), full fine-tuning in
fp32 with a frozen vision tower, batches of 8, one thread, no network. Each command runs twice, for `--few` and `--many`
steps; the difference is what the steps take, loading and encoding left out. All processes of a command are counted
(user + system). Each tool brings its own chat template and sample order, so tokens a step differ a little.

Measured with `--few 2 --many 10` (2 shared cores, torch 2.13.0):

| trainer | align layer only: CPU s a step | GB | both trained: CPU s a step | GB |
|---|---|---|---|---|
| ours | 3.08 | 1.7 | 4.13 | 2.5 |
| ms-swift 4.6.0 | 4.06 | 2.1 | 5.51 | 2.8 |
| LLaMA-Factory 0.9.5 | 8.03 | 3.6 | 10.16 | 4.2 |
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from tiny_run import write_run

BATCH, IMAGES, WIDTH, LAYERS, VOCABULARY = 8, 64, 384, 6, 49153
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
SYSTEM = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions."
)
"""Vicuna's system prompt, which ours and LLaMA-Factory's templates bring along."""
HEAD = "| trainer | align layer only: CPU s a step | GB | both trained: CPU s a step | GB |\n|---|---|---|---|---|"


class Cost(NamedTuple):
    """Of one step, and of the whole command."""

    cpu_seconds: float
    peak_gb: float


def write_model(folder: Path) -> Path:
    """A vanilla LLaVA checkpoint of random weights."""
    import torch
    from transformers import AutoTokenizer, CLIPVisionConfig, CLIPVisionModel, LlamaConfig, LlamaForCausalLM

    from trainer.model.assembled import assemble, save_assembled
    from trainer.parts.tiny import write_tiny

    torch.manual_seed(0)
    tiny = write_tiny(folder / "tiny")
    sizes: dict[str, Any] = {
        "hidden_size": WIDTH, "intermediate_size": 4 * WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": 6
    }  # fmt: skip
    LlamaForCausalLM(LlamaConfig(vocab_size=VOCABULARY, max_position_embeddings=2048, **sizes)).save_pretrained(
        folder / "llm"
    )
    AutoTokenizer.from_pretrained(tiny.llm).save_pretrained(folder / "llm")
    CLIPVisionModel(CLIPVisionConfig(image_size=224, patch_size=16, **sizes)).save_pretrained(folder / "tower")
    save_assembled(assemble(folder / "llm", folder / "tower"), folder / "model")
    return folder / "model"


def write_data(folder: Path) -> dict[str, Path]:
    """The dialogues of a run, in each tool's form."""
    run = write_run(folder, IMAGES)
    rows = [json.loads(line) for line in (run / "instructions.jsonl").read_text().splitlines()]
    sharegpt, swift = [], []
    for row in rows:
        messages = [dict(message) for message in row["messages"]]
        messages[0]["content"] = "<image>" + messages[0]["content"]
        image = [str((run / row["image"]).resolve())]
        sharegpt.append({"messages": messages, "images": image})
        swift.append({"messages": messages, "images": image})
    (folder / "lf").mkdir()
    (folder / "lf/data.json").write_text(json.dumps(sharegpt))
    tags = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
    columns = {"messages": "messages", "images": "images"}
    described = {"file_name": "data.json", "formatting": "sharegpt", "columns": columns, "tags": tags}
    (folder / "lf/dataset_info.json").write_text(json.dumps({"bench": described}))
    (folder / "swift.jsonl").write_text("".join(json.dumps(row) + "\n" for row in swift))
    return {"run": run, "lf": folder / "lf", "swift": folder / "swift.jsonl"}


def command_ours(model: Path, data: dict[str, Path], steps: int, train: str, out: Path) -> list[str]:
    """`trainer.sft` from pixels."""
    recipe = out.with_suffix(".yaml")
    part = {
        "train": train, "epochs": 100, "max_steps": steps, "learning_rate": 1e-4, "global_batch": BATCH,
        "device_batch": BATCH, "save_every": 10**6,
    }  # fmt: skip
    recipe.write_text(yaml.safe_dump({"sft": part}))
    flags = ["--config", recipe, "--data", data["run"], "--align", model, "--out", out]
    return [sys.executable, "-m", "trainer.sft", *map(str, flags)]


def command_llamafactory(
    home: Path, model: Path, data: dict[str, Path], steps: int, train: str, out: Path
) -> list[str]:
    """`llamafactory-cli train`."""
    settings = {
        "model_name_or_path": str(model), "stage": "sft", "do_train": True, "finetuning_type": "full",
        "freeze_vision_tower": True, "freeze_multi_modal_projector": False,
        "freeze_language_model": train == "align_layer", "dataset": "bench", "dataset_dir": str(data["lf"]),
        "template": "llava", "cutoff_len": 2048, "output_dir": str(out), "overwrite_output_dir": True,
        "per_device_train_batch_size": BATCH, "gradient_accumulation_steps": 1, "learning_rate": 1e-4,
        "max_steps": steps, "logging_steps": 1, "save_strategy": "no", "report_to": "none", "bf16": False,
        "disable_gradient_checkpointing": True, "use_cpu": True, "dataloader_num_workers": 0,
        "preprocessing_num_workers": 1, "overwrite_cache": True,
    }  # fmt: skip
    recipe = out.with_suffix(".yaml")
    recipe.write_text(yaml.safe_dump(settings))
    return [str(home / "bin/llamafactory-cli"), "train", str(recipe)]


def command_swift(home: Path, model: Path, data: dict[str, Path], steps: int, train: str, out: Path) -> list[str]:
    """`swift sft`."""
    settings = {
        "model": model, "model_type": "llava1_5_hf", "template": "llava1_5_hf", "dataset": data["swift"],
        "tuner_type": "full", "torch_dtype": "float32", "max_steps": steps, "per_device_train_batch_size": BATCH,
        "gradient_accumulation_steps": 1, "freeze_vit": "true", "freeze_aligner": "false",
        "freeze_llm": str(train == "align_layer").lower(), "gradient_checkpointing": "false", "save_strategy": "no",
        "logging_steps": 1, "output_dir": out, "max_length": 2048, "dataloader_num_workers": 0, "dataset_num_proc": 1,
        "report_to": "none", "system": SYSTEM, "split_dataset_ratio": 0, "learning_rate": 1e-4, "use_cpu": "true",
    }  # fmt: skip
    flags = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
    return [str(home / "bin/swift"), "sft", *flags]


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """CPU seconds of a command with all its processes, and the largest resident set among them in GB."""
    environment = {**os.environ, **OFFLINE, "CUDA_VISIBLE_DEVICES": "", "USE_HF": "1", "TMPDIR": str(folder)}
    before, log = resource.getrusage(resource.RUSAGE_CHILDREN), folder / "log.txt"
    with log.open("w") as sink:
        process = subprocess.Popen(command, env=environment, stdout=sink, stderr=sink)
        peak = 0
        while process.poll() is None:
            time.sleep(0.5)
            peak = max(peak, read_resident(process.pid))
    if process.returncode:
        raise RuntimeError(f"{command[:3]}: {log.read_text()[-3000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak / 1e9


def read_resident(pid: int) -> int:
    """Bytes of the largest process below `pid`, itself included."""
    import psutil

    try:
        parent = psutil.Process(pid)
        return max(each.memory_info().rss for each in (parent, *parent.children(recursive=True)))
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llamafactory", type=Path, help="its virtual environment")
    parser.add_argument("--swift", type=Path, help="its virtual environment")
    parser.add_argument("--few", type=int, default=4)
    parser.add_argument("--many", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        model, data = write_model(folder), write_data(folder)
        makers: dict[str, Any] = {"ours": command_ours}
        if options.swift:
            makers["ms-swift 4.6.0"] = lambda *rest: command_swift(options.swift, *rest)
        if options.llamafactory:
            makers["LLaMA-Factory 0.9.5"] = lambda *rest: command_llamafactory(options.llamafactory, *rest)
        print(HEAD)
        for name, make in makers.items():
            cells = []
            for train in ("align_layer", "both"):
                found = []
                for steps in (options.few, options.many):
                    place = folder / f"{name.split()[0]}-{train}-{steps}"
                    found.append(run(make(model, data, steps, train, place), folder))
                cells.append(Cost((found[1][0] - found[0][0]) / (options.many - options.few), found[1][1]))
            print(
                f"| {name} | " + " | ".join(f"{cost.cpu_seconds:.2f} | {cost.peak_gb:.1f}" for cost in cells) + " |",
                flush=True,
            )


if __name__ == "__main__":
    main()
