"""Every command that writes, killed again and again, against the same command left alone: byte for byte.

    PYTHONPATH=.:tests OMP_NUM_THREADS=1 .venv/bin/python tests/benchmarks/kills.py --kills 8

Each command runs once uninterrupted. Then it is killed with SIGKILL: at seeded points of its writing (an opening, a
rename, a deletion, a statement to a database) and at seeded moments, sometimes several times before it may end. After
each such chain the same command has to end with code 0, and everything below its folder has to be what it was: bytes,
links, rows of databases, no lock, no unfinished file. With `--full` the disk is full from those points on instead.

Prints a row a command: kills that were sent, kills that hit a running process, files compared, files that differ; exits
with 1 when any does. Then every command that only reads is run once, and has to leave all that it reads as it is.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from kill_points import Ending, snapshot
from reading_commands import READS, Reading
from writing_commands import ORDERS, Inputs, Order, import_ahead

LONGEST_CHAIN = 3


class Outcome(NamedTuple):
    """What killing a command came to."""

    order: Order
    sent: int
    hit: int
    files: int
    faults: list[str]


def kill_order(order: Order, inputs: Inputs, place: Path, kills: int, seed: int, ending: Ending = "kill") -> Outcome:
    """Kill a command `kills` times, in chains of one to three, and compare what each chain ends with."""
    generator = random.Random(f"{seed} {order}")
    order.begin(inputs, place)
    order.arguments(inputs, place)  # makes them, so that what follows is the command's own time
    started = time.monotonic()
    whole = order.call(inputs, place)
    seconds = time.monotonic() - started
    expected, faults = snapshot(place, order.clock), []
    if whole.code:
        return Outcome(order, 0, 0, 0, [f"fails uninterrupted: {whole.printed}"])
    sent = hit = 0
    while sent < kills:
        order.begin(inputs, place)
        chain = []
        for _ in range(min(generator.randint(1, LONGEST_CHAIN), kills - sent)):
            way: dict[str, float | int] = {"at": generator.randint(1, whole.points)}
            if ending == "kill" and generator.random() < 0.3:
                way = {"after": generator.random() * seconds}
            killed = order.call(inputs, place, ending=ending, **way)
            sent, hit = sent + 1, hit + (killed.code == -9 if ending == "kill" else killed.code in (1, 2))
            chain.append(f"{next(iter(way))} {next(iter(way.values())):.4g}: {killed.code}")
            fine = {0, 1, 2} if ending == "full" else {-9, 0, 2 if order.is_single else 0}
            if killed.code not in fine:
                faults.append(f"after {chain} ended with {killed.code}: {killed.printed[-300:]}")
        faults += _finish(order, inputs, place, expected, chain)
    return Outcome(order, sent, hit, len(expected), faults)


def _finish(order: Order, inputs: Inputs, place: Path, expected: dict[str, object], chain: list[str]) -> list[str]:
    is_done = order.is_single and snapshot(place, order.clock) == expected
    ended = order.call(inputs, place)
    if ended.code and not is_done:
        return [f"after {chain} cannot go on, code {ended.code}: {ended.printed[-400:]}"]
    found = snapshot(place, order.clock)
    different = sorted(name for name in expected.keys() | found.keys() if expected.get(name, 0) != found.get(name, 0))
    return [f"after {chain} differ: {different[:8]}"] if different else []


def check_reading(reading: Reading, inputs: Inputs) -> list[str]:
    """Run a command that only reads; what of its inputs it changed, or made beside them."""
    reading.prepare(inputs)
    before = snapshot(inputs.root)
    ended = reading.call(inputs)
    if ended.code != reading.code:
        return [f"{reading} ended with {ended.code}: {ended.printed[-300:]}"]
    after = snapshot(inputs.root)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name, 0) != after.get(name, 0))
    return [f"{reading} changed {changed[:8]}"] if changed else []


def print_row(outcome: Outcome) -> None:
    """One row of the table, and what went wrong below it."""
    print(
        f"| {outcome.order} | {outcome.sent} | {outcome.hit} | {outcome.files} | {len(outcome.faults) or 'none'} |",
        flush=True,
    )
    for fault in outcome.faults:
        print(f"    {fault}", flush=True)


def main() -> bool:
    """Kill what was asked for; True when nothing differed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=8, help="of each command")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--full", action="store_true", help="a full disk in place of a kill")
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of commands")
    options = parser.parse_args()
    outcomes, changes = [], []
    print("| command | kills | that hit | files and folders | different |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        inputs = Inputs(Path(folder) / "inputs")
        for order in ORDERS:
            if not options.only or any(str(order).startswith(text) for text in options.only):
                import_ahead(order.command.split()[0])
                ending: Ending = "full" if options.full else "kill"
                found = kill_order(order, inputs, Path(folder) / "work", options.kills, options.seed, ending)
                print_row(found)
                outcomes.append(found)
        for reading in () if options.only else READS:
            changes += check_reading(reading, inputs)
    sent, hit = sum(each.sent for each in outcomes), sum(each.hit for each in outcomes)
    faults = sum(len(each.faults) for each in outcomes)
    print(f"| all {len(outcomes)} | {sent} | {hit} | {sum(each.files for each in outcomes)} | {faults or 'none'} |")
    if not options.only:
        print(f"\n{len(READS)} commands that only read: {changes or 'nothing changed'}")
    return not faults and not changes


if __name__ == "__main__":
    sys.exit(not main())
