"""Texts that came from elsewhere, in pages: always escaped, so that a caption is never HTML."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import escape as _escape

if TYPE_CHECKING:
    from jinja2 import Environment


def escape(text: object) -> str:
    """A text as it may stand between tags and in attributes; halves of characters become question marks."""
    return str(_escape(_mend(str(text))))


def fill(folder: Path, name: str, **values: Any) -> str:
    """A template of ours filled in; everything put into it is escaped.

    Args:
        folder: where the template and those that it imports lie.
        name: its file.
    """
    return _mend(_environment(folder).get_template(name).render(**values))


@functools.cache
def _environment(folder: Path) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _mend(text: str) -> str:
    """Captions may hold unpaired surrogates, which no answer can carry."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
