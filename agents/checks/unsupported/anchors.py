"""What ties a sentence to one image: "the bus", "on the left", "there is", "can be seen", a number of things, a place.

A sentence without any of these may speak of the world: "asphalt that has been in the sun stays warm after dark".
"""

import re

from agents.english.categories import Strength, load_nouns
from agents.english.sentences import PICTURE_WORDS
from agents.english.words import FORMS_OF_BE, PREPOSITIONS, RELATIVES, word_set

SPOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
PHRASE = r"(?=((?:[^\W_]+(?:[-'’][^\W_]+)*\s*){1,5}))"
DEFINITE = re.compile(rf"\b(?:the|this|these|those)\s+{PHRASE}")
SOMEWHERE = re.compile(
    r"\b(?:on|in|at|along|down|through|across|under|over|against|around|past|into|onto|inside|outside|from|by)\s+"
    rf"(?:an?|some)\s+{PHRASE}"
)
SCENES = PICTURE_WORDS | word_set(
    """
    images pictures video footage camera left right middle center centre side sides top bottom front rear back edge
    corner background foreground backdrop distance horizon surroundings setting place area space spot region part
    half wall walls floor floors ground ceiling roof room street road sidewalk pavement path track tracks platform
    sky field grass lawn beach sand snow sea shore river lake bridge building buildings house houses window windows
    door doors table counter shelf shelves desk kitchen bathroom garden yard park market shop store crowd object
    objects item items thing things figure figures animal animals vehicle vehicles other others first
    doorway lane crossing square beam fence verge porch hallway corridor entrance stairs steps pole post
    second third two three four five six letters word words sign signs lamp lamps plate plates screen screens
    """
)
"""What "the" points at in an image, besides the things of a class."""
PLACES = SCENES - PICTURE_WORDS - word_set("images pictures video footage camera place part other left right")
NOTHING: frozenset[str] = frozenset()
OF_THE_WORLD = re.compile(
    r"^\s*the (?:(?:sun|moon|earth|air|weather|humans?|eyes?|usual|old|safest|simplest|best|easiest|more|less|most"
    r"|general|earliest|reasons?|ideas?|rules?|loss|flow|same|ways?|use|costs?)\b"
    r"|first \w+ ?\w*s were|(?:[\w-]+ )?\w+ of an? (?:hot|ordinary|normal|typical|running|burning|warm|cold)\b"
    r"|\w+er (?:the|an?|something|it)\b"
    r"|\w+er \w+ (?:is|are|get|gets"
    r"|has)\b)"
)
"""How a sentence of the world begins with "the"."""
SUBJECTS = re.compile(
    r"^\s*(?:(?:because|yes|no|indeed|also|besides|in addition|overall|here|now|then|next|again|well|and|but"
    r"|so)[,:]?\s+)*"
    r"(?:(?:most|many|few|all|both|two|three|four|five) of (?:them|these|those)\b|every one\b|each one\b"
    r"|not one\b|the|this|these(?! days\b)|those|both|all (?:of|the)|each of|some of"
    r"|one of|none of|half of|many of"
    r"|most of the|its|his|her|their|they|he|she|somebody|someone|there|here|you|i|we(?! call\b)|what(?! we call\b)"
    r"|it(?!(?:['’]s| is) (?:\w+ )?(?:worth|wise|safe|common|easy|hard|useful|possible|better|best)\b)"
    r"(?! (?:takes|helps|pays|costs|matters|strikes me|goes|bears|is (?:\w+ )?(?:known|wise|safe|common|easy|easier"
    r"|hard|harder|useful"
    r"|advisable|worth|possible|impossible|best|better|good|bad|cheaper|rare|customary)\b))"
    r"|that(?! (?:is|no|all)\b)\s+\w+\s+(?:is|are|has|looks|seems|appears|was))\b"
)
"""Subjects that stand for something in an image."""
COUNTED = r"(?:two|three|four|five|six|seven|eight|nine|ten|several|a (?:group|couple|pair|bunch|number|row) of)"
HEADS_COUNT = re.compile(
    rf"^\s*{COUNTED}\s+(?!reasons?\b|ways?\b|things (?:decide|painted|of)\b|heads are|\w+ of (?:different|the same)\b)"
)
COUNTS_THINGS = re.compile(rf"(?:\b{COUNTED}|(?<![\w.,])\d{{1,2}})\s+{PHRASE}")
SIGHTED = re.compile(
    r"^\s*(?:yes|no|indeed)\b.*\b(?:its|their|it|they)\b"
    r"|^\s*(?:behind|beside|next to|near|above|below|under|in front of|around|on|with) (?:it|them|him|her|which)\b"
    r"|\b(?:photo|photograph|picture|close-?up|painting|view|shot|image) of\b"
    r"|\bthe (?:number|word|letter) \W?\w+"
    r"|\b(?:there(?:['’]s| (?:is|are|was|were|stands?|lies?|hangs?|seems?|appears?))|here\b"
    r"|visible(?![ -](?:light|colou?rs?|band|spectrum|range|image|images|cameras?|to the|radiation|wavelengths?"
    r"|to (?:our"
    r"|human)))"
    r"|(?:is|are|be|been|clearly|partly|barely|just) (?:seen|shown)"
    r"|in (?:view|sight)(?! of)|(?:further|farther) (?:back|behind)|(?<=\w )(?:holding|wearing)|nearby"
    r"|can (?:\w+ )?be (?:made out|found|spotted|noticed|picked|discerned|recogni|identified|observed)"
    r"|one (?:sees|finds|notices|spots)"
    r"|(?:one|you|we|viewers?|observers?) (?:can|may|could) (?:\w+ )?(?:see|make out|discern|spot|recogni\w+|find"
    r"|notice"
    r"|detect|count|identify)"
    r"|, and (?:it|they|these|this|those)\b(?!['’])|now\b|overhead|close by|(?:is|are|was|were)\s+(?!being\b|(?:no|any"
    r"|some"
    r"|every)thing\b|interesting\b|surprising\b)\w+ing\b)"
)
WHILE = re.compile(r"\b(?:when|while|if) (?:an?|someone|somebody|people|\w+s) (?:\w+ )?(?:is|are) \w+ing\b")
"""A clause of any such thing, which is doing something at such a time."""
SITED = re.compile(
    r"\b(?!(?:no|any|some|every)?things?\b|imaging\b|screening\b|lighting\b|depending\b|including\b|regarding\b"
    r"|speaking\b)\w+ing"
    r" (?:in|on|at|across|near|by|down|up|out|next|over|under|through|along)\s+(?!itself\b|themselves\b|oneself\b)"
)
BESIDE = re.compile(
    r"\b(?:(?:behind|beside|next to)\s+(?!no\b|none\b|nothing\b|its\b|their\b|them\b|it\b)"
    r"|near\s+(?:the|an?|this|these|some|each|one|both|two|three|four|five|six)\b)"
)
CAN = r"(?<!trash )(?<!soda )(?<!garbage )(?<!watering )(?<!beer )(?<!tin )can"
"""The verb."""
USUAL = re.compile(
    rf"\b(?:{CAN}(?! (?:\w+ )?be seen\b)|may|might|often|usually|always"
    r"|never|seldom|rarely|tends? to|should|must|sometimes|many a|most|keeps?|feels?)\b"
)
"""What makes "in a car" any car."""
ANYONE = re.compile(r"^\s*(?:when|whenever|if|once|after|before)\s+(?:an?|someone|somebody|you|one|people|any\w*)\b")
"""How a sentence of anyone begins: "when somebody gets up from a couch"."""
STOPS = PREPOSITIONS | FORMS_OF_BE | RELATIVES | word_set("and or but than when while as if because so it they we you")


