"""Appendix A of the paper: how datasets are spread over scenes, tasks, imaging types and data types, as charts."""

import functools
from collections import Counter
from pathlib import Path
from typing import Literal

from itb.benchmark.folders import CHARTS
from tools.files import check_folder, own_folder, write_with
from tools.files.yaml_text import read_yaml
from tools.records import Record

SURVEY = Path(__file__).with_name("survey.yaml")
CHART = "survey.png"
FACETS = ("scene", "task", "imaging", "data")
COLOURS = ("#2f6fb3", "#c0501f", "#2e8b57", "#8a4fb0", "#b08a1f", "#555b66")


class Surveyed(Record):
    """A dataset in the terms of Appendix A."""

    scene: tuple[Literal["indoor", "outdoor", "aerial", "sea"], ...]
    task: str
    imaging: Literal["grayscale", "pseudo-colour", "grayscale-unbalanced"]
    data: Literal["sequence", "single image", "video", "synthetic"]


def load_survey(path: Path = SURVEY) -> dict[str, Surveyed]:
    """The datasets of a survey file, by name."""
    rows = read_yaml(path)
    return {name: Surveyed.model_validate(row) for name, row in rows.items()}


def count_facets(survey: dict[str, Surveyed]) -> dict[str, Counter[str]]:
    """Facet -> value -> datasets; a dataset of several scenes counts for each."""
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for row in survey.values():
        for facet in FACETS:
            value = getattr(row, facet)
            counts[facet].update([value] if isinstance(value, str) else value)
    return counts


def draw_charts(out: Path, survey: dict[str, Surveyed]) -> Path:
    """Write `survey.png`: a pie for each facet.

    Raises:
        UsageError: the folder holds something else than charts.
    """
    check_folder(out, CHARTS)
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(FACETS), figsize=(16, 4))
    for axis, (facet, counts) in zip(axes, count_facets(survey).items(), strict=True):
        rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
        names = [f"{name} ({count})" for name, count in rows]
        axis.pie([count for _, count in rows], labels=names, colors=COLOURS, textprops={"fontsize": 9})
        axis.set_title(facet)
    figure.suptitle(f"{len(survey)} datasets")
    figure.tight_layout()
    with own_folder(out, CHARTS) as owned:
        owned.add(CHART)
        write_with(out / CHART, functools.partial(figure.savefig, format="png", dpi=110))
    pyplot.close(figure)
    return out / CHART
