"""A look at some files of a folder that is said to hold infrared images, before a run works on it.

look = look_at(paths)                     # up to twenty, spread over all
refuse_photographs(look, "--sensor-images", folder)
for told in tell_look(look, unit="celsius"): ...
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from tools.errors import MissingError, RejectError
from tools.thermal import read_thermal
from tools.thermal.records import COLOUR, FALSE_COLOUR, OWN_UNIT, Thermal
from tools.thermal.units import PLAUSIBLE

LOOKED_AT: Final = 20
MOST_COLOURED: Final = 0.1
"""Share of files in colours of no thermal palette above which a folder is taken for one with photographs in it.

Of 166 infrared images of ten datasets and cameras that were looked at none is in colours, so a tenth leaves room for
odd ones. Photographs taken at night may look grey, or as if in a palette: of LLVIP's 40 % are in colours, of
RoadScene's half, of COCO's 85 %, and a folder above photographs and infrared images has half of that. Gray photographs
(TNO) are not seen.
"""


class Look(NamedTuple):
    """What there is in the files that could be read.

    Attributes:
        images: how many could be read.
        coloured: those in colours of no palette known here: photographs, most likely.
        palettes: of those in false colours, the palettes.
        with_unit: how many state the unit of their values themselves.
        like_degrees: files of counts whose values have fractions and lie where degrees Celsius would.
    """

    images: int
    coloured: tuple[Path, ...]
    palettes: Counter[str]
    with_unit: int
    like_degrees: tuple[Path, ...] = ()


def spread(paths: Sequence[Path], count: int = LOOKED_AT) -> list[Path]:
    """Some of the paths, evenly spread, so that folders below a folder all have their part."""
    if len(paths) <= count:
        return list(paths)
    return [paths[place * len(paths) // count] for place in range(count)]


def look_at(paths: Sequence[Path], unit: str | None = None, polarity: str = "unknown") -> Look:
    """Read some of the files; those that cannot be read are not counted, each is a reject of its own later."""
    images, coloured, palettes, with_unit, like_degrees = 0, [], Counter[str](), 0, []
    for path in spread(paths):
        try:
            found = read_thermal(path, unit, polarity)
        except RejectError:
            continue
        images += 1
        with_unit += found.source in OWN_UNIT
        if _could_be_degrees(found):
            like_degrees.append(path)
        if COLOUR in found.overlays:
            coloured.append(path)
        elif FALSE_COLOUR in found.overlays:
            palettes[str(found.palette)] += 1
    return Look(images, tuple(coloured), palettes, with_unit, tuple(like_degrees))


def _could_be_degrees(found: Thermal) -> bool:
    """Whether values without unit look like temperatures; counts of a sensor are whole numbers."""
    known = found.pixels[np.isfinite(found.pixels)]
    if found.unit != "counts" or not known.size:
        return False
    low, high = PLAUSIBLE
    return bool(low <= np.median(known) <= high and (known != np.rint(known)).any())


def refuse_photographs(look: Look, flag: str, folder: Path) -> None:
    """Stop before a run on photographs, or on a folder that holds them beside its infrared images.

    Raises:
        MissingError: too many of the files look like photographs.
    """
    if len(look.coloured) <= MOST_COLOURED * look.images:
        return
    raise MissingError(
        f"{flag} {folder}: {len(look.coloured)} of {look.images} images looked at seem to be colour photographs, e.g. "
        f"{look.coloured[0]}; name the folder that holds the infrared images alone, and give photographs with "
        "--images. Thermal pictures in a palette that is not known here are taken with --accept-colours"
    )


def tell_look(look: Look, unit: str | None) -> Iterator[str]:
    """A sentence on false colours, on values that a unit is missing for, and on files that a stated unit is not for."""
    if look.palettes:
        names = ", ".join(f"{name} {count}" for name, count in look.palettes.most_common())
        yield (
            f"{look.palettes.total()} of {look.images} images looked at are in false colours, as it seems ({names}), "
            "and used as pictures; if they are photographs, they do not belong here"
        )
    if look.like_degrees:
        yield (
            f"{len(look.like_degrees)} of {look.images} images looked at have values that could be degrees Celsius, "
            f"e.g. {look.like_degrees[0]}, and are taken as counts; for temperatures give --unit celsius"
        )
    if unit is not None and look.with_unit:
        yield (
            f"--unit {unit} is not used for files that state their unit themselves, as {look.with_unit} of "
            f"{look.images} looked at do"
        )