TO_A_DEVICE = re.compile(r"\b(?:to|for|by|of) the (?:\w+ )?(?:camera|eye|eyes|sensor|imager|lens|detector)\b")
"""What any such thing is: "they look alike to the camera"."""


def is_tied(own: str, present: frozenset[str] = NOTHING) -> bool:
    """Whether a sentence points at something in an image.

    Args:
        own: the sentence, lower case.
        present: classes of which the image has things; a sentence that names one is of the image, unless it says what
            such things do at all times.
    """
    own = TO_A_DEVICE.sub("", own)
    if present and OF_ALL.search(own) is None and names_thing(own, present):
        return True
    if SUBJECTS.match(own) and not OF_THE_WORLD.match(own):
        return True
    if HEADS_COUNT.match(own) or SIGHTED.search(WHILE.sub("", own)) or SITED.search(own) or BESIDE.search(own):
        return True
    if any(_is_of(match[1], NOTHING) for match in COUNTS_THINGS.finditer(own)):
        return True
    is_any = USUAL.search(own) is not None or ANYONE.match(own) is not None
    if not is_any and any(_is_of(match[1], PLACES) and not _is_of_any(own, match) for match in SOMEWHERE.finditer(own)):
        return True
    if OF_THE_WORLD.match(own):
        own = own.strip()[4:]  # "the human eye": that article is no tie
    is_wide = OF_ALL.search(own) is not None or WARMING.match(own) is not None
    scenes = SCENES - WORLDLY if is_wide else SCENES
    return any(_is_of(match[1], scenes) and not _is_of_any(own, match) for match in DEFINITE.finditer(own))


