"""Appendix A of the paper: how datasets are spread over scenes, tasks, imaging and data types, as charts.

The paper's own 62 datasets are not known: it published none of their names. `survey.yaml` is our own table of facts.
"""

import functools
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from itb.benchmark.folders import CHARTS
from tools.files import check_folder, own_folder, write_with
from tools.files.yaml_text import read_yaml
from tools.records import Record

SURVEY = Path(__file__).with_name("survey.yaml")
CHART = "survey.png"
FACETS: Mapping[str, str] = {"scene": "Scene", "imaging": "Imaging type", "data": "Data type", "task": "Task"}
"""Each with its title; the one of most values last, as it gets a column of its own."""
UNKNOWN = "unknown"
ORIGIN = (
    "The paper surveyed 62 datasets and never published their names: this is a list of our own, and no chart of it can "
    "be compared with the paper's."
)
SURE, DOUBTFUL, MISSING = "#2f6fb3", "#e0a458", "#c9ccd1"


class Surveyed(Record):
    """A dataset in the terms of Appendix A; what is empty or None is unknown.

    Attributes:
        read: where it was read.
        doubt: why the row is not to be relied on; None where nothing speaks against it.
    """

    name: str
    scene: tuple[Literal["indoor", "outdoor", "aerial", "sea", "land", "space"], ...] = ()
    task: tuple[str, ...] = ()
    imaging: Literal["grayscale", "pseudo-colour", "grayscale-unbalanced", "radiometric"] | None = None
    data: Literal["sequence", "single image", "video", "synthetic"] | None = None
    categories: int | None = None
    band: str | None = None
    paired: bool | None = None
    size: str | None = None
    access: str | None = None
    read: tuple[str, ...]
    doubt: str | None = None

    def list_values(self, facet: str) -> tuple[str, ...]:
        """What a facet says of it."""
        value = getattr(self, facet)
        return ((value,) if isinstance(value, str) else value) or (UNKNOWN,)


class Share(NamedTuple):
    """How many datasets have a value: of rows that can be relied on, and of doubtful ones."""

    sure: int
    doubtful: int


def load_survey(path: Path = SURVEY) -> dict[str, Surveyed]:
    """The datasets of a survey file, by key: the toolkit's own name where it reads the dataset."""
    rows = read_yaml(path)
    return {name: Surveyed.model_validate(row) for name, row in rows.items()}


def count_facets(survey: Mapping[str, Surveyed]) -> dict[str, dict[str, Share]]:
    """Facet -> value -> datasets, the commonest first and the unknown last; one with two scenes counts for both."""
    counts = {}
    for facet in FACETS:
        sure, doubtful = Counter[str](), Counter[str]()
        for row in survey.values():
            (doubtful if row.doubt else sure).update(row.list_values(facet))
        total = sure + doubtful
        values = sorted(total, key=lambda value: (value == UNKNOWN, -total[value], value))
        counts[facet] = {value: Share(sure[value], doubtful[value]) for value in values}
    return counts


def draw_charts(out: Path, survey: Mapping[str, Surveyed]) -> Path:
    """Write `survey.png`: bars for each facet, doubtful rows and unknown values in colours of their own.

    Raises:
        UsageError: the folder holds something else than charts.
    """
    check_folder(out, CHARTS)
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot
    from matplotlib.patches import Rectangle

    *left, right = count_facets(survey).items()
    figure = pyplot.figure(figsize=(14, 8))
    grid = figure.add_gridspec(len(left), 2, height_ratios=[len(counts) for _, counts in left])
    for place, (facet, counts) in enumerate(left):
        _draw_bars(figure.add_subplot(grid[place, 0]), FACETS[facet], counts)
    _draw_bars(figure.add_subplot(grid[:, 1]), FACETS[right[0]], right[1])
    kinds = {"known": SURE, "row in doubt": DOUBTFUL, UNKNOWN: MISSING}
    handles = [Rectangle((0, 0), 1, 1, color=colour) for colour in kinds.values()]
    figure.legend(handles, list(kinds), loc="upper right", ncols=len(kinds), frameon=False)
    doubted = sum(row.doubt is not None for row in survey.values())
    figure.suptitle(
        f"Surveyed datasets: {len(survey)} rows, {doubted} of them in doubt", x=0.02, ha="left", fontweight="bold"
    )
    figure.text(0.02, 0.015, ORIGIN, fontsize=9, color="#444444")
    figure.tight_layout(rect=(0, 0.03, 1, 0.99))
    with own_folder(out, CHARTS) as owned:
        owned.add(CHART)
        write_with(out / CHART, functools.partial(figure.savefig, format="png", dpi=110))
    pyplot.close(figure)
    return out / CHART


def _draw_bars(axis: Any, title: str, counts: Mapping[str, Share]) -> None:
    names = list(counts)
    sure = [share.sure for share in counts.values()]
    doubtful = [share.doubtful for share in counts.values()]
    axis.barh(names, sure, color=[MISSING if name == UNKNOWN else SURE for name in names])
    hatch = ["///" if name == UNKNOWN else "" for name in names]
    axis.barh(names, doubtful, left=sure, color=DOUBTFUL, hatch=hatch, edgecolor="white", linewidth=0)
    for place, share in enumerate(counts.values()):
        axis.text(sum(share) + 0.4, place, str(sum(share)), va="center", fontsize=9)
    axis.invert_yaxis()
    axis.set_title(title, loc="left", fontsize=11)
    axis.set_xlim(0, 1.08 * max(map(sum, counts.values())))
    axis.tick_params(axis="y", length=0)
    axis.xaxis.set_visible(False)
    for side in axis.spines.values():
        side.set_visible(False)
