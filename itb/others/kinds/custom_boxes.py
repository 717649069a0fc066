"""Boxes of one's own as questions: ITB's tasks locate and security, and counts of every class."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from itb.benchmark.pictures import lay_out, place_box
from itb.others.kind import Asked, Shown, Skipped
from itb.records import Evidence
from itb.tasks import load_task
from itb.tasks.base.counting import compose_counts, find_counts
from itb.tasks.base.draft import Candidate, Composer, Draft, Search, Skip
from itb.tasks.base.wording_file import Noun, TaskFile, validate
from itb.tasks.base.wordings import Wordings, load_wordings
from itb.tasks.pedestrian_count import PedestrianCounting
from itb.tasks.security import VERSION
from tools.datasets import AnnotatedImage
from tools.datasets.boxes import clip_box
from tools.datasets.files import BadRow
from tools.datasets.formats.coco_json import CocoRow, read_coco
from tools.datasets.formats.voc import read_voc
from tools.datasets.reading import RawBox
from tools.datasets.records import AnnotatedBox
from tools.errors import UsageError
from tools.files.yaml_text import read_yaml
from tools.inflection import pluralise
from tools.prompts import DEFAULT_PACK

NAME = "custom"
COUNTED = "pedestrian_count"
"""The task whose way of counting is taken; its words are those of custom.yaml."""
WORDINGS = Path(__file__).with_name("custom.yaml")
IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
OTHER_JSON = ("manifest.json",)


def list_annotations(root: Path) -> list[Path]:
    """COCO's files, else VOC's; none of other JSON."""
    found = sorted([*root.glob("*.json"), *root.glob("annotations/*.json")])
    coco = [path for path in found if path.name not in OTHER_JSON]
    return coco or sorted([*root.glob("*.xml"), *root.glob("Annotations/*.xml")])


def ask_boxes(
    root: Path, annotations: Sequence[Path], tasks: Sequence[str], most: int, seed: int
) -> Iterator[Asked | Skipped]:
    """Every question that the boxes admit beyond doubt.

    Raises:
        UsageError: an unknown task, or no annotation can be read.
    """
    frames, names = [], set[str]()
    for entry in _read_all(root, annotations):
        if isinstance(entry, Skipped):
            yield entry
        else:
            frames.append(entry)
            names |= {box.name for box in entry.boxes}
    wordings = _extend(load_wordings(DEFAULT_PACK), sorted(names))
    finders = {"locate": _find_own, "security": _find_own, "count": _find_counts}
    for task in tasks:
        if task not in finders:
            raise UsageError(f"custom: there is no task {task!r} of boxes; there are {', '.join(finders)}")
        drafts = finders[task](task, frames, wordings, root, most, seed)
        yield from _ask_drafts(task, drafts)


def _find_own(
    task: str, frames: Sequence[AnnotatedImage], wordings: Wordings, root: Path, most: int, seed: int
) -> Iterator[Draft | Skip]:
    own, search = load_task(task), Search(wordings, root)
    found = [entry for frame in frames for entry in own.find(frame, search)]
    yield from (entry for entry in found if isinstance(entry, Skip))
    candidates = [entry for entry in found if isinstance(entry, Candidate)]
    yield from own.compose(candidates, Composer(wordings, seed, None, NAME, allow_guessable=True))


def _find_counts(
    task: str, frames: Sequence[AnnotatedImage], wordings: Wordings, root: Path, most: int, seed: int
) -> Iterator[Draft | Skip]:
    names = sorted({box.name for frame in frames for box in frame.boxes})
    found = [entry for frame in frames for entry in find_counts(frame, names, most, COUNTED)]
    yield from (entry for entry in found if isinstance(entry, Skip))
    candidates = [entry for entry in found if isinstance(entry, Candidate)]
    settings = PedestrianCounting(most=most)
    yield from compose_counts(COUNTED, candidates, Composer(wordings, seed, settings, NAME, allow_guessable=True))


def _ask_drafts(task: str, drafts: Iterable[Draft | Skip]) -> Iterator[Asked | Skipped]:
    numbers: Counter[str] = Counter()
    for draft in drafts:
        if isinstance(draft, Skip):
            yield Skipped(f"{task}: {draft.code}", "")
            continue
        frame = draft.frame
        key = f"{frame.id}-{numbers[frame.id]}"
        numbers[frame.id] += 1
        layout = lay_out(frame, None)
        yield Asked(
            kind=task, key=key, question=draft.question, answer=draft.answer, form=draft.form, options=draft.options,
            shown=(Shown(frame.image),), group=frame.group,
            evidence=tuple(
                Evidence(name=name, box_xyxy_norm=place_box(box, frame, layout)) for name, box in draft.evidence
            ),
            checks={**draft.facts, **({"block": draft.block} if draft.block else {})},
            facts={"asks_absent": "yes"} if task == "security" else {},
        )  # fmt: skip


def _extend(wordings: Wordings, names: Sequence[str]) -> Wordings:
    """The pack's wordings with the user's names, counts asked in words of their own, and names as one release."""
    nouns = {name: Noun(one=name, many=pluralise(name)) for name in names}
    security = wordings.files["security"]
    versions = {**security.versions, NAME: {name: (name,) for name in names}}
    files = {
        **wordings.files,
        "security": security.model_copy(update={"versions": versions}),
        COUNTED: validate(WORDINGS, read_yaml(WORDINGS), TaskFile),
    }
    return dataclasses.replace(wordings, nouns={**nouns, **wordings.nouns}, files=files)


def _read_all(root: Path, annotations: Sequence[Path]) -> Iterator[AnnotatedImage | Skipped]:
    try:
        for path in annotations:
            if path.suffix == ".xml":
                yield _read_voc(root, path)
            else:
                for row in read_coco(path):
                    yield Skipped(row.code, path.name) if isinstance(row, BadRow) else _make(root, row)
    except BadRow as error:
        raise UsageError(f"{root}: {error}; mend the file, or take it out of the folder") from error


def _read_voc(root: Path, path: Path) -> AnnotatedImage | Skipped:
    voc = read_voc(path)
    places = (root, root / "images", root / "JPEGImages", path.parent)
    found = [place / f"{path.stem}{ending}" for place in places for ending in IMAGE_ENDINGS]
    image = next((file for file in found if file.is_file()), None)
    name = image.relative_to(root).as_posix() if image else f"{path.stem}.jpg"
    return _make(root, CocoRow(name, voc.size, voc.boxes, voc.rejects))


def _make(root: Path, row: CocoRow) -> AnnotatedImage | Skipped:
    """An image with its boxes; one without a stated size, or with an object that cannot be read, is asked nothing."""
    is_below = not (root / row.name).is_file() and (root / "images" / row.name).is_file()
    name = f"images/{row.name}" if is_below else row.name
    if row.size is None:
        return Skipped("no_size", name)
    if row.rejects:
        return Skipped(row.rejects[0].code, name)
    try:
        boxes = [AnnotatedBox(_name(raw), clip_box(raw.box_xyxy, *row.size), raw.is_certain) for raw in row.boxes]
    except BadRow as error:
        return Skipped(error.code, name)
    return AnnotatedImage(
        id=Path(name).with_suffix("").as_posix(), source=NAME, image=name, width=row.size[0], height=row.size[1],
        boxes=tuple(boxes), group=name, band="lwir", polarity="unknown", facts={VERSION: NAME},
    )  # fmt: skip


def _name(raw: RawBox) -> str:
    return " ".join(raw.name.replace("_", " ").lower().split())
