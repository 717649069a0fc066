"""Relative places: true or false as the answer says, and not to be guessed from the words."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_frames import frame, make_flir, thing
from mini_tasks import WORDINGS, codes, compose, find, group_blocks, measure_blind, pick

from itb.tasks import locate
from itb.tasks.base.relations import compare, find_place, name_things
from tools.datasets import AnnotatedBox
from tools.errors import UsageError

LEFT_RIGHT = {"left": (0, 2, 1), "right": (0, 2, -1), "above": (1, 3, 1), "below": (1, 3, -1)}
boxes = st.tuples(st.floats(0, 600), st.floats(0, 480), st.floats(1, 40), st.floats(1, 32)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(boxes, boxes)
def test_a_relation_holds_one_way_only_and_never_between_boxes_that_touch(one, other):
    for axis, low, high, extent in (("horizontal", 0, 2, 640), ("vertical", 1, 3, 512)):
        order = compare(one, other, axis, frame())
        assert order == -compare(other, one, axis, frame())
        if order < 0:
            assert other[low] - one[high] >= 0.02 * extent - 1e-9
        if one[low] < other[high] and other[low] < one[high]:
            assert order == 0


def test_objects_are_named_only_where_the_words_single_them_out():
    single = frame(0, thing("dog", 10, 10, 60, 60))
    assert [named.id for named in name_things(single)] == ["only dog"]
    equal = frame(0, thing("car", 10, 10, 60, 60), thing("car", 40, 200, 90, 250))
    assert list(name_things(equal)) == []
    apart = frame(0, thing("car", 10, 10, 60, 60), thing("car", 300, 10, 380, 90))
    assert sorted(named.id for named in name_things(apart)) == ["largest car", "leftmost car", "rightmost car"]
    uncertain = frame(0, thing("car", 10, 10, 60, 60), thing("car", 300, 10, 380, 90, False))
    assert list(name_things(uncertain)) == []
    tiny = frame(0, thing("car", 10, 10, 30, 19))
    assert list(name_things(tiny)) == []


def test_every_statement_is_true_or_false_as_its_answer_says():
    drafts = compose(locate, make_flir(300))
    assert len(drafts) > 400
    for draft in drafts:
        (_, subject), (_, other) = draft.evidence
        low, high, sign = LEFT_RIGHT[draft.facts["relation"]]
        is_so = subject[high] < other[low] if sign > 0 else other[high] < subject[low]
        is_opposite = subject[low] > other[high] if sign > 0 else other[low] > subject[high]
        assert (draft.answer == "yes") == is_so != is_opposite
        how, _, name = draft.facts["subject"].partition(" ")
        mine = [entry for entry in draft.frame.boxes if entry.name == name]
        assert subject in [entry.box_xyxy for entry in mine]
        assert (how == "only") == (len(mine) == 1)
        if how == "leftmost":
            assert subject == min((entry.box_xyxy for entry in mine), key=lambda box: box[0])


def test_the_words_of_a_statement_say_nothing_about_its_answer():
    drafts = compose(locate, make_flir(300))
    for block in group_blocks(drafts).values():
        assert sorted(draft.answer for draft in block) == ["no", "yes"]
        one, other = ([draft.facts[key].split()[-1] for key in ("subject", "relation", "object")] for draft in block)
        assert one == other
        if block[0].question != block[1].question:  # a leftover: only how an object is singled out differs
            assert block[0].wording == block[1].wording
            is_sideways = block[0].facts["relation"] in ("left", "right")
            assert not (is_sideways and "most" in block[0].facts["subject"] + block[1].facts["object"])
    assert {draft.facts["relation"] for draft in drafts} == set(LEFT_RIGHT)
    assert len({draft.wording for draft in drafts}) == WORDINGS.count("locate", "locate")


def test_a_relation_that_always_holds_is_not_asked():
    frames = [frame(k, thing("light", 300, 10, 330, 60), thing("car", 200, 300, 300, 400)) for k in range(20)]
    assert not compose(locate, frames)


def test_a_vague_name_is_never_part_of_a_statement():
    frames = [frame(0, thing("other vehicle", 10, 10, 90, 90), thing("car", 300, 300, 400, 400))]
    assert codes(find(locate, frames)) == {"no_clear_relation": 1}


def test_neither_order_nor_the_time_of_day_shows():
    frames = make_flir(120)
    shuffled = random.Random(5).sample(frames, len(frames))
    assert compose(locate, frames) == compose(locate, shuffled)
    assert compose(locate, frames) != compose(locate, frames, seed=1)


def test_what_a_frame_can_be_asked_does_not_hang_on_other_frames():
    frames = make_flir(60)
    alone = find(locate, frames[19::-1])
    assert {item.id: item for item in pick(alone)} == {
        item.id: item for item in pick(find(locate, frames)) if int(item.frame.image[5:10]) < 20
    }


def test_nobody_beats_chance_without_the_image():
    def make(seed):
        return make_flir(400, seed)

    assert measure_blind(locate, make) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("point", "place"), [((10, 10), "upper left"), ((320, 256), "centre"), ((639, 511), "lower right")]
)
def test_places_are_cells_of_a_grid(point, place):
    x, y = point
    assert find_place((x - 1, y - 1, x + 1, y + 1), frame()) == place


def test_evidence_keeps_the_order_of_the_statement():
    (draft, *_) = compose(locate, make_flir(40))
    assert all(isinstance(box, tuple) for _, box in draft.evidence)
    assert isinstance(draft.frame.boxes[0], AnnotatedBox)


def test_a_plugins_dataset_with_names_that_the_pack_does_not_know_is_passed_over():
    boxes = thing("widget", 10, 10, 60, 60), thing("car", 300, 10, 380, 90)
    assert codes(find(locate, [frame(0, *boxes, source="of-a-plugin")])) == {"names_not_in_names_yaml": 1}
    assert pick(find(locate, [frame(0, *boxes[1:], thing("dog", 10, 10, 60, 60), source="of-a-plugin")]))
    with pytest.raises(UsageError, match="has no entry for 'widget'"):
        find(locate, [frame(0, *boxes)])
