"""What the page of a benchmark shows, as HTML: tasks by models, the list, one question. Templates escape every text."""

import base64
import functools
import io
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from PIL import Image

from itb.benchmark.ask import LETTERS
from itb.benchmark.bench import Bench, ItemImage, find_image, list_images
from itb.records import Item, Prediction
from itb.report.page import COLOURS
from itb.report.scores import Baselines, ModelScore, TaskScore
from itb.report.tables import is_small, percent, show_baselines, show_estimate
from itb.report.why import explain_item
from itb.studio.answers import WRONG, Answers, Asked, Listed, Spot, Wanted
from itb.tasks import name_task, order_tasks
from tools.errors import ImageError
from tools.images import load_rgb
from tools.web import fill

TEMPLATES = Path(__file__).with_name("templates")
THUMB, LARGE, LEAST = 96, 960, 320
"""Longest sides of a picture in the list and of an open one, and what small ones are enlarged to."""
KEPT = 512
SECTION = "questions"


class Cell(NamedTuple):
    """A model's accuracy in a task, in percent, with what a bar of it needs.

    Attributes:
        address: of the questions that it got wrong.
        tone: `above`, `below` or empty: its interval against chance and blind.
    """

    model: str
    text: str
    value: float
    low: float | None
    high: float | None
    chance: float | None
    blind: float | None
    colour: str
    unread: str
    tone: str
    address: str


class Shown(NamedTuple):
    """One image of a question.

    Attributes:
        role: what it is (`ir`, `rgb`, ...) where there are several, else empty.
        picture: in a data URL; empty when it cannot be read here.
        missing: why it is not there at all; empty for one that is.
    """

    role: str
    picture: str
    missing: str


class Line(NamedTuple):
    """A task: a cell for each model, None where it was not asked; chance, majority and blind on the same questions."""

    task: str
    title: str
    baselines: str
    asked: str
    cells: tuple[Cell | None, ...]


def write_address(spot: Spot) -> str:
    """What the page's address says of a spot, behind its `?`."""
    page = spot.page if spot.page > 1 else ""
    values = {"section": SECTION, **spot.wanted.__dict__, "page": page, "item": spot.item}
    return urlencode({name: value for name, value in values.items() if value})


def show_grid(answers: Answers) -> str:
    """Tasks by models."""
    scores = answers.report.scores
    found = [{task.task: task for task in score.tasks} for score in scores]
    asked = order_tasks(task for mine in found for task in mine)
    lines = [_make_line(task, scores, [mine.get(task) for mine in found]) for task in asked]
    names = [(score.name, score.state, COLOURS[place % len(COLOURS)]) for place, score in enumerate(scores)]
    is_averaged = any(task.task in score.average_tasks for score in scores for task in score.tasks)
    averages = [show_estimate(score.itb_avg) for score in scores] if is_averaged else []
    return fill(TEMPLATES, "grid.html.j2", lines=lines, names=names, averages=averages)


def _make_line(task: str, scores: list[ModelScore], found: list[TaskScore | None]) -> Line:
    cells = tuple(
        _make_cell(score.name, one, COLOURS[place % len(COLOURS)]) if one else None
        for place, (score, one) in enumerate(zip(scores, found, strict=True))
    )
    there = [one for one in found if one]
    baselines = dict.fromkeys(show_baselines(one.baselines) for one in there)
    counts = dict.fromkeys(f"{one.accuracy.n} ({one.accuracy.groups})" for one in there)
    return Line(task, name_task(task), "; ".join(baselines), "; ".join(counts), cells)


def _make_cell(model: str, task: TaskScore, colour: str) -> Cell:
    found, floor = task.accuracy, Baselines(*map(_scale, task.baselines))
    bounds = (None, None) if is_small(found) else (_scale(found.low), _scale(found.high))
    unread = sum(task.failures.values())
    tone = "" if is_small(found) else "below" if task.is_below_chance else "above" if task.beats_blind else ""
    spot = Spot(Wanted(task=task.task, model=model, outcome=WRONG))
    return Cell(
        model,
        show_estimate(found),
        100 * found.value,
        *bounds,
        floor.chance,
        floor.blind,
        colour,
        f"{percent(unread / found.n)} % could not be read" if unread else "",
        tone,
        write_address(spot),
    )


