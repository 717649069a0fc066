"""The head of a prompt file: YAML between two `---` lines, proved key by key, every problem with its line."""

import difflib
from collections.abc import Collection, Iterator
from typing import Annotated, Any, NamedTuple

import yaml
from pydantic import ConfigDict, Field, ValidationError

from tools.files.text import TextFault
from tools.files.yaml_text import decode_yaml, make_loader
from tools.records import Record

FENCE = "---"
InputName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Meaning = Annotated[str, Field(min_length=1)]


class Problem(NamedTuple):
    """Something wrong in a prompt file: its line, counted from 1, and what to do about it."""

    line: int
    text: str


class Sampling(Record):
    """How a model is sampled.

    Attributes:
        temperature: 0 (always the likeliest word) to 2.
        n: replies asked for at once.
        max_tokens: longest reply.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    temperature: float = Field(ge=0, le=2, allow_inf_nan=False)
    n: int = Field(ge=1, le=64)
    max_tokens: int = Field(ge=1, le=32_768)


class FrontMatter(Record):
    """The head of a prompt file.

    Attributes:
        id: the file's name without `.md`.
        version: raised by whoever changes what the prompt asks.
        description: what it is for, and where its sampling comes from.
        inputs: what the sections may use, with its meaning.
        output: the parser of the reply, a key of `tools.prompts.replies.PARSERS`.
        sampling: how the model is sampled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(min_length=1)
    version: int = Field(ge=1)
    description: str = Field(min_length=1)
    inputs: dict[InputName, Meaning]
    output: str
    sampling: Sampling


class Head(NamedTuple):
    """What was read: the front matter (None when it has problems), key lines, and the line on which the body begins."""

    front: FrontMatter | None
    lines: dict[tuple[str, ...], int]
    body_line: int
    problems: tuple[Problem, ...]


def name_nearest(name: str, legal: Collection[str]) -> str:
    """`did you mean 'x'? ` for the nearest legal name, or nothing."""
    near = difflib.get_close_matches(name, legal, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}? " if near else ""


def read_head(rows: list[str]) -> Head:
    """Read the front matter of a file given as its lines."""
    if not rows or rows[0].rstrip() != FENCE:
        return _fail(
            1, f"starts with {_show(rows)}, not with a line `---`; the front matter (id, version, ...) comes first"
        )
    end = next((place for place, row in enumerate(rows[1:], 1) if row.rstrip() == FENCE), None)
    if end is None:
        return _fail(1, "has no second line `---`; put one behind the front matter")
    text = "\n" + "\n".join(rows[1:end])
    try:
        data = decode_yaml(text)
        node = yaml.compose(text, Loader=make_loader())
    except TextFault as error:
        hint = "" if "number" in str(error) else "; a text with a colon needs quotes or `>-`"
        return _fail(error.line or 1, f"the front matter is {error}{hint}")
    if not isinstance(data, dict):
        return _fail(2, f"the front matter must be keys and values, found {type(data).__name__}")
    lines: dict[tuple[str, ...], int] = {}
    problems = list(_walk(node, (), lines))
    front = _validate(data, lines, problems)
    return Head(front, lines, end + 1, tuple(problems))


def _fail(line: int, text: str) -> Head:
    return Head(None, {}, 1, (Problem(line, text),))


def _show(rows: list[str]) -> str:
    return repr(rows[0][:40]) if rows and rows[0].strip() else "an empty line"


def _walk(node: Any, place: tuple[str, ...], lines: dict[tuple[str, ...], int]) -> Iterator[Problem]:
    """Note the line of every key; a key that stands twice is a problem, for YAML itself keeps the last one silently."""
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        path = (*place, str(key.value))
        if path in lines:
            yield Problem(key.start_mark.line + 1, f"the key {'.'.join(path)!r} stands twice; delete one")
        lines[path] = key.start_mark.line + 1
        yield from _walk(value, path, lines)


def _validate(data: Any, lines: dict[tuple[str, ...], int], problems: list[Problem]) -> FrontMatter | None:
    try:
        front = FrontMatter.model_validate(data)
    except ValidationError as error:
        for item in error.errors():
            path = tuple(str(part) for part in item["loc"] if part != "[key]")
            known = next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 1)
            problems.append(Problem(known, _explain(path, item["type"], item["msg"], item["input"])))
        return None
    return None if problems else front


def _explain(path: tuple[str, ...], kind: str, message: str, value: Any) -> str:
    name = ".".join(path)
    fields = Sampling.model_fields if path[0] == "sampling" and len(path) > 1 else FrontMatter.model_fields
    if kind == "extra_forbidden":
        return f"unknown key {name!r}; {name_nearest(path[-1], fields)}legal here: {', '.join(fields)}"
    if kind == "missing":
        return f"the key {name!r} is missing; add it"
    if kind == "string_pattern_mismatch":
        return f"{path[-1]!r} cannot be the name of an input; write it in small letters, digits and _"
    return f"{name!r} is {value!r}: {message[0].lower()}{message[1:]}"
