"""The training commands: `python -m trainer` lists them."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from tools.terminal.cli import make_app, run_app, stdout
from trainer import COMMAND_ROOMS

app = make_app("List the training commands.")


@app.command()
def show_commands() -> None:
    """List the training commands, each of which is a module: python -m trainer.NAME

    Example: python -m trainer.align --help
    """
    found = list(list_commands())
    width = max(len(name) for name, _ in found)
    for name, about in found:
        stdout.print(f"python -m trainer.{name:{width}}  {about}", soft_wrap=True)


def list_commands() -> Iterator[tuple[str, str]]:
    """Name and first sentence of every module with an application; the others, which may be heavy, stay unread."""
    for room in COMMAND_ROOMS:
        for path in sorted(Path(__file__).with_name(room).glob("*.py")):
            if "\napp = make_app(" in path.read_text(encoding="utf-8"):
                module = importlib.import_module(f"trainer.{room}.{path.stem}")
                yield path.stem, re.split(r"(?<=\.)\s", module.app.info.help)[0]


if __name__ == "__main__":
    run_app(app, "python -m trainer")
