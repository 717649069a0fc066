"""Whether a training image shows what a test question is about: `itb audit --train` against every benchmark.

The first seed's images are compared, and with them all real ones, which every seed shares; the other seeds' scenes are
rendered as its are.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from claim.calls import call
from claim.samples import read_own, write_rows
from claim.sets import list_benches
from claim.settings import ARMS, Place, Settings
from paper_mini.cells import Cell


def look_for_leaks(settings: Settings, place: Place) -> Iterator[Cell]:
    """The images that the first seed's arms are trained on against every benchmark."""
    images, seed = place.out / "test/images.json", settings.seeds[0]
    gather = functools.partial(gather_images, place.out, seed, images)
    yield Cell("test/images", tuple(f"s{seed}/data/{arm.name}" for arm in ARMS), make=gather)
    for name in list_benches(settings, place):
        command = call("itb audit", place.out / f"test/{name}/bench", "--train", images, "--images", place.out)
        yield Cell(f"test/{name}/audit", ("test/images", f"test/{name}/bench"), command)


def gather_images(out: Path, seed: int, file: Path) -> None:
    """Write one row for each image of all arms' samples."""
    rows = (row for arm in ARMS for row in read_own(out / f"s{seed}/data/{arm.name}.json"))
    write_rows(list({row["image"]: row for row in rows}.values()), file)


def read_finding(place: Place, bench: str) -> Mapping[str, Any] | None:
    """What the audit found of training images; None where it was not made yet."""
    path = place.out / f"test/{bench}/bench/audit.json"
    found: Mapping[str, Any] | None = (
        json.loads(path.read_text(encoding="utf-8")).get("train") if path.is_file() else None
    )
    return found
