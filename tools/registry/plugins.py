"""Plugins: a user's own modules, imported because a command was told to, never because a folder names them.

A plugin registers entries at the seams: `register("translator", Entry("ramp", "...", load=make_ramp))`.
"""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from tools.errors import UsageError


class Plugin(NamedTuple):
    """A plugin that is loaded.

    Attributes:
        name: the file's stem or the module's name; what manifests say.
        source: as it was given, so that a worker process can import it too.
        digest: of its source file, the first 16 hex digits of its SHA-256.
    """

    name: str
    source: str
    digest: str


_loaded: dict[str, Plugin] = {}


def load_plugin(source: str) -> Plugin:
    """Import a plugin, once in a process.

    Args:
        source: a .py file, or the name of a module on the path.

    Raises:
        UsageError: there is no such file or module, or importing it fails.
    """
    if source in _loaded:
        return _loaded[source]
    try:
        module = _import_file(Path(source)) if source.endswith(".py") else importlib.import_module(source)
    except Exception as error:
        raise UsageError(
            f"--plugin {source}: cannot be imported ({type(error).__name__}: {error}); give a .py file, or the name of "
            "a module on the path"
        ) from error
    file = Path(module.__file__ or "")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file.is_file() else ""
    _loaded[source] = Plugin(module.__name__.rpartition(".")[2], source, digest)
    return _loaded[source]


def load_plugins(sources: Iterable[str]) -> None:
    """Import several, in their order; for worker processes."""
    for source in sources:
        load_plugin(source)


def list_plugins() -> tuple[Plugin, ...]:
    """The plugins of this process, in the order in which they were loaded."""
    return tuple(_loaded.values())


def _import_file(path: Path) -> ModuleType:
    """Under its stem, so that what it defines pickles to worker processes, which import it the same way."""
    if not path.is_file():
        raise FileNotFoundError("no such file")
    name = f"plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
