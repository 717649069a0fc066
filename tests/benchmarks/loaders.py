"""What TRL, ms-swift and LLaMA-Factory supervise of our exports, by their own loaders: the answers, or what else.

    PYTHONPATH=.:tests OMP_NUM_THREADS=1 .venv/bin/python tests/benchmarks/loaders.py --home FOLDER

ms-swift 4.6.0 and LLaMA-Factory 0.9.5 get a virtual environment each below FOLDER, made where they are not there yet
(2 to 3 GB each; a CPU build of PyTorch has to be what pip finds, nothing of CUDA is wanted). TRL is the one installed
here. Each reads over 200 rows, captions and dialogues of a run and questions of a benchmark, on tiny families of random
weights (`tests/tiny_families.py`), whose tokenizers and chat templates say what is supervised.

A row is right where each stretch of supervised tokens is an answer and its end of turn, or that and blanks after it
(most templates end a turn with a line break). Rows that differ are printed with what was found. Exits with 1 where more
than one row of a hundred differs in a case of which no cause is known.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

PROBE = Path(__file__).with_name("loader_probe.py")
TORCH = "torch==2.13.0"
PACKAGES = {"ms-swift": "ms-swift==4.6.0", "llamafactory": "llamafactory==0.9.5"}
BESIDE = ("torchvision==0.28.0", "qwen_vl_utils", "num2words", "setuptools")
OFFLINE = {
    "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "USE_HF": "1",
    "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "",
}  # fmt: skip


class Case(NamedTuple):
    """A tool, a tiny family, what the tool calls it, and the cause where it is known to learn something else."""

    tool: str
    family: str
    kind: str = ""
    cause: str = ""


CASES = (
    *(Case("trl", family) for family in ("qwen3_vl", "gemma3", "idefics3", "internvl", "qwen2_5_vl")),
    Case("trl", "qwen3_5", cause="its template puts an empty think block before an answer"),
    Case("ms-swift", "qwen3_vl", "qwen3_vl"),
    Case("ms-swift", "gemma3", "gemma3_vision"),
    Case("ms-swift", "internvl", "internvl"),
    Case("ms-swift", "qwen3_5", "qwen3_5:qwen3_5", "its template puts an empty think block before an answer"),
    Case("llamafactory", "qwen3_vl", "qwen3_vl_nothink"),
    Case("llamafactory", "gemma3", "gemma3"),
    Case("llamafactory", "qwen2_5_vl", "qwen2_vl"),
    Case("llamafactory", "internvl", "intern_vl"),
    Case("llamafactory", "qwen3_vl", "qwen3_vl", "its template puts an empty think block before an answer"),
)
HEAD = "| trainer | family | rows | answer + end | + line break | different | cause |\n|---|---|---|---|---|---|---|"
Learned = list[str]


def make_environment(home: Path, tool: str) -> Path:
    """The Python of a tool's virtual environment, made if it is not there."""
    folder = home / tool
    python = folder / "bin/python"
    done = folder / "made"
    if not done.is_file():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet"]
        constraints = folder / "constraints.txt"
        constraints.write_text(f"{TORCH}\n")
        subprocess.run([*pip, TORCH], check=True)
        subprocess.run([*pip, "--constraint", str(constraints), PACKAGES[tool], *BESIDE], check=True)
        if tool == "llamafactory":  # it imports torchaudio, of which reading text and images uses nothing
            subprocess.run([str(python), "-m", "pip", "uninstall", "--quiet", "--yes", "torchaudio"], check=True)
            (next(folder.glob("lib/python*/site-packages")) / "torchaudio.py").write_text("")
        done.touch()
    return python


def write_inputs(folder: Path) -> dict[str, list[Path]]:
    """A run and a benchmark, exported for every tool: two folders a tool."""
    from mini_bench import write_bench
    from mini_coco import write_coco

    from agents.config import RunConfig
    from agents.output.layouts import export_layout
    from agents.running.run import run_synthesis
    from itb.export import export_bench

    write_coco(folder, 24)
    files = {"captions": folder / "captions.json", "instances": folder / "instances.json", "images": folder / "photos"}
    given = {"block": 1, "lag": 1, "instructions": "all", "mix": "each", "workers": 0, "translator": "gray"}
    run_synthesis(RunConfig(**files, **given, out=folder / "run"))
    write_bench(folder / "bench", images=15)
    made: dict[str, list[Path]] = {}
    for tool in ("trl", "trl-parquet", "ms-swift", "llamafactory"):
        made[tool] = [folder / f"run-{tool}", folder / f"bench-{tool}"]
        export_layout(folder / "run", tool, made[tool][0])
        export_bench(folder / "bench", tool, made[tool][1])
    return made


