"""Gradio's import in half of its time: without its stub files, and without looking for garbage meanwhile.

Gradio makes a stub file of each component anew, beside its own sources, whenever it is imported. They are for editors;
nothing that runs reads them, and a program that serves a page has no business among the sources of a package.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

MODULE = "gradio.component_meta"
WRITER = "create_or_modify_pyi"
"""Called for every component as its class is made."""


class _Loader(Loader):
    """Loads the module, and puts nothing in the writer's place; where there is none, the module stays as it is."""

    def __init__(self, usual: Loader) -> None:
        self._usual = usual

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._usual.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._usual.exec_module(module)
        if hasattr(module, WRITER):
            setattr(module, WRITER, lambda *_: None)


class _Finder(MetaPathFinder):
    """Finds the one module."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path, target) if fullname == MODULE else None
        if found is not None and found.loader is not None:
            found.loader = _Loader(found.loader)
        return found


@contextmanager
def importing_quickly() -> Iterator[None]:
    """While Gradio is imported here, it writes no stubs; an import that is done already stays as it was."""
    finder, collects = _Finder(), gc.isenabled()
    sys.meta_path.insert(0, finder)
    gc.disable()  # what is imported stays: there is nothing to find among so many new objects
    try:
        yield
    finally:
        if collects:
            gc.enable()
        sys.meta_path.remove(finder)
