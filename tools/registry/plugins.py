"""Plugins: a user's own modules, imported because a command was told to, never because a folder names them.

A plugin registers entries at the seams: `register("translator", Entry("ramp", "...", load=make_ramp))`.
What it is made of beyond its own file (its own folder, where it is a package) is not hashed.
"""

import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from tools.errors import ToolkitError, UsageError
from tools.files.inside import real_path
from tools.registry.tables import SEAMS


class Plugin(NamedTuple):
    """A plugin that is loaded.

    Attributes:
        name: the file's name or the module's; what manifests say, and what `--plugin` is given.
        source: as it was given, so that a worker process can import it too.
        digest: of its source file or files, the first 16 hex digits of their SHA-256.
        seams: where it registered something, by key.
    """

    name: str
    source: str
    digest: str
    seams: tuple[str, ...] = ()

    @property
    def decides_output(self) -> bool:
        """Whether what it brings can show in an output; what registers nowhere may do anything."""
        return not self.seams or any(SEAMS[key].decides_output for key in self.seams)


_loaded: dict[str, Plugin] = {}


def load_plugin(source: str) -> Plugin:
    """Import a plugin, once in a process.

    Args:
        source: a .py file, or the name of a module on the path.

    Raises:
        UsageError: there is no such file or module, importing it fails, or another plugin has its name.
    """
    key = str(real_path(Path(source))) if source.endswith(".py") else source
    if key in _loaded:
        return _loaded[key]
    name = Path(source).name if source.endswith(".py") else source
    if any(plugin.name == name for plugin in _loaded.values()):
        raise UsageError(f"--plugin {source}: another plugin is called `{name}`; rename one of them")
    before = _list_entries()
    try:
        module = _import_file(Path(source)) if source.endswith(".py") else importlib.import_module(source)
    except ToolkitError as error:
        raise UsageError(f"--plugin {source}: {error}") from error
    except Exception as error:
        raise UsageError(f"--plugin {source}: cannot be imported {_explain(source, error)}") from error
    seams = {seam for seam, _ in _list_entries() - before}
    _loaded[key] = Plugin(name, source, _hash_module(module), tuple(sorted(seams)))
    return _loaded[key]


def _explain(source: str, error: Exception) -> str:
    """The error, and which line of the plugin's file raised it; where none did, it is the plugin that was not found."""
    what = f"({type(error).__name__}: {error})"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(Path(source))]
    if isinstance(error, SyntaxError):
        lines = [error.lineno]
    remedy = f"correct its line {lines[-1]}" if lines else "give a .py file, or the name of a module on the path"
    return f"{what}; {remedy}"


def _list_entries() -> set[tuple[str, str]]:
    return {(key, name) for key, seam in SEAMS.items() for name in seam.names()}


def _hash_module(module: ModuleType) -> str:
    """Of a file its bytes, of a package the names and bytes of its Python files; empty for what has no source."""
    file = Path(module.__file__ or "")
    if not file.is_file():
        return ""
    if file.name != "__init__.py":
        return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    digest = hashlib.sha256()
    for path in sorted(file.parent.rglob("*.py")):
        source = path.read_bytes()
        digest.update(f"{path.relative_to(file.parent).as_posix()} {len(source)}\n".encode() + source)
    return digest.hexdigest()[:16]


def load_plugins(sources: Iterable[str]) -> None:
    """Import several, in their order; for worker processes."""
    for source in sources:
        load_plugin(source)


def list_plugins() -> tuple[Plugin, ...]:
    """The plugins of this process, in the order in which they were loaded."""
    return tuple(_loaded.values())


def describe_plugins() -> dict[str, str]:
    """Name and hash of each plugin that may show in an output; what manifests keep."""
    return {plugin.name: plugin.digest for plugin in list_plugins() if plugin.decides_output}


def list_sources() -> tuple[str, ...]:
    """Where they came from; what a worker process imports before anything else."""
    return tuple(plugin.source for plugin in _loaded.values())


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
