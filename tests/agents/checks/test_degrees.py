"""A degree is one of the thing that is spoken of: that of another thing, or of the image, does not vouch for it."""

from pathlib import Path

import numpy as np
import pytest

from agents.checks.verify import verify
from tools.evidence import Levels, measure
from tools.prompts.lexicon import load_lexicon
from tools.records import Box, Message

LEXICON = load_lexicon(Path("prompts/infrared"))
ASKED = "Levels from darkest to brightest stand for 12.0 °C to 42.0 °C. How warm is it?"
BOXES = (
    Box(label="person", box_xyxy_norm=(0.125, 1 / 6, 0.375, 0.5)),
    Box(label="car", box_xyxy_norm=(0.625, 7 / 12, 0.875, 11 / 12)),
)


def object_to(answer, shift=0.0, category="heat_claim"):
    celsius = np.full((60, 80), 12.0 + shift, np.float32)
    celsius[10:30, 10:30] = 41.5 + shift
    celsius[35:55, 50:70] = 25.0 + shift
    found = measure(
        Levels(celsius, "white-hot", "celsius", shown=(12.0 + shift, 42.0 + shift)),
        [(10.0, 10.0, 30.0, 30.0), (50.0, 35.0, 70.0, 55.0)],
    )
    messages = (Message(role="user", content=ASKED), Message(role="assistant", content=answer))
    objections = verify(messages, BOXES, (), LEXICON, "sensor", measured=found)
    return [each.quote for each in objections if each.category == category]


@pytest.mark.parametrize(
    "answer",
    ["The person is at about 41.5 °C.", "The car is at about 25.2 °C.", "The warmest patch is at about 41.5 °C.",
     "In its warmest patch the image has about 41.3 °C on average.",
     "The person is about 16.5 °C warmer than the car."],
)  # fmt: skip
def test_what_was_measured_of_the_thing_stands(answer):
    assert object_to(answer) == []


@pytest.mark.parametrize(
    "answer",
    ["The car is at about 41.5 °C.", "The person is at about 25.0 °C.", "The person is at about 16.5 °C.",
     "The person is at about 43.0 °C.", "The warmest patch is at about 36.0 °C.",
     "The warmest patch lies at the bottom of the image."],
)  # fmt: skip
def test_what_was_measured_of_something_else_is_objected_to(answer):
    assert object_to(answer)


def test_the_range_of_another_picture_makes_no_degree_readable():
    """The same array, 20 degrees warmer: what the model is told has to change with it."""
    assert object_to("The person is at about 61.5 °C.", shift=20.0)


def test_a_mean_is_that_of_the_image_only_where_hardly_a_pixel_is_missing():
    celsius = np.full((60, 80), 12.0, np.float32)
    celsius[:6] = np.nan
    (fact,) = [each for each in measure(Levels(celsius, unit="celsius")).facts if each.kind == "image_temperature"]
    assert set(fact.values) == {"warmest", "coldest"}


def test_words_of_brightness_that_stand_side_by_side_are_measured_as_each_of_them_is():
    answer = "Going by brightness, the brightest part is the person."
    assert object_to(answer, category="lighting") == []
    assert object_to("The person is sunlit, shadowy and bright.", category="lighting") == ["sunlit, shadowy"]
