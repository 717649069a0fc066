"""Numbers of all there are, places and things, as captioning models say them; and what looks like one and is none.

The image has four vases one below the other at the upper left, and a bus at the lower right.
"""

from pathlib import Path

import pytest

from agents.checks.verify import verify
from tools.prompts.lexicon import load_lexicon
from tools.records import Box, Message

LEXICON = load_lexicon(Path("prompts/infrared"))
BOXES = (
    *(Box(label="vase", box_xyxy_norm=(0.13, 0.08 + 0.09 * k, 0.23, 0.16 + 0.09 * k)) for k in range(4)),
    Box(label="bus", box_xyxy_norm=(0.69, 0.7, 0.95, 0.97)),
)
WRONG_NUMBERS = """
The heat of the three vases is easy to see.
In addition to three vases, there is a bus.
The bus is outnumbered by three vases.
Three vases make up the group on the left.
Three vases form a vertical line.
The scene is composed of three vases and a bus.
The total number of vases is five.
Three is the number of vases in the image.
The vases, three in number, are on the left.
The group of vases has three members.
The trio of vases gives off heat.
Altogether, three vases show up in this thermal view.
These are three vases and a bus.
Both of the vases are warm.
The vases on the left number three.
If you count the vases, you get three.
It appears that three vases and a bus share the frame.
If each of the three vases were full, nobody would see it.
Three vases, along with a bus, make up this thermal view.
A set of three vases dominates the composition.
What draws the eye first is a cluster of five vases.
The warm shapes turn out to be three vases.
At least half a dozen vases are in view.
"""
RIGHT_NUMBERS = """
At most half a dozen vases are in view.
No more than half a dozen vases are in view.
What stands near the bus is a pair of vases.
Two vases that are close to each other catch the eye.
The remaining three vases are cooler.
Three of the four vases are warmer than the last.
In total, two vases are partly hidden by others.
The two vases in the middle are warm.
Between the top and the bottom vase there are two vases.
Not three but four vases are on the left.
The gap is as high as two vases.
"""
WRONG_PLACES = """
Not a car is there, but the bus is on the left.
The bus is centered in the frame.
The central area is filled with vases.
The vases run along the bottom.
On the left stands the bus.
The bus is larger than the vases and sits to their left.
The vases are directly above the bus.
There are vases in each of the four corners of the image.
The vases are scattered across the whole image.
The vases form a horizontal row.
The first object from the left is the bus.
The far right of the frame is where the vases are.
"""
RIGHT_PLACES = """
The bus isn't on the left.
The bus cannot be on the left.
The bus doesn't stand on the left.
From the vases, one does not turn to the left to find the bus.
Not a single one of the vases is on the right.
Not a single one of the vases is on the right.
The gap between the vases and the bus is in the middle.
The edge of the bus is right at the middle.
The vases are arranged from top to bottom.
The vases form a vertical column.
The vases are above the bus.
"""
WRONG_THINGS = """
There are refrigerators in the distance.
There appear to be refrigerators as well.
The contrast makes the refrigerator easy to identify.
As the toaster gives off heat, it stands out.
The outline is that of a toaster.
The warm spot belongs to a toaster.
The vases look small compared with the toaster.
The bus has the same temperature as the toaster.
The toaster might be the warmest object.
Farther back, toasters are waiting.
"""
RIGHT_THINGS = """
There are refrigerators that switch themselves off.
If there are refrigerators, they hum.
A zebra is a relative of the horse.
Birds fluff up their feathers in order to stay warm.
Trucks and trains carry goods every day.
The road forks here.
A thermal camera can show a toaster, too.
The bus could be mistaken for a toaster.
The vases are the apple of somebody's eye.
Polished metal is a poor emitter.
The future of thermal imaging looks bright.
"""


def judge(answer: str) -> set[str]:
    messages = (Message(role="user", content="What is there?"), Message(role="assistant", content=answer))
    found = verify(messages, BOXES, ("Things in a scene.",), LEXICON, "conversation")
    return {objection.category for objection in found}


@pytest.mark.parametrize(
    ("texts", "category"), [(WRONG_NUMBERS, "count"), (WRONG_PLACES, "position"), (WRONG_THINGS, "object")]
)
def test_what_is_wrong_of_all_is_objected_to(texts: str, category: str) -> None:
    judged = {text: judge(text) for text in texts.strip().splitlines()}
    assert {text: found for text, found in judged.items() if category not in found} == {}


@pytest.mark.parametrize("texts", [RIGHT_NUMBERS, RIGHT_PLACES, RIGHT_THINGS])
def test_what_leaves_others_open_or_claims_nothing_passes(texts: str) -> None:
    judged = {text: judge(text) for text in texts.strip().splitlines()}
    assert {text: found for text, found in judged.items() if found} == {}
