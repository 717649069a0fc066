"""The folders that the benchmark's commands write: which are theirs, and what `--fresh` deletes of a benchmark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from itb.benchmark.duplicates import Fingerprint
from tools.files import Claim
from tools.files.json_text import decode_object, decode_record, find_object
from tools.files.text import TextFault

MANIFEST_FILE, ITEMS_FILE, HASHES_FILE = "manifest.json", "items.jsonl", "hashes.jsonl"
LINKS_FILE = "links.jsonl"
PLANNED_FILE = ".items.jsonl"
"""The items of a build that has not brought all of their images yet."""
IMAGES = "images"
TEXTS = ("splits.json", "audit.json", MANIFEST_FILE, HASHES_FILE, LINKS_FILE, ITEMS_FILE, PLANNED_FILE)
OF_SETTINGS = {"sources", "count", "seed", "wordings"}
OF_REPORT = {"bench", "models", "comparisons", "paper"}
REPORT_FILES = ("report.html", "report.md", "report.tex", "report.json")


def list_bench_files(bench: Path) -> Iterator[str]:
    """What a build wrote: the images that its items name, then the rest; the items last, as only they know the images.

    An image that no item names is someone else's.
    """
    for name in (ITEMS_FILE, PLANNED_FILE):
        yield from _list_images(bench / name)
    yield from TEXTS


def has_bench_files(bench: Path) -> bool:
    """Whether there is anything for `--fresh` to delete."""
    return any((bench / name).exists() for name in list_bench_files(bench))


def _list_images(items: Path) -> Iterator[str]:
    if not items.is_file():
        return
    for line in items.read_bytes().splitlines():
        row = _parse(line)
        image = row.get("image")
        if isinstance(image, str) and image.startswith(f"{IMAGES}/"):
            yield image
        for more in (row.get("foreign") or {}).get("images", ()):
            if str(more.get("image")).startswith(f"{IMAGES}/"):
                yield str(more["image"])


def _parse(text: bytes) -> dict[str, Any]:
    """An object of JSON; empty where there is none."""
    try:
        return decode_object(text)
    except TextFault:
        return {}


def _read(path: Path) -> dict[str, Any]:
    return find_object(path)


def recognise_bench(folder: Path) -> tuple[str, ...] | None:
    """Whether a folder from before the marker is a build's: its manifest says so, or the hashes of one not finished."""
    settings = _read(folder / MANIFEST_FILE).get("settings")
    if isinstance(settings, dict) and settings.keys() >= OF_SETTINGS:
        return ()
    hashes = folder / HASHES_FILE
    try:
        is_begun = hashes.is_file() and bool(decode_record(hashes.read_bytes().partition(b"\n")[0], Fingerprint))
    except TextFault:
        return None
    return () if is_begun else None


def recognise_report(folder: Path) -> tuple[str, ...] | None:
    """The files of a report from before the marker, told by its figures."""
    return REPORT_FILES if _read(folder / "report.json").keys() >= OF_REPORT else None


BENCHMARK = Claim("benchmark", "python -m itb build", recognise_bench, (*TEXTS, IMAGES))
IMPORTED = Claim("benchmark", "python -m itb import", recognise_bench, (*TEXTS, IMAGES))
REPORT = Claim("benchmark report", "python -m itb report", recognise_report)
EXPORT = Claim("benchmark export", "python -m itb export")
CHARTS = Claim("charts", "python -m itb select")
