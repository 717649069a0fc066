"""Which facts stand behind a sentence: those that its statements ask for, and no others."""

import pytest

from agents.checks.trace import trace_statements
from tools.evidence import Evidence, Fact
from tools.prompts import DEFAULT_PACK
from tools.prompts.lexicon import load_lexicon
from tools.records import Box, Message

WORDS = load_lexicon(DEFAULT_PACK).pack.words
BOXES = (
    Box(label="car", box_xyxy_norm=(0.0, 0.4, 0.2, 0.6)),
    Box(label="car", box_xyxy_norm=(0.7, 0.4, 0.9, 0.6)),
    Box(label="person", box_xyxy_norm=(0.4, 0.4, 0.5, 0.8)),
    Box(label="tree", box_xyxy_norm=(0.2, 0.0, 0.3, 0.4)),
)
FACTS = (
    Fact(kind="third", relation="lower"),
    Fact(kind="surroundings", relation="brighter", subject=0),
    Fact(kind="surroundings", relation="brighter", subject=1),
    Fact(kind="surroundings", relation="brighter", subject=2),
    Fact(kind="pair", relation="brighter", subject=2, other=1),
    Fact(kind="region_temperature", subject=2, values={"mean": 31.24, "warmest": 34.1}),
    Fact(kind="surroundings", relation="darker", subject=3),
    Fact(kind="ninths", relation="right middle over upper middle"),
    Fact(kind="part", relation="right", subject=2),
)
EVIDENCE = Evidence(polarity="white-hot", unit="celsius", contrast=9.0, facts=FACTS)


def trace(*texts, role="assistant"):
    messages = [Message(role=role, content=text) for text in texts]
    return [found.facts for found in trace_statements("1-0", messages, BOXES, (), EVIDENCE, WORDS)]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("The person stands out brightly from the surroundings.", (3,)),
        ("Both cars are brighter than what surrounds them.", (1, 2)),
        ("The person is brighter than the car farthest to the right.", (4,)),
        ("The lower part of the image is brighter than the upper part.", (0,)),
        ("The person has a temperature of about 31.2 °C on average.", (5,)),
        ("The tree is darker than what surrounds it.", (6,)),
        ("One can tell that the upper middle part of the image is darker than the middle right part.", (7,)),
        ("A view of two cars in which the lower part of the image is brighter than the upper part.", (0,)),
        ("A view of two cars in which the right half of the person is brighter than the left one.", (8,)),
    ],
)
def test_a_sentence_is_traced_to_its_facts(text, facts):
    assert trace(text) == [facts]


@pytest.mark.parametrize(
    "text",
    [
        "There are two cars.",
        "The person is darker than what surrounds it.",
        "A car that has been driven can be brighter than the road.",
        "The person has 45 °C.",
    ],
)
def test_what_no_fact_supports_is_no_statement(text):
    assert trace(text) == []


def test_questions_state_nothing_and_each_sentence_stands_for_itself():
    assert trace("The person is brighter than what surrounds them.", role="user") == []
    assert trace("The person is brighter than the area around them. There are two cars.", "The tree is dark.") == [
        (3,),
        (6,),
    ]
