"""The images to judge, each with its photograph and its boxes where there are some: of a folder, or of a run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.datasets.files import IMAGE_ENDINGS
from tools.datasets.reading import RawBox
from tools.errors import MissingError, UsageError
from tools.evidence.sources import read_boxes
from tools.files.json_text import decode_object
from tools.files.text import TextFault
from tools.seeds import hash_number

ROWS: Final = ("pairs.jsonl", "instructions.jsonl")
MANIFEST: Final = "manifest.json"


@dataclass(frozen=True)
class Judged:
    """One image to judge: its file, the registered photograph or None, and its labelled objects."""

    path: Path
    photograph: Path | None
    boxes: Sequence[RawBox]


@dataclass(frozen=True)
class Source:
    """A folder or a run: its images by name, and what is to be said of how it was read."""

    folder: Path
    images: tuple[Judged, ...]
    notes: tuple[str, ...]

    def draw(self, limit: int) -> tuple[Judged, ...]:
        """At most so many, chosen by a hash of their names, in the order of their names."""
        ranked = sorted(self.images, key=lambda each: hash_number(self.name(each)))[:limit]
        return tuple(sorted(ranked, key=self.name))

    def name(self, image: Judged) -> str:
        """The image's file, relative to the folder."""
        return image.path.relative_to(self.folder).as_posix()


def read_source(folder: Path, instances: Path | None = None, photographs: Path | None = None) -> Source:
    """A run where the folder has a manifest of one, else every image below the folder.

    Args:
        instances: COCO instances file, joined by file name, in a run by its photographs'. Without it a run's own.
        photographs: folder of the registered photographs, joined by name without ending. Without it a run's own.

    Raises:
        MissingError: there is no such folder, or no image in it.
        UsageError: the manifest, the rows or the boxes cannot be read.
    """
    if not folder.is_dir():
        raise MissingError(f"{folder}: is no folder; give a folder of images, or the folder of a run")
    taken = _list_photographs(photographs) if photographs is not None else {}
    source = _read_run(folder, instances) if _is_run(folder) else _read_folder(folder, instances)
    if not source.images:
        raise MissingError(f"{folder}: holds no image ({', '.join(sorted(IMAGE_ENDINGS))}); give another folder")
    if photographs is None:
        return source
    joined = tuple(Judged(each.path, taken.get(each.path.stem), each.boxes) for each in source.images)
    count = sum(each.photograph is not None for each in joined)
    if not count:
        raise UsageError(f"--photographs {photographs}: no photograph has the name of an image of {folder}")
    return Source(folder, joined, (*source.notes, f"{count} of {len(joined)} images have a photograph"))


def _is_run(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() and (folder / "images").is_dir()


def _list_images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_ENDINGS and path.is_file())


def _list_photographs(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise MissingError(f"--photographs {folder}: is no folder")
    return {path.stem: path for path in _list_images(folder)}


def _read_folder(folder: Path, instances: Path | None) -> Source:
    boxes = read_boxes(instances) if instances is not None else {}
    images = tuple(Judged(path, None, boxes.get(path.name, ())) for path in _list_images(folder))
    joined = sum(path.path.name in boxes for path in images)
    if instances is not None and images and not joined:
        raise UsageError(f"--instances {instances}: names no image of {folder}")
    return Source(folder, images, ())


def _read_run(run: Path, instances: Path | None) -> Source:
    manifest = _read_json(run / MANIFEST)
    config = manifest.get("config")
    config = config if isinstance(config, dict) else {}
    boxes, notes = _find_boxes(manifest, config, instances)
    photos, root = dict(_read_photos(run)), run / str(manifest.get("photo_root") or ".")
    # Of a sensor's images the "photograph" is the image itself.
    is_sensor = bool(manifest.get("source") or config.get("sensor_images") or config.get("dataset"))
    images = []
    for path in _list_images(run / "images"):
        photo = photos.get(path.relative_to(run).as_posix())
        name = Path(photo).name if photo else path.name
        photograph = root / photo if photo and not is_sensor and (root / photo).is_file() else None
        images.append(Judged(path, photograph, boxes.get(name, ())))
    return Source(run, tuple(images), tuple(notes))


def _find_boxes(
    manifest: Mapping[str, Any], config: Mapping[str, Any], instances: Path | None
) -> tuple[Mapping[str, Sequence[RawBox]], list[str]]:
    if instances is not None:
        return read_boxes(instances), []
    dataset, own = manifest.get("dataset"), config.get("instances")
    named = dataset.get("instances") if isinstance(dataset, dict) else None
    if not own and named:
        return {}, [f"no boxes: the run was made with {named} and keeps only its name; --instances FILE gives them"]
    if not own:
        return {}, ["no boxes: the run had none; --instances names some"]
    if not Path(own).is_file():
        return {}, [f"no boxes: {own}, which the run was given, is no file here; --instances names it"]
    return read_boxes(Path(own)), []


def _read_photos(run: Path) -> Iterator[tuple[str, str]]:
    """Image -> photograph, as the rows of a run say, both relative."""
    for name in ROWS:
        if not (run / name).is_file():
            continue
        with (run / name).open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                row = _parse(line, f"{run / name}, line {number}")
                if isinstance(row.get("image"), str) and isinstance(row.get("photo"), str):
                    yield row["image"], row["photo"]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return _parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from error


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        return decode_object(text)
    except TextFault as error:
        raise UsageError(f"{where}: {error}; export the run again") from error
