"""Images to measure: files, with the boxes that an instances file has for them."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from PIL import Image

from tools.datasets.files import BadRow
from tools.datasets.formats.coco_json import CocoRow, read_coco
from tools.datasets.reading import RawBox
from tools.errors import UsageError
from tools.evidence.levels import Levels
from tools.evidence.measure import measure
from tools.evidence.records import Evidence
from tools.evidence.regions import BoxXyxy
from tools.thermal import Thermal, read_thermal
from tools.thermal.records import CELSIUS, WHITE_HOT, Span

KNOWN_POLARITIES = frozenset({WHITE_HOT, "black-hot"})


class Measured(NamedTuple):
    """One image with what was measured in it; no evidence where brightness says nothing, as in false colour."""

    path: Path
    thermal: Thermal
    picture: Image.Image
    boxes: tuple[BoxXyxy, ...]
    labels: tuple[str, ...]
    evidence: Evidence | None


def find_levels(thermal: Thermal, picture: Image.Image, span: Span | None = None) -> Levels | None:
    """The values that evidence is measured in: temperatures where there are some, else the picture's levels.

    Args:
        picture: as `Thermal.display(span)` makes it, in which warm is bright where that is known.
    """
    if not thermal.shows_order:
        return None
    if thermal.unit == CELSIUS:
        return Levels(thermal.pixels, WHITE_HOT, CELSIUS, dict(thermal.settings), span or thermal.find_shown())
    polarity = WHITE_HOT if thermal.polarity in KNOWN_POLARITIES else thermal.polarity
    return Levels(np.asarray(picture), polarity)


def read_boxes(instances: Path) -> Mapping[str, tuple[RawBox, ...]]:
    """Boxes of an instances file by the name of the image's file, without its folder.

    Raises:
        UsageError: the file is none, or two of its images have one name.
    """
    found: dict[str, tuple[RawBox, ...]] = {}
    try:
        rows = [row for row in read_coco(instances) if isinstance(row, CocoRow)]
    except BadRow as error:
        raise UsageError(f"--instances {instances}: {error}") from error
    for row in rows:
        name = PurePosixPath(row.name).name
        if name in found:
            raise UsageError(f"--instances {instances}: two images are called {name}; measure one folder at a time")
        found[name] = tuple(row.boxes)
    return found


def measure_file(path: Path, boxes: Sequence[RawBox], unit: str | None, polarity: str) -> Measured:
    """One file with its evidence.

    Raises:
        RejectError: it cannot be read.
    """
    thermal = read_thermal(path, unit, polarity)
    picture = thermal.display()
    levels = find_levels(thermal, picture)
    corners = tuple(box.box_xyxy for box in boxes)
    evidence = measure(levels, corners) if levels is not None else None
    return Measured(path, thermal, picture, corners, tuple(box.name for box in boxes), evidence)
