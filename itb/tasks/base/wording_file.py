"""The wordings of one task: what its file holds, and the proof that it holds what the task asks for."""

import string
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from tools.errors import UsageError
from tools.files.text import TextFault
from tools.files.yaml_text import decode_yaml
from tools.records import Record

FEWEST = 4
"""Wordings that a kind of question needs at least."""
Parsed = TypeVar("Parsed")


class KindWordings(Record):
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

    questions: Mapping[str, KindWordings]
    words: Mapping[str, str] = {}
    labels: Labels = Labels()
    versions: Mapping[str, Mapping[str, tuple[str, ...]]] = {}


class Noun(Record):
    """How the name of an annotated object reads."""

    one: str
    many: str
    is_vague: bool = False


class Needs(Protocol):
    """What a task asks of its wordings; a `Task` says it."""

    @property
    def words(self) -> tuple[str, ...]:
        """Words that it looks up."""

    @property
    def inputs(self) -> Mapping[str, frozenset[str]]:
        """Kind of question -> what it puts into a wording."""


def parse(path: Path, content: bytes, kind: type[Parsed]) -> Parsed:
    """A YAML file as records.

    Raises:
        UsageError: it is none, or holds something else.
    """
    try:
        data = decode_yaml(content)
    except TextFault as error:
        raise UsageError(f"{path}: {error}; mend it there") from error
    return validate(path, data, kind)


def validate(where: Path | str, data: Any, kind: type[Parsed]) -> Parsed:
    """Plain data as records.

    Raises:
        UsageError: it holds something else.
    """
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(f"{where}: {place}: {first['msg']}") from error


def check_file(where: Path | str, needs: Needs, file: TaskFile) -> None:
    """Prove that a task's wordings are what the task asks for.

    Raises:
        UsageError: a kind, word or input is missing or unknown, or a wording uses other inputs than are declared.
    """
    if set(file.questions) != set(needs.inputs):
        raise UsageError(
            f"{where}: `questions` must have exactly {_join(needs.inputs)}; it has {_join(file.questions)}"
        )
    missing = [word for word in needs.words if word not in file.words]
    unknown = [word for word in file.words if word not in needs.words]
    if missing or unknown:
        problem = f"lacks {_join(missing)}" if missing else f"has {_join(unknown)}, which nothing asks for"
        raise UsageError(f"{where}: `words` {problem}")
    for kind, kind_wordings in file.questions.items():
        _check_kind_wordings(where, kind, kind_wordings, needs.inputs[kind])


def _check_kind_wordings(where: Path | str, kind: str, kind_wordings: KindWordings, given: frozenset[str]) -> None:
    if set(kind_wordings.inputs) != given:
        raise UsageError(
            f"{where}: the inputs of {kind!r} must be exactly {_join(given)}; "
            f"declared are {_join(kind_wordings.inputs)}"
        )
    if len(set(kind_wordings.wordings)) < len(kind_wordings.wordings):
        raise UsageError(f"{where}: {kind!r} has the same wording twice; delete one")
    for wording in kind_wordings.wordings:
        try:
            used = {name for _, name, _, _ in string.Formatter().parse(wording) if name is not None}
        except ValueError as error:
            raise UsageError(f"{where}: {kind!r}: {wording!r}: {error}; write {{{{ for a brace") from error
        if used != given:
            raise UsageError(f"{where}: {kind!r}: {wording!r} uses {_join(used)}; it must use exactly {_join(given)}")


def _join(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
