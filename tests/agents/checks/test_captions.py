"""What an edited caption may not be."""

import pytest

from agents.backends import FilterReply
from agents.checks.captions import find_caption_fault, require_caption
from agents.conversation.caption import keep_captions
from tools.errors import RejectError

ORIGINAL = "A man in a red shirt stands beside a blue car."


@pytest.mark.parametrize("caption", [
    "A man in a shirt stands beside a car.", "A man stands beside a car!", 'A man stands by a "car."', "2 men stand.",
    "A man stands beside a car (parked).", ORIGINAL, "I-beams and a man stand beside a car.", "一名男子站在车旁。",
])  # fmt: skip
def test_captions(caption):
    assert find_caption_fault(caption, ORIGINAL) == ""


@pytest.mark.parametrize(("caption", "words"), [
    ("A <b>man</b> stands.", "has markup"), ("**A man** stands.", "has markup"),
    ('{"caption": "A man."}', "has markup"),
    ("A man<|im_end|>.", "has markup"), ("I edited the caption.", "first person"), ("I cannot see it.", "first person"),
    ("I've removed the colours.", "first person"), ("As an AI, no.", "first person"),
    ("The user wants the caption edited.", "first person"), ("A man stands besi", "does not end"),
    ("A man in a", "does not end"), ("A man, a car,", "does not end"), ("A man.\nA car.", "several lines"),
    ("1. A man. 2. A car.", "list"), ("A man stands. " * 20, "far longer"), ("Amanstands.", "single word"),
])  # fmt: skip
def test_no_captions(caption, words):
    assert words in find_caption_fault(caption, ORIGINAL)
    with pytest.raises(RejectError, match="the reply is no caption") as caught:
        require_caption(caption, ORIGINAL)
    assert caught.value.code == "not_a_caption"


@pytest.mark.parametrize(("caption", "original"), [
    ("I see a dog", "I see a brown dog"), ("A dog on a bed", "A brown dog on a bed"),
    ("We ride a bus.", "We ride a red bus."),
    ("a hydrant on a walk", "a red hydrant on a walk,"), ("A neck tie", 'A tie saying "Reel Big Fish"'),
    ("A sign <stop>.", "A red sign <stop>."), ("Cats.", "Two cats."),
])  # fmt: skip
def test_what_the_original_has_is_not_held_against_its_edit(caption, original):
    assert find_caption_fault(caption, original) == ""


def test_an_end_that_hangs_is_seen_without_full_stops_too():
    assert "does not end" in find_caption_fault("A dog on the", "A brown dog on the bed")


def test_refused_candidates_are_never_chosen_from():
    reply = FilterReply(captions=("A man stands besi", "A man stands.", "I edited it."))
    assert keep_captions(reply, ORIGINAL).captions == ("A man stands.",)
    with pytest.raises(RejectError, match="does not end like a sentence"):
        keep_captions(FilterReply(captions=("A man stands besi",)), ORIGINAL)
