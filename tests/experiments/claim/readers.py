"""Another's benchmark by its makers' reading of the replies, beside ours: does the reader change the picture?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from claim.asking import MODELS, Asking, list_files
from claim.settings import TESTED_SETS, Place, Settings
from claim.tables import TITLES
from itb.others.asked import find_upstream
from itb.report.foreign import Pair, list_told, score_told
from itb.report.scores import ModelScore, score_model
from paper_mini.tables import Table

BY_KIND = "accuracy/"
"""What the name of a figure of one kind of question begins with."""


def make_readings(settings: Settings, place: Place, asking: Asking) -> Table:
    """The mean over the kinds of questions, all finished seeds together, by both readers."""
    rows = []
    for model in MODELS:
        theirs, ours = _read(settings, place, asking, model)
        rows.append((TITLES[model], f"{theirs:.1f}", f"{ours:.1f}", str(asking.count_questions())))
    head = ("arm", "its makers' reading: accuracy %", "ours, which judges here", "questions")
    return Table(f"Both readers: {asking.name}", head, rows, "Means over the kinds of questions.")


def _read(settings: Settings, place: Place, asking: Asking, model: str) -> tuple[float, float]:
    kind = TESTED_SETS[asking.name].kind
    files = list_files(settings, place, asking.name, model)
    scores = [_read_plain(score_model(model, file, asking.bench)) for file in files]
    found = [score_told(list_told(kind, score), find_upstream(kind)) for score in scores]
    means = np.array([_average(pairs) for pairs in found]).mean(0)
    return float(means[0]), float(means[1])


def _read_plain(score: ModelScore) -> ModelScore:
    """With every answer as one to the plain question: those of a model that is told about the sensor are a variant."""
    rows = [row._replace(prediction=row.prediction.model_copy(update={"variant": ""})) for row in score.rows]
    return replace(score, rows=rows)


def _average(pairs: Sequence[Pair]) -> tuple[float, float]:
    by_kind = [pair for pair in pairs if pair.name.startswith(BY_KIND)]
    theirs = [100 * pair.upstream.value for pair in by_kind if pair.upstream and pair.upstream.value is not None]
    ours = [100 * pair.ours.value for pair in by_kind if pair.ours and pair.ours.value is not None]
    return float(np.mean(theirs)), float(np.mean(ours))
