"""Images to measure: files, with the boxes that an instances file has for them."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from PIL import Image

from tools.datasets.files import BadRow
from tools.datasets.formats.coco_json import CocoRow, read_coco
from tools.datasets.reading import RawBox
from tools.errors import MissingError, RejectError, UsageError
from tools.evidence.levels import Levels
from tools.evidence.measure import measure
from tools.evidence.records import Evidence
from tools.evidence.regions import BoxXyxy
from tools.thermal import Thermal, read_thermal
from tools.thermal.records import BLACK_HOT, CELSIUS, WHITE_HOT, Span

KNOWN_POLARITIES = frozenset({WHITE_HOT, BLACK_HOT})


class Measured(NamedTuple):
    """One image with what was measured in it; no evidence where brightness says nothing, as in false colour."""

    path: Path
    thermal: Thermal
    picture: Image.Image
    boxes: tuple[BoxXyxy, ...]
    labels: tuple[str, ...]
    evidence: Evidence | None


def list_images(paths: Sequence[Path]) -> list[Path]:
    """Files as they are, and in the place of a folder every image and infrared file below it.

    Raises:
        MissingError: a folder holds none.
    """
    from tools.datasets.folder.reader import list_files

    found: list[Path] = []
    for path in paths:
        below = list_files(path) if path.is_dir() else [path]
        if not below:
            raise MissingError(f"{path}: there is no image in this folder; name one that holds some, or files")
        found += below
    return found


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
        MissingError: no such file.
        UsageError: the file is of another kind, or two of its images have one name.
    """
    found: dict[str, tuple[RawBox, ...]] = {}
    if not instances.is_file():
        raise MissingError(f"--instances {instances}: no such file; name a COCO instances file")
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


def check_fit(thermal: Thermal, path: Path) -> None:
    """Refuse boxes of a file whose own picture, in which they were drawn, shows another part of the scene.

    Raises:
        RejectError: so it is (`picture_in_picture`).
    """
    if not thermal.fits_picture:
        why = f"{path.name} shows its temperatures as an inset of a photograph, so boxes drawn there mean other places"
        raise RejectError(
            "picture_in_picture", f"{why}; leave its boxes out, or draw them on the exported temperatures"
        )


def measure_file(
    path: Path, boxes: Sequence[RawBox], unit: str | None, polarity: str, span: Span | None = None
) -> Measured:
    """One file with its evidence.

    Args:
        boxes: in pixels of the file's own picture, where it has one beside its temperatures.
        span: values that become black and white in the picture.

    Raises:
        RejectError: it cannot be read.
    """
    thermal = read_thermal(path, unit, polarity)
    if boxes:
        check_fit(thermal, path)
    picture = thermal.display(span)
    levels = find_levels(thermal, picture, span)
    corners = tuple(_scale(box.box_xyxy, thermal) for box in boxes)
    evidence = measure(levels, corners) if levels is not None else None
    return Measured(path, thermal, picture, corners, tuple(box.name for box in boxes), evidence)


def _scale(box: BoxXyxy, thermal: Thermal) -> BoxXyxy:
    """From pixels of the file's own picture to those of its temperatures."""
    if thermal.picture_size is None:
        return box
    across, along = (own / shown for own, shown in zip(thermal.size, thermal.picture_size, strict=True))
    return box[0] * across, box[1] * along, box[2] * across, box[3] * along
