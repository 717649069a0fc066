"""Where the suite's time goes, in seconds of the processor: what else the machine does plays no part.

    PYTHONPATH=.:tests OMP_NUM_THREADS=1 .venv/bin/python tests/benchmarks/suite_cpu.py tests/tools [pytest's options]

Runs pytest and prints the seconds of each file and of each test with all its parameters, the greatest first; set-up
counts for the test that comes first. Of other processes those count that have ended within the test, so a server that
serves a whole session, and workers that outlive a test, are missing.
"""

import os
import sys
from collections import Counter
from collections.abc import Generator

import pytest

MOST = 25


class Clock:
    """Counts the processor's seconds of every test."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.runs: Counter[str] = Counter()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Around set-up, call and tear-down."""
        before = _read()
        try:
            return (yield)
        finally:
            name = item.nodeid.partition("[")[0]
            self.seconds[name] += _read() - before
            self.runs[name] += 1


def _read() -> float:
    return sum(os.times()[:4])


def show(clock: Clock) -> None:
    """Files, then tests."""
    files: Counter[str] = Counter()
    for name, seconds in clock.seconds.items():
        files[name.partition("::")[0]] += seconds
    print(f"{clock.seconds.total():.0f} s of the processor in {clock.runs.total()} tests")
    for name, seconds in files.most_common(MOST):
        print(f"{seconds:8.1f}  {name}")
    print()
    for name, seconds in clock.seconds.most_common(MOST):
        print(f"{seconds:8.1f}  {name}, {clock.runs[name]} times")


if __name__ == "__main__":
    clock = Clock()
    code = pytest.main(["-q", *sys.argv[1:]], plugins=[clock])
    show(clock)
    sys.exit(code)
