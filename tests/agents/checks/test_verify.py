"""`verify`: what it objects to, what it lets pass, and that it never breaks."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.checks.verify import verify
from agents.english.categories import load_nouns, name_label
from tools.prompts.lexicon import load_lexicon
from tools.records import Box, Message

LEXICON = load_lexicon(Path("prompts/infrared"))


def box(label, x1, y1, x2, y2, is_crowd=False):
    return Box(label=label, box_xyxy_norm=(x1, y1, x2, y2), is_crowd=is_crowd)


BOXES = (
    box("person", 0.05, 0.2, 0.2, 0.9),
    box("person", 0.3, 0.2, 0.4, 0.9),
    box("person", 0.8, 0.2, 0.95, 0.9),
    box("dog", 0.1, 0.6, 0.3, 0.8),
    box("car", 0.6, 0.5, 0.9, 0.8),
    box("car", 0.7, 0.1, 0.8, 0.2),
    box("bus", 0.5, 0.3, 1.0, 0.9),
    box("sheep", 0.1, 0.1, 0.2, 0.2),
    box("sheep", 0.1, 0.1, 0.9, 0.9, is_crowd=True),
    box("banana", 0.4, 0.4, 0.5, 0.5),
    box("rocket", 0.02, 0.1, 0.1, 0.9),
)
CAPTIONS = ("A man with a backpack near a bus.", "a person and a dog with some bananas")


def judge(answer, question="What is there to see?", kind="conversation"):
    messages = (Message(role="user", content=question), Message(role="assistant", content=answer))
    found = verify(messages, BOXES, CAPTIONS, LEXICON, kind)
    assert all(objection.quote in question + "\n" + answer and objection.reason for objection in found)
    return [(objection.check, objection.quote) for objection in found]


@pytest.mark.parametrize(
    ("text", "check", "quote"),
    [
        ("There are two people in the image.", "count", "two people"),
        ("There are 4 people.", "count", "4 people"),
        ("I can see two dogs and a bus.", "count", "two dogs"),
        ("The image shows three people, two dogs and a bus.", "count", "two dogs"),
        ("Four men stand on the road.", "count", "Four men"),
        ("There are no people.", "count", "no people"),
        ("Only one person is visible.", "count", "one person"),
        ("A single person walks past the bus.", "count", "A single person"),
        ("Several dogs lie here.", "count", "Several dogs"),
        ("There are at least four people.", "count", "at least four people"),
        ("Three of the cars are parked.", "count", "Three of the cars"),
        ("There are zero sheep.", "count", "zero sheep"),
        ("There are two rockets.", "count", "two rockets"),
        ("The dog is on the right side of the image.", "position", "The dog is on the right side of the image"),
        ("On the right, there is a dog.", "position", "On the right, there is a dog"),
        ("The rocket is in the centre of the image.", "position", "The rocket is in the centre of the image"),
        ("The two cars are on the left.", "position", "The two cars are on the left"),
        ("The dog is at the top of the image.", "position", "The dog is at the top of the image"),
        ("The dog lies in the upper right corner.", "position", "The dog lies in the upper right corner"),
        ("The dog is to the right of the bus.", "position", "The dog is to the right of the bus"),
        ("The dog sits above the bus.", "position", "The dog sits above the bus"),
        ("The dog is larger than the bus.", "position", "The dog is larger than the bus"),
        ("There are three people: two on the right and one on the left.", "position", "two on the right"),
        ("A giraffe stands on the road.", "object", "giraffe"),
        ("Two kites fly above.", "object", "kites"),
        ("A man at [0.1, 0.2, 0.3, 0.4] waits.", "coordinates", "[0.1, 0.2, 0.3, 0.4]"),
        ("The dog begins at 0.35 of the width.", "coordinates", "0.35"),
        ("No giraffe is in sight.", "unsupported", "No giraffe"),
        ("Not a single zebra can be seen.", "unsupported", "Not a single zebra"),
        ("All of the seats are free.", "unsupported", "free"),
        ("Nobody is near the bus.", "unsupported", "Nobody"),
        ("The bus is empty.", "unsupported", "empty"),
        ("The car is behind the bus.", "unsupported", "behind the bus"),
        ("The dog is closest to the camera.", "unsupported", "closest to the camera"),
        ("An elderly man waits.", "unsupported", "elderly man"),
        ("The backpack is filled with water.", "unsupported", "filled with water"),
        ("The bus is brand new.", "lexicon", "brand new"),
        ("It was delivered by truck.", "lexicon", "delivered"),
        ("A light on the bus is flashing.", "lexicon", "flashing"),
        ("Infrared cameras can see through walls.", "lexicon", "see through walls"),
        ("According to the caption, there is a dog.", "source", "caption"),
        ("The bounding boxes show a dog.", "source", "bounding boxes"),
        ("A red bus stops.", "lexicon", "red"),
        ("There is a wooden bus.", "lexicon", "wooden"),
    ],
)
def test_objects_with_the_words_as_they_stand(text, check, quote):
    assert judge(text) == [(check, quote)]


@pytest.mark.parametrize(
    "text",
    [
        "There are three people in the image.",
        "There are three people, a dog, two cars and a bus.",
        "Two people stand next to a bus, and one man holds a dog.",
        "Two women talk to each other.",
        "A person walks past the cars; another person waits.",
        "There are at least two people, and about three in total.",
        "There is one sheep in front of a larger group.",
        "Twelve sheep graze, and there are many bananas.",
        "One of the people is near the dog.",
        "Several people stand here.",
        "No longer do the dogs bark, and no two cars are alike.",
        "The animal is not a cat; it runs without a doubt in the world.",
        "A dog lies on the left, a bus stands on the right.",
        "On the right we see a bus; on the left is a dog.",
        "A person is on the right, and a person is on the left.",
        "The bus is in the centre of the image.",
        "The person is to the left of the bus and the dog is below the car.",
        "The bus is larger than the dog, the cars are smaller than the bus.",
        "There are three people: two on the left and one on the right.",
        "The person turns to the left and raises the right hand.",
        "The dog sits in the middle of the road, on top of a blanket.",
        "People walk on the left side of the bus, at the right time.",
        "A giraffe might come by, or perhaps there would be two dogs.",
        "Dogs are often smaller than cars, such as a van.",
        "The train station is behind the bus stop, near the car park and a toy car.",
        "They wait in front of a picture of a horse.",
        "Its emissivity is about 0.95 and the band reaches from 8 to 14 micrometres, give or take 0.5 degrees.",
        "A backpack can be seen, though it is hard to describe.",
        "There are two large people and one small person.",
        "The image shows a two car garage.",
        "She has one more dog at home, and no other people came.",
    ],
)
def test_lets_pass_what_the_boxes_bear_out_or_cannot_settle(text):
    assert judge(text) == []


def test_what_is_said_of_a_caption_or_of_boxes_that_meet_is_supported():
    boxes = (box("person", 0.1, 0.1, 0.3, 0.9), box("kite", 0.7, 0.1, 0.8, 0.2), box("dog", 0.25, 0.6, 0.4, 0.9))
    answer = "A man holds a kite. A man holds a dog. An old man waits. The kite is behind the dog. The bench is empty."
    messages = (Message(role="assistant", content=answer),)
    found = verify(messages, boxes, ("Someone with a bench.",), LEXICON, "conversation")
    quotes = ["holds a kite", "old man", "behind the dog", "empty"]
    assert [(o.category, o.quote) for o in found] == [("unsupported", quote) for quote in quotes]
    told = ("An elderly man with a kite behind an empty bench.",)
    assert verify(messages, boxes, told, LEXICON, "conversation") == ()


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("Apart from the background, the view holds a kite and a person.", []),
        ("Besides a person, this scene holds a kite.", []),
        ("The image carries a kite and little else.", []),
        ("A man in the picture holds a kite.", ["holds a kite"]),
        ("In the image, a man is holding a kite.", ["holding a kite"]),
    ],
)
def test_a_picture_holds_what_is_in_it_and_a_person_what_meets_their_box(text, quotes):
    boxes = (box("person", 0.1, 0.1, 0.3, 0.9), box("kite", 0.7, 0.1, 0.8, 0.2))
    found = verify((Message(role="assistant", content=text),), boxes, ("Outdoors.",), LEXICON, "conversation")
    assert [o.quote for o in found if o.category == "unsupported"] == quotes


def test_a_statement_on_the_modality_may_name_what_it_cannot_show():
    kept = (
        "Infrared images have no colour. In thermal images warm things are brighter. Infrared cannot see through walls."
    )
    assert judge(kept) == []
    assert judge("This infrared image shows a red bus, not a car.") == [("lexicon", "red")]
    assert judge("The bus is bright in this infrared image.") == [("lexicon", "bright")]


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("How many cars are there?", "Three.", [("count", "Three")]),
        ("How many cars are there?", "There are two of them.", []),
        ("How many people can be seen in the image?", "I count 2.", [("count", "2")]),
        ("How many people are on the bench?", "Two.", []),
        ("Where is the dog?", "It is on the right.", [("position", "It is on the right")]),
        ("Where is the dog?", "It is on the left side of the image.", []),
        ("Is the red dog asleep?", "It seems so.", [("lexicon", "red")]),
    ],
)
def test_answers_are_read_with_their_question(question, answer, expected):
    assert judge(answer, question) == expected


def test_a_question_may_be_longer_than_its_answer():
    question = "After everything that was said before, and if it is not too much to ask, where do you see the dog?"
    assert judge("On the right.", question) == [("position", "On the right")]
    assert judge("It is on the right.", question) == [("position", "It is on the right")]


def test_a_plural_without_article_is_a_claim_in_a_description_only():
    assert judge("Zebras stand by the road.", kind="description") == [("object", "Zebras")]
    assert judge("Zebras stand by the road.", kind="conversation") == []


def test_a_captioned_object_needs_no_box_and_its_number_is_not_settled():
    assert judge("There are two backpacks.") == []


def test_every_class_name_is_found_in_both_numbers():
    nouns = load_nouns()
    for label in ("person", "knife", "computer mouse", "wine glass", "sheep"):
        assert nouns.find(label.split()), label
    for label in ("person", "mouse", "skis", "hair drier", "dining table"):
        for form in name_label(label):
            found = nouns.find(form.split())
            assert [label in mention.noun.labels for mention in found] == [True], form


WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        "there are two 3 several no a the dog dogs people man bus left right on in of side image to above larger than "
        "at top upper [0.1, 0.35 caption red how many ? . , ; and it is pair skis 999999 least İ ½ 𝟛 \x01",
    )
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=60).map(" ".join)), st.booleans())
def test_any_text_is_survived_and_quotes_stand_in_it(text, is_user):
    messages = (Message(role="user" if is_user else "assistant", content=text),)
    for objection in verify(messages, BOXES, CAPTIONS, LEXICON, "description"):
        assert objection.quote
        assert objection.quote in text


@pytest.mark.parametrize("piece", ["two dogs on the left of the bus ", "a", "[0.1, ", "(", "one two three ", "\n", "."])
def test_long_texts_take_bounded_time(piece):
    text = piece * (60_000 // len(piece))
    started = time.process_time()
    verify((Message(role="assistant", content=text),), BOXES, CAPTIONS, LEXICON, None)
    assert time.process_time() - started < 5
