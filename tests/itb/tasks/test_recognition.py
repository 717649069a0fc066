"""Which of four is the object: options that could be right too never stand beside it."""

from collections import Counter

import pytest
from mini_frames import frame, thing
from mini_tasks import WORDINGS, codes, compose, find, group_blocks, make_lsotb, measure_blind

from itb.tasks import recognition

LSOTB = ("car", "person", "dog", "coyote", "bus", "airplane", "cat", "boat", "street", "elephant", "woman", "motobike")
COUNTS = {"car": 200, "elephant": 90, "airplane": 70, "cat": 60, "dog": 60, "boat": 50, "bus": 30}


def test_recognition_offers_no_option_that_could_be_right_too():
    drafts = compose(recognition, make_lsotb(dict.fromkeys(LSOTB, 20)))
    shown = WORDINGS.files["recognition"].labels.shown
    apart = [{shown.get(label, label) for label in row} for row in WORDINGS.files["recognition"].labels.apart]
    assert len(drafts) > 120
    for draft in drafts:
        (label,) = draft.frame.labels
        assert draft.answer == shown.get(label, label) and draft.answer in draft.options
        assert len(set(draft.options)) == 4
        assert all(len(row & set(draft.options)) <= 1 for row in apart)
        assert "street" not in draft.options
        assert "in the lower left part" in draft.question


def test_frequent_labels_are_frequent_wrong_options_too():
    counts = {"car": 400, "elephant": 150, "airplane": 90, "cat": 60, "dog": 60, "boat": 20}
    drafts = compose(recognition, make_lsotb(counts))
    for block in group_blocks(drafts).values():
        assert len({draft.options for draft in block}) == 1
        assert sorted(draft.answer for draft in block) == sorted(block[0].options)
    positions = Counter(draft.options.index(draft.answer) for draft in drafts)
    assert len(set(positions.values())) == 1


def test_the_first_questions_are_spread_over_the_sequences():
    counts = dict.fromkeys(("car", "cat", "elephant", "airplane"), 100)
    first = compose(recognition, make_lsotb(counts))[:80]
    assert Counter(draft.frame.group for draft in first) == dict.fromkeys(
        (f"{x}-{k}" for x in counts for k in range(20)), 1
    )


def test_a_sequence_without_a_trustworthy_label_is_passed_over():
    target = thing("target", 10, 400, 60, 500)
    entries = find(
        recognition, [frame(0, target, source="lsotb"), frame(1, target, source="lsotb", labels=("street",))]
    )
    assert codes(entries) == {"no_trustworthy_label": 1, "label_is_no_object": 1}


def test_nobody_beats_chance_without_the_image():
    def make(seed):
        return make_lsotb(COUNTS)

    assert measure_blind(recognition, make) == pytest.approx(0.25, abs=0.03)
