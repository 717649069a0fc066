"""Registered visible and infrared pairs of RoadScene, LLVIP, MSRS and M3FD, with boxes where there are any."""

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

from tools.compare.boxes import NO_BOXES, Noted, read_coco_boxes, read_voc_boxes
from tools.compare.registration import RELIABLE, placement_map, register_crop
from tools.errors import MissingError
from tools.framing import clip_box
from tools.images import load_rgb
from tools.records import Box, BoxXyxyNorm

_KEPT: Final = 0.5  # share of a box's area that must lie inside the crop for the box to be used


class PairFiles(NamedTuple):
    """One registered pair.

    Attributes:
        dataset: folder name, e.g. `RoadScene`.
        name: file stem.
        photo, infrared: the files, equal in pixel size.
        boxes: annotated objects; empty when the pair has no annotation.
        note: what is missing, empty when nothing is.
    """

    dataset: str
    name: str
    photo: Path
    infrared: Path
    boxes: tuple[Box, ...]
    note: str


Half = Literal["held-out", "tuning"]


def read_half(dataset: str, name: str) -> Half:
    """Whether `prior` was tuned on a pair: RoadScene frames of an even hundred (FLIR_00006 yes, FLIR_00122 no).

    Hundreds and not single numbers, as neighbouring frames show the same street. The other datasets had no part in it.
    """
    digits = re.findall(r"\d+", name)
    is_even = bool(digits) and int(digits[-1]) // 100 % 2 == 0
    return "tuning" if dataset == "RoadScene" and is_even else "held-out"


class _Source(NamedTuple):
    name: str
    visible: str
    infrared: str
    boxes: Callable[[Path, Path], tuple[tuple[Box, ...], str]]


def find_pairs(data: Path, half: Half = "held-out", limit: int | None = None) -> Iterator[PairFiles]:
    """Every pair of that half under `data`, dataset by dataset, sorted by name; at most `limit` a dataset.

    Raises:
        MissingError: none of the four datasets is there.
    """
    present = [source for source in SOURCES if (data / source.name / source.infrared).is_dir()]
    if not present:
        names = ", ".join(f"{source.name}/{source.infrared}" for source in SOURCES)
        text = f"{data} holds none of {names}; give the folder that the datasets stand in, in their original layout"
        raise MissingError(text)
    for source in present:
        yield from itertools.islice(_read_source(data, source, half), limit)


def list_absent(data: Path) -> tuple[str, ...]:
    """Names of the datasets that are not under `data`."""
    return tuple(source.name for source in SOURCES if not (data / source.name / source.infrared).is_dir())


def _read_source(data: Path, source: _Source, half: Half) -> Iterator[PairFiles]:
    root = data / source.name
    for infrared in sorted((root / source.infrared).rglob("*.*")):
        photo = root / source.visible / infrared.relative_to(root / source.infrared)
        if read_half(source.name, infrared.stem) == half and photo.is_file():
            boxes, note = source.boxes(data, infrared)
            yield PairFiles(source.name, infrared.stem, photo, infrared, boxes, note)


def _no_boxes(data: Path, infrared: Path) -> tuple[tuple[Box, ...], str]:
    return (), "no annotation"


def _llvip_boxes(data: Path, infrared: Path) -> tuple[tuple[Box, ...], str]:
    return read_voc_boxes(data / "LLVIP" / "Annotations" / f"{infrared.stem}.xml", infrared)


def _m3fd_boxes(data: Path, infrared: Path) -> tuple[tuple[Box, ...], str]:
    return read_voc_boxes(data / "M3FD" / "Annotation" / f"{infrared.stem}.xml", infrared)


def _roadscene_boxes(data: Path, infrared: Path) -> tuple[tuple[Box, ...], str]:
    frame, (boxes, fault) = _find_flir(data / "FLIR_ADAS_1_3", infrared.stem)
    if frame is None:
        return (), "no FLIR frame of this number"
    if not boxes:
        return (), fault or "FLIR frame has no box"
    whole, cut = load_rgb(frame).convert("L"), load_rgb(infrared).convert("L")
    placement = register_crop(whole, cut)
    if placement.score < RELIABLE:
        return (), f"crop not found in its FLIR frame (score {placement.score:.2f})"
    mapping = placement_map(placement, whole.size, cut.size)
    inside = ((box, _visible_part(mapping.forward(box.box_xyxy_norm))) for box in boxes)
    return tuple(box.model_copy(update={"box_xyxy_norm": part}) for box, part in inside if part), ""


def _visible_part(box_xyxy_norm: BoxXyxyNorm) -> BoxXyxyNorm | None:
    part = clip_box(box_xyxy_norm)
    return part if part is not None and _area(part) >= _KEPT * _area(box_xyxy_norm) else None


def _area(box_xyxy_norm: BoxXyxyNorm) -> float:
    x1, y1, x2, y2 = box_xyxy_norm
    return (x2 - x1) * (y2 - y1)


def _find_flir(root: Path, stem: str) -> tuple[Path | None, Noted]:
    for split in ("train", "val", "video"):
        frame = root / split / "thermal_8_bit" / f"{stem}.jpeg"
        if frame.is_file():
            annotations = root / split / "thermal_annotations.json"
            return frame, read_coco_boxes(annotations, f"thermal_8_bit/{stem}.jpeg", frame)
    return None, (NO_BOXES, "")


SOURCES: Final = (
    _Source("RoadScene", "crop_LR_visible", "cropinfrared", _roadscene_boxes),
    _Source("LLVIP", "visible", "infrared", _llvip_boxes),
    _Source("MSRS", "vi", "ir", _no_boxes),
    _Source("M3FD", "Vis", "Ir", _m3fd_boxes),
)
"""Folder layouts as the datasets are published; `SOURCE.md` files beside the samples say where they come from."""