WORLDLY = word_set("ground sky surroundings road floor distance")
"""What any such place has: "a shadow on the ground can leave a cool patch"."""
WARMING = re.compile(r"^\s*[\w-]+(?: [\w-]+)? (?:warms?|cools?|dries|dry|reaches?)\b")
"""How a rule begins: "sunlight warms the ground"."""
OF_SUCH = re.compile(r"(?:edge|beam|bottom|inside|outside|bonnet|hood|roof|handle|surface|rest|end|back) of an?\b")
"""Behind "the": a part of any such thing."""
WHENEVER = re.compile(r"\b(?:when|whenever|once|until|if|as soon as)\b[^,]*$")
BARE = re.compile(r"^\s*(?!(?:an?|one|some|another|there|as|when|if|once)\b)")


def _is_of_any(own: str, match: re.Match[str]) -> bool:
    """Whether "the" stands for any such thing: "a wall ..., and the wall", "pizza ... when it leaves the oven"."""
    if OF_SUCH.match(match[1]):
        return True
    head = SPOKEN.findall(match[1])[:1]
    if head and re.search(rf"\ban? (?:\w+ )?{re.escape(head[0])}\b", own[: match.start()]):
        return True
    return BARE.match(own) is not None and WHENEVER.search(own[: match.start()]) is not None


HISTORY = (
    r"^\s*(?:early|ancient|medieval|prehistoric|the first|the earliest) [\w -]{2,25}s (?:were|had|used|ran)\b"
    r"|\b(?:stone age|bronze age|iron age|middle ages|antiquity|prehistory)\b"
    r"|\b(?:1[5-9]\d\d|in the (?:1[5-9]|20)\d\ds|centur(?:y|ies) ago)\b"
)
"""What was so once."""
OF_ALL = re.compile(
    rf"\b(?:{CAN}(?! (?:\w+ )?be seen\b)|cannot|often|usually|always|sometimes|never|seldom|rarely|tends? to|should"
    rf"|must"
    rf"|have to"
    rf"|has to|would|every|in general|depending on|(?:is|are) known (?:to|for|as))\b|^\s*most (?!of\b)|{HISTORY}"
)
"""What such things do, or did, at all times."""


def names_thing(own: str, present: frozenset[str]) -> bool:
    """Whether a sentence names a class of which the image has things."""
    mentions = load_nouns().find(SPOKEN.findall(own))
    return any(m.noun.strength is not Strength.LOOSE and m.noun.labels[0] in present for m in mentions)


def names_place(own: str) -> bool:
    """Whether "a wall", "a narrow street" is named, as people do who describe what they see."""
    return any(_is_of(match[1], PLACES) for match in SOME.finditer(own))


SOME = re.compile(rf"\b(?:an?|some)\s+{PHRASE}")


def _is_of(text: str, nouns: frozenset[str]) -> bool:
    """Whether the noun phrase at the head of a text has one of some nouns, or is a thing of a class."""
    words = SPOKEN.findall(text)
    end = next((k for k, word in enumerate(words) if word in STOPS), len(words))
    if not nouns.isdisjoint(words[:end]):
        return True
    named = load_nouns().find(words, is_strict=False)
    return any(mention.start < end and mention.noun.strength is not Strength.LOOSE for mention in named)
