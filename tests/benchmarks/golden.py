"""Do two versions of the toolkit write the same bytes? Exports, benchmark items and weights of both, file by file.

python tests/benchmarks/golden.py record --checkout ../before --out /tmp/golden/before     # a clone of the older commit
python tests/benchmarks/golden.py record --checkout . --out /tmp/golden/now
python tests/benchmarks/golden.py compare /tmp/golden/before /tmp/golden/now

Recorded are the demo, a run of the template backend over the samples of COCO, all layouts of export, a benchmark from
all samples and its exports, and what the smallest recipe trains. Stores, locks and reports of time are left out.
`compare` says `equal`, `ids` (equal once ids that were numbers are text) or shows where a file differs first;
manifests, cards and pages are compared too, but named apart, as they say which version made them.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

DATA = Path("../shared/data")
SOURCES = {
    "flir": "FLIR_ADAS_1_3", "llvip": "LLVIP", "vedai": "VEDAI", "lsotb": "LSOTB-TIR", "rgbnir": "RGB-NIR_scene",
    "hituav": "HIT-UAV", "solar": "InfraredSolarModules", "radiometric": "radiometric",
}  # fmt: skip
IGNORED = re.compile(
    r"\.sqlite|\.lock$|/\.|^\.|timing|trainer_state|training_args|optimizer|scheduler|rng|checkpoints?/|__pycache__"
    r"|hashes\.jsonl$|/log|losses"
)
TOLD_APART = re.compile(r"(manifest\.json|README\.md|report\.html|run\.json|provenance\.json|run\.yaml|recipe\.yaml)$")


def list_commands(out: Path) -> list[str]:
    """What is recorded, in order; `{o}` is the folder for all of it."""
    coco = DATA / "coco2017"
    run = f"-m agents run --workers 0 --captions {coco}/annotations/captions_val2017.json --instances"
    run += f" {coco}/annotations/instances_val2017.json"
    sources = " ".join(f"--source {name}={DATA / folder}" for name, folder in SOURCES.items())
    steps = [
        "-m tools photographs --out {o}/photographs",
        "-m agents run --config {o}/photographs/run.yaml --out {o}/demo",
        f"{run} --images {coco}/val2017 --instructions all --block 8 --seed 3 --out {{o}}/coco",
        f"{run} --images {coco}/val2017 --instructions 50% --mix each --block 16 --translator gray --scorer none"
        " --limit 60 --out {o}/coco-gray",
        *(
            f"-m agents export {{o}}/{name} --format {form} --out {{o}}/{name}-{form}"
            for name in ("demo", "coco")
            for form in ("llava", "authors", "parquet")
        ),
        f"-m itb build {sources} --out {{o}}/itb",
        f"-m itb build {sources} --count 40 --seed 5 --out {{o}}/itb-40",
        "-m itb export {o}/itb --format lmms-eval --out {o}/itb-lmms",
        "-m itb export {o}/itb --format vlmevalkit --out {o}/itb-vlm",
        "-m itb export {o}/itb --format llava --out {o}/itb-llava",
        "-m itb eval {o}/itb --model chance --out {o}/chance.jsonl",
        "-m itb eval {o}/itb --model majority --out {o}/majority.jsonl",
        "-m tools scenes --count 8 --seed 1 --out {o}/scenes",
        "-m agents run --workers 0 --captions {o}/scenes/annotations/captions_scenes.json --instances"
        " {o}/scenes/annotations/instances_scenes.json --images {o}/scenes/visible --instructions all --out {o}/small",
        "-m trainer.tiny --out {o}/tiny",
        "-m trainer.align --config tiny.yaml --llm {o}/tiny/llm --tower {o}/tiny/tower --data {o}/small"
        " --output_dir {o}/align",
        "-m trainer.sft --config tiny.yaml --data {o}/small --align {o}/align --output_dir {o}/sft",
        "-m trainer.export --model {o}/sft/model --out {o}/exported",
    ]
    return [step.format(o=out) for step in steps]


def record(checkout: Path, out: Path) -> None:
    """Run every command in a checkout; its virtual environment is the one that runs this script."""
    out.mkdir(parents=True)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    for step in list_commands(out.resolve()):
        done = subprocess.run(
            [sys.executable, *step.split()], cwd=checkout, env=environment, capture_output=True, text=True, check=False
        )
        sys.stderr.write(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {step[:110]}\n")
        if done.returncode:
            sys.stderr.write(done.stderr[-2000:])
            sys.exit(1)


def list_files(folder: Path) -> set[str]:
    """The files that are compared, relative to the folder."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in found if not IGNORED.search(name)}


def as_text_ids(value: Any, key: str = "") -> Any:
    """The value with every number under a key that names an id as text."""
    if isinstance(value, dict):
        return {name: as_text_ids(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [as_text_ids(item, key) for item in value]
    return str(value) if isinstance(value, int) and key in {"id", "image_id", "image"} else value


def read_bytes(root: Path, name: str) -> bytes:
    """A file with the recording's folder written as `{o}`: models' configurations name the parts they came from."""
    return (root / name).read_bytes().replace(str(root.resolve()).encode(), b"{o}")


def tell(before: Path, now: Path, name: str) -> str:
    """How a file differs: `equal`, `ids`, or the first place."""
    left, right = read_bytes(before, name), read_bytes(now, name)
    if left == right:
        return "equal"
    if name.endswith((".json", ".jsonl")):
        try:
            rows = [[json.loads(line) for line in content.splitlines()] for content in (left, right)]
        except ValueError:
            rows = [[json.loads(content)] for content in (left, right)]
        if as_text_ids(rows[0]) == as_text_ids(rows[1]):
            return "ids"
    if name.endswith(".parquet"):
        import pyarrow.parquet

        tables = [pyarrow.parquet.read_table(root / name).to_pylist() for root in (before, now)]
        if as_text_ids(tables[0]) == as_text_ids(tables[1]):
            return "ids"
    place = next((k for k, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    shown = [content[max(0, place - 60) : place + 60] for content in (left, right)]
    return f"differ at byte {place}: {shown[0]!r} | {shown[1]!r}"


def compare(before: Path, now: Path) -> int:
    """Print what differs; the number of files that do and are not told apart."""
    old, new = list_files(before), list_files(now)
    wrong = 0
    for name in sorted(old ^ new):
        print(f"only {'before' if name in old else 'now'}: {name}")
        wrong += 1
    counts = {"equal": 0, "ids": 0}
    for name in sorted(old & new):
        verdict = tell(before, now, name)
        if verdict in counts:
            counts[verdict] += 1
            continue
        is_apart = bool(TOLD_APART.search(name))
        wrong += not is_apart
        print(f"{'apart ' if is_apart else 'WRONG '}{name}: {verdict}")
    print(f"{counts['equal']} equal, {counts['ids']} equal once ids are text, {wrong} wrong")
    return wrong


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    recorder = verbs.add_parser("record")
    recorder.add_argument("--checkout", type=Path, required=True)
    recorder.add_argument("--out", type=Path, required=True)
    comparer = verbs.add_parser("compare")
    comparer.add_argument("before", type=Path)
    comparer.add_argument("now", type=Path)
    given = parser.parse_args()
    if given.verb == "record":
        record(given.checkout, given.out)
    else:
        sys.exit(bool(compare(given.before, given.now)))


if __name__ == "__main__":
    main()
