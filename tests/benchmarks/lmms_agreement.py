"""The same checkpoint and benchmark through `itb eval` and through the real lmms-eval: replies compared row by row.

    python3 -m venv lmms
    lmms/bin/pip install torch==2.13.0 torchvision==0.28.0 transformers==5.23.0 lmms-eval==0.7.3 \
        decord 'filelock<4' inflect
    PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/lmms_agreement.py --lmms-python lmms/bin/python

For each family a tiny checkpoint of random weights and a small benchmark are made and exported; lmms-eval runs the
export unchanged, with the adapter's settings that make it ask as the checkpoint itself says (Case.adapter). What
differs is asked again here with one thing after the other done as the adapter does it (CASES): a row has the name of
the last that it took to give the adapter's reply. Exits with 1 when more than 1 % of the rows of a family differ for a
reason that has no name here. Both need the same Pillow: 12 and 13 resize a grey level apart.
docs/parity-lmms-eval.md tells what the names mean.
"""

import argparse
import functools
import itertools
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from itb_lmms_eval import ROOT, Adapter, ask_ours, ask_theirs, read_export, run
from lmms_way import QWEN, change_pictures, fit, write_checkpoint
from mini_bench import write_bench
from PIL import Image

PICTURES = ((224, 160), (640, 512))
"""One that a model takes as it is, and one that is made smaller, in turn."""
LIMIT = 0.01
Replies = Mapping[str, str]


class Way(NamedTuple):
    """How `itb eval` is told to do something as an adapter does it.

    Attributes:
        more: its flags.
        variant: which of its predictions then count.
        change: what is done to the pictures beforehand.
    """

    more: Sequence[str] = ()
    variant: str = ""
    change: Callable[[Image.Image], Image.Image] | None = None

    def add(self, other: "Way") -> "Way":
        """Both."""
        return Way((*self.more, *other.more), self.variant or other.variant, self.change or other.change)


class Case(NamedTuple):
    """A family and how lmms-eval is told to run it.

    Attributes:
        adapter: of lmms-eval, and what it is told so that it asks as the checkpoint says.
        dtype: the number format that the adapter computes in.
        causes: what it does otherwise, by name; tried one on top of the other.
    """

    adapter: Adapter
    dtype: str = "fp32"
    causes: Mapping[str, Way] = {}


ON_CPU: Mapping[str, object] = {"device_map": "cpu"}
PIXELS = {"min_pixels": QWEN["shortest_edge"], "max_pixels": QWEN["longest_edge"]}
TORCHVISION = {"torchvision": Way(("--image-processor", "torchvision"))}
LLAVA = Case(Adapter("llava_hf", {**ON_CPU, "dtype": "float32"}), causes=TORCHVISION)
JPEG = Way(("--perturb", "jpeg"), "perturb=jpeg")
SINGLE = Way(("--way", "plain", "--batch", "1"))
CASES: Mapping[str, Case] = {
    "llava": LLAVA,
    "llava_next": LLAVA,
    "qwen2_vl": Case(Adapter("qwen2_vl", {**ON_CPU, **PIXELS}), causes={"JPEG": JPEG}),
    "qwen2_5_vl": Case(
        Adapter("qwen2_5_vl", {**ON_CPU, **PIXELS}),
        "bf16",
        {"order of sums in bf16": SINGLE, **TORCHVISION, "resized twice": Way(change=fit)},
    ),
}


def write_pictures(folder: Path, images: int) -> Path:
    """The benchmark: every task, one question about each picture."""
    bench = write_bench(folder, images=3 * images)
    for number, path in enumerate(sorted((bench / "images").iterdir())):
        Image.open(path).resize(PICTURES[number % len(PICTURES)]).save(path)
    return bench


def find_differing(ours: Replies, theirs: Replies) -> list[str]:
    """The items whose replies differ in more than the white space around them."""
    return [item for item, reply in theirs.items() if reply.strip() != ours[item].strip()]


def name_causes(rows: list[str], theirs: Replies, causes: Mapping[str, Callable[[], Replies]]) -> Counter[str]:
    """How many rows each cause explains: ours, asked with it, says what theirs says."""
    named: Counter[str] = Counter()
    left = list(rows)
    for cause, ask in causes.items():
        if left:
            still = find_differing(ask(), {item: theirs[item] for item in left})
            named[cause] = len(left) - len(still)
            left = still
    return named + Counter({"no name": len(left)})


def compare(name: str, case: Case, bench: Path, python: str, scratch: Path) -> float:
    """Print a family's rows; gives the share of replies that differ without a name."""
    model = write_checkpoint(name, scratch / "model")
    export = scratch / "export"
    run([sys.executable, "-m", "itb", "export", str(bench), "--format", "lmms-eval", "--out", str(export)], ROOT)
    tasks = read_export(export)
    task_of = {item: task for task, items in tasks.items() for item in items}

    def ask(cause: str, way: Way) -> Replies:
        folder = scratch / cause.replace(" ", "-")
        asked = change_pictures(bench, scratch / f"{folder.name}-bench", way.change) if way.change else bench
        return ask_ours(asked, task_of, model, folder, case.dtype, way.more, way.variant).replies

    ours = ask("ours", Way())
    theirs = ask_theirs(export, tasks, model, python, scratch / "theirs", case.adapter).replies
    differing = find_differing(ours, theirs)
    ways = itertools.accumulate(case.causes.values(), Way.add)
    again = {cause: functools.partial(ask, cause, way) for cause, way in zip(case.causes, ways, strict=True)}
    named = name_causes(differing, theirs, again)
    said = ", ".join(f"{cause} {count}" for cause, count in named.items() if count) or "-"
    row = (name, case.adapter.name, f"{len(theirs)}, {len(set(ours.values()))} distinct", len(differing), said)
    print(f"| {' | '.join(map(str, row))} |", flush=True)
    return named["no name"] / len(theirs)


def main() -> None:
    """Compare family by family."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lmms-python", required=True, help="Python of a venv that has lmms-eval")
    parser.add_argument("--family", action="append", choices=CASES, help="only this one; repeatable")
    parser.add_argument("--images", type=int, default=24, help="asked about, of each task")
    options = parser.parse_args()
    print("| family | adapter | replies | differ | of these |")
    print("|---|---|---|---|---|")
    unnamed = {}
    for name in options.family or CASES:
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder)
            bench = write_pictures(scratch / "bench", options.images)
            unnamed[name] = compare(name, CASES[name], bench, options.lmms_python, scratch)
    failed = [f"{name}: {share:.1%}" for name, share in unnamed.items() if share > LIMIT]
    if failed:
        sys.exit(f"replies that differ for a reason without a name: {', '.join(failed)}")


if __name__ == "__main__":
    main()
