"""Boxes in files of their own: COCO JSON, a folder of VOC XML, or a folder of YOLO text, joined by the image's name."""

from collections import Counter
from pathlib import Path
from typing import Final

from tools.datasets.files import BadRow
from tools.datasets.formats.coco_json import CocoRow, read_coco
from tools.datasets.formats.voc import read_voc
from tools.datasets.reading import RawBox
from tools.datasets.tables.names import NameTable
from tools.errors import MissingError, UsageError
from tools.files.text import TextFault
from tools.files.yaml_text import decode_yaml

FORMS: Final = "COCO JSON, a folder of VOC XML, or a folder of YOLO .txt with classes.txt or data.yaml"
NAME_FILES: Final = ("classes.txt", "obj.names", "data.yaml")
YOLO_COLUMNS: Final = 5


class RawBoxes(list[RawBox]):
    """Boxes of one image; those of YOLO are shares of the image's sides.

    Attributes:
        is_normalised: corners are shares.
        lost: why each object that could not be read is missing: where there is one, nothing can be counted.
    """

    is_normalised = False
    lost: tuple[str, ...] = ()

    def scale(self, width: int, height: int) -> "list[RawBox]":
        """In pixels of an image of this size."""
        if not self.is_normalised:
            return self
        scaled = []
        for box in self:
            x1, y1, x2, y2 = box.box_xyxy
            scaled.append(RawBox(box.name, (x1 * width, y1 * height, x2 * width, y2 * height), box.is_certain))
        return scaled


def read_box_table(path: Path) -> NameTable[RawBoxes]:
    """Boxes by the name of their image.

    Raises:
        MissingError: there is no such file or folder.
        UsageError: it is of none of the forms.
    """
    if path.is_dir():
        return _read_folder(path)
    if not path.is_file():
        raise MissingError(f"--instances {path}: no such file or folder; it may be {FORMS}")
    rejects: Counter[str] = Counter()
    rows: dict[str, RawBoxes] = {}
    try:
        for row in read_coco(path):
            if isinstance(row, CocoRow):
                rows[row.name] = _collect(row.boxes, row.rejects, rejects)
            else:
                rejects[row.code] += 1
    except BadRow as error:
        raise UsageError(f"--instances {path}: {error}; it may be {FORMS}") from error
    return NameTable(rows, path, rejects)


def _collect(boxes: list[RawBox], bad: list[BadRow], rejects: Counter[str]) -> RawBoxes:
    found = RawBoxes(boxes)
    found.lost = tuple(error.code for error in bad)
    rejects.update(error.code for error in bad)
    return found


def _read_folder(folder: Path) -> NameTable[RawBoxes]:
    xml = sorted(folder.rglob("*.xml"))
    if xml:
        return _read_voc_folder(folder, xml)
    texts = sorted(path for path in folder.rglob("*.txt") if path.name not in NAME_FILES)
    if not texts:
        raise UsageError(f"--instances {folder}: holds neither .xml nor .txt; it may be {FORMS}")
    return _read_yolo_folder(folder, texts)


def _read_voc_folder(folder: Path, files: list[Path]) -> NameTable[RawBoxes]:
    rejects: Counter[str] = Counter()
    rows: dict[str, RawBoxes] = {}
    for path in files:
        try:
            voc = read_voc(path)
        except BadRow as error:
            rejects[error.code] += 1
            continue
        rows[path.relative_to(folder).with_suffix("").as_posix()] = _collect(voc.boxes, voc.rejects, rejects)
    return NameTable(rows, folder, rejects)


def _read_yolo_folder(folder: Path, files: list[Path]) -> NameTable[RawBoxes]:
    names = _read_names(folder)
    rejects: Counter[str] = Counter()
    rows: dict[str, RawBoxes] = {}
    for path in files:
        boxes, bad = [], []
        for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines():
            try:
                if line.strip():
                    boxes.append(_read_yolo_line(line, names))
            except BadRow as error:
                bad.append(error)
        row = _collect(boxes, bad, rejects)
        row.is_normalised = True
        rows[path.relative_to(folder).with_suffix("").as_posix()] = row
    return NameTable(rows, folder, rejects)


def _read_yolo_line(line: str, names: dict[int, str]) -> RawBox:
    """`class x y width height`, shares of the image's sides; a polygon's further numbers are passed over."""
    try:
        number, x, y, width, height = (float(part) for part in line.split()[:YOLO_COLUMNS])
    except ValueError:
        raise BadRow("bad_box", f"{line[:60]!r} is no line `class x y width height`") from None
    if int(number) not in names:
        raise BadRow("unknown_class", f"class {int(number)} has no name in {' or '.join(NAME_FILES)}")
    return RawBox(names[int(number)], (x - width / 2, y - height / 2, x + width / 2, y + height / 2))


def _read_names(folder: Path) -> dict[int, str]:
    """Names by number, from the folder or the one above."""
    for place in (folder, folder.parent):
        for name in NAME_FILES:
            path = place / name
            if not path.is_file():
                continue
            if path.suffix == ".yaml":
                return _read_data_yaml(path)
            lines = path.read_text(encoding="utf-8-sig").splitlines()
            return {number: line.strip() for number, line in enumerate(lines) if line.strip()}
    raise UsageError(f"--instances {folder}: YOLO numbers its classes; put {', '.join(NAME_FILES)} beside the files")


def _read_data_yaml(path: Path) -> dict[int, str]:
    try:
        found = decode_yaml(path.read_bytes())["names"]
        pairs = found.items() if isinstance(found, dict) else enumerate(found)
        return {int(number): str(name) for number, name in pairs}
    except (TextFault, LookupError, TypeError, ValueError) as error:
        raise UsageError(f"{path}: has no list `names` of the classes") from error
