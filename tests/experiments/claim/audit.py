"""Whether a training image shows what a test question is about: `itb audit --train` for every seed and benchmark."""

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from claim.calls import call
from claim.samples import read_rows, write_rows
from claim.sets import list_benches
from claim.settings import ARMS, Place, Settings
from paper_mini.cells import Cell
from tools.errors import UsageError
from tools.files import make_parent, write_text


def look_for_leaks(settings: Settings, place: Place, seed: int) -> Iterator[Cell]:
    """All that a seed's models saw against every benchmark; a seed waits for the one before, whose finding is kept."""
    images = place.out / f"s{seed}/images.json"
    gather = functools.partial(gather_images, place.out, seed, images)
    yield Cell(f"s{seed}/images", tuple(f"s{seed}/data/{arm.name}" for arm in ARMS), make=gather)
    earlier = [each for each in settings.seeds if each < seed][-1:]
    for name in list_benches(settings, place):
        bench, cell = place.out / f"test/{name}/bench", f"s{seed}/audit/{name}"
        needs = (f"s{seed}/images", f"test/{name}/bench", *(f"s{each}/leaks/{name}" for each in earlier))
        yield Cell(cell, needs, call("itb audit", bench, "--train", images, "--images", place.out))
        keep = functools.partial(keep_finding, bench / "audit.json", locate_finding(place, seed, name))
        yield Cell(f"s{seed}/leaks/{name}", (cell,), make=keep)


def gather_images(out: Path, seed: int, file: Path) -> None:
    """Write one row for each image of all arms' files."""
    rows = (row for arm in ARMS for row in read_rows(out / f"s{seed}/data/{arm.name}.json"))
    write_rows(list({row["image"]: row for row in rows}.values()), file)


def keep_finding(audit: Path, out: Path) -> None:
    """Keep what an audit found of training images, which the next audit of the benchmark replaces.

    Raises:
        UsageError: the audit compared no training images.
    """
    found = json.loads(audit.read_text(encoding="utf-8")).get("train")
    if found is None:
        raise UsageError(f"{audit}: written by an audit without --train since; delete its seed's mark of the audit")
    make_parent(out)
    write_text(out, json.dumps(found, indent=1) + "\n")


def locate_finding(place: Place, seed: int, bench: str) -> Path:
    """Where a seed's finding is kept."""
    return place.out / f"s{seed}/leaks/{bench}.json"


def read_finding(place: Place, seed: int, bench: str) -> Mapping[str, Any] | None:
    """What the audit of a seed found; None where it was not made yet."""
    path = locate_finding(place, seed, bench)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
