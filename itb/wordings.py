"""The wordings of the questions: files that a user may edit, proved when they are loaded.

    wordings = load_wordings(Path("prompts/infrared"))
    wordings.ask("locate/2", subject="the car", object="the dog", relation="to the left of")

Every file of `prompts/infrared/itb` says at its head what its keys mean.
"""

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from itb.records import TASKS
from tools.errors import MissingError, UsageError
from tools.manifest import hash_bytes
from tools.records import Record, find_fault

FOLDER = "itb"
NAMES_FILE = "names.yaml"
FEWEST = 4
"""Wordings that a kind of question needs at least."""
PLACES = (
    "upper left",
    "upper centre",
    "upper right",
    "left",
    "centre",
    "right",
    "lower left",
    "lower centre",
    "lower right",
)
# What the tasks put into the wordings of each kind, and the words that they look up.
KINDS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "locate": {"locate": frozenset(["subject", "object", "relation"])},
    "aerial_count": {"aerial_count": frozenset(["many"])},
    "pedestrian_count": {"pedestrian_count": frozenset(["many"])},
    "recognition": {"recognition": frozenset(["place"])},
    "scene": {"scene": frozenset()},
    "security": {"security": frozenset()},
    "temperature": {"region": frozenset(), "warmer": frozenset(), "value": frozenset(["unit"])},
    "damage": {"damage": frozenset()},
    "modality": {"band": frozenset(), "polarity": frozenset()},
}
WORDS: Mapping[str, tuple[str, ...]] = {
    "locate": ("left", "right", "above", "below", "only", "largest", "leftmost", "rightmost"),
    "pedestrian_count": ("many",),
    "recognition": PLACES,
    "temperature": (*PLACES, "unit"),
    "modality": ("infrared", "visible", "white-hot", "black-hot"),
}
Parsed = TypeVar("Parsed")


class Question(Record):
    """What the wordings of one kind are filled with, and the wordings."""

    inputs: Mapping[str, str]
    wordings: tuple[str, ...] = Field(min_length=FEWEST)


class Labels(Record):
    """How the labels of whole images become options.

    Attributes:
        shown: label -> the option's text; a label that is not listed is shown as it is.
        never: labels that are not asked about.
        apart: of each row at most one label stands in a question.
    """

    shown: Mapping[str, str] = {}
    never: tuple[str, ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()


class TaskFile(Record):
    """A task's file."""

    questions: Mapping[str, Question]
    words: Mapping[str, str] = {}
    labels: Labels = Labels()
    versions: Mapping[str, Mapping[str, tuple[str, ...]]] = {}


class Noun(Record):
    """How the name of an annotated object reads."""

    one: str
    many: str
    is_vague: bool = False


@dataclass(frozen=True)
class Wordings:
    """All wordings.

    Attributes:
        files: task -> its file.
        nouns: canonical name of an object -> how it reads.
        digest: of all files, 16 hex digits.
        folder: where they are, for messages.
    """

    files: Mapping[str, TaskFile]
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
    """`locate/2`; `temperature/value/0` where a task has several kinds."""
    return f"{task}/{number}" if kind == task else f"{task}/{kind}/{number}"


def load_wordings(prompts_dir: Path) -> Wordings:
    """Read the folder `itb` of a modality folder such as `prompts/infrared`.

    Raises:
        MissingError: a file is not there.
        UsageError: a kind, word or key is missing or unknown, or a wording uses other inputs than are declared.
    """
    folder = prompts_dir / FOLDER
    files: dict[str, TaskFile] = {}
    parts = []
    for task in TASKS:
        path = folder / f"{task}.yaml"
        content = _read(path)
        files[task] = _parse(path, content, TaskFile)
        _check_task(path, task, files[task])
        parts.append(content)
    names = folder / NAMES_FILE
    content = _read(names)
    nouns = _parse(names, content, dict[str, Noun])
    return Wordings(files, nouns, hash_bytes(*parts, content), folder)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingError(
            f"{path} is missing; copy the folder prompts/infrared/{FOLDER}, or name another one with --prompts"
        ) from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check its rights") from error


def _parse(path: Path, content: bytes, kind: type[Parsed]) -> Parsed:
    try:
        return TypeAdapter(kind).validate_python(yaml.safe_load(content))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: no valid YAML: {error}") from error
    except ValidationError as error:
        place, why = find_fault(error)
        raise UsageError(f"{path}: {place or 'the file'}: {why}") from error


def _check_task(path: Path, task: str, file: TaskFile) -> None:
    kinds = KINDS[task]
    if set(file.questions) != set(kinds):
        raise UsageError(f"{path}: `questions` must have exactly {_join(kinds)}; it has {_join(file.questions)}")
    missing = [word for word in WORDS.get(task, ()) if word not in file.words]
    unknown = [word for word in file.words if word not in WORDS.get(task, ())]
    if missing or unknown:
        problem = f"lacks {_join(missing)}" if missing else f"has {_join(unknown)}, which nothing asks for"
        raise UsageError(f"{path}: `words` {problem}")
    for kind, question in file.questions.items():
        _check_question(path, kind, question, kinds[kind])


def _check_question(path: Path, kind: str, question: Question, given: frozenset[str]) -> None:
    if set(question.inputs) != given:
        raise UsageError(
            f"{path}: the inputs of {kind!r} must be exactly {_join(given)}; declared are {_join(question.inputs)}"
        )
    if len(set(question.wordings)) < len(question.wordings):
        raise UsageError(f"{path}: {kind!r} has the same wording twice; delete one")
    for wording in question.wordings:
        try:
            used = {name for _, name, _, _ in string.Formatter().parse(wording) if name is not None}
        except ValueError as error:
            raise UsageError(f"{path}: {kind!r}: {wording!r}: {error}; write {{{{ for a brace") from error
        if used != given:
            raise UsageError(f"{path}: {kind!r}: {wording!r} uses {_join(used)}; it must use exactly {_join(given)}")


def _join(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
