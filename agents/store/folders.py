"""The folders that the agents' commands write, runs and exports: which are theirs, and what `--fresh` deletes."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from agents.backends.asked.ledger import REQUESTS
from agents.checks.evidence_rows import EVIDENCE_FILE
from tools.errors import UsageError
from tools.files import Claim, list_contents, read_marker
from tools.files.inside import real_path
from tools.files.json_text import find_object
from tools.functions import is_image_path

STORE_FILES = ("run.sqlite-wal", "run.sqlite-shm", "run.sqlite")  # the log first: it would be read into a new store
ROW_FILES = ("pairs.jsonl", "instructions.jsonl", "rejected.jsonl")
HELD_OUT_FILE = "held_out.jsonl"
"""Only of a run that sets images aside."""
EXPORT_FILES = (*ROW_FILES, EVIDENCE_FILE, HELD_OUT_FILE, "rules.jsonl", "manifest.json", "README.md", "report.html")
REVIEWS = "reviews.jsonl"
REVIEW_PLAN = "review_plan.json"
"""What people did is no command's to delete: `--fresh` leaves both."""
IMAGES = "images"
ROW_FORMAT = 1
FORMAT = "infrared-llava-toolkit run"
REPLIES = "replies.sqlite"
OF_STORE = "SELECT count(*) FROM meta WHERE key = 'schema_version'"
OF_REPLIES = "SELECT count(*) FROM (SELECT key, reply FROM replies LIMIT 1)"
SQLITE = b"SQLite format 3\0"
HEAD = 4096


def list_run_files(run: Path) -> Iterator[str]:
    """What a run wrote, the stored replies left out: they may have cost money, and another run can use them.

    An image is the run's when it stands where an image of its id has to stand; so those are found too whose result was
    not committed before a kill. `.part` is what older versions left.
    """
    yield from STORE_FILES
    for name in EXPORT_FILES:
        yield from (name, f"{name}.part")
    for path in sorted((run / IMAGES).glob("??/*.png")):
        name = path.relative_to(run).as_posix()
        if is_image_path(name):
            yield name


def has_run_files(run: Path) -> bool:
    """Whether there is anything for `--fresh` to delete."""
    return any((run / name).exists() for name in list_run_files(run))


def recognise_run(folder: Path) -> tuple[str, ...] | None:
    """Whether a folder without a marker is a run: its store or its manifest says so.

    So is one with nothing but stored replies, brought along for a new run that then asks for none of them again.

    Raises:
        UsageError: it is one, and someone else's file stands where the run writes one of its own.
    """
    if _has_replies_alone(folder):
        return ()
    if not (_asks(folder / "run.sqlite", OF_STORE) or _is_manifest(folder / "manifest.json")):
        return None
    for name, is_own in OWN_TEXTS.items():
        if (folder / name).exists() and not is_own(folder / name):
            raise UsageError(f"{folder / name}: is not this run's, which writes its own there; move it, then run again")
    return ()


def _has_replies_alone(folder: Path) -> bool:
    is_alone = all(name.startswith(REPLIES) for name in list_contents(folder))
    return is_alone and _asks(folder / REPLIES, OF_REPLIES)


def _asks(path: Path, query: str) -> bool:
    """Whether a store answers a query with 1; nothing is changed: a log beside it has to be read, else it alone is."""
    if not _starts_with(path, SQLITE):
        return False
    alone = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    try:
        with closing(sqlite3.connect(f"{real_path(path).as_uri()}?mode=ro{alone}", uri=True)) as store:
            return bool(store.execute(query).fetchone() == (1,))
    except sqlite3.Error:
        return False


def _is_manifest(path: Path) -> bool:
    return str(find_object(path).get("format", "")).startswith(FORMAT)


def _is_card(path: Path) -> bool:
    return re.match(rb"---\npretty_name: [^\n]* synthesis run\n", _read_head(path)) is not None


def _is_page(path: Path) -> bool:
    return b"<title>Synthesis report" in _read_head(path)


def _starts_with(path: Path, words: bytes) -> bool:
    return _read_head(path).startswith(words)


def _read_head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""


OWN_TEXTS: dict[str, Callable[[Path], bool]] = {
    "manifest.json": _is_manifest,
    "README.md": _is_card,
    "report.html": _is_page,
}
RUN = Claim(
    "run", "python -m agents run", recognise_run, (*STORE_FILES, f"{REPLIES}*", f"{REQUESTS}*", *EXPORT_FILES, IMAGES,
                                   REVIEWS, REVIEW_PLAN)
)  # fmt: skip
MERGED = replace(RUN, command="python -m agents merge")
REFILTERED = replace(RUN, command="python -m agents refilter")
EXPORT = Claim("export", "python -m agents export")


def is_run(folder: Path) -> bool:
    """Whether a folder is a run, marked or from before the marker."""
    marker = read_marker(folder)
    return marker.kind == RUN.kind if marker is not None else recognise_run(folder) is not None
