"""Counts: the boxes that are there, as far as they are beyond doubt."""

from collections import Counter

import pytest
from mini_frames import frame, thing
from mini_tasks import codes, compose, find, make_composer, people, pick

from itb.tasks import aerial_count, find_count_range, pedestrian_count
from tools.errors import UsageError


def test_counts_are_the_boxes_and_zeros_are_a_tenth():
    frames = [people(k, k % 6) for k in range(120)]
    drafts = compose(pedestrian_count, frames)
    assert all(int(draft.answer) == len(draft.frame.boxes) for draft in drafts)
    answers = Counter(draft.answer for draft in drafts)
    assert answers == {"0": 11, "1": 20, "2": 20, "3": 20, "4": 20, "5": 20}
    assert [draft.answer for draft in drafts[:12]].count("0") < 6


@pytest.mark.parametrize(
    ("things", "code"),
    [
        ([thing("person", 10, 10, 20, 40), thing("person", 50, 10, 70, 40, False)], "uncertain_object"),
        ([thing("person", 10, 10, 20, 40), thing("don't care", 50, 10, 70, 40, False)], "uncertain_object"),
        ([thing("person", 10, 10, 13, 40)], "too_small"),
        ([thing("person", 10 + 20 * k, 10, 25 + 20 * k, 40) for k in range(21)], "too_many"),
    ],
)
def test_what_cannot_be_counted_beyond_doubt_is_passed_over(things, code):
    entries = find(pedestrian_count, [frame(0, *things, source="llvip")])
    assert codes(entries) == {code: 1}
    assert not pick(entries)


def test_an_uncertain_object_spoils_the_count_of_its_own_name_only():
    entries = find(
        aerial_count, [frame(0, thing("car", 9, 9, 30, 30), thing("person", 50, 50, 60, 70, False), source="hituav")]
    )
    assert codes(entries) == {"uncertain_object": 1}
    assert {item.key[0]: item.truth for item in pick(entries)} == {"car": 1, "bicycle": 0, "other vehicle": 0}


def test_a_name_that_is_never_there_is_never_asked_about():
    drafts = compose(aerial_count, [frame(k, thing("car", 9, 9, 30, 30), source="hituav") for k in range(30)])
    assert {draft.facts["name"] for draft in drafts} == {"car"}
    assert all("cars" in draft.question for draft in drafts)


def test_the_largest_count_and_the_share_of_zeros_are_settings():
    frames = [people(k, k % 6) for k in range(120)]
    found = find(pedestrian_count, frames, most=3)
    assert codes(found) == {"too_many": 40}
    drafts = list(pedestrian_count.compose(pick(found), make_composer(pedestrian_count, {"zeros": 0.25})))
    assert Counter(draft.answer for draft in drafts) == {"0": 20, "1": 20, "2": 20, "3": 20}
    assert find_count_range("pedestrian_count", {"pedestrian_count": {"most": 3}}) == (0, 3)
    assert find_count_range("aerial_count") == (0, 30)


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"least": 1}, r"no setting `least` \(it has: most, zeros\)"), ({"most": 0}, "greater than or equal to 1")],
)
def test_settings_that_a_task_does_not_have_or_cannot_take_are_refused(settings, words):
    with pytest.raises(UsageError, match=words):
        find(aerial_count, [], **settings) or make_composer(aerial_count, settings)


def test_no_zeros_of_persons_are_asked_where_annotators_overlooked_some():
    entries = find(aerial_count, [frame(0, thing("car", 9, 9, 30, 30), source="hituav")])
    assert codes(entries) == {"none_marked_may_be_overlooked": 1}
    assert {item.key[0]: item.truth for item in pick(entries)} == {"car": 1, "bicycle": 0, "other vehicle": 0}


def test_the_question_says_that_riders_count():
    (draft,) = compose(pedestrian_count, [people(0, 2)])
    assert "people (on foot or riding)" in draft.question
