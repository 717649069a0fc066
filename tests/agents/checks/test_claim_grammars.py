"""The grammars of numbers, places, comparisons, answers and denials: what each reads, and what it leaves alone.

The image has three vases one below the other on the left, and a bus on the right.
"""

from pathlib import Path

import pytest

from agents.checks.verify import verify
from agents.english.numbers import Amount, read_amount
from tools.prompts.lexicon import load_lexicon
from tools.records import Box, Message

LEXICON = load_lexicon(Path("prompts/infrared"))
BOXES = (
    *(Box(label="vase", box_xyxy_norm=(0.13, 0.2 + 0.15 * k, 0.23, 0.3 + 0.15 * k)) for k in range(3)),
    Box(label="bus", box_xyxy_norm=(0.67, 0.47, 0.93, 0.73)),
)


def judge(answer: str, question: str = "What is there?") -> list[tuple[str, str]]:
    messages = (Message(role="user", content=question), Message(role="assistant", content=answer))
    found = verify(messages, BOXES, ("Three vases and a bus.",), LEXICON, "conversation")
    return [(objection.category, objection.quote) for objection in found]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("three", 3, 3),
        ("twenty-one", 21, 21),
        ("at least two", 2, None),
        ("no more than two", 0, 2),
        ("no fewer than two", 2, None),
        ("between two and four", 2, 4),
        ("two or three", 2, 3),
        ("about eight", 6, 10),
        ("four or more", 4, None),
        ("a pair of", 2, 2),
        ("two pairs of", 4, 4),
        ("a trio of", 3, 3),
        ("half a dozen", 5, 7),
        ("a dozen", 10, 14),
        ("several", 3, None),
        ("a few", 2, None),
        ("both", 2, 2),
        ("a third", 3, None),
        ("the only", 1, 1),
        ("all three", 3, 3),
        ("each of the three", 3, 3),
    ],
)
def test_an_amount_is_read_with_its_bounds(text: str, low: int, high: int | None) -> None:
    words = text.split()
    amount = read_amount(words, len(words) - 1)
    assert isinstance(amount, Amount)
    assert (amount.low, amount.high, amount.start) == (low, high, 0)


@pytest.mark.parametrize("text", ["up to three", "the few", "so many", "three to", "vases"])
def test_words_that_set_no_bound_are_no_amount(text: str) -> None:
    words = text.split()
    assert read_amount(words, len(words) - 1) is None


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("A pair of vases can be found on the left.", "A pair of vases"),
        ("Both vases are tall.", "Both vases"),
        ("All four vases are tall.", "All four vases"),
        ("The two vases are on the left.", "two vases"),
        ("Two vases are lined up on the left.", "Two vases"),
        ("On the left there are two vases.", "two vases"),
        ("A group of two vases sits in a row on the left.", "two vases"),
        ("Here we have a bus and two vases.", "two vases"),
        ("The bus is accompanied by two vases.", "two vases"),
        ("The vases form a row of two.", "The vases form a row of two"),
        ("The vases come in a pair.", "The vases come in a pair"),
        ("Two vases and a bus share the frame.", "Two vases"),
        ("There are more buses than vases.", "more buses than vases"),
    ],
)
def test_a_number_of_all_that_is_there_must_be_right(text: str, quote: str) -> None:
    assert ("count", quote) in judge(text)


@pytest.mark.parametrize(
    "text",
    [
        "Two vases stand next to the bus.",
        "Two vases with handles are on the left.",
        "On the bus there are two vases.",
        "The top two vases are near each other.",
        "Two of the vases are near each other.",
        "A vase stands there, and another vase is near it. Both vases are tall.",
        "There are both vases and a bus.",
        "There are more vases than buses.",
        "A third vase is below them.",
    ],
)
def test_a_number_of_some_leaves_the_others_open(text: str) -> None:
    assert judge(text) == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Off to the left, a bus can be seen.", "to the left, a bus"),
        ("If you look to the left, you will see a bus.", "to the left, you will see a bus"),
        ("Looking at the right of the image, you notice the vases.", "at the right of the image, you notice the vases"),
        ("Every one of the vases is right of center.", "vases is right of center"),
        ("The vases are gathered in the center.", "The vases are gathered in the center"),
        ("The vases are lined up along the bottom of the image.", "vases are lined up along the bottom of the image"),
        ("The bus appears near the left edge.", "The bus appears near the left edge"),
        ("The bus has the vases to its right.", "bus has the vases to its right"),
        ("The leftmost object is the bus.", "The leftmost object is the bus"),
        ("The bus is farthest to the left.", "The bus is farthest to the left"),
        ("The object on the left is a bus.", "object on the left is a bus"),
        ("From left to right there are a bus and three vases.", "bus and three vases"),
        ("The bus and the vases are on the same side.", "bus and the vases are on the same side"),
        ("Across from the bus, on the right, the viewer finds the vases.", "on the right"),
    ],
)
def test_a_place_must_be_right(text: str, quote: str) -> None:
    ((category, found),) = judge(text)
    assert category == "position"
    assert quote in found


