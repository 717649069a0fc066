"""The files of a benchmark's folder, written whole or not at all."""

import errno
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from itb.benchmark.duplicates import Fingerprint
from itb.benchmark.folders import MANIFEST_FILE
from itb.records import Item
from tools.errors import UsageError
from tools.files import stage_file, write_lines, write_text
from tools.files.faults import find_remedy
from tools.files.inside import real_path
from tools.files.json_text import read_object
from tools.manifest import say

UNSTATED: dict[str, Any] = {
    "task_settings": {}, "plugins": {}, "protocol": "own", "allow_guessable": True, "min_evidence_pixels": 0.0,
}  # fmt: skip
"""Settings that older benchmarks do not state, as they had none."""
NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
"""What file systems say that know no symbolic links."""


def write_json(path: Path, value: Any) -> None:
    """Write JSON for people to read: indented, in the order given."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def write_records(path: Path, records: Iterable[Item | Fingerprint]) -> None:
    """Write one JSON object a line."""
    write_lines(path, (record.model_dump_json() + "\n" for record in records))


def read_manifest(bench: Path) -> Mapping[str, Any]:
    """The manifest of a benchmark, empty when there is none.

    Raises:
        UsageError: it is not a JSON object.
    """
    path = bench / MANIFEST_FILE
    return read_object(path, "build the benchmark again with --fresh") if path.is_file() else {}


def read_ranges(bench: Path) -> dict[str, tuple[int, int]]:
    """Task -> least and largest count that it asks for, as the manifest states them.

    Raises:
        UsageError: it states something else.
    """
    ranges = read_manifest(bench).get("count_ranges", {})
    try:
        return {str(task): (int(least), int(most)) for task, (least, most) in ranges.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise UsageError(
            f"{bench / MANIFEST_FILE}: count_ranges must be task -> [least, largest], found {say(ranges)}"
        ) from error


def refuse_other_settings(bench: Path, settings: Mapping[str, Any]) -> None:
    """A folder with a benchmark of other settings is not overwritten.

    Raises:
        UsageError: names what differs.
    """
    before = UNSTATED | read_manifest(bench).get("settings", settings)
    changed = [name for name in sorted({*before, *settings}) if before.get(name) != settings.get(name)]
    if changed:
        pairs = "; ".join(f"{name} was {say(before.get(name))}, is {say(settings.get(name))}" for name in changed)
        raise UsageError(
            f"{bench} holds a benchmark built otherwise: {pairs}. Choose another --out, or delete it with --fresh"
        )


def bring_image(source: Path, target: Path, is_copied: bool) -> None:
    """Put an original image into the benchmark: its bytes, or a link to it.

    Raises:
        UsageError: the file system knows no symbolic links, or the image cannot be copied.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if is_copied and _is_copy(source, target):
            return
        with stage_file(target) as temporary:
            if is_copied:
                shutil.copyfile(source, temporary)
            else:
                temporary.symlink_to(os.path.relpath(real_path(source), real_path(target.parent)))
    except OSError as error:
        is_link = not is_copied and error.errno in NO_LINKS
        hint = "use --copy-images where links are not possible" if is_link else find_remedy(error)
        raise UsageError(f"{target}: the image cannot be put there ({error}); {hint}") from error


def _is_copy(source: Path, target: Path) -> bool:
    return target.is_file() and not target.is_symlink() and target.stat().st_size == source.stat().st_size
