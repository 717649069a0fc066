"""`python -m agents run`: from a COCO folder to a run folder, resumable at any moment."""

from collections.abc import Sequence
from pathlib import Path

from agents.backends.reply_store import set_damaged_aside
from agents.config import RunConfig
from agents.conversation.process import open_resources
from agents.output.export import Row
from agents.output.provenance import describe_splits
from agents.running.cost.spending import describe_prices, judges_itself
from agents.running.drive import drive, drive_retries
from agents.running.finish import finish
from agents.running.freeze import describe_inputs, describe_origin, describe_reach, describe_run, freeze, note_code
from agents.running.listener import Listener, Silence
from agents.running.resources import spec_resources
from agents.running.source import Source, load_seeds, open_source
from agents.store.folders import REPLIES, RUN, list_run_files
from agents.store.retries import begin_retry, end_retry
from agents.store.run_store import RunStore
from tools.errors import BudgetReached, ToolkitError
from tools.files import check_folder, clear_files, own_folder
from tools.files.inside import real_path
from tools.manifest import list_versions
from tools.records import Rule


def clear_run(run: Path) -> None:
    """Delete what a run wrote, and nothing else that may lie in its folder.

    The stored replies stay: they may have cost money, and the run that begins again takes those whose question is the
    same.
    """
    clear_files(run, list_run_files(run))


def run_synthesis(
    config: RunConfig, listener: Listener | None = None, *, fresh: bool = False, retry: Sequence[str] = ()
) -> Row:
    """Bring every image of the run to its end and write all exports; give the manifest.

    Args:
        fresh: delete first what an earlier run wrote to the folder.
        retry: codes of rejects; images that are rejected with one of them are asked about again.

    Raises:
        MissingError: none of the first photographs can be read.
        UsageError: the folder holds something else than a run, or no image is rejected with a code of `retry`.
        ToolkitError: see the message; what is final stays, and the same call goes on.
    """
    listener = listener or Silence()
    check_folder(config.out, RUN)
    config.choose("executor").load()  # a package that it lacks is told before anything is written
    source, seeds = open_source(config), load_seeds(config)
    with own_folder(config.out, RUN):
        if fresh or retry or not _is_final(config.out, source):
            source.check_texts()
            for told in source.check_images():
                listener.say(told)
        if fresh:
            clear_run(config.out)
        replies = config.out / REPLIES
        aside = set_damaged_aside(replies)
        if aside is not None:
            listener.say(f"{replies}: was damaged; it is now {aside.name}, and replies are asked for again")
        return _go_on(config, source, seeds, listener, retry)


def _is_final(run: Path, source: Source) -> bool:
    """Whether nothing is left to do, so that the photographs may be gone; a store that is not made yet holds none."""
    try:
        with RunStore(run) as store:
            return store.read_progress().done >= len(source.indices)
    except ToolkitError:
        return False


def _go_on(config: RunConfig, source: Source, seeds: Sequence[Rule], listener: Listener, retry: Sequence[str]) -> Row:
    with RunStore(config.out, create=True) as store:
        with open_resources(spec_resources(config)) as resources:
            held = source.list_held()
            origin = describe_origin(config, source)
            for told in filter(None, [describe_splits(origin)]):
                listener.say(told)
            freeze(store, describe_run(config, source, seeds, resources, held))
            store.write_meta("held_out", held)
            store.write_meta("reach", describe_reach(config, source))
            store.write_meta("photo_root", str(real_path(config.photo_root)))
            store.write_meta("inputs", describe_inputs(config))
            store.write_meta("measures", config.measures)
            store.write_meta("source", origin)
            store.write_meta("versions", list_versions())
            store.write_meta("code", note_code(store))
            store.write_meta("prices", describe_prices(config))
            store.write_meta("judges_itself", judges_itself(config))
            if retry:
                begin_retry(store, retry)
            try:
                if retry:
                    drive_retries(config, source, seeds, store, resources, listener)
                drive(config, source, seeds, store, resources, listener)
            except BudgetReached:
                finish(config.out, store, listener)
                raise
        manifest = finish(config.out, store, listener)
        end_retry(store)
        return manifest