@pytest.mark.parametrize(
    "text",
    [
        "Looking to the left, the bus waits.",
        "The bus turns to the left.",
        "The vases are to the right of a door.",
        "The bus has its left door open.",
        "None of the vases is on the right.",
        "The bus is to the right, and the vases are to the left of it.",
        "The rightmost object is the bus.",
        "The bus and the vases are on opposite sides.",
        "From left to right: three vases, then a bus.",
        "Across from the vases, on the right, the viewer finds a bus.",
        "Next to the bus, on the left, are vases.",
        "The picture shows above all a bus, and vases.",
    ],
)
def test_a_place_in_another_sense_or_a_right_one_passes(text: str) -> None:
    assert judge(text) == []


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("Where is the bus?", "On the left.", [("position", "On the left")]),
        ("Where are the vases?", "To the right of the bus.", [("position", "To the right of the bus")]),
        ("Which side is the bus on?", "The right.", []),
        ("Is the bus on the left or on the right?", "It is on the left.", [("position", "It is on the left")]),
        ("What is on the left?", "A bus.", [("position", "A bus")]),
        ("What is on the left?", "Three vases.", []),
        ("How many vases can you spot?", "A pair.", [("count", "pair")]),
        ("What is the total count of vases?", "The total is four.", [("count", "four")]),
        ("How many vases are on the right?", "None.", []),
        ("How many vases does the camera see?", "Two.", [("count", "Two")]),
        ("How many vases does the camera pick up?", "It picks up two of them.", [("count", "two of them")]),
        ("How many vases does the camera see?", "Three.", []),
        ("How many vases can be made out?", "Two.", [("count", "Two")]),
        ("How many vases can be made out clearly?", "Two.", []),
        ("Is it a large group of vases?", "It is a group of four.", [("count", "four")]),
        ("Are there four vases?", "Yes, there are.", [("count", "Yes, there are.")]),
        ("Is the bus on the right?", "Yes.", []),
        ("Is there a dog?", "Yes.", [("object", "Yes.")]),
        ("Are there any dogs?", "No, there are none.", [("unsupported", "No, there are none.")]),
        ("Is there a bus?", "No.", [("count", "No.")]),
        ("Is there any difference?", "No.", []),
        ("What color is the bus?", "It is red.", [("colour", "red")]),
        ("Is the bus red?", "No, that cannot be told.", []),
        ("Is the bus red?", "Yes.", [("colour", "red")]),
    ],
)
def test_an_answer_claims_what_its_question_asks(question: str, answer: str, expected: list[tuple[str, str]]) -> None:
    assert judge(answer, question) == expected


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("There isn't anyone around the bus.", "isn't anyone"),
        ("There aren't any animals.", "aren't any animals"),
        ("No other vehicle is in sight.", "No other vehicle"),
        ("There is no sign of life.", "no sign of life"),
        ("The street is devoid of people.", "devoid of people"),
        ("The place seems lifeless.", "lifeless"),
        ("The surroundings are bare.", "bare"),
        ("There is nothing but a bus.", "nothing but"),
        ("Nothing apart from the bus and the vases is in the picture.", "Nothing"),
        ("No people, animals or cars are visible.", "No people, animals or cars"),
        ("A dog is not visible.", "A dog"),
    ],
)
def test_what_is_denied_is_objected_to(text: str, quote: str) -> None:
    assert judge(text) == [("unsupported", quote)]


@pytest.mark.parametrize(
    "text",
    [
        "It is no other than the bus.",
        "There is no way to tell, and no other choice.",
        "There is no doubt.",
        "Were there a dog as well, it would change the picture.",
        "It isn't anything special.",
        "His feet are bare.",
        "The bus is not seen from the front.",
        "Nobody knows.",
    ],
)
def test_a_denial_of_no_thing_passes(text: str) -> None:
    assert judge(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The vases are brighter than the bus, as they are warmer.",
        "The bright spot is the engine.",
        "The color of the bus cannot be told.",
        "Color would help to tell the vases apart.",
        "Metal reflects heat.",
        "The vases number three.",
    ],
)
def test_a_word_that_claims_nothing_of_light_or_colour_passes(text: str) -> None:
    assert judge(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "It was taken at night.", "Street lamps illuminate the bus.", "The lights are on.", "The bus is glossy.",
        "The vases glitter.", "The sun is low.", "The bus has its headlights on.", "A flashlight beam falls on it.",
        "The bus catches the light.", "Shadows stretch across the ground.", "It is midday.",
    ],
)  # fmt: skip
def test_visible_light_is_named_in_many_ways(text: str) -> None:
    assert {category for category, _ in judge(text)} == {"lighting"}


@pytest.mark.parametrize(
    "text",
    [
        "Whether the bus is green or white stays unknown.", "The bus may be built of steel or of plastic.",
        "Describing the bus as yellow would be careless.", "A wet towel dries slowly in the shade.",
        "A bus stands on the right, and the vases are on its left.", "Not one but three vases are on the left.",
    ],
)  # fmt: skip
def test_what_is_left_open_or_so_at_large_passes(text: str) -> None:
    assert judge(text) == []


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The bus is painted bright yellow.", "colour"),
        ("The bus, which is at the left edge of the image, is parked.", "position"),
        ("The vases are spread across both sides of the image.", "position"),
        ("The bus stands between the vases.", "position"),
        ("Compared with the bus, the vases are farther to the right.", "position"),
        ("The vases are five strong.", "count"),
        ("Not one car is parked there.", "unsupported"),
    ],
)
def test_one_fault_is_one_finding(text: str, category: str) -> None:
    assert [found for found, _ in judge(text)] == [category]


@pytest.mark.parametrize(
    ("caption", "is_told"),
    [
        ("Three vases not far from a bus.", False),
        ("A bus without a roof.", False),
        ("A bus and no people.", True),
        ("A bus in an empty street.", True),
    ],
)
def test_only_a_caption_that_tells_of_an_absence_lets_its_statement_pass(caption: str, is_told: bool) -> None:
    messages = (Message(role="user", content="Describe it."), Message(role="assistant", content="Nobody is around."))
    found = verify(messages, BOXES, (caption,), LEXICON, "conversation")
    assert [o.category for o in found] == ([] if is_told else ["unsupported"])