def _scale(value: float | None) -> float | None:
    return None if value is None else 100 * value


def show_tables(answers: Answers) -> str:
    """Every table of the report, as `itb report` writes them."""
    return fill(TEMPLATES, "tables.html.j2", tables=answers.report.tables)


def show_list(answers: Answers, listed: Listed) -> str:
    """A page of questions, each with a mark for every model."""
    names = answers.models
    rows = []
    for asked in listed.asked:
        marks = [(name, judge_words(asked.judge(name)) if name in asked.said else "") for name in names]
        spot = Spot(listed.spot.wanted, listed.spot.page, asked.item.id)
        picture = embed(answers.bench, asked.item, THUMB)
        rows.append((asked.item, name_task(asked.item.task), marks, picture, write_address(spot)))
    return fill(TEMPLATES, "questions.html.j2", rows=rows, open=listed.spot.item)


def judge_words(rows: list[Prediction]) -> str:
    """`right`, `wrong`, or `unread` of what counts of one model."""
    if all(row.is_correct for row in rows):
        return "right"
    return "unread" if any(row.failure for row in rows) else "wrong"


def show_question(answers: Answers, id: str) -> str:
    """One question: image with the evidence drawn on it, options, and each model's reply and how it was read."""
    asked = answers.find(id)
    if asked is None:
        return fill(TEMPLATES, "question.html.j2", asked=None, id=id)
    item = asked.item
    boxes = [(entry.name, *_place(entry.box_xyxy_norm)) for entry in item.evidence]
    options = [(letter, text, text == item.answer) for letter, text in zip(LETTERS, item.options, strict=False)]
    return fill(
        TEMPLATES,
        "question.html.j2",
        asked=asked,
        item=item,
        title=name_task(item.task),
        pictures=list_shown(answers.bench, item),
        boxes=boxes,
        options=options,
        replies=[(name, _list_replies(asked, name)) for name in answers.models],
        why=list(explain_item(answers.bench, item)),
    )


def _list_replies(asked: Asked, model: str) -> list[tuple[Prediction, str, list[tuple[str, str]]]]:
    """Each variant's prediction, how it came out, and the answers' log-likelihoods, the likeliest first."""
    return [
        (
            row,
            judge_words([row]),
            [(answer, f"{value:.2f}") for answer, value in sorted(row.scores.items(), key=lambda pair: -pair[1])],
        )
        for row in asked.said.get(model, ())
    ]


def _place(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Left, top, width and height of a box in percent of the picture."""
    left, top, right, bottom = (100 * min(max(float(value), 0.0), 1.0) for value in box)
    return left, top, max(0.0, right - left), max(0.0, bottom - top)


def list_shown(bench: Bench, item: Item) -> list[Shown]:
    """All images of a question, in the order shown to a model."""
    described = item.foreign.images if item.foreign else ()
    if len(described) < 2:
        return [Shown("", embed(bench, item, LARGE), item.foreign.missing if item.foreign else "")]
    files = list_images(item, bench)
    return [
        Shown(image.role, "" if image.missing else _embed_file(file, item, LARGE), image.missing)
        for image, file in zip(described, files, strict=True)
    ]


def embed(bench: Bench, item: Item, side: int) -> str:
    """The item's picture, the first of several, in a data URL; empty when it cannot be read here."""
    return _embed_file(find_image(item, bench), item, side)


def _embed_file(file: ItemImage, item: Item, side: int) -> str:
    """Confined as an evaluation is."""
    try:
        file.check()
        changed = file.path.stat().st_mtime_ns
        return _encode(file.path, changed, item.crop_xyxy, side)
    except (ImageError, OSError):
        return ""


@functools.lru_cache(maxsize=KEPT)
def _encode(path: Path, changed: int, crop: Any, side: int) -> str:
    image = load_rgb(path)
    image = image.crop(crop) if crop else image
    image.thumbnail((side, side))
    if side > LEAST > max(image.size):
        factor = -(-LEAST // max(image.size))
        image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=86)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
