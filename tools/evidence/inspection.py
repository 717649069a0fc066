"""Radiometric pictures of an inspection: their warmest spots, and how like parts differ. Numbers only, no verdicts."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from tools.evidence.describe import name_objects
from tools.evidence.levels import Levels
from tools.evidence.places import smooth
from tools.evidence.sources import Measured
from tools.files import Claim
from tools.files.atomic import write_text
from tools.images import save_png
from tools.thermal.records import CELSIUS

INSPECTION: Final = Claim("inspection", "python -m tools inspect", places=("*.png", "table.csv"))
HEAD: Final = ("file", "what", "celsius", "difference", "against", "x", "y", "emissivity", "distance_m")
MOST_SPOTS: Final = 3
APART: Final = 0.1
"""Of the long side; spots nearer than this are one."""
_RED: Final = (255, 40, 40)
_RADIUS: Final = 7


class Finding(NamedTuple):
    """One line of the table.

    Attributes:
        what: `spot 1`, the warmest, to `spot 3`; or the name of an object.
        celsius: mean of a spot's window (2 % of the long side), or of an object's core.
        difference: degrees above the median of the picture, or against the object that `against` names.
        place: the spot's or the object's middle, in pixels of the temperatures.
    """

    what: str
    celsius: float
    difference: float
    against: str
    place: tuple[float, float]


def find_spots(levels: Levels) -> Iterator[Finding]:
    """The warmest windows, each away from the warmer ones."""
    means = smooth(levels)
    median = levels.sample(levels.values).median
    height, width = means.shape
    rows, columns = np.ogrid[:height, :width]
    for number in range(1, MOST_SPOTS + 1):
        if not np.isfinite(means).any():
            return
        y, x = (int(place) for place in np.unravel_index(np.nanargmax(means), means.shape))
        celsius = float(means[y, x])
        yield Finding(f"spot {number}", celsius, celsius - median, "median of the picture", (x + 0.5, y + 0.5))
        near = (columns - x) ** 2 + (rows - y) ** 2 <= (APART * max(height, width)) ** 2
        means = np.where(near, np.nan, means)


def compare_alike(measured: Measured) -> Iterator[Finding]:
    """Each labelled object against the mean of the others with its label, where there are some."""
    facts = measured.evidence.facts if measured.evidence is not None else ()
    stated = [fact for fact in facts if fact.kind == "region_temperature" and fact.subject is not None]
    means = {fact.subject or 0: fact.values["mean"] for fact in stated}
    names = name_objects(measured.labels)
    for place, own in means.items():
        label = measured.labels[place]
        others = [mean for other, mean in means.items() if other != place and measured.labels[other] == label]
        if others:
            left, top, right, bottom = measured.boxes[place]
            against = f"mean of {len(others)} other {label}"
            middle = ((left + right) / 2, (top + bottom) / 2)
            yield Finding(names[place], own, own - float(np.mean(others)), against, middle)


def inspect_file(measured: Measured) -> list[Finding]:
    """Everything of one picture; nothing of one without temperatures."""
    if measured.thermal.unit != CELSIUS:
        return []
    return [*find_spots(Levels(measured.thermal.pixels)), *compare_alike(measured)]


def draw_findings(picture: Image.Image, findings: Sequence[Finding]) -> Image.Image:
    """The picture with a cross and degrees at each finding."""
    drawn = picture.convert("RGB")
    pen = ImageDraw.Draw(drawn)
    for finding in findings:
        x, y = finding.place
        pen.line((x - _RADIUS, y, x + _RADIUS, y), fill=_RED)
        pen.line((x, y - _RADIUS, x, y + _RADIUS), fill=_RED)
        pen.text((x + 4, y + 2), f"{finding.what} {finding.celsius:.1f}", fill=_RED)
    return drawn


def write_inspection(found: Iterable[tuple[Measured, list[Finding]]], root: Path, out: Path) -> int:
    """`table.csv` with a line a finding, and a picture a file, named after its path below the folder.

    Returns:
        How many files there were.
    """
    text, count = io.StringIO(), 0
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEAD)
    for count, (measured, findings) in enumerate(found, 1):  # noqa: B007 - it is what is returned
        name = measured.path.relative_to(root).as_posix()
        rows.writerows(_list_rows(name, measured, findings))
        save_png(draw_findings(measured.picture, findings), out / f"{name.replace('/', '_')}.png")
    write_text(out / "table.csv", text.getvalue())
    return count


def _list_rows(name: str, measured: Measured, findings: Sequence[Finding]) -> Iterator[list[str]]:
    settings = measured.thermal.settings
    stated = [str(settings.get(key, "")) for key in ("emissivity", "distance_m")]
    for item in findings:
        place = [f"{part:.1f}" for part in item.place]
        yield [name, item.what, f"{item.celsius:.2f}", f"{item.difference:.2f}", item.against, *place, *stated]
