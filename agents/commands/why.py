"""`python -m agents why`: where a row comes from."""

from agents.commands.options import RowId, RunFolder
from tools.terminal.cli import stdout


def why(run: RunFolder, id: RowId) -> None:
    """Say where a row comes from: source, makers, rules. Example: python -m agents why runs/demo 3-0"""
    from agents.output.show import explain_row
    from agents.store.run_store import RunStore

    with RunStore(run) as store:
        stdout.print(explain_row(store, id))
