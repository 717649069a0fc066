"""The figures of one image."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from tools.compare.measures import correlation
from tools.datasets.reading import RawBox
from tools.errors import RejectError
from tools.evidence.levels import Levels, exceeds
from tools.evidence.regions import cut_surrounded, list_others
from tools.images import load_rgb
from tools.plausibility.classifiers import load_coefficients
from tools.plausibility.features import FEATURES, measure_skews
from tools.plausibility.records import ImageFigures, PersonFigures
from tools.plausibility.sources import Judged
from tools.thermal import read_thermal
from tools.thermal.records import COLOUR

COLOURED: Final = "colour"
"""Why a picture is not judged: its colours are those of a photograph, or of a palette that is not known."""
PERSONS: Final = frozenset({"person", "people", "pedestrian"})


def measure_image(image: Judged, name: str, unit: str | None = None, polarity: str = "unknown") -> ImageFigures:
    """Everything that is measured of one image.

    Args:
        name: what the report calls it.
        unit, polarity: as of `read_thermal`; a black-hot image is turned to white-hot first.

    Raises:
        RejectError: it cannot be read, its photograph cannot, or it is in colour, false or not.
    """
    thermal = read_thermal(image.path, unit, polarity)
    if COLOUR in thermal.overlays:
        raise RejectError(COLOURED, f"{image.path}: is a colour photograph, or in a palette that is not known here")
    if not thermal.shows_order:
        raise RejectError("false_colour", f"{image.path}: is in false colour, where a brighter pixel says nothing")
    picture = thermal.display()
    skews = measure_skews(picture)
    judges = load_coefficients().classifiers
    return ImageFigures(
        file=name,
        skews=dict(zip(FEATURES, skews.tolist(), strict=True)),
        log_odds={opponent: float(each.judge(skews[None])[0]) for opponent, each in judges.items()},
        persons=measure_persons(picture, image.boxes),
        correlation=correlate(picture, image.photograph) if image.photograph is not None else None,
    )


def measure_persons(picture: Image.Image, boxes: Sequence[RawBox]) -> PersonFigures | None:
    """Persons against what is around them; None where none can be measured."""
    levels, corners = Levels(np.asarray(picture)), [box.box_xyxy for box in boxes]
    aucs, differences = [], []
    for place, box in enumerate(boxes):
        cut = cut_surrounded(levels, box.box_xyxy, list_others(corners, place)) if _is_person(box) else None
        if cut is not None:
            aucs.append(exceeds(cut.core, cut.ring))
            differences.append((cut.core.median - cut.ring.median) / levels.span)
    if not aucs:
        return None
    return PersonFigures(count=len(aucs), auc=float(np.mean(aucs)), difference=float(np.mean(differences)))


def _is_person(box: RawBox) -> bool:
    return box.is_certain and box.name.strip().lower() in PERSONS


def correlate(picture: Image.Image, photograph: Path) -> float:
    """Correlation with the photograph's luminance, at the image's size.

    Raises:
        RejectError: the photograph cannot be read.
    """
    gray = load_rgb(photograph).convert("L").resize(picture.size, Image.Resampling.BILINEAR)
    return correlation(np.asarray(picture, np.float64), np.asarray(gray, np.float64))
