"""`python -m itb report PREDS... --out DIR`: what can be defended about models, as text, tables and a page."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from itb.benchmark.bench import Bench, load_bench
from itb.benchmark.folders import REPORT, REPORT_FILES
from itb.evaluate.predictions import read_manifest
from itb.others.scoring import Judge
from itb.report.foreign import describe_foreign, list_unclear, make_foreign_tables
from itb.report.metrics import Scored, group_by_task
from itb.report.page import write_page
from itb.report.paired import make_change_table, make_gain_table
from itb.report.scores import ModelScore, score_model
from itb.report.significance import Comparison, compare
from itb.report.tables import Table, list_tables, load_paper, render_latex, render_markdown
from itb.tasks import order_tasks
from tools.errors import UsageError
from tools.files import own_folder, write_text
from tools.prompts.pack import load_pack

__all__ = ["Report", "make_report", "write_report"]

Compared = tuple[str, str, str, Comparison]
NAMELESS = ("", "model")
"""Names of a checkpoint's folder that tell nothing of it."""


class Report(NamedTuple):
    """All scores and tests."""

    bench: Bench
    scores: list[ModelScore]
    comparisons: list[Compared]
    tables: list[Table]
    judge: Judge | None = None


def make_report(
    paths: Sequence[Path],
    bench_folder: Path,
    is_partial: bool = False,
    pack: Path | None = None,
    open_judge: Callable[[Sequence[str]], Judge] | None = None,
) -> Report:
    """Score every predictions file on one benchmark.

    Args:
        is_partial: report on what is there although an evaluation was interrupted, had errors, or asked a part.
        pack: modality pack that titles the bands; None for what the benchmark says itself.
        open_judge: makes a judge of the replies that foreign rules cannot read; None leaves them unread.

    Raises:
        MissingError: a file or the benchmark is not there.
        UsageError: a file is of another benchmark, or not finished.
    """
    bench = load_bench(bench_folder)
    scores = [score_model(name, path, bench) for name, path in zip(name_models(paths), paths, strict=True)]
    for score, path in zip(scores, paths, strict=True):
        if not is_partial:
            _refuse_part(path, score)
    comparisons = list(compare_all(scores))
    paired = [table for table in (make_gain_table(scores), make_change_table(scores)) if table is not None]
    judge = open_judge(list_unclear(tuple(bench.foreign), scores)) if open_judge and bench.foreign else None
    foreign = [table for name in bench.foreign for table in make_foreign_tables(name, scores, bench, judge)]
    bands = {id: band.title for id, band in load_pack(pack).bands.items()} if pack else bench.bands
    return Report(
        bench,
        scores,
        comparisons,
        list_tables(scores, comparisons, bands, find_pack(bench), [*foreign, *paired]),
        judge,
    )


def find_pack(bench: Bench) -> str | None:
    """The pack that says whether the paper's figures stand beside; None for somebody else's benchmark."""
    return None if bench.is_foreign else bench.pack


def _refuse_part(path: Path, score: ModelScore) -> None:
    if score.missing or score.errors:
        without = f"{score.missing} questions of its tasks have no prediction" if score.missing else ""
        errors = f"{score.errors} questions got no reply" if score.errors else ""
        raise UsageError(
            f"{path}: {' and '.join(filter(None, (without, errors)))}; run the same `itb eval` again to finish, or "
            "report on what is there with --partial"
        )
    if score.limit:
        raise UsageError(
            f"{path}: made with --limit {score.limit}, which asked a part of the questions; run the same `itb eval` "
            "without it to finish, or report on the part with --partial"
        )


def name_models(paths: Sequence[Path]) -> list[str]:
    """The models' own names, told apart by their files' names where two are alike.

    The trainer saves every model in a folder called `model`, which names none: its predictions' file does.
    """
    names = []
    for path in paths:
        name = str(read_manifest(path).get("frozen", {}).get("model", {}).get("name", ""))
        names.append(path.stem if name in NAMELESS else name)
    return [
        name if names.count(name) == 1 else f"{name} ({path.stem})" for name, path in zip(names, paths, strict=True)
    ]


def compare_all(scores: Sequence[ModelScore]) -> Iterator[Compared]:
    """Every two models on every task that both were asked, and on all tasks together."""
    for first, second in combinations(scores, 2):
        mine, its = (group_by_task(_keep_plain(score.rows)) for score in (first, second))
        for task in order_tasks(mine):
            if task in its:
                found = compare(mine[task], its[task])
                if found is not None:
                    yield first.name, second.name, task, found
        found = compare(_keep_plain(first.rows), _keep_plain(second.rows))
        if found is not None:
            yield first.name, second.name, "all questions", found


def _keep_plain(rows: Sequence[Scored]) -> list[Scored]:
    return [row for row in rows if not row.prediction.variant]


def write_report(report: Report, out: Path) -> list[Path]:
    """`report.html`, `report.md`, `report.tex` and `report.json` in a folder.

    Raises:
        UsageError: it holds something else than such a report.
        ToolkitError: it cannot be written.
    """
    texts = {
        "report.md": render_markdown(report.tables),
        "report.tex": render_latex(report.tables),
        "report.json": json.dumps(to_json(report), indent=1, ensure_ascii=False) + "\n",
    }
    with own_folder(out, REPORT) as owned:
        owned.add(*REPORT_FILES)
        for name, text in texts.items():
            write_text(out / name, text, errors="replace")
        return [write_page(out, report.scores, report.bench, report.tables), *(out / name for name in texts)]


def to_json(report: Report) -> dict[str, Any]:
    """Every figure, unrounded."""
    return {
        "bench": {"name": report.bench.name, "items_digest": report.bench.digest},
        "models": [_describe_model(score) for score in report.scores],
        "comparisons": [
            {"first": first, "second": second, "task": task, **_unpack(found)}
            for first, second, task, found in report.comparisons
        ],
        "paper": load_paper(find_pack(report.bench)),
        **({"foreign": describe_foreign(report.scores, report.bench, report.judge)} if report.bench.foreign else {}),
    }


def _describe_model(score: ModelScore) -> dict[str, Any]:
    found = asdict(score)
    del found["rows"]
    return {name: _unpack(value) for name, value in found.items()}


def _unpack(value: Any) -> Any:
    """Named tuples as objects, all the way down."""
    if hasattr(value, "_asdict"):
        return {name: _unpack(item) for name, item in value._asdict().items()}
    if isinstance(value, dict):
        return {str(name): _unpack(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_unpack(item) for item in value]
    return value
