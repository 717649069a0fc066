"""Many inputs of every kind in a few processes: which are made, what each came to, and what is kept of a failure."""

import contextlib
import itertools
import multiprocessing
import os
import random
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from calling import call_here

from fuzzing.kinds import KINDS, Kind
from fuzzing.mutations import mutate_file
from fuzzing.seeds import FAMILIES
from fuzzing.served import serve
from fuzzing.watching import Outcome, load_modules, make_box, save, watch

MODULES = ("agents.__main__", "tools.__main__", "itb.__main__", "agents.backends.template.backend", "pyarrow.parquet")
HEAVY = (
    "trainer.__main__", "trainer.commands.align", "trainer.commands.sft", "trainer.commands.preview", "torch",
    "transformers", "trl",
)  # fmt: skip
"""What the commands on models import; most of it is needed by three kinds only."""


MANY = 300
"""From so many inputs on it pays to run every command once, only to see what it imports."""


class Job(NamedTuple):
    """One input: everything about it follows from these. `is_changed`: false shows that the command works."""

    kind: str
    number: int
    seed: int
    is_whole: bool = False
    is_changed: bool = True


class Done(NamedTuple):
    """A job, what was run, how its input was changed, and how it ended."""

    job: Job
    command: tuple[str, ...]
    how: str
    outcome: Outcome


def plan_jobs(inputs: int, least: int, whole: int, seed: int, only: Sequence[str] = ()) -> list[Job]:
    """`inputs` jobs, at least `least` of each kind, `whole` of them as whole processes, spread evenly."""
    kinds = [kind for kind in KINDS if not only or kind.name in only]
    each = max(least, -(-inputs // len(kinds)))
    every = max(1, each * len(kinds) // whole) if whole else 0
    jobs = []
    for number, kind in itertools.product(range(each), kinds):
        place = len(jobs)
        jobs.append(Job(kind.name, number, seed, bool(every) and place % every == every - 1))
    return jobs


def list_commands() -> list[Job]:
    """Every command once, on a seed as it is."""
    return [Job(kind.name, number, 0, is_changed=False) for kind in KINDS for number in range(len(kind.commands))]


def run_jobs(jobs: Sequence[Job], seeds: Path, work: Path, failures: Path, processes: int) -> Iterator[Done]:
    """Each job as it ends; modules are imported once, before the processes are forked."""
    load_modules([*MODULES, *HEAVY])
    if len(jobs) > MANY:
        load_modules(_learn_modules(seeds, work))
    context = multiprocessing.get_context("fork")
    with context.Pool(processes, _settle, (seeds, work, failures)) as pool:
        yield from pool.imap_unordered(_run_job, jobs)


def _learn_modules(seeds: Path, work: Path) -> list[str]:
    """What the commands import on the way, found by running each once in a forked process."""
    context = multiprocessing.get_context("fork")
    with context.Pool(1, _settle, (seeds, work, work)) as pool:
        return pool.apply(_list_imported)


def _list_imported() -> list[str]:
    before = set(sys.modules)
    for job in list_commands():
        kind = next(kind for kind in KINDS if kind.name == job.kind)
        if not kind.is_served:
            box = make_box(_PLACES["work"], _PLACES["seeds"] / kind.seed)
            _, file = _change(kind, box, random.Random(0), is_changed=False)
            os.chdir(box)
            with contextlib.suppress(Exception):  # what a command cannot do here, it does not import
                call_here(*_fill(kind, job.number, box, file))
    return [name for name in sys.modules if name not in before]


_PLACES: dict[str, Path] = {}


def _settle(seeds: Path, work: Path, failures: Path) -> None:
    process = multiprocessing.current_process().name
    _PLACES.update(seeds=seeds, work=work / process, failures=failures)


def _run_job(job: Job) -> Done:
    seeds = _PLACES["seeds"]
    kind = next(kind for kind in KINDS if kind.name == job.kind)
    rng = random.Random(f"{job.seed} {job.kind} {job.number}")
    box = make_box(_PLACES["work"], seeds / kind.seed)
    how, file = _change(kind, box, rng, job.is_changed)
    command = _fill(kind, job.number, box, file)
    address = (
        (lambda: serve(job.number, rng.choice((0.1, 0.5, 1.0)) if job.is_changed else 0.0)) if kind.is_served else None
    )
    outcome = watch(box, command, kind.writable, job.is_whole, address)
    if outcome.failed:
        save(_PLACES["failures"] / f"{job.kind}-{job.number}", box, outcome, command, how)
    return Done(job, command, how, outcome)


def _fill(kind: Kind, number: int, box: Path, file: Path | None) -> tuple[str, ...]:
    """The command whose turn it is, with its paths."""
    inside = file.relative_to(box / "in") if file else Path(FAMILIES[0][0])
    template = kind.commands[number % len(kind.commands)].replace("{r}", str(_PLACES["seeds"]))
    parts = shlex.split(template.replace("{family}", inside.parts[0]))
    return tuple(part.replace("{file}", f"in/{inside}") for part in parts)


def _change(kind: Kind, box: Path, rng: random.Random, is_changed: bool) -> tuple[str, Path | None]:
    """Change one to three files that one of the kind's patterns finds; how, and the first of them."""
    if kind.is_served:
        return "replies", None
    pattern = rng.choice(kind.files)
    found = sorted((box / "in").glob(pattern))
    files = [path for path in found if path.is_file()]
    changed = [rng.choice(files) for _ in range(rng.choice((1, 1, 1, 2)))]
    if not is_changed:
        return "unchanged", changed[0]
    printed = []
    for path in dict.fromkeys(changed):
        printed.append(f"{path.relative_to(box / 'in')}: {mutate_file(path, rng)}")
    return "; ".join(printed), changed[0]
