"""JSON that users bring: everything that no value can be made of is one sentence, with its line where it is known."""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tools.errors import UsageError
from tools.files.text import BOM, MOST_DIGITS, TextFault, decode_text, iterate_lines, read_content

if TYPE_CHECKING:
    from pydantic import BaseModel

REPAIR = "repair it, or take it from its source again"
HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""Half of a character beyond the first 65,536, as JSON writes it; alone it is none, and no file can hold it."""
Model = TypeVar("Model", bound="BaseModel")


class NumberedRow(NamedTuple):
    """An object of a file with one a line, and its line, counted from 1."""

    number: int
    row: dict[str, Any]


def decode_json(content: bytes | str, *, allows_halves: bool = False) -> Any:
    """The value of a JSON text.

    Args:
        allows_halves: texts may hold half of a character; whoever shows or stores them has to replace it.

    Raises:
        TextFault: it is none, is nested too deeply, or holds a number that is none, infinite or beyond all use.
    """
    text = decode_text(content) if isinstance(content, bytes) else content.removeprefix("\ufeff")
    if not text.strip():
        raise TextFault("not valid JSON (it is empty)")
    try:
        value = _DECODER.decode(text)
        if not allows_halves and HALF.search(text):
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except UnicodeEncodeError:
        raise TextFault("not valid JSON (half of a character, an unpaired surrogate)") from None
    except TextFault:
        raise
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if "\n" in text else f"column {error.colno}"
        raise TextFault(f"not valid JSON ({where}: {error.msg})", error.lineno) from None
    except RecursionError:
        raise TextFault("not valid JSON (nested too deeply)") from None


def _read_int(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise TextFault(f"not valid JSON (a number of {len(text)} digits)")
    return int(text)


def _read_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise TextFault(f"not valid JSON (a number beyond all bounds, {text[:20]})")
    return value


def _refuse_constant(text: str) -> float:
    raise TextFault(f"not valid JSON ({text} is no number)")


_DECODER = json.JSONDecoder(parse_int=_read_int, parse_float=_read_float, parse_constant=_refuse_constant)


def decode_object(content: bytes | str) -> dict[str, Any]:
    """The object of a JSON text.

    Raises:
        TextFault: as `decode_json`, or it is something else.
    """
    found = decode_json(content)
    if not isinstance(found, dict):
        raise TextFault(f"not a JSON object but {name_kind(found)}")
    return found


def decode_record(content: bytes | str, kind: type[Model]) -> Model:
    """A record from its JSON text.

    Raises:
        TextFault: it is no JSON, or holds something else; says which value.
    """
    from pydantic import ValidationError

    plain = content.removeprefix(BOM) if isinstance(content, bytes) else content.removeprefix("\ufeff")
    try:
        return kind.model_validate_json(plain)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise TextFault(f"{place}: {first['msg']}" if place else first["msg"]) from error


def name_kind(value: object) -> str:
    """What a value of JSON or YAML is called in a message."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"a single value ({type(value).__name__})"


def read_json(path: Path, remedy: str = REPAIR) -> Any:
    """The value of a JSON file.

    Args:
        remedy: what to do about a damaged one, the end of the error's sentence.

    Raises:
        MissingError: there is no such file.
        UsageError: it cannot be read or is damaged.
    """
    content = read_content(path, remedy)
    try:
        return decode_json(content)
    except TextFault as error:
        raise UsageError(f"{path}: {error}; {remedy}") from error


def read_object(path: Path, remedy: str = REPAIR) -> dict[str, Any]:
    """The object of a JSON file, e.g. a manifest.

    Raises:
        MissingError: there is no such file.
        UsageError: it cannot be read, is damaged or holds something else.
    """
    content = read_content(path, remedy)
    try:
        return decode_object(content)
    except TextFault as error:
        raise UsageError(f"{path}: {error}; {remedy}") from error


def find_object(path: Path) -> dict[str, Any]:
    """The object of a JSON file that may be anything; empty where there is none."""
    try:
        return decode_object(path.read_bytes())
    except (OSError, TextFault):
        return {}


def read_rows(path: Path, remedy: str = REPAIR) -> Iterator[NumberedRow]:
    """The objects of a file with one a line; empty lines are passed over.

    Raises:
        MissingError: there is no such file.
        UsageError: it cannot be read, or a line holds something else; names the line.
    """
    for number, content in iterate_lines(path, remedy):
        try:
            yield NumberedRow(number, decode_object(content))
        except TextFault as error:
            raise UsageError(f"{path}, line {number}: {error}; {remedy}") from error
