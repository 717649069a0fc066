"""Registered visible and infrared pairs of RoadScene, LLVIP, MSRS and M3FD, with boxes where there are any."""

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple
from xml.etree import ElementTree  # local dataset files; entities are not resolved

from tools.compare.registration import RELIABLE, placement_map, register_crop
from tools.errors import MissingError, UsageError, shorten
from tools.files.json_text import decode_json
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


def _voc_boxes(annotation: Path) -> tuple[tuple[Box, ...], str]:
    if not annotation.is_file():
        return (), "no annotation"
    try:
        root = ElementTree.parse(annotation).getroot()
        width, height = (float(root.findtext(f"size/{side}", "nan")) for side in ("width", "height"))
        return tuple(_voc_box(item, width, height) for item in root.iter("object")), ""
    except (ElementTree.ParseError, ValueError, ZeroDivisionError) as error:
        text = (
            f"{annotation}: not a Pascal VOC annotation ({error}); copy it again, or delete it to go on without boxes"
        )
        raise UsageError(text) from error


def _voc_box(item: ElementTree.Element, width: float, height: float) -> Box:
    x1, y1, x2, y2 = (float(item.findtext(f"bndbox/{key}", "nan")) for key in ("xmin", "ymin", "xmax", "ymax"))
    label = item.findtext("name", "object").strip()
    return Box(label=label, box_xyxy_norm=(x1 / width, y1 / height, x2 / width, y2 / height))


def _llvip_boxes(data: Path, infrared: Path) -> tuple[tuple[Box, ...], str]:
    return _voc_boxes(data / "LLVIP" / "Annotations" / f"{infrared.stem}.xml")


def _m3fd_boxes(data: Path, infrared: Path) -> tuple[tuple[Box, ...], str]:
    return _voc_boxes(data / "M3FD" / "Annotation" / f"{infrared.stem}.xml")


def _roadscene_boxes(data: Path, infrared: Path) -> tuple[tuple[Box, ...], str]:
    frame, boxes = _find_flir(data / "FLIR_ADAS_1_3", infrared.stem)
    if frame is None:
        return (), "no FLIR frame of this number"
    if not boxes:
        return (), "FLIR frame has no box"
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


def _find_flir(root: Path, stem: str) -> tuple[Path | None, tuple[Box, ...]]:
    for split in ("train", "val", "video"):
        frame = root / split / "thermal_8_bit" / f"{stem}.jpeg"
        if frame.is_file():
            return frame, _coco_boxes(root / split / "thermal_annotations.json", f"thermal_8_bit/{stem}.jpeg")
    return None, ()


def _coco_boxes(annotations: Path, file_name: str) -> tuple[Box, ...]:
    if not annotations.is_file():
        return ()
    try:
        content = decode_json(annotations.read_bytes())
        names = {row["id"]: row["name"] for row in content["categories"]}
        image = next((row for row in content["images"] if row["file_name"] == file_name), None)
        if image is None:
            return ()
        rows = [row for row in content["annotations"] if row["image_id"] == image["id"]]
        return tuple(_coco_box(row["bbox"], names[row["category_id"]], image["width"], image["height"]) for row in rows)
    except (ValueError, LookupError, TypeError, ZeroDivisionError) as error:
        text = (
            f"{annotations}: not a COCO annotation file ({shorten(repr(error), 200)}); copy it again, or delete it to "
            "go on without boxes"
        )
        raise UsageError(text) from error


def _coco_box(bbox: list[float], label: str, width: int, height: int) -> Box:
    x, y, w, h = bbox
    return Box(label=label, box_xyxy_norm=(x / width, y / height, (x + w) / width, (y + h) / height))


SOURCES: Final = (
    _Source("RoadScene", "crop_LR_visible", "cropinfrared", _roadscene_boxes),
    _Source("LLVIP", "visible", "infrared", _llvip_boxes),
    _Source("MSRS", "vi", "ir", _no_boxes),
    _Source("M3FD", "Vis", "Ir", _m3fd_boxes),
)
"""Folder layouts as the datasets are published; `SOURCE.md` files beside the samples say where they come from."""
