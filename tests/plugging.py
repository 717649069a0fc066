"""The plugins of tests/plugins, and what a test plugs in is gone after it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.registry import SEAMS, plugins

PLUGINS = Path(__file__).resolve().parent / "plugins"


def name_plugin(name: str) -> tuple[str, str]:
    """The arguments that load one of them."""
    return "--plugin", str(PLUGINS / f"dummy_{name}.py")


@pytest.fixture
def forget_plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A run that is made in this process later would otherwise name them."""
    monkeypatch.setattr(plugins, "_loaded", dict(plugins._loaded))
    for seam in SEAMS.values():
        monkeypatch.setattr(seam, "_entries", dict(seam._entries))
    yield
