"""Many ways to say a number, a place, a thing or an absence that is wrong, and right texts that look like them."""

from pathlib import Path

import pytest

from agents.checks.verify import verify
from agents.english.asides import drop_asides
from agents.english.categories import load_nouns
from agents.english.sentences import split_sentences
from tools.prompts.lexicon import load_lexicon
from tools.records import Box, Message

LEXICON = load_lexicon(Path("prompts/infrared"))


def place(label, x, y, size):
    half = size / 2
    return Box(label=label, box_xyxy_norm=(x - half, y - half, x + half, y + half))


DOGS_AND_BUS = [*(place("dog", 0.15 + 0.02 * k, 0.2 + 0.15 * k, 0.1) for k in range(4)), place("bus", 0.8, 0.6, 0.25)]
PEOPLE = [place("person", 0.48, 0.5, 0.12), place("person", 0.52, 0.5, 0.12)]
WRONG_NUMBERS = """
A group of 5 dogs registers on the left.
The most frequent class, dogs, has 6 instances.
Two separate dogs have been picked out by the sensor.
As for dogs, the picture includes five of them.
Only three dogs fall within the field of view.
Three dogs have been recorded by the thermal camera here, and they are close together.
If I count carefully, I arrive at five dogs in the whole image.
Looking at the frame as a whole, I notice three dogs that are fairly easy to distinguish.
What we have here is a group of three dogs, which share the frame with a bus.
Grouped on the left are the image's 3 dogs.
The dogs in the picture form a cluster of 5.
Five of the objects in the image are dogs.
Counting the dogs in this recording gives a total of five.
One bus and three dogs, that is what we see.
A bus keeps company with 3 dogs.
With three dogs gathered on the left, that part of the frame looks busy.
The lens found three dogs, placed one below another.
Numbering 3, the dogs are the main subject of the image.
The whole frame holds no more and no fewer than 2 dogs.
It takes only a moment to count the dogs: five.
A bus is pictured on the right, and three dogs are pictured on the left.
"""
WRONG_PLACES = """
Over on the left, the camera has caught a bus.
Looking to the left, one meets a bus.
It is on the right that the dogs cluster.
Look to the right to see the dogs.
The bus is situated on the same side of the picture as the dogs.
A bus anchors the left of the composition.
From the dogs, the eye must move left to reach the bus.
Far right: four dogs.
The right half contains every one of the dogs.
The dogs, by contrast, are on the right.
To the left, separate from everything else, is the bus.
We may note that the bus, which is on the left, is larger than any one of the dogs.
Exactly in the middle of the picture, the dogs have gathered.
To the right, where they take up a good deal of room, are the dogs.
While the dogs form a group, the bus is further to the left than they are.
If one begins on the left, the first thing met is the bus.
The camera has captured four dogs, and to the left of them a bus can be seen.
"""
ABSENT_THINGS = """
One train is half behind the bus.
One bottle is on the left.
Just behind the dogs we get a glimpse of a backpack.
Behind the bus I see the shape of a backpack.
A backpack can be recognised.
Finally, a bird should be mentioned.
From the presence of the bird we may conclude what kind of place this is.
One might first notice the bus, but the bird deserves attention too.
The elephant, unlike the dogs, is found close to the middle.
The warm contours of a cat stand out in the centre.
In the distance, fire hydrants can be seen.
There are three kinds of things here: dogs, a bus and potted plants.
Both the dogs and the cow show a sharp outline.
"""
ABSENCES = """
Not one of the dogs is being used.
No human figure can be detected.
The bus is standing idle on the left.
Everyone has left the place.
Those who look for people will find that there are none.
Unlike the dogs, which form a group, the bus is unoccupied.
Nowhere in the image is there a fire hydrant.
The bus is the only other thing in view, opposite the dogs.
No one tends to the dogs.
The rest of the frame holds no objects.
The dogs are alone in the frame with the bus.
"""
OTHERS = """
position | Nothing blocks the bus, which is on the left.
position | None of them overlap, and the bus is on the left.
object | The bus is on the right, as against the cat on the left.
object | At the curb, many cars are parked.
count | Unlike the three dogs, the bus is on the right.
unsupported | On the right, unoccupied, the bus waits.
unsupported | On the left, with nobody near, is a dog.
unsupported | The bus is on the right, that is to say nobody is in it.
unsupported | None of the dogs can bark and no people are near.
colour | Unlike an ordinary photo, this image shows a red bus.
colour | Nobody can miss the red bus.
colour | When asked about the bus, I say it is red.
colour | The bus is red: its windows cannot be seen.
colour | If the bus is red it is easy to see.
colour | At the left edge, all dogs are red.
colour | The bus is white as snow.
printed_text | The dog wears a name tag.
printed_text | The number five stands on the bus.
printed_text | The label "School" suits the bus.
material | A marble is on the ground by the bus.
lighting | The bus stands in the spotlight.
lighting | The heat lingers after sunset.
"""
"""With the category that names the fault: what looks like an aside, a doubt or an idiom, and claims it all the same."""
RIGHT = """
Of the dogs, two are in the upper half.
Of the dogs, two are slightly larger than the others.
Regarding the dogs, two are above the centre line.
As for the dogs, two are near the top and two are lower down.
As for the dogs, the upper half contains two, the lower half the others.
The only thing the image tells us is where the dogs and the bus are.
The only thing this image cannot show is colour.
The only thing the picture does not reveal is the colour of the bus.
The only things the image shows clearly are outlines and warmth.
There are no dogs anywhere on the right.
No dogs at all are on the right.
There are no dogs on the right at all.
No dog is anywhere near the bus.
The image has none of these: cars, bicycles and trains.
Counting dogs and bus together, we arrive at a total of five.
Count the dogs and the bus: five.
The dogs form pairs, and there are two of these.
The dogs fall into groups, and there are two of them.
There are two of these dogs in total above the middle.
Two dogs appear to be the main objects of the upper half.
Two is how many dogs are in the upper half.
From left to right, the first gap opens before the bus.
Going from left to right, the bus is not the first thing you meet.
Reading from right to left, the dogs are the last and not the first thing.
Dead centre in the image is open ground, well to the left of the bus.
No one disputes that the bus is the largest object.
Nobody asks why the dogs are there.
Nobody mistakes the bus for a dog.
Everyone has left room for the bus.
Texture is completely absent.
Facial features are completely missing.
There is no vehicle larger than the bus.
A bus whose engine is idle is cooler.
Even when it is idle, a bus gives off heat.
You may find a cat among dogs in other pictures.
The camera sees two dogs overlap.
Two dogs in the picture overlap.
The image shows two dogs that touch.
We see two dogs next to the bus.
Between two dogs in the image there is a gap.
The frame cuts off two dogs.
One of two dogs that the camera sees at the top is larger.
Neither more nor less than four dogs can be counted.
While the dogs take up part of the left, the right is where the bus is.
The dogs are well away from the right edge of the image.
With four dogs, the left side has more to count than the bus.
You will look in vain for the dogs on the right.
There is a narrow ledge right by the bus.
It is on the right that the bus shows up.
Far left: four dogs.
If one begins on the left, the first thing met is a dog.
Telling a fire hydrant from a parking meter is a matter of reading outlines.
Getting the green light from a committee takes time.
Nothing about the colour of the bus can be inferred.
Nothing in the shape of the bus is hard to recognise.
An idle engine still gives off heat.
No object is so cold that it gives off no radiation at all.
No manufacturer can be made out.
No single object dominates, so the scene is best read from its large areas and their borders.
Moonlight does not warm the ground.
Crimson or teal: the sensor could not tell.
Night brings no change to what the sensor records.
After some reflection, four is the right number of dogs.
"""


