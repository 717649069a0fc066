"""Ten thousand inputs that no one would write, through the entry points of every command.

    PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/fuzz.py --inputs 10000 --whole 500 --seed 1 --processes 2

Every kind of input that is read: COCO, images, configurations, prompts, lexicon, items, predictions, recipes, stores,
conversations, checkpoints, replies of an endpoint, datasets. A field at a random path is dropped, doubled, retyped or
made extreme; headers of images, of weights and of stores are changed; bytes are flipped, cut and put in; folders and
links stand where files were. Each input goes through one command in a forked process, some through a whole process.

Wrong is a traceback, more than 60 s, an exit code other than 0 to 4, and a file outside what the command writes that
has changed. Each failure is kept in `--out` with its input and the command; exit code 1 when there is one. `--kind` and
`--number` do one of them again.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from fuzzing.campaign import Done, Job, list_commands, plan_jobs, run_jobs
from fuzzing.kinds import KINDS
from fuzzing.seeds import write_seeds

HEAD = (
    "kind | inputs | whole | tracebacks | hangs | touched | other codes | exit 0/1/2/3/4 | slowest s | CPU s each | "
    "most MB"
)


def tell(done: Done) -> str:
    """A failure in a few lines: what was run, what was changed, and the end of what was said."""
    outcome = done.outcome
    what = (
        "hang"
        if outcome.is_hang
        else "touched"
        if outcome.touched
        else "traceback"
        if outcome.has_traceback
        else "code"
    )
    end = "\n    ".join(outcome.printed.strip().splitlines()[-4:])[-600:]
    name = f"{done.job.kind} {done.job.number}"
    return f"{what}: {name}: {' '.join(done.command)[:200]}\n    [{done.how}] {outcome.touched[:3] or ''}\n    {end}"


def name_cause(done: Done) -> str:
    """What groups failures: the last line of ours in a traceback, and the kind of error."""
    if not done.outcome.has_traceback:
        return "hang" if done.outcome.is_hang else f"touched or code {done.outcome.code}"
    places = re.findall(r'File ".*?/((?:agents|tools|itb|trainer)/[^"]+)", line (\d+)', done.outcome.printed)
    error = re.findall(
        r"^([A-Za-z_.]+(?:Error|Exception|Warning|Interrupt|Bomb\w*))\b", done.outcome.printed, re.MULTILINE
    )
    return f"{':'.join(places[-1]) if places else '?'} {error[-1] if error else ''}"


def tabulate(all_done: list[Done]) -> str:
    """A line for each kind, and one for all."""
    groups: dict[str, list[Done]] = defaultdict(list)
    for done in all_done:
        groups[done.job.kind].append(done)
    rows = [_count(name, groups[name]) for name in (kind.name for kind in KINDS) if name in groups]
    return "\n".join([f"| {HEAD} |", f"|{'---|' * (HEAD.count('|') + 1)}", *rows, _count("all", all_done)])


def _count(name: str, found: list[Done]) -> str:
    outcomes = [done.outcome for done in found]
    codes = Counter(outcome.code for outcome in outcomes)
    cells = (
        name,
        len(found),
        sum(done.job.is_whole for done in found),
        sum(outcome.has_traceback for outcome in outcomes),
        sum(outcome.is_hang for outcome in outcomes),
        sum(bool(outcome.touched) for outcome in outcomes),
        sum(outcome.is_illegal for outcome in outcomes),
        "/".join(str(codes[code]) for code in range(5)),
        f"{max((outcome.seconds for outcome in outcomes), default=0):.0f}",
        f"{sum(outcome.busy_seconds for outcome in outcomes) / max(1, len(outcomes)):.2f}",
        max((outcome.peak_mb for outcome in outcomes), default=0),
    )
    return f"| {' | '.join(map(str, cells))} |"


def main() -> int:
    """Run what the flags say; 1 when something failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--least", type=int, default=0, help="at least so many of each kind")
    parser.add_argument("--whole", type=int, default=500, help="so many as whole processes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, help="stop then, with a table of what was done")
    parser.add_argument("--kind", nargs="*", default=[])
    parser.add_argument("--number", type=int, help="only this input of the kind")
    parser.add_argument("--unchanged", action="store_true", help="each command once, on its seed as it is")
    parser.add_argument("--out", type=Path, default=Path("runs/fuzz"), help="failures are kept here")
    parser.add_argument("--seeds", type=Path, help="seeds written before, to be used again")
    options = parser.parse_args()
    jobs = plan_jobs(options.inputs, options.least, options.whole, options.seed, options.kind)
    if options.number is not None:
        jobs = [Job(name, options.number, options.seed, False) for name in options.kind]
    if options.unchanged:
        jobs = list_commands()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    all_done, causes, began = [], Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        seeds = options.seeds.resolve() if options.seeds else Path(folder) / "seeds"
        if not seeds.is_dir():
            write_seeds(seeds)
        for done in run_jobs(jobs, seeds, Path(folder), out, options.processes):
            all_done.append(done)
            if options.unchanged and done.outcome.code != 0:
                print(tell(done), flush=True)
            if done.outcome.failed:
                causes[name_cause(done)] += 1
                if causes[name_cause(done)] <= 2 or options.number is not None:
                    print(tell(done), flush=True)
            if options.minutes and time.monotonic() > began + 60 * options.minutes:
                break
    print("\n".join(f"{count:5} {cause}" for cause, count in causes.most_common()))
    print(tabulate(all_done))
    if not causes:
        shutil.rmtree(out, ignore_errors=True)
    return int(bool(causes))


if __name__ == "__main__":
    sys.exit(main())
