"""A file of texts among which one is chosen: a YAML list, one text a line."""

from pathlib import Path

import yaml

from tools.errors import UsageError


def read_texts(path: Path, what: str, example: str) -> tuple[str, ...]:
    """The texts, at least one.

    Args:
        what: noun for them in the error; example: one of them.

    Raises:
        UsageError: the file is missing or no list of texts.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: cannot be read: {error}; run from the root of the checkout") from error
    if not isinstance(found, list) or not found or not all(isinstance(item, str) and item.strip() for item in found):
        raise UsageError(f"{path}: expected a list of {what}, one a line, e.g. `- {example}`")
    return tuple(found)
