"""The exported benchmark in the real lmms-eval against `itb eval`: same replies, same scores, and what each takes.

    python3 -m venv lmms
    lmms/bin/pip install torch==2.13.0 torchvision==0.28.0 transformers==5.23.0 lmms-eval==0.7.3 \
        decord 'filelock<4' inflect
    PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/itb_lmms_eval.py BENCH --lmms-python lmms/bin/python

BENCH is a folder of `python -m itb build`. Both are given the same tiny LLaVA of random weights (`tests/tiny_vlm.py`;
`--layers 6 --width 384` for a larger one), one thread, no network, and generate at most 32 tokens. CPU is user + system
of the whole command, its start included. Exits with 1 when a reply or a score differs.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from tiny_vlm import write_tiny_vlm

import tools  # noqa: F401 - before transformers: see tools/torchvision_repair.py

ROOT = Path(__file__).resolve().parents[2]
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
SAMPLES = "*_samples_{task}.jsonl"


class Adapter(NamedTuple):
    """A model of lmms-eval, and what it is told besides the checkpoint."""

    name: str
    settings: Mapping[str, object]


LLAVA = Adapter("llava_hf", {"device_map": "cpu", "dtype": "float32"})


class Outcome(NamedTuple):
    """What one of the two said.

    Attributes:
        replies: item id -> text.
        scores: task of the export -> accuracy.
        cpu_seconds, seconds: of the whole command.
    """

    replies: dict[str, str]
    scores: dict[str, float]
    cpu_seconds: float
    seconds: float


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """CPU and wall seconds of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with tempfile.TemporaryDirectory() as site:
        Path(site, "sitecustomize.py").write_text("import tools  # torchvision beside a PyTorch for processors\n")
        environment = {**os.environ, **OFFLINE, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[:4])} failed:\n{done.stderr[-3000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, time.perf_counter() - start


def ask_ours(
    bench: Path,
    tasks: dict[str, str],
    model: Path,
    scratch: Path,
    dtype: str = "fp32",
    more: Sequence[str] = (),
    variant: str = "",
) -> Outcome:
    """`itb eval`; `tasks` says which task of the export an item belongs to."""
    scratch.mkdir(exist_ok=True)
    out = scratch / "ours.jsonl"
    command = [sys.executable, "-m", "itb", "eval", str(bench), "--model", str(model), "--out", str(out)]
    used = run([*command, "--protocol", "generate", "--device", "cpu", "--dtype", dtype, *more], ROOT)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row.get("variant", "") == variant]
    marks: dict[str, list[bool]] = {}
    for row in rows:
        marks.setdefault(tasks[row["item"]], []).append(row["is_correct"])
    scores = {task: sum(found) / len(found) for task, found in marks.items()}
    return Outcome({row["item"]: row["reply"] for row in rows}, scores, *used)


def read_export(export: Path) -> dict[str, list[str]]:
    """The item ids of each task, in the order of its file."""
    found = {}
    for task in yaml.safe_load((export / "itb.yaml").read_text(encoding="utf-8"))["task"]:
        lines = (export / f"{task}.jsonl").read_text(encoding="utf-8").splitlines()
        found[task] = [json.loads(line)["id"] for line in lines]
    return found


def ask_theirs(
    export: Path, tasks: dict[str, list[str]], model: Path, python: str, scratch: Path, adapter: Adapter = LLAVA
) -> Outcome:
    """lmms-eval on the export, one question at a time, as its adapters do."""
    told = ",".join(f"{name}={value}" for name, value in {"pretrained": model, **adapter.settings}.items())
    command = [
        *(python, "-m", "lmms_eval", "--model", adapter.name, "--device", "cpu", "--batch_size", "1", "--tasks"),
        *(",".join(tasks), "--model_args", told, "--include_path", "."),
        *("--log_samples", "--output_path", str(scratch / "theirs")),
    ]
    used = run(command, export)
    replies, scores = {}, {}
    for task, asked in tasks.items():
        found = list((scratch / "theirs").rglob(SAMPLES.format(task=task)))
        if len(found) != 1:  # lmms-eval exits with 0 after an error
            sys.exit(f"{task}: lmms-eval wrote no replies; run it by hand: cd {export}; {' '.join(command)}")
        (log,) = found
        rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        if len(rows) != len(asked):
            sys.exit(f"{task}: lmms-eval answered {len(rows)} of {len(asked)}")
        replies |= {asked[row["doc_id"]]: row["filtered_resps"] for row in rows}
        scores[task] = sum(row["accuracy"] for row in rows) / len(rows)
    return Outcome(replies, scores, *used)


def main() -> None:
    """Ask both and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--lmms-python", required=True, help="Python of a venv that has lmms-eval")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--image-processor", choices=("pillow", "torchvision"), help="of `itb eval`")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        model = write_tiny_vlm(scratch / "vlm", width=options.width, layers=options.layers)
        export = scratch / "export"
        bench = options.bench.resolve()
        run([sys.executable, "-m", "itb", "export", str(bench), "--format", "lmms-eval", "--out", str(export)], ROOT)
        tasks = read_export(export)
        task_of = {item: task for task, items in tasks.items() for item in items}
        processor = () if options.image_processor is None else ("--image-processor", options.image_processor)
        ours = ask_ours(bench, task_of, model, scratch, more=processor)
        theirs = ask_theirs(export, tasks, model, options.lmms_python, scratch)
    print("| task | itb eval | lmms-eval |\n|---|---|---|")
    for task, score in theirs.scores.items():
        print(f"| {task} | {ours.scores[task]:.4f} | {score:.4f} |")
    same = sum(ours.replies[item].strip() == reply.strip() for item, reply in theirs.replies.items())
    print(f"{same} of {len(theirs.replies)} replies are equal; ours has {len(ours.replies)}")
    print(f"CPU s {ours.cpu_seconds:.1f} and {theirs.cpu_seconds:.1f}: x{theirs.cpu_seconds / ours.cpu_seconds:.1f}")
    print(f"wall s {ours.seconds:.1f} and {theirs.seconds:.1f}: x{theirs.seconds / ours.seconds:.1f}")
    unequal = [task for task, score in theirs.scores.items() if abs(score - ours.scores[task]) > 1e-9]
    for item, reply in theirs.replies.items():
        if ours.replies[item].strip() != reply.strip():
            print(f"  {item}: {ours.replies[item][:60]!r}, {reply[:60]!r}")
    if unequal or same != len(theirs.replies) or set(ours.replies) != set(theirs.replies):
        sys.exit(f"they differ: {', '.join(unequal) or 'replies'}")


if __name__ == "__main__":
    main()
