"""Anomalies of solar modules: each label is asked, and none beside one that looks the same."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from mini_frames import make_labelled
from mini_tasks import WORDINGS, compose, measure_blind

from itb.build.build import BuildSettings, build_bench
from itb.tasks import damage
from tools.registry import DATASETS

DATA = Path("../shared/data/InfraredSolarModules")


def test_every_label_is_asked():
    labels = WORDINGS.files["damage"].labels
    drafts = compose(damage, make_labelled("solar", sorted(labels.shown), 30))
    assert Counter(draft.facts["label"] for draft in drafts).keys() == set(labels.shown)
    assert not any({"one hot cell", "one hot spot on a thin film"} <= set(draft.options) for draft in drafts)


def test_too_few_labels_give_guessable_questions_only_where_they_are_allowed():
    frames = make_labelled("solar", ("Cell", "Diode"), 3)
    assert compose(damage, frames) == []
    drafts = compose(damage, frames, allow_guessable=True)
    assert len(drafts) == 6 and all(draft.block == "" and draft.answer in draft.options for draft in drafts)


def test_nobody_beats_chance_without_the_image():
    def make(seed):
        return make_labelled("solar", sorted(WORDINGS.files["damage"].labels.shown), 20 + seed)

    assert measure_blind(damage, make) == pytest.approx(0.25, abs=0.03)


@pytest.mark.skipif(not DATA.is_dir() or "solar" not in DATASETS.names(), reason=f"needs {DATA} and its reader")
def test_every_damage_is_that_of_the_metadata(tmp_path):
    built = build_bench(BuildSettings({"solar": DATA}, tmp_path / "bench"))
    raw = json.loads((DATA / "module_metadata.json").read_text())
    labels = {entry["image_filepath"]: entry["anomaly_class"] for entry in raw.values()}
    shown = defaultdict(set)
    for item in built.items:
        assert item.facts["label"] == labels[item.image.removeprefix("images/solar/")]
        shown[item.facts["label"]].add(item.answer)
    assert len(shown) == 12 and all(len(texts) == 1 for texts in shown.values())
    assert len(set.union(*shown.values())) == 12
