"""What a manifest says about its makers, content hashes of files and the versions of what ran."""

import functools
import hashlib
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from tools.ids import name_path

TOOLKIT_VERSION = "0.1.0"
REPORTED = ("autogen-agentchat", "pydantic", "pillow", "numpy", "jinja2")
CODE = frozenset({".py", ".yaml"})
FOR_PEOPLE = ("README.md", "sample.yaml")
OF_OTHERS = ("itb/", "alignment_requests.yaml")
"""What the benchmark and the trainer read; a run of the agents does not depend on it."""


def hash_bytes(*parts: bytes) -> str:
    """The first 16 hex digits of the SHA-256 of `parts`, each preceded by its length."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(str(len(part)).encode() + b":" + part)
    return digest.hexdigest()[:16]


def hash_files(root: Path, paths: Iterable[Path]) -> dict[str, str]:
    """Hash of each file, by its path relative to `root`, sorted."""
    return {path.relative_to(root).as_posix(): hash_bytes(path.read_bytes()) for path in sorted(paths)}


def hash_prompts(folder: Path) -> dict[str, str]:
    """Hash of what the agents read in a modality pack: prompts, lexicon, seed rules and wordings."""
    paths = (path for path in folder.rglob("*") if path.suffix in {".md", ".yaml"} and path.name not in FOR_PEOPLE)
    return hash_files(folder, (path for path in paths if not path.relative_to(folder).as_posix().startswith(OF_OTHERS)))


@functools.cache
def hash_code(*folders: Path) -> str:
    """Hash of everything that packages of Python are made of, code and the tables beside it; read once a process.

    A number that somebody has to raise is forgotten; this changes with the code, wherever the folders lie.
    """
    parts: list[bytes] = []
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in CODE):
            parts += [path.relative_to(folder.parent).as_posix().encode(), path.read_bytes()]
    return hash_bytes(*parts)


def list_versions(packages: Iterable[str] = REPORTED) -> dict[str, str]:
    """Versions of Python, of this toolkit and of the packages that shape its output."""
    return {"python": platform.python_version(), "infrared-llava-toolkit": TOOLKIT_VERSION} | {
        name: metadata.version(name) for name in packages
    }


def say(value: Any) -> str:
    """A value of a manifest in words: `locate 0.5; scene 0.25`; never as Python writes it."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {say(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(say, value)) or "none"
    return str(value)


def is_registered(source: Mapping[str, Any], image_id: str, photo: str) -> bool:
    """Whether the `photo` of a row of a run on sensor images is a photograph, and not the file that the sensor wrote.

    Args:
        source: the manifest's entry of this name.
    """
    return bool(photo) and (bool(source["has_photographs"]) or name_path(PurePosixPath(photo)) != image_id)
