"""`python -m tools seams`, the table of all seams: what can be chosen, what it needs, and whether that is there."""

import importlib.util
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tools.registry import SEAMS, Entry, Seam
from tools.registry.extras import EXTRAS, INSTALL
from tools.terminal.cli import stdout


def seams(
    markdown: Annotated[bool, typer.Option("--markdown", help="A table a seam, for a page of Markdown.")] = False,
) -> None:
    """List everything that can be chosen, what it needs, and whether that is there. Example: python -m tools seams"""
    if markdown:
        print(render_markdown(), end="")  # noqa: T201
    else:
        stdout.print(show_seams())


def show_seams() -> RenderableType:
    """Every entry of every seam, for a terminal. Nothing that an entry is made of is imported."""
    table = Table(box=None, padding=(0, 1))
    for head in ("seam", "name", "what it is", "needs"):
        table.add_column(head, no_wrap=head in ("seam", "name"))
    for seam in SEAMS.values():
        for number, entry in enumerate(seam.entries()):
            needs = Text(describe_needs(entry))
            if absent := list_absent(entry):
                install = INSTALL.format(extra=entry.extra)
                needs.append(f" (not installed: {', '.join(absent)}; {install})", style="yellow")
            table.add_row(Text("" if number else seam.name, style="bold"), Text(entry.name), Text(entry.about), needs)
    return table


def describe_needs(entry: Entry) -> str:
    """The extra and the weights that an entry needs."""
    needs = [f"extra `{entry.extra}`"] if entry.extra else []
    return "; ".join(needs + ([entry.weights] if entry.weights else [])) or "nothing"


def list_absent(entry: Entry) -> list[str]:
    """The packages of the entry's extra that are not installed."""
    return [name for name in EXTRAS.get(entry.extra or "", ()) if importlib.util.find_spec(name) is None]


def render_markdown() -> str:
    """A table a seam, as a page of the docs has it; it says what is needed, not what is there."""
    parts = (_render_seam(seam) for seam in SEAMS.values() if seam.entries())
    return "\n".join(parts)


def _render_seam(seam: Seam) -> str:
    lines = [f"### {seam.name}", "", seam.about, "", "| name | what it is | settings | needs |", "|---|---|---|---|"]
    for entry in seam.entries():
        settings = ", ".join(f"`{name}`" for name in seam.find_settings(entry.name).model_fields)
        lines.append(f"| `{entry.name}` | {entry.about} | {settings or '-'} | {describe_needs(entry)} |")
    return "\n".join(lines) + "\n"
