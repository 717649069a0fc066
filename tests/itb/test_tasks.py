"""What each task asks: true, beyond doubt, independent of order, and not to be guessed from the words."""

import random
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_frames import frame, make_flir, make_labelled, thing

from itb.answers import is_right
from itb.blind import train_blind
from itb.compose import Placed, make_items
from itb.records import Thing
from itb.relations import compare, find_place, name_things
from itb.tasks import (
    aerial_count,
    damage,
    locate,
    modality,
    open_tasks,
    pedestrian_count,
    recognition,
    scene,
    security,
    temperature,
)
from itb.tasks.draft import Candidate, Kit, Skip
from itb.wordings import load_wordings

WORDINGS = load_wordings(Path("prompts/infrared"))
LEFT_RIGHT = {"left": (0, 2, 1), "right": (0, 2, -1), "above": (1, 3, 1), "below": (1, 3, -1)}


def find(task, frames):
    return [entry for item in frames for entry in task.find(item, WORDINGS)]


def pick(entries):
    return [entry for entry in entries if isinstance(entry, Candidate)]


def codes(entries):
    return Counter(entry.code for entry in entries if isinstance(entry, Skip))


def compose(task, frames, **changes):
    kit = Kit(WORDINGS, **{"seed": 0, "share": "x", **changes})
    return list(task.compose(pick(find(task, frames)), kit))


def as_items(drafts, split="train"):
    return make_items([Placed(draft, split) for draft in drafts])


def group_blocks(drafts):
    blocks = defaultdict(list)
    for draft in drafts:
        blocks[draft.block].append(draft)
    return blocks


# --- locate ---------------------------------------------------------------------------------------------------------


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
        mine = [entry for entry in draft.frame.things if entry.name == name]
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


# --- counts ---------------------------------------------------------------------------------------------------------


def people(number, count, **changes):
    return frame(
        number, *(thing("person", 20 * k, 10, 20 * k + 15, 60) for k in range(count)), source="llvip", **changes
    )


def test_counts_are_the_boxes_and_zeros_are_a_tenth():
    frames = [people(k, k % 6) for k in range(120)]
    drafts = compose(pedestrian_count, frames)
    assert all(int(draft.answer) == len(draft.frame.things) for draft in drafts)
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


# --- one of four ----------------------------------------------------------------------------------------------------


LSOTB = ("car", "person", "dog", "coyote", "bus", "airplane", "cat", "boat", "street", "elephant", "woman", "motobike")


def make_lsotb(counts):
    target = thing("target", 10, 400, 60, 500)
    return [
        frame(1000 * row + k, target, source="lsotb", group=f"{label}-{k // 5}", label=label)
        for row, (label, count) in enumerate(counts.items())
        for k in range(count)
    ]


def test_recognition_offers_no_option_that_could_be_right_too():
    drafts = compose(recognition, make_lsotb(dict.fromkeys(LSOTB, 20)))
    shown = WORDINGS.files["recognition"].labels.shown
    apart = [{shown.get(label, label) for label in row} for row in WORDINGS.files["recognition"].labels.apart]
    assert len(drafts) > 120
    for draft in drafts:
        assert draft.answer == shown.get(draft.frame.label, draft.frame.label) and draft.answer in draft.options
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
    entries = find(recognition, [frame(0, target, source="lsotb"), frame(1, target, source="lsotb", label="street")])
    assert codes(entries) == {"no_trustworthy_label": 1, "label_is_no_object": 1}


def test_scene_and_damage_ask_every_label():
    scenes = ("country", "field", "forest", "indoor", "mountain", "oldbuilding", "street", "urban", "water")
    drafts = compose(scene.TASK, make_labelled("rgbnir", scenes, 50))
    assert {draft.facts["label"] for draft in drafts} == set(scenes)
    assert len(drafts) > 400
    labels = WORDINGS.files["damage"].labels
    drafts = compose(damage.TASK, make_labelled("solar", sorted(labels.shown), 30))
    assert Counter(draft.facts["label"] for draft in drafts).keys() == set(labels.shown)
    assert not any({"one hot cell", "one hot spot on a thin film"} <= set(draft.options) for draft in drafts)


def test_too_few_labels_give_guessable_questions_only_where_they_are_allowed():
    frames = make_labelled("solar", ("Cell", "Diode"), 3)
    assert compose(damage.TASK, frames) == []
    drafts = compose(damage.TASK, frames, allow_guessable=True)
    assert len(drafts) == 6 and all(draft.block == "" and draft.answer in draft.options for draft in drafts)


def test_to_reach_a_number_what_no_block_takes_is_asked_behind_the_blocks():
    frames = make_labelled("rgbnir", ("field", "forest", "indoor", "water", "mountain"), 9)
    balanced, filled = compose(scene.TASK, frames), compose(scene.TASK, frames, fills_up=True)
    assert filled[: len(balanced)] == balanced
    assert len(balanced) % 4 == 0 and len(filled) == 45
    assert all(draft.block == "" for draft in filled[len(balanced) :])


# --- security -------------------------------------------------------------------------------------------------------


def test_what_is_named_as_missing_is_missing_and_the_rest_is_there():
    drafts = compose(security, make_flir(600))
    assert len(drafts) > 200
    nouns = {WORDINGS.noun(name).one: name for name in WORDINGS.nouns}
    for draft in drafts:
        there = {entry.name for entry in draft.frame.things}
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


# --- temperature and modality ---------------------------------------------------------------------------------------


