"""The heads of a table as a terminal of 80 columns shows them."""

import io
import re

from rich.console import Console

WIDTH = 80


def draw(table):
    """The lines of a table in a terminal of 80 columns."""
    console = Console(width=WIDTH, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text().splitlines()


def read_heads(lines):
    """The head's lines in cells: between borders, or where two blanks or more part them."""
    if any("┃" in line for line in lines):
        return [[cell.strip() for cell in line.strip("┃").split("┃")] for line in lines if "┃" in line]
    start = next(k for k, line in enumerate(lines) if re.search(r"\S\s{2,}\S", line))
    end = next((k for k, line in enumerate(lines) if "──" in line), start + 1)
    return [re.split(r"\s{2,}", line.strip()) for line in lines[start:end]]