def judge(answer, question="What does the image show?", boxes=DOGS_AND_BUS):
    messages = (Message(role="user", content=question), Message(role="assistant", content=answer))
    found = verify(messages, boxes, ["Four dogs and a bus."], LEXICON, "conversation")
    assert all(objection.quote and objection.quote in answer for objection in found)
    return [objection.category for objection in found]


def lines(texts):
    return texts.strip().splitlines()


@pytest.mark.parametrize(
    ("text", "category"),
    [(text, "count") for text in lines(WRONG_NUMBERS)]
    + [(text, "position") for text in lines(WRONG_PLACES)]
    + [(text, "object") for text in lines(ABSENT_THINGS)]
    + [(text, "unsupported") for text in lines(ABSENCES)]
    + [(text, category) for category, text in (line.split(" | ") for line in lines(OTHERS))],
)
def test_a_wrong_statement_is_found_however_it_is_said(text, category):
    assert category in judge(text)


@pytest.mark.parametrize("text", lines(RIGHT))
def test_a_right_text_passes(text):
    assert judge(text) == []


@pytest.mark.parametrize(
    ("question", "answer", "category"),
    [
        ("Who is near the bus?", "Nobody.", "unsupported"),
        ("How many people are there?", "Zero.", "unsupported"),
        ("Are there people in the frame?", "No, there are none.", "unsupported"),
        ("What is in the centre?", "That would be a cat.", "object"),
        ("Where is the bus?", "One should look on the left.", "position"),
        ("How many dogs are there?", "Three, if I have counted correctly.", "count"),
    ],
)
def test_an_answer_is_held_against_its_question(question, answer, category):
    assert judge(answer, question) == [category]


