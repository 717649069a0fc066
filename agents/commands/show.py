"""`python -m agents show`: the whole conversation about one image."""

from agents.commands.options import RowId, RunFolder
from tools.terminal.cli import stdout


def show(run: RunFolder, id: RowId) -> None:
    """Show the whole conversation about one image. Example: python -m agents show runs/demo 3"""
    from agents.output.show import find_result, show_conversation
    from agents.store.run_store import RunStore

    with RunStore(run) as store:
        stdout.print(show_conversation(find_result(store, id), store))
