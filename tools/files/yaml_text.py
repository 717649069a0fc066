"""YAML that users bring: values as they are written, and a fault that names a line and never shows it.

Dates stay text. Numbers without end, nesting without end and references that multiply are refused: they would only fail
later, further from the file.
"""

import functools
import math
import re
from pathlib import Path
from typing import Any

from tools.errors import UsageError
from tools.files.json_text import name_kind
from tools.files.text import MOST_DIGITS, TextFault, decode_text, read_content

MOST_NESTED = 64
MOST_NODES = 1_000_000
MOST_CHARACTERS = 16_000_000
TIMESTAMP = "tag:yaml.org,2002:timestamp"
TOO_LARGE = "a number that is too large"
QUOTED = re.compile(r"""('.'|'<[a-z ]+>')|(['"]).*\2""")
"""What libyaml quotes: single signs and the names of its own tokens, as `'<block end>'`, which stay, or the text."""


def decode_yaml(content: bytes | str, *, is_all_text: bool = False) -> Any:
    """The value of a YAML text.

    Args:
        is_all_text: `no`, `on` and numbers stay texts.

    Raises:
        TextFault: it is none; names line and column, and quotes nothing.
    """
    import yaml

    text = decode_text(content) if isinstance(content, bytes) else content.removeprefix("\ufeff")
    if len(text) > MOST_CHARACTERS:
        raise TextFault(f"not valid YAML ({len(text)} characters are too many)")
    loader = make_loader(is_all_text)
    try:
        _check_nesting(text)
        return yaml.load(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        raise _refuse(describe_problem(error), error.problem_mark or error.context_mark) from None
    except yaml.YAMLError as error:
        position = getattr(error, "position", None)
        where = f"line {text.count(chr(10), 0, position) + 1}: " if isinstance(position, int) else ""
        raise TextFault(f"not valid YAML ({where}a character that is not allowed)") from None
    except RecursionError:
        raise TextFault("not valid YAML (nested too deeply)") from None


def describe_problem(error: Any) -> str:
    """What is wrong, in the parser's words but for what it quotes."""
    text = QUOTED.sub(
        lambda found: found[1] or "...", " ".join(str(error.problem or error.context or "a fault").split())
    )
    return text.partition(" (")[0]


def _refuse(problem: str, mark: Any) -> TextFault:
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return TextFault(f"not valid YAML ({where}{problem})", mark.line + 1 if mark else None)


def _check_nesting(text: str) -> None:
    """Before values are made of it: libyaml's composer has no bound of its own. Also how often references multiply.

    Raises:
        TextFault: it is nested too deeply, refers to itself, or stands for too many values.
    """
    import yaml

    anchors: dict[str, int] = {}  # of a whole collection: how many values it stands for
    names: list[str | None] = []  # anchors of the collections that are open
    sizes = [0]
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            names.append(event.anchor)
            sizes.append(1)
            if len(names) > MOST_NESTED:
                raise _refuse("nested too deeply", event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            size, name = sizes.pop(), names.pop()
            sizes[-1] += size
            if name:
                anchors[name] = size
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in names:
                raise _refuse("a value refers to itself", event.start_mark)
            sizes[-1] += anchors.get(event.anchor or "", 1)
        elif isinstance(event, yaml.ScalarEvent):
            sizes[-1] += 1
        if sizes[-1] > MOST_NODES:
            raise _refuse("too many values", event.start_mark)


@functools.cache
def make_loader(is_all_text: bool = False) -> Any:
    """A loader of PyYAML whose faults all have a line, libyaml's where PyYAML was built with it."""
    import yaml

    base = (
        getattr(yaml, "CBaseLoader", yaml.BaseLoader) if is_all_text else getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )

    class Loader(base):  # type: ignore[misc, valid-type]
        def construct_object(self, node: Any, deep: bool = False) -> Any:
            try:
                value = super().construct_object(node, deep)
            except (ValueError, TypeError, AttributeError, LookupError, OverflowError) as error:
                is_long = isinstance(node.value, str) and len(node.value) > MOST_DIGITS
                problem = TOO_LARGE if is_long else "a value that cannot be read"
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error
            if _is_beyond(value):
                problem = TOO_LARGE if isinstance(value, int) else "a number that is none or infinite"
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
            return value

    if not is_all_text:
        Loader.yaml_implicit_resolvers = {
            first: [(tag, pattern) for tag, pattern in rows if tag != TIMESTAMP]
            for first, rows in base.yaml_implicit_resolvers.items()
        }
    return Loader


def _is_beyond(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and value.bit_length() > MOST_DIGITS * 3


def read_yaml(path: Path, remedy: str = "mend it there", *, is_all_text: bool = False) -> Any:
    """The value of a YAML file.

    Args:
        remedy: what to do about a missing or damaged one, the end of the error's sentence.

    Raises:
        MissingError: there is no such file.
        UsageError: it cannot be read or is damaged.
    """
    content = read_content(path, remedy)
    try:
        return decode_yaml(content, is_all_text=is_all_text)
    except TextFault as error:
        raise UsageError(f"{path}: {error}; {remedy}") from error


def read_mapping(path: Path, expected: str, remedy: str = "mend it there") -> dict[str, Any]:
    """The mapping of a YAML file; an empty file holds none.

    Args:
        expected: what could stand in it, for the error, e.g. ``settings, e.g. `seed: 1` ``.

    Raises:
        MissingError: there is no such file.
        UsageError: it cannot be read, is damaged, or holds something else.
    """
    found = read_yaml(path, remedy)
    if not isinstance(found, dict | None):
        raise UsageError(f"{path}: expected a mapping of {expected}, found {name_kind(found)}")
    return found or {}
