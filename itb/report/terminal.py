"""The tables in a terminal."""

from collections.abc import Iterator, Sequence

from rich.table import Table as RichTable
from rich.text import Text

from itb.report.tables import PIVOT, Table
from tools.terminal.cli import stdout

TASK_WIDTH, CELL_WIDTH = 26, 20
"""Room for a task's title and for an accuracy with its interval, borders included."""
LONGEST_WORD = 12
"""A longer one may be broken."""


def show_tables(tables: Sequence[Table]) -> None:
    """Print them."""
    for table in tables:
        for part in split_table(table, stdout.width):
            stdout.print(draw_table(part))
        for note in table.notes:
            stdout.print(note, style="dim")


def draw_table(table: Table) -> RichTable:
    """A table with borders, which keep its heads apart and whole however narrow the terminal is."""
    shown = RichTable(title=table.title, title_justify="left")
    for place, name in enumerate(table.columns):
        words = " ".join((name, *(row[place] for row in table.rows))).split()
        shown.add_column(name, min_width=min(LONGEST_WORD, max(map(len, words), default=1)), overflow="fold")
    for row in table.rows:
        shown.add_row(*(Text(cell) for cell in row))
    return shown


def split_table(table: Table, width: int) -> Iterator[Table]:
    """The parts of a table that fit: some models of the pivot at a time; else, where it is too wide, model by model."""
    named = {("model",): 1, ("first", "second"): 2}
    keys = next((count for heads, count in named.items() if table.columns[:count] == heads), 0)
    if table.title == PIVOT:
        yield from split_models(table, width)
    elif keys and find_width(table) > width:
        for models in dict.fromkeys(row[:keys] for row in table.rows):
            rows = tuple(row[keys:] for row in table.rows if row[:keys] == models)
            yield table._replace(
                title=f"{table.title}: {' against '.join(models)}", columns=table.columns[keys:], rows=rows
            )
    else:
        yield table


def find_width(table: Table) -> int:
    """How wide it is with every cell in one line, borders included."""
    return 1 + sum(3 + max(map(len, cells)) for cells in zip(table.columns, *table.rows, strict=True))


def split_models(table: Table, width: int) -> Iterator[Table]:
    """The table of tasks and models in parts, each with as many models as stand side by side."""
    models = len(table.columns) - 1
    size = max(1, (width - TASK_WIDTH) // CELL_WIDTH)
    for start in range(1, models + 1, size):
        places = (0, *range(start, min(start + size, models + 1)))
        title = table.title if size >= models else f"{table.title} ({start} to {places[-1]} of {models})"
        pick = [tuple(row[place] for place in places) for row in (table.columns, *table.rows)]
        yield table._replace(title=title, columns=pick[0], rows=tuple(pick[1:]))
