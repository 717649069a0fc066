"""What names a colour, a print or a stuff and claims nothing: what denies it, leaves it open, or is said at large.

The image has an orange, three knives, three spoons, a vase, a suitcase and a tie.
"""

from pathlib import Path

import pytest

from agents.checks.verify import verify
from tools.prompts.lexicon import load_lexicon
from tools.records import Box, Message

LEXICON = load_lexicon(Path("prompts/infrared"))
NAMES = ("orange", *["knife"] * 3, "vase", *["spoon"] * 3, "suitcase", "tie")
BOXES = tuple(Box(label=name, box_xyxy_norm=(0.1 + 0.05 * k, 0.1, 0.2 + 0.05 * k, 0.3)) for k, name in enumerate(NAMES))
RIGHT = """
An orange and several knives are the main objects in the picture.
The orange takes up more of the frame than each of the knives.
Someone can be seen between the knives and the orange.
There is an orange in the left half of the picture.
The orange is set apart from the suitcase.
Besides the spoons, there is an orange.
The scene shows an orange and three knives.
The colors in a thermal image are assigned by software and are not the real colors of the objects.
In some palettes, hot areas are shown in red or yellow.
What looks like a shadow in a thermal image is a difference in heat.
The color scale of a thermal image can be changed without changing the temperatures.
Logos and brand names are normally not visible in the infrared.
A thermal image can be shown in grayscale or in false color.
The color of the paint on an object hardly matters to a thermal camera.
The colors of the vases are not known.
It is not possible to make out any logos.
The image gives no information about colors.
The image alone cannot show that nobody is around.
Details such as color or texture are lost in the infrared.
Without visible light, the color of the oranges stays unknown.
The word "orange" names both a fruit and a color.
The word "glass" can mean a material or something to drink from.
In most countries, a traffic light changes from green to yellow to red.
Cutlery can be made of metal, wood or plastic.
The suitcase may be of any color.
No statement about materials is possible here.
Nobody can tell from this image what color the suitcase is.
The absence of color is normal for a thermal image.
White noise helps some people to concentrate.
A stop sign tells drivers to halt.
Oranges are rich in vitamin C.
A candle is burning near the tie.
Whether the suitcase is made of leather cannot be decided.
Printed letters cannot be told from the paper in this image.
The material of the suitcase cannot be determined.
Color information is not part of a thermal image.
Colors would need a normal camera.
Any writing on the suitcase would be invisible here.
A thermal camera sees heat, not color.
Bright areas in the image are warmer, dark areas are cooler.
Colors in such pictures are only a choice of the palette.
It is unclear what the vase is made of.
Glass blocks thermal radiation, so a window often looks like a wall.
Wood and metal of the same temperature can look different in the infrared.
A mirror of glass does not work the same way for heat.
Black and white objects look the same to a thermal camera if they are equally warm.
Text on paper disappears in a thermal image because ink and paper have the same temperature.
License plates are usually unreadable in thermal pictures.
There may be a logo on the suitcase, but it would not show here.
Whether the lights are on cannot be said.
It might be day or night; the camera works without light.
Sunlight can warm a surface, which would then appear brighter.
Shadows are not visible in thermal images, apart from surfaces that have cooled down.
It cannot be ruled out that someone is behind the suitcase.
An empty room and a room full of cold objects may look similar.
People usually stand out in thermal images because of their body heat.
Cars that have been parked for a long time look cold.
Tires get warm from friction.
The orange is the smallest object.
Next to the orange there are three spoons.
Two of the knives overlap.
At most four spoons are in view.
There are more than two knives.
The image shows fewer than ten spoons.
The palette could be changed to show warm regions in red.
Rubber, wood and plastic have a high emissivity.
Paper burns easily.
Silver is one of the best conductors of heat.
A good photographer would wait for daylight.
The scene is easy to read.
A glass of water is colder than a human body.
A sharp outline marks the suitcase.
The light parts of the image are the warm ones.
A clear day would not change what the camera shows.
There are not just two knives but three.
It cannot be concluded that the knives are unattended.
The fact that no dog is described does not mean that the place is empty.
It is possible that a dog is hidden from view.
Thermal imaging works in daylight as well as in complete darkness.
Water appears opaque in long-wave infrared.
Smoke blocks visible light more strongly than infrared radiation.
Engineers use infrared cameras to check the insulation of brick buildings.
Thermal imaging is also used to find missing persons at night.
I would not call the suitcase wooden or metallic without further evidence.
A bright area does not necessarily mean that the object is shiny.
The heat pattern offers concrete hints about the shape of an object.
The false-color palettes of some thermal cameras show warm areas in red or yellow.
"""
WRONG = """
Metal chairs surround the table.
Wooden benches line the path.
The suitcase is made of leather.
Leather suitcases are on the left.
A red tie hangs on the right.
The tie is red.
Red ties hang beside the suitcase.
The text on the suitcase reads Hello.
The letters on the suitcase are easy to read.
Letters are printed on the suitcase.
A logo is on the suitcase.
The suitcase has bright colors.
The colors are vivid.
The shadow of the suitcase falls to the left.
Shadows stretch across the floor.
The lighting is soft.
The room is brightly lit.
Glass bottles stand on the table.
The vase is made of glass and has a blue rim.
Nobody is around.
There is nobody in the room.
The image shows that nobody is around.
The rest of the table is empty.
An orange cat sits on the left.
The orange suitcase is on the left.
An orange and white cat sits here.
In the background, a traffic light is green.
In some areas, the wall is painted red.
A brand name is printed on the suitcase.
The word "Exit" is above the door.
A sign tells visitors to stop.
A candle lights up the table.
"""


def find(said: str) -> list[str]:
    messages = [Message(role="user", content="What is here?"), Message(role="assistant", content=said)]
    return [each.quote for each in verify(messages, BOXES, ("A picture.",), LEXICON, "conversation")]


@pytest.mark.parametrize("said", RIGHT.strip().splitlines())
def test_nothing_is_claimed(said: str) -> None:
    assert find(said) == []


@pytest.mark.parametrize("said", WRONG.strip().splitlines())
def test_something_is_claimed(said: str) -> None:
    assert find(said) != []


def test_an_answer_says_bounds_of_what_its_question_names() -> None:
    def answer(said: str) -> list[str]:
        messages = [
            Message(role="user", content="Are there more than two knives?"), Message(role="assistant", content=said)
        ]  # fmt: skip
        return [each.quote for each in verify(messages, BOXES, ("A picture.",), LEXICON, "conversation")]

    assert answer("Yes, there are more than two.") == []
    assert answer("Yes, there are more than three.") == ["more than three"]
