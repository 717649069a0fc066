"""What writer and judge are told of boxes: groups, what cannot be counted, and what captions say against them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.backends.noting.boxes import MOST_GROUPS, MOST_PLACES, group_boxes
from agents.backends.noting.contradictions import find_contradictions
from agents.backends.noting.telling import Known, list_note_inputs, tell_notes
from tools.prompts.folder import load_prompts
from tools.prompts.lexicon import load_lexicon
from tools.records import Box

PACK = Path("prompts/infrared")
WORDS = load_lexicon(PACK).pack.words
NOTES = load_prompts(PACK)["notes"]


def box(label, *corners, **more):
    return Box(label=label, box_xyxy_norm=corners, **more)


def row(label, count, width=0.05, top=0.5):
    return [box(label, k * 0.07, top, k * 0.07 + width, top + 0.2) for k in range(count)]


def contradict(boxes, *captions):
    found = find_contradictions(captions, group_boxes(boxes).list_all(), WORDS)
    return [(item.kind, item.label, item.quotes) for item in found]


def test_groups_are_counted_with_the_largest_first():
    noted = group_boxes([*row("dog", 3), box("couch", 0, 0.3, 1, 1)])
    assert [(group.label, group.count, group.is_exact) for group in noted.groups] == [
        ("couch", 1, True),
        ("dog", 3, True),
    ]


def test_what_is_tiny_or_lies_in_another_is_not_counted():
    tiny = box("cup", 0.5, 0.5, 0.509, 0.6)
    inner = box("chair", 0.01, 0.52, 0.045, 0.68)
    other = box("person", 0.01, 0.52, 0.045, 0.68)
    noted = {group.label: group for group in group_boxes([*row("chair", 2), inner, other, tiny]).groups}
    assert (noted["chair"].count, noted["chair"].uncertain, noted["chair"].is_exact) == (2, 1, False)
    assert (noted["cup"].count, noted["cup"].uncertain, noted["cup"].boxes) == (0, 1, (tiny.box_xyxy_norm,))
    assert noted["person"].is_exact


def test_crowds_and_bunches_have_no_number():
    crowd = box("person", 0.1, 0.1, 0.9, 0.5, is_crowd=True)
    noted = {group.label: group for group in group_boxes([crowd, *row("person", 2), *row("banana", 2, top=0.7)]).groups}
    assert (noted["person"].count, noted["person"].is_exact, len(noted["person"].crowds)) == (2, False, 1)
    assert not noted["banana"].is_exact
    told = tell_notes(NOTES, Known((), [crowd]), WORDS)
    assert told == "Boxes:\n- person: unknown number, a crowd at [0.10, 0.10, 0.90, 0.50]"


def test_a_long_list_is_cut_and_the_rest_summed_up_in_one_line():
    boxes = [made for k in range(MOST_GROUPS + 3) for made in row(f"thing{chr(97 + k)}", 8, top=0.05 * (k % 15))]
    noted = group_boxes(boxes)
    assert len(noted.groups) == MOST_GROUPS and len(noted.others) == 3
    assert all((len(group.boxes), group.unplaced) == (MOST_PLACES, 2) for group in noted.groups)
    lines = tell_notes(NOTES, Known((), boxes), WORDS).splitlines()
    assert len(lines) == 1 + MOST_GROUPS + 1
    assert lines[1].endswith(" and 2 more") and lines[-1] == "- smaller: thingm (8), thingn (8), thingo (8)."


@given(st.permutations([*row("dog", 4), *row("cat", 3), box("dog", 0.01, 0.52, 0.045, 0.68)]))
def test_the_order_of_boxes_in_the_file_changes_nothing(boxes):
    assert group_boxes(boxes) == group_boxes([*row("dog", 4), *row("cat", 3), box("dog", 0.01, 0.52, 0.045, 0.68)])


def test_a_box_of_a_model_says_nothing_of_numbers():
    assert group_boxes([box("dog", 0.1, 0.1, 0.5, 0.5, source="model")]).list_all() == ()


@pytest.mark.parametrize(
    ("caption", "found"),
    [
        ("Three dogs on a couch.", [("number", "dog", ("Three dogs",))]),
        ("Two dogs.", []),
        ("There is a single dog.", [("number", "dog", ("a single dog",))]),
        ("One dog sleeps next to another one.", []),
        ("There are no dogs.", [("denied", "dog", ("no dogs",))]),
        ("Several dogs rest.", [("number", "dog", ("Several dogs",))]),
        ("Dogs on a couch, and a cat.", []),
    ],
)
def test_captions_are_held_against_boxes(caption, found):
    assert contradict([*row("dog", 2), box("couch", 0, 0.3, 1, 1), box("cat", 0.8, 0.5, 0.9, 0.7)], caption) == found


def test_what_one_caption_of_several_names_and_no_box_has_is_left_out_and_what_two_name_is_there():
    boxes, captions = row("dog", 1), ("A dog and a cat.", "A dog near a bench.", "A dog at a bench.")
    told = tell_notes(NOTES, Known(captions, boxes), WORDS)
    assert '- cat: "cat" in one caption only, and no box. Leave it out.' in told
    assert '- bench: "bench" in 2 captions, and no box. It is there, but' in told
    assert "in the caption, and no box. It is there" in tell_notes(NOTES, Known(captions[:1], boxes), WORDS)


def test_captions_are_held_against_one_another_where_no_box_decides():
    two, three = "Two dogs.", "There are three dogs."
    assert contradict([], two, three) == [("numbers", "dog", ("Two dogs", "three dogs"))]
    assert contradict([box("dog", 0, 0, 1, 1, is_crowd=True)], two, three)[0][0] == "numbers"
    assert contradict([], two, "A pair of dogs.") == []
    assert contradict([], "A dog.", "No dogs here.")[0][0] == "denied"
    assert contradict([], "No dogs here.") == []


def test_raw_notes_list_every_box_and_compare_nothing():
    boxes = [*row("dog", 2), box("dog", 0.01, 0.52, 0.045, 0.68)]
    known = Known(("Nine dogs.",), boxes, is_raw=True)
    assert list_note_inputs(known, WORDS)["contradictions"] == ()
    told = tell_notes(NOTES, known, WORDS)
    assert told.count("- dog: [") == 3 and "uncertain" not in told
