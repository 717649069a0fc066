"""A small run with the template backend, made once for all tests of the studio."""

from pathlib import Path

import pytest
from mini_coco import write_coco
from studio_runs import configure

from agents.running.run import run_synthesis


@pytest.fixture(scope="session")
def coco(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("studio-coco")
    write_coco(root, 6, (64, 48))
    return root


@pytest.fixture(scope="session")
def finished(coco: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run; no test may write into it."""
    out = tmp_path_factory.mktemp("studio-run") / "run"
    run_synthesis(configure(coco, out))
    return out