def warm_corner(number, corner, high=40.0):
    celsius = np.full((90, 120), 20.0, np.float32)
    row, column = corner
    celsius[30 * row : 30 * row + 30, 40 * column : 40 * column + 40] = high
    facts = {"emissivity": 0.95}
    return frame(number, source="radiometric", width=120, height=90, group=f"g{number}", facts=facts), celsius


def measure(pairs):
    return pick([entry for item, celsius in pairs for entry in temperature.find(item, celsius)])


def test_temperatures_are_asked_as_they_are():
    corners = [(0, 0), (0, 2), (2, 0), (1, 1)]
    found = measure([warm_corner(k, corner) for k, corner in enumerate(corners)])
    by_kind = defaultdict(list)
    for item in found:
        by_kind[item.kind].append(item)
    kit = Kit(WORDINGS, 0, "x")
    regions = list(temperature.compose(by_kind["region"], kit))
    assert {draft.answer for draft in regions} == {"upper left", "upper right", "lower left", "centre"}
    warmer = list(temperature.compose(by_kind["warmer"], kit))
    assert Counter(draft.answer for draft in warmer)["A"] == len(warmer) / 2 > 0
    for draft in warmer:
        marks = {letter: (x, y) for letter, x, y in draft.picture.marks}
        values = {
            letter: warm_corner(0, corners[int(draft.frame.group[1])])[1][int(y * 90), int(x * 120)]
            for letter, (x, y) in marks.items()
        }
        assert max(values, key=values.get) == draft.answer
    values = list(temperature.compose(by_kind["value"], kit))
    assert {float(draft.answer) for draft in values} <= {20.0, 40.0}
    assert all(draft.unit == "degrees Celsius" and draft.tolerance == 2.0 for draft in values)
    assert all(draft.facts["emissivity"] == 0.95 and draft.picture.has_scale for draft in values)


def test_even_images_and_close_calls_are_passed_over():
    flat = temperature.find(*warm_corner(0, (0, 0), high=21.0))
    assert codes(list(flat)) == {"hardly_any_contrast": 1}
    item, celsius = warm_corner(0, (0, 0))
    celsius[60:, 80:] = 39.5
    assert codes(list(temperature.find(item, celsius))) == {"no_clearly_hottest_part": 1}


def test_modality_shows_as_many_made_images_as_original_ones():
    frames = [people(k, 2, partner=f"visible/{k}.jpg", group=f"scene-{k}") for k in range(40)]
    drafts = []
    for kind in ("band", "polarity"):
        kit = Kit(WORDINGS, 0, "x")
        drafts += modality.compose([item for item in pick(find(modality, frames)) if item.kind == kind], kit)
    assert Counter(draft.answer for draft in drafts) == dict.fromkeys(
        ("infrared", "visible", "black-hot", "white-hot"), 20
    )
    for draft in drafts:
        assert (draft.picture is not None) == (draft.answer in ("visible", "black-hot"))
    for block in group_blocks(drafts).values():
        assert block[0].options == block[1].options and block[0].question == block[1].question
    black = [item for item in as_items(drafts) if item.answer == "black-hot"]
    assert {item.polarity for item in black} == {"black-hot"}
    assert black[0].image.startswith("images/inverted/llvip/data/")


# --- all of them ----------------------------------------------------------------------------------------------------


def test_neither_order_nor_the_time_of_day_shows():
    frames = make_flir(120)
    shuffled = random.Random(5).sample(frames, len(frames))
    for task in (locate, security):
        assert compose(task, frames) == compose(task, shuffled)
        assert compose(task, frames) != compose(task, frames, seed=1)


def test_what_a_frame_can_be_asked_does_not_hang_on_other_frames():
    frames = make_flir(60)
    for task in (locate, security):
        alone = [entry for item in reversed(frames[:20]) for entry in task.find(item, WORDINGS)]
        assert {item.id: item for item in pick(alone)} == {
            item.id: item for item in pick(find(task, frames)) if int(item.frame.image[5:10]) < 20
        }


@pytest.mark.parametrize("task", [module.TASK for module in (locate, security, recognition, scene, damage)])
def test_nobody_beats_chance_without_the_image(task):
    def make(seed):
        if task.name in ("locate", "security"):
            return make_flir(400, seed)
        counts = {"car": 200, "elephant": 90, "airplane": 70, "cat": 60, "dog": 60, "boat": 50, "bus": 30}
        labels = WORDINGS.files[task.name].labels.shown
        return (
            make_lsotb(counts)
            if task.name == "recognition"
            else make_labelled(task.sources[0], sorted(labels), 20 + seed)
        )

    train = as_items(compose(task, make(0), share="train"))
    test = as_items(compose(task, make(1), share="test"), "test")
    blind = train_blind(train)
    share = sum(is_right(item, blind.answer(item)) for item in test) / len(test)
    chance = 0.5 if task.name == "locate" else 0.25
    assert abs(share - chance) <= 0.03, f"blind {share:.3f} of {len(test)}"


def test_every_task_has_its_module_in_order():
    from itb.records import TASKS

    assert tuple(task.name for task in open_tasks(Path())) == TASKS


@pytest.mark.parametrize(
    ("point", "place"), [((10, 10), "upper left"), ((320, 256), "centre"), ((639, 511), "lower right")]
)
def test_places_are_cells_of_a_grid(point, place):
    x, y = point
    assert find_place((x - 1, y - 1, x + 1, y + 1), frame()) == place


def test_evidence_keeps_the_order_of_the_statement():
    (draft, *_) = compose(locate, make_flir(40))
    assert all(isinstance(box, tuple) for _, box in draft.evidence)
    assert isinstance(draft.frame.things[0], Thing)
