"""The plugins of tests/plugins, and what a test plugs in is gone after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.registry import SEAMS, plugins

PLUGINS = Path(__file__).resolve().parent / "plugins"


def name_plugin(name: str) -> tuple[str, str]:
    """The arguments that load one of them."""
    return "--plugin", str(PLUGINS / f"dummy_{name}.py")


@pytest.fixture
def forget_plugins() -> Iterator[None]:
    """A run that is made in this process later would otherwise name them."""
    with forgetting_plugins():
        yield


@contextmanager
def forgetting_plugins() -> Iterator[None]:
    """What is plugged in inside is gone afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plugins, "_loaded", dict(plugins._loaded))
        for seam in SEAMS.values():
            patch.setattr(seam, "_entries", dict(seam._entries))
        yield
