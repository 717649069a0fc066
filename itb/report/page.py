"""The self-contained page: radar, bars with intervals, tables, and wrong answers with their images."""

import base64
import io
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from itb.benchmark.bench import Bench, find_image
from itb.report.metrics import Scored
from itb.report.scores import ModelScore, TaskScore
from itb.report.tables import Table, is_small
from itb.tasks import list_paper_tasks, name_task
from tools.errors import ImageError
from tools.files import write_text
from tools.images import load_rgb
from tools.page import load_assets
from tools.seeds import hash_for_order

TEMPLATES = Path(__file__).with_name("templates")
COLOURS = ("#2f6fb3", "#c0501f", "#2e8b57", "#8a4fb0", "#b08a1f", "#555b66")
SIDE = 240
QUALITY = 80
RADAR_RADIUS = 150
WRONG_AT_MOST = 60
"""Wrong answers shown of a model and task, chosen by a hash, so that a page stays small."""


class Bar(NamedTuple):
    """One bar, in percent: its value, its interval, and the marks of chance and blind."""

    label: str
    value: float
    low: float | None
    high: float | None
    chance: float | None
    blind: float | None
    colour: str
    text: str


class Wrong(NamedTuple):
    """A wrong answer as the page shows it."""

    model: str
    task: str
    source: str
    failure: str
    question: str
    options: tuple[str, ...]
    answer: str
    reply: str
    image: str


class Spoke(NamedTuple):
    """An axis of the radar: its name, its end, and where the name stands."""

    name: str
    x: float
    y: float
    text_x: float
    text_y: float


class Ring(NamedTuple):
    """A model's shape in the radar."""

    name: str
    colour: str
    points: str


def write_page(out: Path, scores: Sequence[ModelScore], bench: Bench, tables: Sequence[Table]) -> Path:
    """Write `report.html` into a folder; the page asks the network for nothing."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters["percent"] = lambda value: f"{value:.1f}"
    page = environment.get_template("report.html.j2").render(
        bench=bench,
        scores=scores,
        charts=[(name_task(task), bars) for task, bars in draw_bars(scores).items()],
        spokes=draw_spokes(),
        rings=draw_rings(scores),
        radius=RADAR_RADIUS,
        tables=tables,
        wrong=list(list_wrong(scores, bench)),
        shown_at_most=WRONG_AT_MOST,
        **load_assets(TEMPLATES),
    )
    path = out / "report.html"
    write_text(path, page, errors="replace")
    return path


def draw_bars(scores: Sequence[ModelScore]) -> dict[str, list[Bar]]:
    """Task -> a bar for each model that was asked it."""
    charts: defaultdict[str, list[Bar]] = defaultdict(list)
    for place, score in enumerate(scores):
        for task in score.tasks:
            charts[task.task].append(_draw_bar(score.name, task, COLOURS[place % len(COLOURS)]))
    return dict(charts)


def _draw_bar(name: str, task: TaskScore, colour: str) -> Bar:
    found, floor = task.accuracy, task.baselines
    bounds = (None, None) if is_small(found) else (found.low, found.high)
    low, high, chance, blind = (
        None if value is None else 100 * value for value in (*bounds, floor.chance, floor.blind)
    )
    text = f"{100 * found.value:.1f} % of {found.n}"
    return Bar(name, 100 * found.value, low, high, chance, blind, colour, text)


def draw_spokes() -> list[Spoke]:
    """The tasks of the paper around a circle, the first at the top."""
    tasks = list_paper_tasks()
    return [
        Spoke(name_task(task), *_place(number, len(tasks), 1.0), *_place(number, len(tasks), 1.16))
        for number, task in enumerate(tasks)
    ]


def _place(number: int, count: int, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * number / count - math.pi / 2
    return round(RADAR_RADIUS * share * math.cos(angle), 1), round(RADAR_RADIUS * share * math.sin(angle), 1)


def draw_rings(scores: Sequence[ModelScore]) -> list[Ring]:
    """Models that were asked at least three of the paper's tasks; one that was not asked is left out of the shape."""
    rings, tasks = [], list_paper_tasks()
    for place, score in enumerate(scores):
        values = {task.task: task.accuracy.value for task in score.tasks}
        points = [_place(number, len(tasks), values[task]) for number, task in enumerate(tasks) if task in values]
        if len(points) >= 3:
            rings.append(Ring(score.name, COLOURS[place % len(COLOURS)], " ".join(f"{x},{y}" for x, y in points)))
    return rings


def list_wrong(scores: Sequence[ModelScore], bench: Bench) -> Iterator[Wrong]:
    """Wrong answers to questions as they stand, with their images; a sample of each model and task."""
    for score in scores:
        by_task: defaultdict[str, list[Scored]] = defaultdict(list)
        for row in score.rows:
            if not row.prediction.is_correct and not row.prediction.variant:
                by_task[row.item.task].append(row)
        for rows in by_task.values():
            rows.sort(key=lambda row: hash_for_order(row.item.id))
            yield from (_show_wrong(score.name, row, bench) for row in rows[:WRONG_AT_MOST])


def _show_wrong(model: str, row: Scored, bench: Bench) -> Wrong:
    item, said = row.item, row.prediction
    read = said.reply if said.answer is None or said.answer == said.reply else f"{said.reply} (read as {said.answer})"
    return Wrong(
        model, name_task(item.task), item.source, said.failure or "wrong", item.question, item.options, item.answer,
        read, embed_image(row, bench),
    )  # fmt: skip


def embed_image(row: Scored, bench: Bench) -> str:
    """The item's picture as a small JPEG in a data URL; empty when the file cannot be read here."""
    item: Any = row.item
    try:
        file = find_image(item, bench)
        file.check()
        image = load_rgb(file.path)
    except ImageError:
        return ""
    if item.crop_xyxy:
        image = image.crop(item.crop_xyxy)
    image.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
