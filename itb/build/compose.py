"""From what can be asked to the questions that are: split, balanced within each split, cut to the plan."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from itb.benchmark.pictures import lay_out, name_picture, place_box
from itb.build.gather import Gathered
from itb.build.plan import SPLITS, Available, Plan
from itb.build.split import TEST_SHARE, Kind, Sides
from itb.records import Item, Split, TaskName
from itb.tasks import NO_SETTINGS, read_task_settings
from itb.tasks.base.draft import Candidate, Composer, Draft
from itb.tasks.base.wordings import Wordings
from tools.records import BoxXyxyNorm
from tools.registry import TASKS

MODEL_SIDE = 336
"""Pixels of the square that the models of the field see (LLaVA 1.5; LanguageBind's 224 shows two thirds of it)."""
TOO_SMALL = "evidence_too_small"
Drafts = dict[tuple[TaskName, str, Split], list[Draft]]


class Placed(NamedTuple):
    """A question and the side it stands on."""

    draft: Draft
    split: Split


def count_kinds(gathered: Gathered) -> dict[str, Counter[Kind]]:
    """Group -> candidates of each task and source, and of each thing asked and its answer: what is shared 2 : 1."""
    counts: defaultdict[str, Counter[Kind]] = defaultdict(Counter)
    for (task, source, kind), items in gathered.candidates.items():
        whole = Kind(task, source)
        for item in items:
            kinds = counts[name_group(item)]
            kinds[whole] += 1
            if isinstance(item.truth, str | bool):
                kinds[Kind(task, source, (kind, *item.key, str(item.truth)))] += 1
    return counts


def name_group(item: Candidate | Draft) -> str:
    """The group of a frame, unique over all sources."""
    return f"{item.frame.source}/{item.frame.group}"


def compose_all(
    gathered: Gathered,
    sides: Sides,
    wordings: Wordings,
    seed: int,
    fills_up: bool = False,
    settings: Mapping[str, Mapping[str, Any]] = NO_SETTINGS,
    is_paper: bool = False,
) -> Drafts:
    """All questions of every task, source and split, the kinds of a task taking turns.

    Balanced questions where a split allows any; else guessable ones, which the manifest counts.

    Args:
        gathered: what can be asked.
        sides: which group is on which side.
        wordings: of the questions.
        seed: of all draws.
        fills_up: whether balanced questions may be followed by others, to reach a number.
        settings: task -> setting -> value, where it is not the usual one.
        is_paper: nothing is balanced, and each question has its side by itself, whatever its group's.
    """
    rows: defaultdict[tuple[TaskName, str, Split], list[list[Draft]]] = defaultdict(list)
    for (name, source, kind), items in sorted(gathered.candidates.items()):
        composer = Composer(wordings, seed, read_task_settings(name, settings), "", True, fills_up, is_paper)
        if is_paper:
            drafts = list(wordings.tasks[name].compose(items, replace(composer, share=f"{name}-{source}-{kind}")))
            for split, taken in zip(SPLITS, part_by_question(drafts, composer), strict=True):
                rows[name, source, split].append(taken)
            continue
        parted: dict[Split, list[Candidate]] = {split: [] for split in SPLITS}
        for item in items:
            parted[sides.side[name_group(item)]].append(item)
        for split, mine in parted.items():
            own = replace(composer, share=f"{name}-{source}-{kind}-{split}")
            rows[name, source, split].append(list(wordings.tasks[name].compose(mine, own)) if mine else [])
    return {key: take_turns(drafts) for key, drafts in rows.items()}


def part_by_question(drafts: Sequence[Draft], composer: Composer) -> tuple[list[Draft], list[Draft]]:
    """Train and test, 2 : 1, each question drawn for itself, as the paper does."""
    places = sorted(range(len(drafts)), key=lambda place: (composer.draw("side", drafts[place].frame.id, place), place))
    test = set(places[: round(len(drafts) * TEST_SHARE)])
    parts: tuple[list[Draft], list[Draft]] = ([], [])
    for place, draft in enumerate(drafts):
        parts[place in test].append(draft)
    return parts


def take_turns(rows: Sequence[Sequence[Draft]]) -> list[Draft]:
    """One list of several, their blocks kept together; each list is used up evenly."""
    placed = []
    for number, drafts in enumerate(rows):
        units = _form_units(drafts)
        placed += [((place + 0.5) / len(units), number, unit) for place, unit in enumerate(units)]
    return [draft for _, _, unit in sorted(placed, key=lambda entry: entry[:2]) for draft in unit]


def _form_units(drafts: Iterable[Draft]) -> list[list[Draft]]:
    units: list[list[Draft]] = []
    for draft in drafts:
        if units and draft.block and units[-1][0].block == draft.block:
            units[-1].append(draft)
        else:
            units.append([draft])
    return units


def count_available(drafts: Drafts) -> Available:
    """How many questions there are."""
    return {key: len(rows) for key, rows in drafts.items()}


def take_planned(drafts: Drafts, plan: Plan) -> list[Placed]:
    """The planned questions: task by task, sources and splits taking turns, so that any first part is a fair one."""
    chosen: list[Placed] = []
    for task in TASKS.names():
        rows = []
        for (name, source, split), questions in sorted(drafts.items()):
            if name == task:
                units = _form_units(questions[: plan.take[task, source, split]])
                rows += [((k + 0.5) / len(units), source, split, unit) for k, unit in enumerate(units)]
        rows.sort(key=lambda row: row[:3])
        chosen += [Placed(draft, split) for _, _, split, unit in rows for draft in unit]
    return chosen


def make_items(placed: Sequence[Placed]) -> list[Item]:
    """Give every question its id and its place."""
    stems = [_name_stem(entry.draft) for entry in placed]
    numbers = _number(placed, stems)
    return [
        _make_item(entry, f"{stem}-{numbers[k]}") for k, (entry, stem) in enumerate(zip(placed, stems, strict=True))
    ]


def _number(placed: Sequence[Placed], stems: Sequence[str]) -> list[int]:
    """The number in each id: counted within task, source and stem, in the order of path and question."""
    seen: Counter[str] = Counter()
    numbers = [0] * len(placed)
    for k in sorted(range(len(placed)), key=lambda k: placed[k].draft.frame.image):
        numbers[k] = seen[stems[k]]
        seen[stems[k]] += 1
    return numbers


def _name_stem(draft: Draft) -> str:
    """Task, source and the stem of the image, without blanks."""
    stem = draft.frame.image.rpartition("/")[2].rpartition(".")[0]
    return f"{draft.task}-{draft.frame.source}-{'_'.join(stem.split())}"


def find_smallest(boxes: Iterable[BoxXyxyNorm], width: int, height: int) -> float | None:
    """Side of the smallest box, once an image of this size is fitted into the models' square; None without boxes."""
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in boxes]
    return (
        round(math.sqrt(max(0.0, min(areas)) * width * height) * MODEL_SIDE / max(width, height), 1) if areas else None
    )


