"""Faults put into texts of real images: each once, and wrong of its image."""

import pytest
from claim_cases import NAMES
from claim_planting import Text, plant

from agents.english.numbers import read_number
from tools.records import Box, Message


def make_text(boxes, caption="A few dogs and a bus."):
    messages = (Message(role="user", content="Describe it."), Message(role="assistant", content=caption))
    return Text("made", "conversation", tuple(boxes), (caption,), messages)


DOGS = [Box(label="dog", box_xyxy_norm=(0.05, 0.1 + 0.2 * k, 0.2, 0.2 + 0.2 * k)) for k in range(3)]
BUS = Box(label="bus", box_xyxy_norm=(0.7, 0.4, 0.95, 0.7))


@pytest.fixture(scope="module")
def cases():
    return list(plant("development", [make_text([*DOGS, BUS])] * 40))


def test_a_text_is_kept_as_it_is_and_gets_one_fault_of_each_kind(cases):
    kinds = [case.kind for case in cases]
    assert {kind: kinds.count(kind) for kind in ("", *NAMES)} == dict.fromkeys(("", *NAMES), 40)
    assert all(case.planted in case.messages[-1].content for case in cases)
    assert all(case.messages[1].content.startswith("A few dogs and a bus.") for case in cases)


def test_a_number_is_wrong_by_one(cases):
    numbers = {
        number
        for case in cases
        if case.kind == "count"
        for word in case.planted.lower().split()
        if (number := read_number(word)) is not None
    }
    assert numbers == {2, 4}


def test_a_place_is_on_the_other_side(cases):
    for case in cases:
        if case.kind == "position" and "bus" in case.planted and "dogs" not in case.planted:
            assert "left" in case.planted
            assert "right" not in case.planted


def test_an_image_that_cannot_fill_the_slots_gets_no_such_fault():
    kinds = {case.kind for case in plant("development", [make_text([BUS], "A bus.")] * 40)}
    assert "count" not in kinds  # nothing is there twice
    assert {"label", "colour", "absence"} <= kinds


def test_a_sentence_that_names_a_further_thing_is_passed_over():
    texts = [case.messages[-1].content for case in plant("fourth", [make_text([*DOGS, BUS])] * 40) if case.kind]
    assert len(texts) > 300
    assert not any(" table" in text for text in texts)
