"""A command in this process, with its output and its exit code: an import costs a process of its own a second or more.

Where the process is the point (what is imported, what a kill leaves, the README as it is typed) tests start one.
"""

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

from tools.terminal.cli import run_app, stderr, stdout


class Called(NamedTuple):
    """What a command wrote, and the code it ended with."""

    returncode: int
    stdout: str
    stderr: str


def call_here(module: str, *arguments: object, text: str = "", columns: int = 200) -> Called:
    """`python -m MODULE ARGUMENTS`, with `text` as its input.

    Args:
        module: with an `app`, or a package with one in its `__main__`.
        columns: width of the terminal.
    """
    found = importlib.import_module(module)
    if not hasattr(found, "app"):
        found = importlib.import_module(f"{module}.__main__")
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        _as_command(module, arguments, text, columns),
    ):
        try:
            run_app(found.app, f"python -m {module}")
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return Called(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _as_command(module: str, arguments: tuple[object, ...], text: str, columns: int) -> Iterator[None]:
    before = sys.argv, sys.stdin, dict(os.environ), stdout._width, stderr._width
    sys.argv, sys.stdin = [module, *map(str, arguments)], io.StringIO(text)
    os.environ["COLUMNS"] = str(columns)
    stdout.width = stderr.width = columns  # a console that was made under another COLUMNS keeps to it
    try:
        yield
    finally:
        sys.argv, sys.stdin = before[:2]
        stdout._width, stderr._width = before[3:]
        os.environ.clear()
        os.environ.update(before[2])