def keep_large(gathered: Gathered, least: float) -> None:
    """Take out candidates of which a box that the answer rests on is too small for a model to see, and count them.

    Args:
        least: side of the smallest box in pixels, as `Item.evidence_pixels`.
    """
    for (task, source, _), items in gathered.candidates.items():
        kept = [item for item in items if (_find_side(item) or least) >= least]
        if len(kept) < len(items):
            gathered.skips[task][source][TOO_SMALL] += len(items) - len(kept)
            items[:] = kept


def _find_side(item: Candidate) -> float | None:
    layout = lay_out(item.frame, None)
    boxes = [place_box(box.box_xyxy, item.frame, layout) for box in item.evidence]
    return find_smallest(boxes, layout.width, layout.height)


def _make_item(entry: Placed, id: str) -> Item:
    draft, frame = entry.draft, entry.draft.frame
    layout = lay_out(frame, draft.picture)
    boxes = [place_box(box, frame, layout) for _, box in draft.evidence]
    return Item.model_validate(
        {
            "id": id,
            "task": draft.task,
            "source": frame.source,
            "band": frame.band,
            "polarity": (draft.picture and draft.picture.polarity) or frame.polarity,
            "image": name_picture(frame, draft.picture) if draft.picture else f"images/{frame.source}/{frame.image}",
            "crop_xyxy": None if draft.picture else frame.crop_xyxy,
            "width": layout.width,
            "height": layout.height,
            "question": draft.question,
            "options": draft.options,
            "answer": draft.answer,
            "form": draft.form,
            "tolerance": draft.tolerance,
            "unit": draft.unit,
            "wording": draft.wording,
            "group": name_group(draft),
            "split": entry.split,
            "evidence": [
                {"name": name, "box_xyxy_norm": box} for (name, _), box in zip(draft.evidence, boxes, strict=True)
            ],
            "evidence_pixels": find_smallest(boxes, layout.width, layout.height),
            "facts": {**draft.facts, "block": draft.block} if draft.block else draft.facts,
        }
    )