@pytest.mark.parametrize("text", ["There are no humans anywhere in the view.", "There are no humans around the bus."])
def test_people_who_are_there_are_not_denied(text):
    assert judge(text, boxes=[*DOGS_AND_BUS, *PEOPLE]) == ["unsupported"]
    assert judge("No dog is near the bus.", boxes=[*DOGS_AND_BUS, *PEOPLE]) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("The dogs, by contrast, sleep.", "the dogs sleep ."),
        ("It is on the left that the dogs sleep.", "on the left , the dogs sleep ."),
        ("We can see that the dogs sleep.", "the dogs sleep ."),
        ("Unlike the cats, which bark, the dogs sleep.", "the dogs sleep ."),
        ("There are three dogs, if I am right.", "there are three dogs ."),
        ("The dogs fill the field of view.", "the dogs fill the view ."),
        ("The dogs, the cats and the bus stay.", "the dogs , the cats and the bus stay ."),
    ],
)
def test_asides_are_dropped_and_the_words_keep_their_places(text, plain):
    (sentence,) = (drop_asides(own) for own in split_sentences(text, load_nouns()))
    assert " ".join(sentence.lowers) == plain
    assert all(text[word.start : word.end].lower() in (word.lower, "that") for word in sentence.words)
    named = [" ".join(sentence.lowers[mention.start : mention.end]) for mention in sentence.mentions]
    assert "dogs" in named


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("The image contains a bus as well as a bed.", ["object"]),
        ("It contains a bus as well as beds.", ["object"]),
        ("Further back, you might notice a pair of couches.", ["object"]),
        ("One of the dogs has a shadow stretching behind it, while the others do not.", ["lighting"]),
        ("It could be evening, since the bus throws a shadow on the ground.", ["lighting"]),
        ("The texture of the ground suggests porcelain.", ["material"]),
        ("The texture of the ground is rough.", ["texture"]),
        ("Some bamboo has been wrapped around the bus.", ["material"]),
        ("The bus has not been used today.", ["unsupported"]),
        ("Red or blue, the bus is parked.", []),
        ("The bus, red or blue, is parked.", ["colour", "colour"]),
        ("No lamp or sunlight is needed to record a picture like this.", []),
        ("In the middle of a cold night, warm bodies often show more contrast.", []),
        ("In the middle of a cold night, four dogs run on the left.", ["lighting"]),
        ("The same picture is made at midnight as at noon.", []),
        ("What they are made from stays hidden, just like their texture.", []),
        ("An engine that has not been used for a day is as cool as the air.", []),
        ("Footprints stay visible for a moment, even when nobody is there any longer.", []),
        ("No object above absolute zero is without radiation.", []),
        ("The right question to ask is why there are so many dogs.", []),
    ],
)
def test_a_reason_an_addition_and_a_doubt(text, categories):
    assert judge(text) == categories


def test_a_lot_is_asked_after():
    assert judge("Not that many, only five.", "Are there a lot of dogs in the picture?") == ["count"]
    assert judge("Not that many, only four.", "Are there a lot of dogs in the picture?") == []


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("Of the four dogs, none is seen on the right.", []),
        ("None are visible in detail.", []),
        ("As far as people go, none are present.", ["unsupported"]),
        ("The picture tells nothing about a cat.", []),
        ("The image is mainly about a cat.", ["object"]),
        ("The palette has not been used.", []),
        ("The bus has not been used as a label.", []),
        ("The picture is quite clear.", []),
        ("The road is completely clear.", ["unsupported"]),
        ("A bus stands idle on the right.", ["unsupported"]),
        ("Even the bus is idle.", ["unsupported"]),
        ("An engine that stands idle cools down.", []),
        ("On the left you might notice what might be a cat.", []),
        ("Nobody pets the dogs.", ["unsupported"]),
        ("A rough texture is seen, which suggests that the colour is red.", ["texture", "colour"]),
    ],
)
def test_absences_and_things_that_only_look_so(text, categories):
    assert judge(text) == categories
