"""Commands of the pages, parsed by the option parser that they would meet, and not run."""

import importlib
import os
import re
import runpy
import shlex
import subprocess
import sys
from typing import Any

import typer
from killing import ROOT

PARSED = 64
"""Exit code of a script whose words were parsed."""


def split_words(line: str) -> list[str]:
    """The words of a command without its comment, the variables before it and what starts it on several devices."""
    words = shlex.split(line, comments=True)
    while words and re.match(r"[A-Z_]+=", words[0]):
        del words[0]
    if words and words[0] == "torchrun":
        words = ["python", *words[words.index("-m") :]]
    if words and words[0].endswith("/python"):
        words[0] = "python"
    return words


def parse_words(words: list[str]) -> None:
    """Raise what the command's own parser raises; of `make` and `pip`, that the target or the extra is there."""
    program, *rest = words
    if words[:2] == ["python", "-m"]:
        parse_module(words[2], words[3:])
    elif program == "python":
        parse_script(rest)
    elif program == "make":
        known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        unknown = {word for word in rest if "=" not in word} - known
        assert not unknown, f"the Makefile has no {unknown}"
    elif words[:3] == ["pip", "install", "-e"]:
        known = re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
        assert set(rest[2].strip(".[]").split(",")) <= {*known, "NAME"} and rest[3:] == ["-c", "requirements.lock"]
    else:
        assert program in {"cp", "export", "source"}, words


def find_command(module: str, words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, and the words after its name."""
    found = importlib.import_module(module)
    if not hasattr(found, "app"):
        found = importlib.import_module(f"{module}.__main__")
    command: Any = typer.main.get_command(found.app)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"{module} has no command {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


def parse_module(module: str, words: list[str]) -> None:
    """Where more than the command is named, its words are parsed."""
    command, left = find_command(module, words)
    if left:
        try:
            command.make_context(module, list(left))
        except typer.Exit as ended:
            assert ended.exit_code == 0


def parse_script(words: list[str]) -> None:
    """A script is started, and ended when its parser has taken the words."""
    assert (ROOT / words[0]).exists(), words[0]
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests"), str(ROOT / "tests/experiments")])
    env = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == PARSED, done.stderr


def main() -> None:
    """Run the script that is named, up to where its words are parsed."""
    import argparse

    real = argparse.ArgumentParser.parse_args

    def parse_and_end(self: argparse.ArgumentParser, *given: Any) -> None:
        real(self, *given)
        sys.exit(PARSED)

    argparse.ArgumentParser.parse_args = parse_and_end  # type: ignore[method-assign,assignment]
    del sys.argv[0]
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))  # noqa: PTH100, PTH120
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
