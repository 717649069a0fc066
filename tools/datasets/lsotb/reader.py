"""LSOTB-TIR: one tracked object a sequence. Evaluation part (a text file of boxes), training part (an XML an image).

Only sequences named CLASS_S_NNN (or, in the training part, CLASS_NNN) say what they track: PTB-TIR's sequence
"airplane" tracks a person.
"""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import BadRow, list_folders, list_images, stream_lines
from tools.datasets.formats.voc import read_voc
from tools.datasets.reading import RawBox, Reading, Row, Size
from tools.datasets.records import Annotated, BoxXyxy

EVALUATION_NAME = re.compile(r"([a-z]+)_[HDSV]_\d+")
TRAINING_NAME = re.compile(r"([a-z]+)_\d+")
BOXES = "groundtruth_rect.txt"
TARGET = "target"
EVALUATION, TRAINING = "test", "train"


def find_layout(root: Path) -> str | None:
    """Which parts, and how many sequences."""
    evaluation, training = len(_list_evaluation(root)), len(_list_training(root))
    parts = [f"evaluation, {evaluation} sequences"] * bool(evaluation) + [f"training, {training}"] * bool(training)
    return f"LSOTB-TIR: {'; '.join(parts)}" if parts else None


def _list_evaluation(root: Path) -> list[Path]:
    return sorted(
        path.parent for pattern in ("sequences/*", "*/sequences/*") for path in root.glob(f"{pattern}/{BOXES}")
    )


def _list_training(root: Path) -> list[Path]:
    base = root / "TrainingData" if (root / "TrainingData").is_dir() else root
    return [
        folder for part in list_folders(base) if part.name.startswith("TIR_training_") for folder in list_folders(part)
    ]


def read(reading: Reading) -> Iterator[Annotated]:
    """All frames of all sequences; the label is what the sequence tracks."""
    for folder in _list_evaluation(reading.root):
        yield from _read_evaluation(reading, folder)
    for folder in _list_training(reading.root):
        yield from _read_training(reading, folder)


def _read_evaluation(reading: Reading, folder: Path) -> Iterator[Annotated]:
    images = list(list_images(folder / "img").values())
    where = reading.relate(folder)
    if not images:
        yield reading.reject(BadRow("no_images", "boxes, but no folder img with images"), where)
        return
    label = _find_label(EVALUATION_NAME, folder.name)
    if label is None:
        yield reading.reject(
            BadRow("untrusted_label", f"{folder.name} is no CLASS_S_NNN, so its class is unknown"), where
        )
    lines = list(itertools.islice(stream_lines(folder / BOXES), len(images)))
    if len(lines) < len(images):
        yield reading.reject(BadRow("no_annotation", f"{len(images)} images, {len(lines)} boxes"), where)
    for number, (path, line) in enumerate(zip(images, lines, strict=False), 1):
        try:
            box = _read_box(line)
        except BadRow as error:
            yield reading.reject(error, f"{where}/{BOXES}:{number}")
            continue
        yield from reading.make(_make_row(path, where, label, box, None, EVALUATION))


def _read_training(reading: Reading, folder: Path) -> Iterator[Annotated]:
    base = folder.parent.parent
    labels = base / "Annotations" / folder.parent.name / folder.name
    if not labels.is_dir():
        labels = base.parent / "Annotations" / folder.parent.name / folder.name
    where, label = reading.relate(folder), _find_label(TRAINING_NAME, folder.name)
    if label is None:
        yield reading.reject(
            BadRow("untrusted_label", f"{folder.name} is no CLASS_NNN, so its class is unknown"), where
        )
    for path in list_images(folder).values():
        try:
            voc = read_voc(labels / f"{path.stem}.xml")
        except BadRow as error:
            code = "no_annotation" if error.code == "missing_annotation" else error.code
            yield reading.reject(BadRow(code, str(error)), f"{where}/{path.name}")
            continue
        names = {found.name for found in voc.boxes}
        if label is not None and names and names != {label}:
            why = f"the folder says {label}, the file {', '.join(sorted(names))}"
            yield reading.reject(BadRow("label_differs", why), f"{where}/{path.name}")
        elif len(voc.boxes) != 1:
            why = f"{len(voc.boxes)} objects where one is tracked"
            yield reading.reject(BadRow("no_target", why), f"{where}/{path.name}")
        else:
            yield from reading.make(_make_row(path, where, label, voc.boxes[0].box_xyxy, voc.size, TRAINING))


def _make_row(path: Path, where: str, label: str | None, box: BoxXyxy, size: Size | None, split: str) -> Row:
    labels = () if label is None else (label,)
    return Row(path, f"{where}/{path.name}", where, [RawBox(TARGET, box)], size=size, split=split, labels=labels)


def _find_label(pattern: re.Pattern[str], name: str) -> str | None:
    match = pattern.fullmatch(name)
    return match[1] if match else None


def _read_box(line: str) -> BoxXyxy:
    """`x,y,w,h`, separated by commas, blanks or tabs."""
    try:
        left, top, width, height = (float(value) for value in re.split(r"[,\s]+", line.strip()))
    except ValueError:
        raise BadRow("no_box", f"no x,y,w,h: {line.strip()[:60]!r}") from None
    return left, top, left + width, top + height


DATASET = Dataset("lsotb", read_facts(__file__), find_layout, read)
