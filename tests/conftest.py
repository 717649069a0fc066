"""What every test can count on, on a machine that is slow, busy or of another make.

One thread for sums, here and in every process that a test starts: workers of a parallel run do not fight, and a killed
command adds up as the one that goes on does; another number is taken from OMP_NUM_THREADS. No deadline for an example
of hypothesis, which would fail where something else takes the processor for a fifth of a second. What a file plugs in
is gone after it, for runs that are made later in this process would name it.
"""

import os
from collections.abc import Iterator

import pytest
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
