"""`.folder.json`: the marker that every folder carries which a command writes.

It names the kind of folder and the command; of small folders also the files. The files of a big one (a run, a
benchmark) follow from its store or its items.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.errors import UsageError
from tools.files.atomic import write_text
from tools.files.json_text import decode_json

MARKER_FILE = ".folder.json"
FORMAT = 1
FIELDS = {"format", "kind", "command", "files"}


@dataclass(frozen=True)
class Marker:
    """What a folder says about itself.

    Attributes:
        kind: e.g. `run`, `benchmark`.
        command: what claimed the folder first, e.g. `python -m agents run`.
        files: paths of what was written, relative, sorted; a folder with everything in it ends in `/`. None where they
            follow from the kind.
    """

    kind: str
    command: str
    files: tuple[str, ...] | None = None


def read_marker(folder: Path) -> Marker | None:
    """The marker of a folder, None when it has none.

    Raises:
        UsageError: there is a file of that name which is no marker, or one of a later version.
    """
    path = folder / MARKER_FILE
    if not path.is_symlink() and not path.exists():
        return None
    try:
        if path.is_symlink():
            raise ValueError("it is a link")
        return _parse(decode_json(path.read_bytes().decode("utf-8", "surrogatepass")))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path}: is no marker of a folder that this version can use ({error}); name another folder"
        ) from error


def _parse(found: Any) -> Marker:
    if not isinstance(found, dict) or not {"format", "kind", "command"} <= found.keys() <= FIELDS:
        raise ValueError("expected format, kind, command and perhaps files")
    if found["format"] != FORMAT:
        raise ValueError(f"its format is {found['format']!r}, known is {FORMAT}")
    files = found.get("files")
    if not all(isinstance(text, str) for text in (found["kind"], found["command"], *(files or ()))):
        raise ValueError("kind, command and files must be texts")
    return Marker(found["kind"], found["command"], None if files is None else tuple(files))


def write_marker(folder: Path, marker: Marker) -> None:
    """Write a folder's marker.

    Raises:
        ToolkitError: the disk is full or the folder cannot be written.
    """
    made: dict[str, Any] = {"format": FORMAT, "kind": marker.kind, "command": marker.command}
    if marker.files is not None:
        made["files"] = sorted(set(marker.files))
    write_text(folder / MARKER_FILE, json.dumps(made, indent=1, ensure_ascii=False) + "\n", errors="surrogatepass")
