"""What is said of the world names colours, stuffs and light and claims none; what is tied to an image claims them.

The image has three suitcases on the left, and a train.
"""

from pathlib import Path

import pytest

from agents.checks.unsupported.anchors import is_tied
from agents.checks.verify import verify
from tools.prompts.lexicon import load_lexicon
from tools.records import Box, Message

LEXICON = load_lexicon(Path("prompts/infrared"))
NAMES = ("suitcase", "suitcase", "suitcase", "train")
BOXES = tuple(Box(label=name, box_xyxy_norm=(0.1 + 0.2 * k, 0.3, 0.2 + 0.2 * k, 0.6)) for k, name in enumerate(NAMES))
OF_THE_WORLD = """
Nowadays, buses are often red.
These days, buses are often red.
The camera can't record how red the train is.
It is possible that the train sleeps here, near the suitcases.
Had William Herschel not held a thermometer beyond the red end of a spectrum, somebody else would have found infrared.
Printed letters have practically the same temperature as the sheet they are printed on.
Keep the lens away from direct sunlight, as many a camera manual advises.
What we call white light is a mixture of many wavelengths.
Street lamps switch on by themselves at nightfall in most cities.
Wet clothes cool a person quickly, so hikers are told to carry a spare shirt.
Roofs painted white stay cooler in summer, which explains their popularity in hot countries.
Empty rooms cost money to heat, so smart thermostats turn the radiators down when nobody is at home.
Tyres heat up as their rubber flexes, particularly on long journeys.
Bananas turn from green to yellow as their chlorophyll breaks down.
Most bicycles have two wheels and no source of heat of their own.
Old watches with luminous dials were often painted with radium, a practice that has long been abandoned.
Toyota built its first passenger car in the 1930s.
The shorter the days, the longer households keep their lamps burning.
Asphalt that has soaked up sunshine stays warm long after dusk.
A rainbow appears when drops of water split sunlight into its colours.
Palettes such as "white hot" merely translate temperature into shades.
Bare aluminium has a low emissivity; matt paint has a high one.
The moon shines only because it reflects the light of the sun.
Chameleons change colour to communicate.
Brake discs can get so hot that they glow red.
North of the equator, daylight lasts longer in June than in December.
Airports switch on runway lights after sunset.
Insulation of wool or foam slows the flow of heat.
To avoid accidents, pedestrians at night should wear something that drivers can see.
Polar bears have black skin underneath fur that only seems white.
Windows with an extremely thin coating of silver keep the warmth in a room.
Rayleigh scattering explains both a blue sky at noon and a red one at sunset.
A palette called "ironbow" runs from dark blue through red to white.
Sunlight can warm a wall, and the wall stays warm for a while after sunset.
A shadow on the ground can leave a cool patch behind.
A chair that someone has just left stays warm for a minute or so.
Deserts are hot by day and surprisingly cold by night.
Collisions with animals are most common at dawn and dusk.
The old saying that all that glitters is not gold applies to hot spots too.
Rules for good captions are not set in stone.
"""
LEFT_OPEN = """
What the ground near the train consists of, be it concrete, grass or sand, remains open.
One couldn't say from this picture alone if a lamp was on.
Be careful not to infer from its tone in the picture that the train is white, grey or black.
The weather, sunny or otherwise, is not recorded.
Telling a painted surface from a bare one isn't possible here.
Materials such as wood or metal are beyond what I can judge in this case.
If there's a sign somewhere, its wording would be illegible to this sensor.
Let us leave aside what the suitcases look like in colour, because the sensor never recorded it.
I'd need a companion shot in visible light before saying a word about shadows or glare.
The position of the sun, if it was up at all, is not recorded.
We do not know whether the train has a logo on it.
That no person has been marked does not prove that no one was there.
Should the train carry a number, a camera of this type would hardly show it.
There is no way to tell a matt surface from a glossy one by outline alone.
One shouldn't read tones of grey in this picture as real colours.
From the image alone, wood and plastic can't be distinguished with any certainty.
It may be night, it may be noon; the image alone doesn't decide it.
Terms like golden or silvery have no meaning for an image such as this one.
I can't vouch for the scene being free of people.
Is the train brown or black? From heat alone, there is no way to know.
A label, a logo or a slogan may or may not be on the train.
"""
ASKED = """
Can a thermal camera see through a window? | Hardly, since glass blocks the wavelengths it works with.
Why do firefighters use thermal cameras? | They help to find people in dark, smoke-filled rooms.
Is the train made of metal? | An infrared picture leaves that open.
Does the train cast a shadow? | Shadows are a matter of visible light, and that was not recorded.
Could the train be new? | Its age cannot be read from its heat.
Could the train be red? | It could, and it could just as well be blue or white.
Why does snow look white? | Its many tiny ice crystals scatter all visible wavelengths about equally.
What does the label say? | I'm not able to tell, and I can't even say whether there is a label.
"""
CLAIMED = """
colour red | The user keeps a red phone.
colour red | The airport keeps red lights on its roof.
colour Brown | Brown fields stretch out beyond suitcases.
colour black hue | Suitcases of a black hue gather beside a train.
colour blue | Houses with blue shutters look out on trains.
colour dark blue | Passers-by wear dark blue coats.
colour green | Hills, green meadows and suitcases.
colour greenish tint | Moss lends a roof a greenish tint.
colour maroon | Because of its maroon sides, a train stands apart from suitcases.
colour navy and white | An awning in navy and white shelters suitcases.
colour pale pink | Since rain has washed over them, suitcases look pale pink.
colour pink | Usually quiet, a lane here winds past pink houses.
colour purple | While suitcases rest, purple banners sway behind them.
colour red | A roof here is a deeper red than others along a street.
colour red | Many things end up here, and a red suitcase is among them now.
lighting shadows stretch | Long shadows stretch across a road.
lighting Moonlight | Moonlight lies over fields beyond suitcases.
lighting Headlights sweep | Headlights sweep across a road.
lighting backlit | Suitcases stand out as backlit shapes.
lighting glow with lamplight | Windows glow with lamplight behind suitcases.
lighting rays of sun | Leaves overhead filter rays of sun before they reach a train.
lighting sunbeams | When clouds part, as they do now, sunbeams fall across suitcases.
lighting sunshine falls on | Since sunshine falls on them, suitcases are warmer than ground nearby.
material Asphalt | Asphalt stretches out around suitcases, warmer than a verge beside it.
material Brick | Brick walls line a narrow lane.
material Cobblestones | Cobblestones pave a square where suitcases are gathered.
material made of bamboo | Crates made of bamboo lie about.
material aluminium | A gate beside suitcases can swing easily because it is aluminium.
material granite | Because a wall is granite, heat lingers around suitcases.
material nylon | Ropes of nylon hang from a beam.
material plywood | Shelves of plywood hold odds and ends.
material velvet | Curtains of heavy velvet hang down to a floor.
printed_text Capital letters | Capital letters cover a roof.
printed_text Chinese characters | Chinese characters decorate a doorway.
brand Nike | Passers-by wear Nike trainers.
brand Domino's | Shops usually close early, but a Domino's outlet here is still busy.
unsupported lack of people | A lack of people makes suitcases easy to spot.
"""


