"""`report.html`, `report.md` and `report.json`: the outcome, a plot, the tables, and ten examples."""

import io
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from PIL import Image

from claim.asking import list_files
from claim.results import Results, make_results, render_markdown, to_json
from claim.samples import read_own
from claim.settings import Place, Settings
from claim.tables import JUDGED, TITLES
from itb.benchmark.bench import find_image, load_bench
from itb.report.metrics import Scored
from itb.report.scores import load_scored
from paper_mini.page import HEAD, embed, open_figure, render_table, save_figure
from tools.files import write_text

EXAMPLES = 10
THINGS = {
    "person": ("person", "people", "pedestrian"), "car": ("car",), "bicycle": ("bicycle", "bike"),
    "vehicle": ("bus", "buses", "truck", "van", "vehicle"),
}  # fmt: skip
"""What a question of the drone benchmark names -> how training texts call it."""
NOTHING = "(?!)"


def write_results(settings: Settings, place: Place) -> list[Path]:
    """Count, and write all three."""
    results = make_results(settings, place)
    texts = {
        "report.html": render_page(results, place), "report.md": render_markdown(results),
        "report.json": to_json(results),
    }  # fmt: skip
    for name, text in texts.items():
        write_text(place.out / name, text)
    return [place.out / name for name in texts]


def render_page(results: Results, place: Place) -> str:
    """One page with everything in it."""
    parts = [
        "<h1>Does grounded text teach infrared?</h1>",
        f"<p class=notice>{results.notice}</p>" if results.notice else "",
        *(f"<p>{escape(words)}</p>" for words in results.words),
        embed(draw_differences(results), "differences with their 95 % intervals"),
        *(render_table(table) for table in results.tables),
        "<h2>Ten answers</h2>", '<div class="items">', *_render_examples(results, place), "</div>",
    ]  # fmt: skip
    return HEAD.replace("The paper in miniature", "Does grounded text teach infrared?") + "".join(parts)


def draw_differences(results: Results) -> bytes:
    """Every comparison of every benchmark."""
    rows = [
        (f"{table.title.partition(': ')[2]}: {row[0]} - {row[1]}", row[2])
        for table in results.tables if table.title.startswith("Differences") for row in table.rows
    ]  # fmt: skip
    rows = [(words, told) for words, told in rows if "[" in told]
    figure, axes = open_figure(9, 0.3 * len(rows) + 0.8)
    for height, (_, told) in enumerate(reversed(rows)):
        value, low, high = (float(part) for part in re.findall(r"[+-]?\d+\.\d", told))
        axes.plot([low, high], [height, height], color="#3a6ea5", linewidth=2)
        axes.plot(value, height, "o", color="#3a6ea5")
    axes.axvline(0, color="#777", linewidth=0.8)
    axes.set_yticks(range(len(rows)), [words for words, _ in reversed(rows)], fontsize=6)
    axes.set_xlabel("points")
    return save_figure(figure)


def _render_examples(results: Results, place: Place) -> Iterator[str]:
    """Right and wrong answers of the first seed on the deciding benchmark, and what training said of like things."""
    settings, name = results.settings, results.deciding
    bench = load_bench(place.out / f"test/{name}/bench")
    rows = load_scored(list_files(settings, place, name, JUDGED)[0], bench)
    samples = read_own(place.out / f"s{settings.seeds[0]}/data/{JUDGED}.json")
    said = [turn["value"] for row in samples for turn in row["conversations"] if turn["from"] == "gpt"]
    for is_right in (True, False):
        mine = [row for row in rows if row.prediction.is_correct is is_right]
        for row in mine[:: max(1, len(mine) // (EXAMPLES // 2))][: EXAMPLES // 2]:
            file = find_image(row.item, bench)
            file.check()
            with Image.open(file.path) as image:
                yield _render_example(row, image, _find_like(row, said))


def _find_like(row: Scored, said: list[str]) -> str:
    """The shortest training text that names what the question or its answer is about."""
    asked = f"{row.item.question} {row.item.answer}".lower()
    named = [each for thing, words in THINGS.items() if re.search(rf"\b{thing}\b", asked) for each in words]
    names = [evidence.name.lower() for evidence in row.item.evidence] or named
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, names)) or NOTHING})s?\b", re.IGNORECASE)
    return min((text for text in said if pattern.search(text)), key=len, default="nothing of it")


def _render_example(row: Scored, image: Image.Image, said: str) -> str:
    sink = io.BytesIO()
    image.convert("L").save(sink, "JPEG", quality=80)
    style = "right" if row.prediction.is_correct else "wrong"
    answer = escape(row.prediction.answer or "no answer that can be read")
    return (
        f'<div class="item">{embed(sink.getvalue(), row.item.id, "jpeg")}{escape(row.item.question)}<br>'
        f'<b class="{style}">{answer}</b>, true: {escape(row.item.answer)}<br>'
        f"<i>said in training ({escape(TITLES[JUDGED])}):</i> {escape(said[:300])}</div>"
    )
