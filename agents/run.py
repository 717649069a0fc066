"""`python -m agents run`: from a COCO folder to a run folder, resumable at any moment."""

import shutil
from pathlib import Path

from agents.config import RunConfig
from agents.costs import describe_prices
from agents.drive import drive
from agents.export import ROW_FILES, Row
from agents.finish import finish
from agents.freeze import describe_run, freeze
from agents.listener import Listener, Silence
from agents.process import open_resources
from agents.resources import spec_resources
from agents.source import load_seeds, open_source
from agents.store import RunLock, RunStore
from tools.errors import BudgetReached
from tools.manifest import list_versions

RUN_FILES = (
    *ROW_FILES, "rules.jsonl", "manifest.json", "README.md", "report.html", "run.sqlite", "run.sqlite-wal",
    "run.sqlite-shm",
)  # fmt: skip


def clear_run(run: Path) -> None:
    """Delete what a run wrote, and nothing else that may lie in its folder.

    The stored replies stay: they may have cost money, and the run that begins again takes those whose question is the
    same.
    """
    for name in RUN_FILES:
        (run / name).unlink(missing_ok=True)
    shutil.rmtree(run / "images", ignore_errors=True)


def run_synthesis(config: RunConfig, listener: Listener | None = None) -> Row:
    """Bring every image of the run to its end and write all exports; give the manifest.

    Raises:
        ToolkitError: see the message; what is final stays, and the same call goes on.
    """
    listener = listener or Silence()
    source, seeds = open_source(config), load_seeds(config)
    with RunLock(config.out), RunStore(config.out, create=True) as store:
        with open_resources(spec_resources(config)) as resources:
            freeze(store, describe_run(config, source, seeds, resources))
            store.write_meta("photo_root", str(config.images.resolve()))
            store.write_meta("versions", list_versions())
            store.write_meta("prices", describe_prices(config))
            try:
                drive(config, source, seeds, store, resources, listener)
            except BudgetReached:
                finish(config.out, store, listener)
                raise
        return finish(config.out, store, listener)
