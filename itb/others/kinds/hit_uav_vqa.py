"""HIT-UAV VQA (of FusionRS): presence, counts, where a group is, what there is most of; from its manifest or boxes.

A folder of HIT-UAV itself is enough: the questions follow from its boxes, by the rules and the seed of their makers.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from itb.others.kind import Asked, Facts, ForeignBenchmark, Shown, Skipped
from itb.others.scoring.fusionrs import CLASSES, REGIONS
from tools.datasets.hituav.reader import find_flights
from tools.errors import MissingError, UsageError
from tools.files.json_text import read_json, read_rows
from tools.registry import NoSettings

MANIFEST = "hit_uav_vqa_eval_manifest.jsonl"
FOLDERS = ("", "benchmark/manifests", "manifests")
ANNOTATIONS = "normal_json/annotations"
PICTURES = ("normal_json/test", "normal_xml/JPEGImages", "test", "normal_json")
SEED = 20260726
PRESENCE, COUNT, LOCATION, DOMINANT = "object_presence", "object_count", "group_location", "dominant_object_class"
FORMS = {PRESENCE: "yes_no", COUNT: "number", LOCATION: "word", DOMINANT: "word"}
OPTIONS: Mapping[str, tuple[str, ...]] = {LOCATION: REGIONS, DOMINANT: CLASSES}
OPENING = "Use only the visible content of this real sensor-captured thermal aerial image."
DEMANDS = {
    PRESENCE: "Answer with exactly yes or no.",
    COUNT: "Answer with exactly one non-negative integer.",
    LOCATION: (
        "Answer with exactly one region label from: upper-left, upper, upper-right, left, center, right, lower-left, "
        "lower, lower-right."
    ),
    DOMINANT: "Answer with exactly one class label from: person, car, bicycle, other vehicle, none.",
}
"""How each kind is asked for its answer, as in the manifest."""


class Drawn(NamedTuple):
    """A question made of boxes."""

    kind: str
    image: "Frame"
    question: str
    answer: str


class Frame(NamedTuple):
    """An image of the annotations, with its boxes (x, y, width, height) by class."""

    id: int
    file: str
    width: float
    height: float
    boxes: Mapping[str, Sequence[Sequence[float]]]


def read(root: Path, settings: NoSettings) -> Iterator[Asked | Skipped]:
    """The manifest's rows; without it, what follows from the boxes. Questions about one flight are a group.

    Raises:
        MissingError: neither is there.
    """
    found = list(_read(root))
    flights = find_flights(_find_stem(asked) for asked in found if isinstance(asked, Asked))
    for asked in found:
        yield replace(asked, group=flights.get(_find_stem(asked), "")) if isinstance(asked, Asked) else asked


def _find_stem(asked: Asked) -> str:
    return Path(asked.shown[0].name).stem


def _read(root: Path) -> Iterator[Asked | Skipped]:
    manifest = next((path for folder in FOLDERS if (path := root / folder / MANIFEST).is_file()), None)
    if manifest:
        yield from _read_manifest(manifest)
        return
    found = sorted((root / ANNOTATIONS).glob("*.json"))
    if not found:
        raise MissingError(
            f"{root}: neither {MANIFEST} nor {ANNOTATIONS}/*.json there; name FusionRS's or HIT-UAV's folder"
        )
    test = [path for path in found if path.stem == "test"]
    declared = (
        "" if test else f"made of the boxes of {', '.join(path.name for path in found)}; upstream takes test.json"
    )
    for number, drawn in enumerate(draw_questions([frame for path in test or found for frame in read_frames(path)]), 1):
        yield _ask_drawn(root, number, drawn, declared)


def _read_manifest(path: Path) -> Iterator[Asked | Skipped]:
    for number, row in read_rows(path):
        match row:
            case {
                "question_type": str(kind), "question_id": str(key), "question": str(question), "prompt": str(prompt),
                "canonical_answer": str(answer), "ir_image": str(image),
            } if kind in FORMS:  # fmt: skip
                references = [str(said) for said in row.get("accepted_answers") or () if said != answer]
                yield _make(kind, key, question, prompt, answer, Shown(image), tuple(references))
            case _:
                yield Skipped("bad_row", f"{path.name} line {number}")


def _make(
    kind: str,
    key: str,
    question: str,
    prompt: str,
    answer: str,
    shown: Shown,
    references: tuple[str, ...] = (),
    declared: str = "",
) -> Asked:
    return Asked(
        kind=kind,
        key=key,
        question=question,
        prompt=prompt,
        answer=answer,
        label=answer,
        form=FORMS[kind],
        options=OPTIONS.get(kind, ()),
        references=references,
        shown=(shown,),
        max_new_tokens=12,
        declared=declared,
    )


def _ask_drawn(root: Path, number: int, drawn: Drawn, declared: str) -> Asked:
    file = drawn.image.file
    folder = next((name for name in PICTURES if (root / name / file).is_file()), PICTURES[0])
    prompt = f"{OPENING} {drawn.question} {DEMANDS[drawn.kind]}"
    return _make(
        drawn.kind,
        f"HITVQA-{number:05d}",
        drawn.question,
        prompt,
        drawn.answer,
        Shown(f"{folder}/{file}"),
        declared=declared,
    )


def read_frames(path: Path) -> list[Frame]:
    """The images of a file of HIT-UAV's own layout, without what nobody need care about.

    Raises:
        UsageError: it is something else.
    """
    content = read_json(path)
    try:
        names = {
            row["id"]: row["name"].replace("OtherVehicle", "other vehicle").lower() for row in content["categories"]
        }
        boxes: defaultdict[Any, defaultdict[str, list[Sequence[float]]]] = defaultdict(lambda: defaultdict(list))
        for row in content.get("annotation") or content.get("annotations") or ():
            if names[row["category_id"]] != "dontcare":
                boxes[row["image_id"]][names[row["category_id"]]].append([float(number) for number in row["bbox"]])
        return [
            Frame(row["id"], row.get("filename") or row["file_name"], row["width"], row["height"], boxes[row["id"]])
            for row in content["images"]
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(
            f"{path}: no annotations of HIT-UAV ({error!r}); expected images, annotation, categories"
        ) from None


def draw_questions(frames: Sequence[Frame]) -> Iterator[Drawn]:
    """All questions in the order of their makers: presence class by class, then image by image."""
    names = sorted(name for name in CLASSES if name != "none")
    for name in names:
        yield from _draw_presence(frames, name)
    for frame in sorted(frames, key=lambda frame: frame.id):
        counts = {name: len(frame.boxes[name]) for name in names if frame.boxes.get(name)}
        for name, count in counts.items():
            yield Drawn(COUNT, frame, f"How many {name} objects are visible?", str(count))
            question = f"In which image region is the center of the {name} group located?"
            yield Drawn(LOCATION, frame, question, find_region(frame, frame.boxes[name]))
        most = [name for name, count in counts.items() if count == max(counts.values())] or ["none"]
        if len(most) == 1:
            yield Drawn(DOMINANT, frame, "Which annotated object class appears most frequently?", most[0])


def _draw_presence(frames: Sequence[Frame], name: str) -> Iterator[Drawn]:
    """As many images with a class as without, each side in the order of hashes."""
    sides = {
        "yes": _sort([frame for frame in frames if frame.boxes.get(name)], f"presence-positive:{name}"),
        "no": _sort([frame for frame in frames if not frame.boxes.get(name)], f"presence:{name}"),
    }
    count = min(map(len, sides.values()))
    for answer, side in sides.items():
        for frame in side[:count]:
            yield Drawn(PRESENCE, frame, f"Is a {name} visible in this thermal image?", answer)


def _sort(frames: Sequence[Frame], what: str) -> list[Frame]:
    return sorted(frames, key=lambda frame: hashlib.sha256(f"{SEED}:{what}:{frame.id}".encode()).hexdigest())


def find_region(frame: Frame, boxes: Sequence[Sequence[float]]) -> str:
    """The ninth of an image in which the mean of the boxes' centres lies."""
    x, y = (sum(box[axis] + box[axis + 2] / 2 for box in boxes) / len(boxes) for axis in (0, 1))
    column = "left" if x < frame.width / 3 else "right" if x > 2 * frame.width / 3 else ""
    row = "upper" if y < frame.height / 3 else "lower" if y > 2 * frame.height / 3 else ""
    return "-".join(part for part in (row, column) if part) or "center"


BENCHMARK = ForeignBenchmark(
    name="hit-uav-vqa",
    title="HIT-UAV VQA",
    facts=Facts(
        licence="none found; HIT-UAV's images and boxes are CC BY 4.0",
        origin="github.com/frozy129/FusionRS at 43d9d82, benchmark/manifests",
        images="HIT-UAV's test images: `--map test=DIR`",
        citation="FusionRS; HIT-UAV, Scientific Data 2023",
    ),
    read=read,
)