def list_sets(export: Path) -> list[str]:
    """Names of the sets of an export, as its README lists them."""
    lines = (export / "README.md").read_text().splitlines()
    return [line.split("`")[1] for line in lines if line.startswith("| `")]


def list_answers(export: Path) -> list[list[str]]:
    """The answers of each row, set after set."""
    found = []
    for name in list_sets(export):
        for line in (export / f"{name}.jsonl").read_text().splitlines():
            row = json.loads(line)
            turns = row["completion"] if "completion" in row else row["messages"]
            found.append([turn["content"] for turn in turns if turn["role"] == "assistant"])
    return found


def ask_probe(python: Path, case: Case, model: Path, export: Path) -> list[Learned]:
    """What a tool in its own environment learns of each row."""
    command = [python, PROBE, case.tool, model, ",".join(list_sets(export)), case.kind]
    ended = subprocess.run(
        [str(part) for part in command],
        cwd=export, env={**os.environ, **OFFLINE, "PYTHONPATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ended.returncode:
        raise RuntimeError(ended.stderr[-3000:])
    rows = [line.removeprefix("ROW ") for line in ended.stdout.splitlines() if line.startswith("ROW ")]
    return [json.loads(row)["learned"] for row in rows]


def ask_trl(model: Path, export: Path, cache: Path) -> Iterator[Learned]:
    """What TRL learns of each row, with the settings of the export's `sft.yaml`."""
    from other_trainers import load_trl, split_learned

    os.chdir(export)  # pictures are named by their place from there
    for name in list_sets(export):
        trainer, processor = load_trl(model, export, name, cache)
        for number in range(len(trainer.train_dataset)):
            batch = trainer.data_collator([dict(trainer.train_dataset[number])])
            yield split_learned(processor.tokenizer, batch["input_ids"][0].tolist(), batch["labels"][0].tolist())


def judge(learned: Learned, answers: list[str], end: str) -> str:
    """`exact`, `blanks` (more blanks around an answer and its end), or what is different."""
    expected = [answer + end for answer in answers]
    if learned == expected:
        return "exact"
    if [text.strip() for text in learned] == expected:
        return "blanks"
    return f"learned {learned!r:.300}, expected {expected!r:.300}"


class Outcome(NamedTuple):
    """Of a case: rows read, those learned exactly, those with blanks after an end, and those that differ."""

    rows: int
    exact: int
    blanks: int
    different: list[str]


def count(learned: list[Learned], answers: list[list[str]], end: str) -> Outcome:
    """Judge each row; a row that a tool left out differs."""
    found = [judge(*pair, end) for pair in zip(learned, answers, strict=False)]
    found += ["was left out"] * (len(answers) - len(learned))
    different = [text for text in found if text not in ("exact", "blanks")]
    return Outcome(len(answers), found.count("exact"), found.count("blanks"), different)


def measure(case: Case, home: Path, exports: list[Path], models: Path, cache: Path) -> Outcome:
    """Read both exports, as many rows as are asked for."""
    from tiny_families import write_family
    from transformers import AutoProcessor

    model = models / case.family
    if not model.exists():
        write_family(case.family, model)
    learned: list[Learned] = []
    answers: list[list[str]] = []
    for export in exports:
        answers += list_answers(export)
        if case.tool == "trl":
            learned += ask_trl(model, export, cache)
        else:
            learned += ask_probe(make_environment(home, case.tool), case, model, export)
    processor: Any = AutoProcessor.from_pretrained(model)
    return count(learned, answers, processor.tokenizer.eos_token)


def main() -> bool:
    """Print a row a case; True where no more than a hundredth differs without a known cause."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="where the virtual environments are, or are made")
    parser.add_argument("--tools", nargs="*", default=["trl", *PACKAGES])
    options = parser.parse_args()
    print(
        "| trainer | family | rows | answer + end | + line break | different | cause |\n|---|---|---|---|---|---|---|"
    )
    is_fine = True
    with tempfile.TemporaryDirectory() as place:
        exports = write_inputs(Path(place))
        for case in (case for case in CASES if case.tool in options.tools):
            try:
                found = measure(case, options.home, exports[case.tool], Path(place) / "models", Path(place) / "cache")
            except RuntimeError as error:
                print(f"{case} could not be read: {error}", flush=True)
                is_fine = False
                continue
            name = f"{case.family} (`{case.kind}`)" if case.kind else case.family
            print(
                f"| {case.tool} | {name} | {found.rows} | {found.exact} | {found.blanks} | {len(found.different)} "
                f"| {case.cause if found.different else ''} |",
                flush=True,
            )
            if len(found.different) * 100 > found.rows and not case.cause:
                is_fine = False
            for text in found.different[:2]:
                print(f"    {text}", flush=True)
    return is_fine


if __name__ == "__main__":
    sys.exit(not main())
