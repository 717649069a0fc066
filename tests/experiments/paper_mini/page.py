"""`report.html`, `report.md` and `report.json` of the experiment, with plots and examples."""

import base64
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from itb.benchmark.bench import Bench, find_image, load_bench
from itb.evaluate.predictions import read_predictions
from itb.records import Item, Prediction
from itb.tasks import list_paper_tasks
from paper_mini.cells import MAIN, list_arms
from paper_mini.peers.results import TITLES
from paper_mini.results import QUICK_NOTICE, Results, make_results, render_markdown
from paper_mini.settings import Settings
from paper_mini.tables import Table
from tools.files import write_text

EXAMPLES_A_TASK = 2
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; color: #222 }
table { border-collapse: collapse; margin: .6em 0 1.4em; display: block; overflow-x: auto }
th, td { border: 1px solid #ccc; padding: .3em .6em; text-align: left }
th { background: #f3f3f3 }
img { max-width: 100% }
figure { margin: 1em 0 }
.items { display: flex; flex-wrap: wrap; gap: 1em }
.item { width: 15em; font-size: 13px }
.item img { width: 100% }
.right { color: #176b2c }
.wrong { color: #a3211b }
.notice { background: #fff4d6; padding: .6em 1em }
"""
HEAD = f"<!doctype html><meta charset=utf-8><title>The paper in miniature</title><style>{STYLE}</style>"


def write_results(settings: Settings, out: Path) -> list[Path]:
    """Count, and write all three."""
    results = make_results(settings, out)
    made = {
        "settings": settings.name,
        "scores": {name: found._asdict() for name, found in results.scores.items()},
        "tables": [table._asdict() for table in results.tables],
        "cpu_seconds": results.cpu_seconds,
    }
    texts = {
        "report.html": render_page(results, out), "report.md": render_markdown(results),
        "report.json": json.dumps(made, indent=1) + "\n",
    }  # fmt: skip
    for name, text in texts.items():
        write_text(out / name, text)
    return [out / name for name in texts]


def render_page(results: Results, out: Path) -> str:
    """One page with everything in it."""
    settings, bench = results.settings, load_bench(out / "test/bench")
    parts = [
        "<h1>The paper in miniature</h1>", f"<p class=notice>{QUICK_NOTICE}</p>" if settings.is_quick else "",
        "<p>Rendered scenes; photographs translated by the embedded <code>prior</code>; instructions by the template "
        "backend, which is not an LLM; a language model of 2 M parameters; test images from another seed and another "
        "thermal camera. Nothing here is comparable with the paper's own figures but the order of the rows.</p>",
        embed(draw_scores(results), "ITB Avg of every arm with its 95 % interval"),
        *(render_table(table) for table in results.tables),
        "<h2>Loss</h2>", embed(draw_losses(settings, out), "training loss of the main arm, each seed"),
        "<h2>Debate</h2>", embed(draw_rounds(settings, out), "in which round instructions were accepted"),
        "<h2>Answers of the main arm</h2>", *_render_examples(settings, out, bench),
    ]  # fmt: skip
    return HEAD + "".join(parts)


def render_table(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    return f"<h2>{escape(table.title)}</h2><table><tr>{head}</tr>{rows}</table><p>{escape(table.note)}</p>"


def embed(picture: bytes, words: str, kind: str = "png") -> str:
    data = base64.b64encode(picture).decode()
    return f'<figure><img alt="{escape(words)}" src="data:image/{kind};base64,{data}"></figure>'


def draw_scores(results: Results) -> bytes:
    """All arms from best to worst."""
    titles = TITLES | {arm.name: arm.title for arm in list_arms(results.settings)}
    rows = sorted(results.scores.items(), key=lambda entry: entry[1].value)
    figure, axes = open_figure(8, 0.3 * len(rows) + 0.8)
    for place, (name, found) in enumerate(rows):
        colour = "#b3452c" if name == MAIN.name else "#3a6ea5"
        axes.plot([found.low, found.high], [place, place], color=colour, linewidth=2)
        axes.plot(found.value, place, "o", color=colour)
    axes.set_yticks(range(len(rows)), [titles[name] for name, _ in rows], fontsize=8)
    axes.set_xlabel("ITB Avg, %")
    axes.grid(axis="x", alpha=0.3)
    return save_figure(figure)


def draw_losses(settings: Settings, out: Path) -> bytes:
    """Alignment and instruction tuning of the main arm: each step, faint, and the mean of up to 20 steps."""
    figure, both = open_figure(8, 2.6, columns=2)
    for axes, stage in zip(both, (f"align/{MAIN.align}", f"sft/{MAIN.name}"), strict=True):
        for seed in settings.all_seeds:
            log = out / f"s{seed}/{stage}/log.jsonl"
            if not log.is_file():
                continue
            rows = [json.loads(line) for line in log.read_text().splitlines()]
            steps, losses = zip(*((row["step"], row["loss"]) for row in rows if "loss" in row), strict=True)
            means = [float(np.mean(losses[max(0, end - 20) : end])) for end in range(1, len(losses) + 1)]
            (line,) = axes.plot(steps, means, linewidth=1.4, label=f"seed {seed}")
            axes.plot(steps, losses, linewidth=0.6, alpha=0.25, color=line.get_color())
        axes.set(title=stage.partition("/")[0], xlabel="step", ylabel="loss")
        axes.legend(fontsize=7)
    return save_figure(figure)


def draw_rounds(settings: Settings, out: Path) -> bytes:
    """Accepted instructions by round, the full system, all seeds."""
    rounds: Counter[str] = Counter(failed=0)
    for seed in settings.all_seeds:
        manifest = out / f"s{seed}/runs/full/manifest.json"
        if manifest.is_file():
            rounds.update(json.loads(manifest.read_text())["acceptance_by_round"])
    names = sorted(rounds)
    figure, axes = open_figure(5, 2.2)
    labels = [name if name == "failed" else f"round {name}" for name in names]
    axes.bar_label(axes.bar(labels, [rounds[name] for name in names]))
    axes.margins(y=0.15)
    axes.set_ylabel("instructions")
    return save_figure(figure)


def open_figure(wide: float, high: float, columns: int = 1) -> tuple[Any, Any]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot.subplots(1, columns, figsize=(wide, high), dpi=110)


def save_figure(figure: Any) -> bytes:
    from matplotlib import pyplot

    sink = io.BytesIO()
    figure.tight_layout()
    figure.savefig(sink, format="png", metadata={"Software": None})
    pyplot.close(figure)
    return sink.getvalue()


def _render_examples(settings: Settings, out: Path, bench: Bench) -> Iterator[str]:
    """Right and wrong answers of the first seed, with their images."""
    items = {item.id: item for item in bench.items}
    rows = list(read_predictions(out / f"s{settings.all_seeds[0]}/eval/{MAIN.name}.jsonl"))
    yield '<div class="items">'
    for task in list_paper_tasks():
        for is_right in (True, False):
            chosen = [row for row in rows if items[row.item].task == task and row.is_correct == is_right]
            yield from (_render_example(items[row.item], row, bench) for row in _spread(chosen))
    yield "</div>"


def _spread(rows: Sequence[Prediction]) -> list[Prediction]:
    """A few, far from each other."""
    return list(rows[:: max(1, len(rows) // EXAMPLES_A_TASK)])[:EXAMPLES_A_TASK]


def _render_example(item: Item, row: Prediction, bench: Bench) -> str:
    sink = io.BytesIO()
    file = find_image(item, bench)
    file.check()
    with Image.open(file.path) as image:
        image.convert("L").save(sink, "JPEG", quality=80)
    style = "right" if row.is_correct else "wrong"
    options = f" ({', '.join(item.options)})" if item.options else ""
    answer = escape(row.answer or "no answer that can be read")
    return (
        f'<div class="item">{embed(sink.getvalue(), item.id, "jpeg")}{escape(item.question + options)}<br>'
        f'<b class="{style}">{answer}</b>, true: {escape(item.answer)}</div>'
    )
