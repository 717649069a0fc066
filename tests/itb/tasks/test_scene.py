"""Which of four is the scene: every label is asked, in blocks that nothing but the image tells apart."""

import pytest
from mini_frames import make_labelled
from mini_tasks import WORDINGS, compose, measure_blind

from itb.tasks import scene


def test_every_label_is_asked():
    scenes = ("country", "field", "forest", "indoor", "mountain", "oldbuilding", "street", "urban", "water")
    drafts = compose(scene, make_labelled("rgbnir", scenes, 50))
    assert {draft.facts["label"] for draft in drafts} == set(scenes)
    assert len(drafts) > 400


def test_to_reach_a_number_what_no_block_takes_is_asked_behind_the_blocks():
    frames = make_labelled("rgbnir", ("field", "forest", "indoor", "water", "mountain"), 9)
    balanced, filled = compose(scene, frames), compose(scene, frames, fills_up=True)
    assert filled[: len(balanced)] == balanced
    assert len(balanced) % 4 == 0 and len(filled) == 45
    assert all(draft.block == "" for draft in filled[len(balanced) :])


def test_nobody_beats_chance_without_the_image():
    def make(seed):
        return make_labelled("rgbnir", sorted(WORDINGS.files["scene"].labels.shown), 20 + seed)

    assert measure_blind(scene, make) == pytest.approx(0.25, abs=0.03)
