"""The tables in a terminal."""

from collections.abc import Sequence

from rich.table import Table as RichTable
from rich.text import Text

from itb.report.tables import Table
from tools.terminal.cli import stdout


def show_tables(tables: Sequence[Table]) -> None:
    """Print them."""
    for table in tables:
        shown = RichTable(*table.columns, title=table.title, title_justify="left")
        for row in table.rows:
            shown.add_row(*(Text(cell) for cell in row))
        stdout.print(shown)
        for note in table.notes:
            stdout.print(note, style="dim")
