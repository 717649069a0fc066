"""Values written as JSON or YAML without recursion, however deep they are, and without a limit on digits."""

import json
import re
import sys
from typing import Any

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_ ./-]*$")
YAML_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def write_json(value: Any) -> str:
    """JSON as Python's own would write it, NaN and lone surrogates included."""
    pieces: list[str] = []
    waiting: list[Any] = [("value", value)]
    while waiting:
        kind, item = waiting.pop()
        if kind == "text":
            pieces.append(item)
        elif isinstance(item, dict):
            waiting.append(("text", "}"))
            for number, (key, inner) in enumerate(reversed(item.items())):
                comma = ", " if number < len(item) - 1 else ""
                waiting += [("value", inner), ("text", f"{comma}{json.dumps(str(key))}: ")]
            waiting.append(("text", "{"))
        elif isinstance(item, list | tuple):
            waiting.append(("text", "]"))
            for number, inner in enumerate(reversed(item)):
                waiting += [("value", inner), ("text", ", " if number < len(item) - 1 else "")]
            waiting.append(("text", "["))
        else:
            pieces.append(_write_scalar(item))
    return "".join(pieces)


def _write_scalar(item: Any) -> str:
    if isinstance(item, int) and not isinstance(item, bool):
        sys.set_int_max_str_digits(0)
        try:
            return str(item)
        finally:
            sys.set_int_max_str_digits(4300)
    try:
        return json.dumps(item)
    except TypeError:
        return json.dumps(str(item))


def write_yaml(value: Any) -> str:
    """YAML in flow style, which is JSON but for plain words, so that tags, anchors and dates come through by text."""
    return _unquote(write_json(value)) + "\n"


def _unquote(text: str) -> str:
    """Numbers as YAML writes them: infinity and what is not a number."""
    return re.sub(
        r"\bNaN\b", ".nan", re.sub(r"-?\bInfinity\b", lambda found: found[0].replace("Infinity", ".inf"), text)
    )
