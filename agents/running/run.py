"""`python -m agents run`: from a COCO folder to a run folder, resumable at any moment."""

from collections.abc import Sequence
from pathlib import Path

from agents.config import RunConfig
from agents.conversation.process import open_resources
from agents.output.export import Row
from agents.running.cost.costs import describe_prices
from agents.running.drive import drive
from agents.running.finish import finish
from agents.running.freeze import describe_origin, describe_run, freeze
from agents.running.listener import Listener, Silence
from agents.running.resources import spec_resources
from agents.running.source import Source, load_seeds, open_source
from agents.store.folders import RUN, list_run_files
from agents.store.run_store import RunStore
from tools.errors import BudgetReached
from tools.files import check_folder, clear_files, own_folder
from tools.manifest import list_versions
from tools.records import Rule


def clear_run(run: Path) -> None:
    """Delete what a run wrote, and nothing else that may lie in its folder.

    The stored replies stay: they may have cost money, and the run that begins again takes those whose question is the
    same.
    """
    clear_files(run, list_run_files(run))


def run_synthesis(config: RunConfig, listener: Listener | None = None, *, fresh: bool = False) -> Row:
    """Bring every image of the run to its end and write all exports; give the manifest.

    Args:
        fresh: delete first what an earlier run wrote to the folder.

    Raises:
        UsageError: the folder holds something else than a run.
        ToolkitError: see the message; what is final stays, and the same call goes on.
    """
    listener = listener or Silence()
    check_folder(config.out, RUN)
    source, seeds = open_source(config), load_seeds(config)
    with own_folder(config.out, RUN):
        if fresh:
            clear_run(config.out)
        return _go_on(config, source, seeds, listener)


def _go_on(config: RunConfig, source: Source, seeds: Sequence[Rule], listener: Listener) -> Row:
    with RunStore(config.out, create=True) as store:
        with open_resources(spec_resources(config)) as resources:
            freeze(store, describe_run(config, source, seeds, resources))
            store.write_meta("photo_root", str(config.photo_root.resolve()))
            store.write_meta("measures", config.measures)
            store.write_meta("source", describe_origin(config))
            store.write_meta("versions", list_versions())
            store.write_meta("prices", describe_prices(config))
            try:
                drive(config, source, seeds, store, resources, listener)
            except BudgetReached:
                finish(config.out, store, listener)
                raise
        return finish(config.out, store, listener)
