"""torchvision beside a PyTorch that its compiled part does not fit: its Python part made usable.

The wheel of the package index is built for CUDA. Beside a CPU build of PyTorch its compiled part does not load, and
then the import itself fails, over the schemas of two operators that nothing here calls. Declared first, all that is
written in Python works: transforms, and the image and video processors of transformers, which 11 of 16 families want.

The repair hangs on the import of torchvision itself, as transformers imports it whenever it likes, deep inside: no
command can forget it, none imports PyTorch for it, and one that never meets torchvision pays nothing. The package
`tools` sets it up, and `trainer` and `itb` import that first. Where torchvision is sound or absent nothing happens.

What stays dead is compiled: `torchvision.ops`, and `torchvision.io`, which opens image files. Give images as PIL.
"""

import importlib.abc
import importlib.machinery
import os
import re
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any, Final

NAME: Final = "torchvision"
SCHEMAS: Final = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_WANTED: Final = re.compile(r"torch\s*\(?==([\w.]+)")
MADE_USABLE: Final = (
    "built for CUDA: this toolkit uses its Python part, with images as PIL; other programs here, `trl` among them, "
    "fail with it: for them install torchvision from the index that PyTorch came from"
)
_declared: list[Any] = []
"""Libraries of PyTorch; their schemas vanish with them, so they live as long as the process."""


class _RepairingLoader(importlib.machinery.SourceFileLoader):
    """Loads torchvision, repaired before its first line runs."""

    def exec_module(self, module: ModuleType) -> None:
        repair(Path(self.path).parent)
        super().exec_module(module)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds torchvision where Python would, and nothing else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != NAME:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec and spec.origin and type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = _RepairingLoader(fullname, spec.origin)
        return spec


def watch_imports() -> None:
    """From now on torchvision is repaired when it is imported; once or many times is the same."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def repair(folder: Path) -> None:
    """Declare the schemas that torchvision asks for, where its compiled part does not load.

    Args:
        folder: of the package.
    """
    import torch

    if is_sound(folder) or hasattr(torch.ops.torchvision, "nms"):
        return
    library = torch.library.Library(NAME, "FRAGMENT")  # type: ignore[no-untyped-call]
    for schema in SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    _declared.append(library)


def is_sound(folder: Path) -> bool:
    """Whether the compiled part of the torchvision in a folder loads; on Windows it is built for the processor."""
    import torch

    if os.name == "nt":
        return True
    compiled = [path for suffix in importlib.machinery.EXTENSION_SUFFIXES if (path := folder / f"_C{suffix}").is_file()]
    try:
        torch.ops.load_library(str(compiled[0]))  # type: ignore[no-untyped-call]
    except (IndexError, OSError):
        return False
    return True


def examine_builds() -> tuple[bool, str]:
    """Whether torchvision can be used here, and how; told by the versions alone, nothing is imported.

    Builds of one index carry one ending, such as `+cpu` or `+cu126`; those of the package index carry none.
    """
    versions = []
    for name in ("torch", NAME):
        try:
            versions.append(metadata.version(name).partition("+"))
        except metadata.PackageNotFoundError:
            return False, f"{name} is not installed; without both most families of vision-language models do not load"
    (torch, _, built), (vision, _, built_too) = versions
    shown = f"{vision} beside torch {torch}"
    wanted = next((found[1] for need in metadata.requires(NAME) or () if (found := _WANTED.match(need))), torch)
    if torch != wanted:
        return False, f"{shown}, but made for torch {wanted}; install both from one index"
    if built == built_too:
        return True, f"{shown}, of one build"
    if built == "cpu":
        return True, f"{shown}, {MADE_USABLE}"
    return (
        False,
        f"{shown}, built for {built_too or 'another CUDA'}, not {built or 'its own'}; install both from one index",
    )
