"""What every test can count on, on a machine that is slow, busy or of another make.

One thread for sums, here and in every process that a test starts: workers of a parallel run do not fight, and a killed
command adds up as the one that goes on does; another number is taken from OMP_NUM_THREADS. No deadline for an example
of hypothesis, which would fail where something else takes the processor for a fifth of a second. What a file plugs in
is gone after it, for runs that are made later in this process would name it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from browser import browsing, leave
from hypothesis import settings
from plugging import forgetting_plugins

import tools  # noqa: F401 - before any test imports transformers: see tools/torchvision_repair.py

os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("toolkit", deadline=None)
settings.load_profile("toolkit")


@pytest.fixture(scope="module", autouse=True)
def forget_plugins_of_a_file() -> Iterator[None]:
    """Those that a command was given in this process."""
    with forgetting_plugins():
        yield


@pytest.fixture(scope="session")
def find_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """A person's browser, started once for all tests of this process that ask for it."""
    with ExitStack() as stack:
        started: dict[str, Any] = {}

        def find(person: str) -> Any:
            if person not in started:
                started[person] = stack.enter_context(browsing(tmp_path_factory.mktemp(person)))
            return leave(started[person])

        yield find


@pytest.fixture
def driver(find_browser: Callable[[str], Any]) -> Iterator[Any]:
    """A browser, see tests/browser.py."""
    yield (found := find_browser("first"))
    leave(found)


@pytest.fixture
def other_driver(find_browser: Callable[[str], Any]) -> Iterator[Any]:
    """The browser of a second person."""
    yield (found := find_browser("second"))
    leave(found)
