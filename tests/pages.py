"""Pages of the docs, as tests read them: fenced blocks in order, and the paths that a page names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from killing import ROOT

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_HEAD = re.compile(r"# (\S+\.\w+)\n")
NAMED = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?)`")
ENDINGS = {".py", ".md", ".yaml", ".toml", ".j2", ".lock"}


class Step(NamedTuple):
    """One fenced block.

    Attributes:
        kind: `file`, `commands` or `seen`.
        path: of a file.
    """

    kind: str
    text: str
    path: str = ""


def read_page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def list_steps(page: str) -> Iterator[Step]:
    """Files (a path in the first line), commands (no language), what one sees (`text`); other blocks are examples."""
    for language, text in FENCE.findall(page):
        head = FILE_HEAD.match(text)
        if head:
            yield Step("file", text, head[1])
        elif language == "":
            yield Step("commands", text)
        elif language == "text":
            yield Step("seen", text)


def list_paths(page: str) -> set[str]:
    """What stands between backticks outside of fenced blocks and is a path: it has a slash, or a file's ending."""
    named = NAMED.findall(FENCE.sub("", page))
    return {name for name in named if "/" in name or Path(name).suffix in ENDINGS}
