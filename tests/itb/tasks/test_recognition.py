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


def make_low_and_high(seed):
    """Things that lie low in most pictures, and things that fly."""
    rows = {"giraffe": (40, 8), "car": (30, 10), "snake": (35, 9), "dog": (25, 8), "airplane": (8, 40), "cat": (9, 30)}
    places = {"low": (10, 400, 60, 500), "high": (10, 10, 60, 60)}
    return [
        frame(seed * 10000 + 1000 * row + 500 * high + k, thing("target", *places[place]), source="lsotb",
              group=f"{label}-{place}-{k}", labels=(label,))
        for row, (label, counts) in enumerate(rows.items())
        for high, (place, count) in enumerate(zip(places, counts, strict=True))
        for k in range(count)
    ]  # fmt: skip


def test_where_a_thing_lies_does_not_tell_what_it_is():
    drafts = compose(recognition, make_low_and_high(0))
    alike = [block for block in group_blocks(drafts).values() if len({draft.question for draft in block}) == 1]
    assert len(alike) > 0.8 * len(drafts) / 4
    assert measure_blind(recognition, make_low_and_high) < 0.32
    kinds = {item.kind for item in find(recognition, [frame(0, thing("dog", 10, 400, 60, 500), source="scenes")])}
    assert kinds == {recognition.LONE}  # every object is annotated: no place is named at all


def test_nobody_beats_chance_without_the_image():
    def make(seed):
        return make_lsotb(COUNTS)

    assert measure_blind(recognition, make) == pytest.approx(0.25, abs=0.03)
