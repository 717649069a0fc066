"""The end of a run: exports, card and report, unless they are those of this state of the store already."""

from pathlib import Path

from agents.output.export import Row, write_exports
from agents.running.listener import Listener
from agents.store.folders import EXPORT_FILES
from agents.store.retries import read_history
from agents.store.run_store import RunStore
from tools.images import remove_unfinished


def finish(run: Path, store: RunStore, listener: Listener) -> Row:
    """Write the exports, the card and the report, unless they are those of this state of the store already."""
    from agents.output.card import write_card
    from agents.output.report import write_report

    if is_exported(run, store):
        listener.say("nothing new: the exports are up to date")
        return read_manifest(run)
    listener.say("writing the exports")
    remove_unfinished(run / "images")
    manifest = write_exports(run, store)
    write_card(run, manifest)
    write_report(run)
    store.write_meta("exported", describe_exports(run, store))
    return manifest


def describe_exports(run: Path, store: RunStore) -> Row:
    """The state of store and files by which `finish` knows that the exports are up to date."""
    retried = sum(read_history(store).codes.values())
    return ({"retried": retried} if retried else {}) | {
        "done": store.read_progress().done,
        "photo_root": store.read_meta("photo_root"),
        "prices": store.read_meta("prices"),
        "sizes": measure_exports(run),
    }


def measure_exports(run: Path) -> dict[str, int]:
    """Size of each exported file that is there, in bytes."""
    return {name: (run / name).stat().st_size for name in EXPORT_FILES if (run / name).is_file()}


def is_exported(run: Path, store: RunStore) -> bool:
    """Whether the exports on disk are those of this state of the store."""
    return bool(store.read_meta("exported") == describe_exports(run, store))


def read_manifest(run: Path) -> Row:
    """The manifest of a finished run."""
    import msgspec

    manifest: Row = msgspec.json.decode((run / "manifest.json").read_bytes())
    return manifest
