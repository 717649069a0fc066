"""Copy the photographs out of their packages and write their COCO files."""

import importlib.util
import json
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, UnidentifiedImageError

from tools.errors import MissingError, ToolkitError
from tools.files import Claim, check_folder, copy_file, explain_disk, own_folder, write_text
from tools.files.json_text import decode_json
from tools.photographs.records import Annotated, BoxRow, Photograph, load_annotations

INSTALL = "pip install -e '.[demo]' -c requirements.lock"
_DISTRIBUTIONS = {"skimage": "scikit-image", "sklearn": "scikit-learn", "matplotlib": "matplotlib"}
CAPTIONS, INSTANCES, IMAGES = "captions_photographs.json", "instances_photographs.json", "images"
CREDITS, SETTINGS = "CREDITS.md", "run.yaml"
TEXTS = (CAPTIONS, INSTANCES, CREDITS, SETTINGS)
_INFO = {"description": "Photographs of installed packages, annotated for the demo", "version": "1.0"}


class CocoPaths(NamedTuple):
    """Where a COCO dataset lies: its two files and its image folder."""

    captions: Path
    instances: Path
    images: Path


def collect_photographs(out: Path) -> CocoPaths:
    """Write `images/`, both COCO files, and `CREDITS.md` to `out`; files of an earlier time are replaced.

    Raises:
        UsageError: `out` holds something else.
        MissingError: a package or one of its photographs is not there; names the extra that brings it.
        ToolkitError: a package ships another photograph than the one that was annotated, or `out` cannot be written.
    """
    check_folder(out, PHOTOGRAPHS)
    annotated = load_annotations()
    sources = [find_photograph(photograph) for photograph in annotated.photographs]
    paths = CocoPaths(out / CAPTIONS, out / INSTANCES, out / IMAGES)
    with own_folder(out, PHOTOGRAPHS) as owned:
        images = [f"{IMAGES}/{photograph.file_name}" for photograph in annotated.photographs]
        owned.add(*images, *TEXTS)
        with explain_disk(paths.images):
            paths.images.mkdir(exist_ok=True)
        for name, source in zip(images, sources, strict=True):
            copy_file(source, out / name)
        _write_json(paths.captions, build_captions(annotated))
        _write_json(paths.instances, build_instances(annotated))
        write_text(out / CREDITS, build_credits(annotated))
    return paths


def recognise_photographs(folder: Path) -> tuple[str, ...] | None:
    """The files of a folder of photographs from before the marker, told by what its captions file says of itself."""
    try:
        found = decode_json((folder / CAPTIONS).read_bytes())
        if found["info"] != _INFO:
            return None
        images = [f"{IMAGES}/{image['file_name']}" for image in found["images"]]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return (*images, *TEXTS)


PHOTOGRAPHS = Claim("photographs", "python -m tools photographs", recognise_photographs)


def write_settings(out: Path, paths: CocoPaths) -> Path:
    """Write `run.yaml`: the settings of a run on the photographs, for `--config`.

    Raises:
        UsageError: `out` is no folder of photographs.
    """
    import yaml

    files = {name: str(path) for name, path in paths._asdict().items()}
    settings = {**files, "block": 1, "lag": 1, "instructions": "all", "mix": "each"}
    with own_folder(out, PHOTOGRAPHS):
        write_text(out / SETTINGS, yaml.safe_dump(settings, sort_keys=False))
    return out / SETTINGS


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
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
