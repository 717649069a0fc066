"""Copy the photographs out of their packages and write their COCO files."""

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, UnidentifiedImageError

from tools.errors import MissingError, ToolkitError
from tools.photographs.records import Annotated, BoxRow, Photograph, load_annotations

INSTALL = "pip install -e '.[demo]' -c requirements.lock"
_DISTRIBUTIONS = {"skimage": "scikit-image", "sklearn": "scikit-learn", "matplotlib": "matplotlib"}
_INFO = {"description": "Photographs of installed packages, annotated for the demo", "version": "1.0"}


class CocoPaths(NamedTuple):
    """Where a COCO dataset lies: its two files and its image folder."""

    captions: Path
    instances: Path
    images: Path


def collect_photographs(out: Path) -> CocoPaths:
    """Write `images/`, both COCO files and `CREDITS.md` to `out`; files that are there are replaced.

    Raises:
        MissingError: a package or one of its photographs is not there; names the extra that brings it.
        ToolkitError: a package ships another photograph than the one that was annotated, or `out` cannot be written.
    """
    annotated = load_annotations()
    sources = [find_photograph(photograph) for photograph in annotated.photographs]
    paths = CocoPaths(out / "captions_photographs.json", out / "instances_photographs.json", out / "images")
    try:
        paths.images.mkdir(parents=True, exist_ok=True)
        for photograph, source in zip(annotated.photographs, sources, strict=True):
            shutil.copyfile(source, paths.images / photograph.file_name)
        _write_json(paths.captions, build_captions(annotated))
        _write_json(paths.instances, build_instances(annotated))
        (out / "CREDITS.md").write_text(build_credits(annotated), encoding="utf-8")
    except OSError as error:
        raise ToolkitError(f"{out} cannot be written: {error.strerror}; free space or choose another folder") from None
    return paths


def find_photograph(photograph: Photograph) -> Path:
    """The photograph's file in its package, found without importing it.

    Raises:
        MissingError: the package or the file is not there.
        ToolkitError: the file is not the photograph that was annotated.
    """
    name = _DISTRIBUTIONS.get(photograph.package, photograph.package)
    spec = importlib.util.find_spec(photograph.package)
    if spec is None or spec.origin is None:
        raise MissingError(
            f"The photograph {photograph.path} comes with {name}, which is not installed; install it with: {INSTALL}"
        )
    path = Path(spec.origin).parent / photograph.path
    if not path.is_file():
        raise MissingError(
            f"{path}: this version of {name} does not ship the photograph; install one that does: {INSTALL}"
        )
    _check_size(path, photograph)
    return path


def build_captions(annotated: Annotated) -> dict[str, Any]:
    """The captions file."""
    rows = [(photograph.id, caption) for photograph in annotated.photographs for caption in photograph.captions]
    annotations = [{"id": id_, "image_id": image, "caption": text} for id_, (image, text) in enumerate(rows, 1)]
    return _build(annotated, annotations)


def build_instances(annotated: Annotated) -> dict[str, Any]:
    """The instances file; segmentations are empty."""
    rows = [(photograph.id, box) for photograph in annotated.photographs for box in photograph.boxes]
    annotations = [_build_box(id_, image, box, annotated.categories) for id_, (image, box) in enumerate(rows, 1)]
    by_id = sorted(annotated.categories.items(), key=lambda item: item[1])
    return _build(annotated, annotations) | {"categories": [{"id": id_, "name": name} for name, id_ in by_id]}


def build_credits(annotated: Annotated) -> str:
    """Whose photographs these are, in Markdown."""
    lines = ["# Photographs", "", "Captions and boxes were written for this project.", ""]
    lines += ["| file | from | credit | licence |", "| --- | --- | --- | --- |"]
    for photograph in annotated.photographs:
        origin = f"{_DISTRIBUTIONS[photograph.package]}: {photograph.path}"
        lines.append(f"| {photograph.file_name} | {origin} | {photograph.credit} | {photograph.licence} |")
    return "\n".join(lines) + "\n"


def _build(annotated: Annotated, annotations: list[dict[str, Any]]) -> dict[str, Any]:
    images = [
        {
            "id": photograph.id,
            "file_name": photograph.file_name,
            "width": photograph.size[0],
            "height": photograph.size[1],
            "credit": photograph.credit,
            "licence": photograph.licence,
        }
        for photograph in annotated.photographs
    ]
    return {"info": _INFO, "images": images, "annotations": annotations}


def _build_box(id_: int, image_id: int, box: BoxRow, categories: dict[str, int]) -> dict[str, Any]:
    label, *bbox = box[:5]
    return {
        "id": id_,
        "image_id": image_id,
        "category_id": categories[label],
        "bbox": bbox,
        "area": box[3] * box[4],
        "iscrowd": int(len(box) > 5),
        "segmentation": [],
    }


def _check_size(path: Path, photograph: Photograph) -> None:
    try:
        with Image.open(path) as image:
            size = image.size
    except (OSError, UnidentifiedImageError) as error:
        raise ToolkitError(f"{path} cannot be read: {error}; install it again: {INSTALL} --force-reinstall") from None
    if size != photograph.size:
        raise ToolkitError(
            f"{path} is {size[0]}x{size[1]}, but its boxes were drawn for {photograph.size[0]}x{photograph.size[1]}: "
            "this version of the package ships another photograph; install the versions of the lock file"
        )


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
