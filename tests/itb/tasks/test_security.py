"""Which of four is not there: what is named as missing is missing, and the rest is there."""

import random
from collections import Counter

import pytest
from mini_frames import frame, make_flir, thing
from mini_tasks import WORDINGS, codes, compose, find, group_blocks, measure_blind, pick

from itb.tasks import security


def test_what_is_named_as_missing_is_missing_and_the_rest_is_there():
    drafts = compose(security, make_flir(600))
    assert len(drafts) > 200
    nouns = {WORDINGS.noun(name).one: name for name in WORDINGS.nouns}
    for draft in drafts:
        there = {entry.name for entry in draft.frame.boxes}
        options = [nouns[option] for option in draft.options]
        assert [name in there for name in options].count(False) == 1
        assert nouns[draft.answer] not in there
        assert {name for name, _ in draft.evidence} == set(options) - {nouns[draft.answer]}


def test_a_set_of_four_misses_each_of_its_names_equally_often():
    drafts = compose(security, make_flir(600))
    for block in group_blocks(drafts).values():
        assert sorted(draft.answer for draft in block) == sorted(block[0].options)
        assert len({(draft.options, draft.question) for draft in block}) == 1
    uses = Counter(draft.frame.image for draft in drafts)
    assert max(uses.values()) <= security.PER_FRAME
    asked = Counter((draft.frame.image, frozenset(draft.options)) for draft in drafts)
    assert max(asked.values()) == 1


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        (("person", "car", "bicycle"), {"dog", "bus", "train"}),
        (("person", "car", "dog", "other vehicle"), {"bicycle", "motorcycle"}),
    ],
)
def test_in_the_first_release_only_what_its_annotators_looked_for_is_missing(names, missing):
    things = [thing(name, 100 * k, 10, 100 * k + 60, 90) for k, name in enumerate(names)]
    (found,) = pick(find(security, [frame(0, *things, facts={"version": "v1"})]))
    assert found.truth.absent == missing
    assert "other vehicle" not in found.truth.present


def test_images_without_three_things_or_of_an_unknown_release_are_passed_over():
    pair = (thing("car", 10, 10, 90, 90), thing("dog", 200, 10, 290, 90))
    entries = find(security, [frame(0, *pair), frame(1, *pair, facts={"version": "v9"}), frame(2, *pair, facts={})])
    assert codes(entries) == {"fewer_than_three_objects": 1, "unknown_version": 2}


def test_neither_order_nor_the_time_of_day_shows():
    frames = make_flir(120)
    shuffled = random.Random(5).sample(frames, len(frames))
    assert compose(security, frames) == compose(security, shuffled)
    assert compose(security, frames) != compose(security, frames, seed=1)


def test_what_a_frame_can_be_asked_does_not_hang_on_other_frames():
    frames = make_flir(60)
    alone = find(security, frames[19::-1])
    assert {item.id: item for item in pick(alone)} == {
        item.id: item for item in pick(find(security, frames)) if int(item.frame.image[5:10]) < 20
    }


def test_nobody_beats_chance_without_the_image():
    def make(seed):
        return make_flir(400, seed)

    assert measure_blind(security, make) == pytest.approx(0.25, abs=0.03)