def judge(text: str, question: str = "What is to be seen?") -> list[tuple[str, str]]:
    """Categories and words of the objections."""
    messages = (Message(role="user", content=question), Message(role="assistant", content=text))
    captions = ("Three suitcases and a train.",)
    return [(o.category, o.quote) for o in verify(messages, BOXES, captions, LEXICON, "conversation")]


@pytest.mark.parametrize("text", [*OF_THE_WORLD.strip().splitlines(), *LEFT_OPEN.strip().splitlines()])
def test_what_is_said_of_the_world_or_left_open_claims_nothing(text):
    assert judge(text) == []


@pytest.mark.parametrize("line", ASKED.strip().splitlines())
def test_an_answer_that_does_not_say_yes_claims_nothing(line):
    question, answer = line.split(" | ")
    assert judge(answer, question) == []


def test_an_answer_that_says_yes_claims_the_words_of_its_question():
    assert judge("Yes, it is.", "Is the train made of metal?") == [("material", "made of metal")]
    assert judge("It's so.", "Is the train made of metal?") == [("material", "made of metal")]
    assert judge("They're, all of them.", "Are the suitcases red?") == [("colour", "red")]
    assert judge("It does.", "Does the train cast a shadow?") == [("lighting", "cast a shadow")]


@pytest.mark.parametrize("line", CLAIMED.strip().splitlines())
def test_what_is_said_of_the_image_is_claimed_without_an_article_too(line):
    wanted, text = line.split(" | ")
    category, quote = wanted.split(" ", maxsplit=1)
    assert (category, quote) in judge(text)


def test_a_class_ties_a_sentence_only_to_an_image_that_has_it():
    text = "black trains heat up faster than white ones"
    assert is_tied(text, frozenset({"train"}))
    assert not is_tied(text, frozenset({"dog"}))
    assert not is_tied("black trains usually heat up faster than white ones", frozenset({"train"}))


@pytest.mark.parametrize(
    ("text", "tied"),
    [
        ("the wall is warm", True),
        ("there are walls", True),
        ("a man stands in a street", True),
        ("asphalt that has been in the sun stays warm", False),
        ("a wall gets warm, and the wall stays so", False),
        ("pizza tastes best when it leaves the oven", False),
    ],
)
def test_ties(text, tied):
    assert is_tied(text) is tied
