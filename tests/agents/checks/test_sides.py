"""Sides in sentences that no grammar of places reads: whatever has one side word, and what only looks like one.

The image has three suitcases on the left, and a train on the right.
"""

from pathlib import Path

import pytest

from agents.checks.verify import verify
from tools.prompts.lexicon import load_lexicon
from tools.records import Box, Message

LEXICON = load_lexicon(Path("prompts/infrared"))
BOXES = (
    *(Box(label="suitcase", box_xyxy_norm=(0.1, 0.1 + 0.2 * k, 0.22, 0.25 + 0.2 * k)) for k in range(3)),
    Box(label="train", box_xyxy_norm=(0.7, 0.3, 0.95, 0.6)),
)
WRONG = """
A train peeks into the picture from the left.
A train occupies the area at left.
Beside the train, on its right, are the suitcases.
Moving right from the train, one arrives at the suitcases.
The suitcases lie on the right-hand side of the train.
The train takes up space on the right, just like the suitcases.
The region on the left includes a train.
Further right, past the train, there are three suitcases.
The suitcases occupy the left half, as does the train.
The suitcases are to the train's right.
This is a view of a train and three suitcases, the latter on the right.
The photo was composed with a train on the left.
Glancing toward the left, the viewer comes across a train.
Tucked away on the left, a train adds some interest.
The train is at the right, and so are the suitcases.
The suitcases are on the left, and so is the train.
The train (left) is larger than any of the suitcases.
The suitcases appear with a train to the left of them.
From the suitcases, one has to look to the left to find the train.
Most of the left half is taken up by the train.
To find the suitcases, look at the right side of the image.
The largest shape, a train, rests on the left side of the scene.
The left-hand side belongs to the train.
The train is at the picture's left edge.
"""
RIGHT = """
A train peeks into the picture from the right.
Beside the train, on its left, are the suitcases.
Moving left from the train, one arrives at the suitcases.
The suitcases occupy the left half, unlike the train.
The suitcases appear with a train to the right of them.
The train faces left.
The train seems to move to the left.
There is some space left between the suitcases and the train.
The suitcases stay clear of the right edge, which is closer to the train.
The train is far from the left edge.
Measured from the right, the suitcases come last.
The upper part of the group on the left starts well above the train.
None of the suitcases is farther to the right than the train.
The suitcases were left alone.
The train is right there.
The suitcases are to the right of a door.
The train is nowhere near the left edge.
"""


def judge(text: str) -> list[str]:
    """Categories of the objections."""
    messages = (Message(role="user", content="What is to be seen?"), Message(role="assistant", content=text))
    captions = ("Three suitcases and a train.",)
    return [o.category for o in verify(messages, BOXES, captions, LEXICON, "conversation")]


@pytest.mark.parametrize("text", WRONG.strip().splitlines())
def test_a_wrong_side_is_objected_to_once(text):
    assert judge(text) == ["position"]


@pytest.mark.parametrize("text", RIGHT.strip().splitlines())
def test_a_right_side_or_none_passes(text):
    assert "position" not in judge(text)
