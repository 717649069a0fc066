"""The wordings of the questions: files that a user may edit, proved when they are loaded.

    wordings = load_wordings(Path("prompts/NAME"))
    wordings.ask("TASK", "KIND", 2, subject="the car", object="the dog", relation="to the left of")

Every file of the folder `itb` of a pack says at its head what its keys mean.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from itb.tasks.base.wording_file import Labels, Noun, TaskFile, check_file, parse, validate
from tools.errors import MissingError, UsageError
from tools.manifest import hash_bytes
from tools.prompts import DEFAULT_PACK
from tools.prompts.pack import Pack, load_pack
from tools.registry import REPLY_READERS, TASKS

if TYPE_CHECKING:
    from itb.tasks.base.task import Task

__all__ = ["FOLDER", "Labels", "Noun", "TaskFile", "Wordings", "load_wordings", "name_wording"]

FOLDER = "itb"
NAMES_FILE = "names.yaml"


@dataclass(frozen=True)
class Wordings:
    """All wordings, and what can be asked with them.

    Attributes:
        pack: what the modality is called, its bands and polarities.
        tasks: those that have wordings, by name, in the order of the table.
        files: task -> its wordings.
        left_out: task -> why it has none.
        nouns: canonical name of an object -> how it reads.
        digest: of all files, 16 hex digits.
        folder: where they are, for messages.
    """

    pack: Pack
    tasks: Mapping[str, "Task"]
    files: Mapping[str, TaskFile]
    left_out: Mapping[str, str]
    nouns: Mapping[str, Noun]
    digest: str
    folder: Path

    def count(self, task: str, kind: str) -> int:
        """How many wordings there are."""
        return len(self.files[task].questions[kind].wordings)

    def ask(self, task: str, kind: str, number: int, **fills: str) -> str:
        """The question of wording `number` (counted from 0)."""
        return self.files[task].questions[kind].wordings[number].format_map(fills)

    def word(self, task: str, key: str) -> str:
        """One of the task's words."""
        return self.files[task].words[key]

    def noun(self, name: str) -> Noun:
        """How an object's name reads.

        Raises:
            UsageError: names.yaml does not have it.
        """
        if name not in self.nouns:
            raise UsageError(
                f"{self.folder / NAMES_FILE}: has no entry for {name!r}; add `{name}: {{one: ..., many: ...}}`"
            )
        return self.nouns[name]


def name_wording(task: str, kind: str, number: int) -> str:
    """`TASK/2`; `TASK/KIND/0` where a task has several kinds."""
    return f"{task}/{number}" if kind == task else f"{task}/{kind}/{number}"


def load_wordings(pack_dir: Path) -> Wordings:
    """Read the folder `itb` of a modality pack; a task's own wordings stand in for a file that the pack lacks.

    Raises:
        MissingError: no such pack, or wordings for no task at all.
        UsageError: a kind, word or key is missing or unknown, or a wording uses other inputs than are declared.
    """
    pack, folder = load_pack(pack_dir), pack_dir / FOLDER
    tasks: dict[str, Task] = {}
    files: dict[str, TaskFile] = {}
    left_out: dict[str, str] = {}
    parts: list[bytes] = []
    for name in TASKS.names():
        path, task = folder / f"{name}.yaml", TASKS.load(name)
        content = _read(path)
        if content is None and task.wordings is None:
            left_out[name] = f"the pack has no wordings for it ({path} is missing)"
            continue
        where = path if content is not None else f"the task's own wordings of {name}"
        files[name] = (
            parse(path, content, TaskFile) if content is not None else validate(where, task.wordings, TaskFile)
        )
        check_file(where, task, files[name])
        _check_forms(task)
        tasks[name] = task
        parts.append(json.dumps(task.wordings).encode() if content is None else content)
    if not tasks:
        raise MissingError(
            f"{folder}: no wordings of any task there; copy the folder {DEFAULT_PACK / FOLDER}, or name another pack "
            "with --pack"
        )
    content = _read(folder / NAMES_FILE) or b""
    nouns = parse(folder / NAMES_FILE, content, dict[str, Noun]) if content else {}
    return Wordings(pack, tasks, files, left_out, nouns, hash_bytes(*parts, content), folder)


def _check_forms(task: "Task") -> None:
    for kind, asked in task.kinds.items():
        try:
            REPLY_READERS.find(asked.form)
        except UsageError as error:
            raise UsageError(f"task {task.name}: answers of {kind!r}: {error}") from error


def _read(path: Path) -> bytes | None:
    """What a file holds; None where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check its rights") from error
