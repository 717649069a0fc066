"""Sentences that speak of no image but of the world: "a wool coat keeps one warm", "metal is a poor emitter".

What such a sentence names is claimed of nothing that is to be seen.
"""

import re

from agents.english.sentences import PICTURE_WORDS
from agents.english.words import DETERMINERS, FORMS_OF_BE, THIRD_PERSON, word_set

ALIKE = re.compile(
    r"^\s*(?:[^,;]{0,40},\s*)?(?:an?|any)\s+[^,;]*\b(?:looks?|appears?) (?:alike|the same|(?:just )?like an?)\b"
)
CHANGING = (
    r"(?:cools?|warms?|dries|dry|fades?|melts?|expands?|shrinks?|ages?|rusts?"
    r"|mirrors?|reflects?|radiates?|absorbs?|loses?"
    r"|keeps?|stores?|holds?|conducts?|burns?|freezes?|gets? (?:warm|hot|cold|wet))"
)
AT_LARGE = re.compile(
    rf"(?:^|[;:])\s*(?:(?:an?|any|most|all|bare|plain|some)\s+)?(?:[\w-]+\s+){{0,2}}[\w-]+\s*"
    r"(?:,[^,]*,\s*)?\b(?:(?:often|usually|easily|also)\s+)?"
    rf"{CHANGING}\s+(?:(?:much|far|more|less|a little|a bit|up|down|out|off)\s+)?"
    r"(?:faster|slower|sooner|longer|better|quicker|easily|quickly|slowly|well|poorly|readily|within|than"
    r"|when|as soon|after"
    r"|in (?:the (?:sun|wind|rain|cold|shade|dark)|hours|minutes|summer|winter|no time|time)"
    r"|over time|overnight|under"
    r"|(?:the |its )?(?:own )?(?:\w+ of (?:its|the) surroundings|warmth|radiation|surroundings))\b"
)
POINTS = re.compile(r"^\s*(?:the|this|that|these|those|its|his|her|their|it|they|he|she|there|here|one of)\b")
HYPOTHETICAL = re.compile(r"\bwould\b(?! (?:say|call|describe|guess|think|be called))")
"""What is said of a thing that is not so."""
POINTING = re.compile(
    r"\b(?:(?:the|this|these|those|its|their|his|her|our|that)\s+"
    r"(?!same\b|temperatures?\b|world|hour|eye|mind|touch|dark|sun\b|"
    r"year|day\b|past|future|air\b|cold|blood|truth|question|way\b|most\b|more\b|less\b|brain|human|body\b|skin\b)"
    r"|two|three|four|five|six|seven|eight|there|here|visible|seen|shown|view|behind|beside|next to|near|wearing"
    r"|holding"
    r"|can (?:\w+ )?be (?:made out|seen|found|spotted|noticed|picked|discerned|recogni|identified|observed)"
    r"|one (?:sees|finds|notices|spots|can)"
    r"|several|group of|couple of|pair of|bunch of"
    r"|\w+ing (?:in|on|at|across|near|by|down|up|out|next|over|under|through|along)\b"
    r"|, and (?:it|they)\b|(?:is|are|was|were)\s+\w+ing\b|photo|photograph|scene|frame|\d)"
    r"|^\s*(?:it|they|he|she|you|we|i|what|where)\b"
)
"""What points at an image."""
TIMELESS = re.compile(
    r"\b(?:can|cannot|often|usually|always|never|seldom|rarely|tends?|keeps?|makes?|needs?|means?|feels?|absorbs?|emits?|stores?|"
    r"warms?|cools?|softens?|melts?|expands?|dries|dry|costs?|helps?|blocks?|conducts?|burns?|would|may|might|whoever|nobody|"
    r"everyone|everybody|anyone|enough|lasts?|cures?|heals?|weighs?|leads?|grows?|known|because|hours|minutes|since|than|when|every|"
    r"has been|have been|loses?|gives?|speaks?|answers?|comes?|goes|says?|should|must|will|century|years|ago|once|if)\b"
)
"""What is said of things at large."""
OF_THEIRS = re.compile(
    r"\bthe \w+ (?:that |which )?(?:they|it) (?:are|is|lies?|stands?|hangs?|sits?|comes?) (?:on|in|from|with)\b"
)
"""What is named by the things themselves and points at no image: "the paper they are on"."""
DEFINING = re.compile(
    r"^\s*(?!there|here|it|they|he|she|this|that|the|an?\b|one\b)(?:[\w-]+\s+(?:and\s+)?){1,4}(?:is|are)\s+(?:\w+ly\s+|quite\s+|very\s+|not\s+|also\s+)*"
    r"(?:an?\b|one of\b|among\b|common|rare|typical|popular|frequent|widespread|known|used|usual|normal|standard"
    r"|important|useful|necessary|expensive|cheap|hard|harder|easy|easier|difficult|warmer|cooler|good|better|best|poor|bad"
    r"|opaque|transparent|invisible|different|made to|meant|designed|considered|part of|a matter)"
)
"""A bare noun, of which it is said what it is: "polished metal is a poor emitter"."""
OF_SHOWING = re.compile(
    r"\b(?:other|some|many|most|different|various|several) (?:\w+ ){0,4}palettes?\b"
    r"|\bpalettes?\b[^,;]*\b(?:can|could|may|might)\b|\b(?:choice|matter) of (?:the |a )?palette\b"
)
"""Colours that a picture is given, or could be."""
ANYWHERE = re.compile(
    r"^\s*in (?:most|some|many|all|other|certain|several) (?!areas|places|parts|spots|regions|corners|sections|rooms)"
    r"\w+s,(?! (?:the|this|these|there|it)\b)"
)
AT_ALL_TIMES = re.compile(
    r"\b(?:in general|generally|usually|typically|normally|commonly|often|rarely|seldom|always|never|tends? to"
    r"|every (?:day|year|night|morning|winter|summer)|in order to|by nature|as a rule|most of the time"
    r"|around the world|all over the world"
    r"|throughout history)\b"
)


def speaks_at_large(own: str, before: str) -> bool:
    """Whether a sentence points at no image and says what is so at large: "a wool coat keeps one warm".

    Args:
        own: the sentence, lower case.
        before: its part before what is asked about.
    """
    if opens_at_large(own) or OF_SHOWING.search(own) is not None:
        return True
    freed = OF_THEIRS.sub("", own)
    if POINTING.search(freed):
        return False
    if TIMELESS.search(freed) is not None or DEFINING.match(own) is not None or AT_ALL_TIMES.search(own) is not None:
        return True
    return not before.strip() and own.split()[1:2] in (["is"], ["are"]) and "in the" in own


def opens_at_large(own: str) -> bool:
    """Whether a sentence begins with where its saying holds in the world: "in most countries, a bus stops"."""
    return ANYWHERE.match(own) is not None


def is_at_large(own: str) -> bool:
    """Whether a sentence says of any such thing what becomes of it: "an empty pan cools within minutes"."""
    return not POINTS.match(own) and (AT_LARGE.search(own) is not None or ALIKE.match(own) is not None)


HERE = (
    PICTURE_WORDS
    | DETERMINERS - {"a", "an", "any", "many", "some", "every", "each", "their", "its"}
    | word_set(
        """
    the here there nearby overhead past by around behind beside together background foreground distance above below
    visible seen left right near outside inside across along alone in on at
    """
    )
)
"""What ties a sentence to one scene."""
LEAST_WORDS = 5


def is_of_kind(words: tuple[str, ...], end: int) -> bool:
    """Whether a bare plural that opens a sentence, up to `end`, does what its kind does: "birds fluff up".

    Nothing ties the sentence to a scene, and its verb is one of the simple present.
    """
    verb = words[end] if end < len(words) else ""
    is_simple = verb.isalpha() and not verb.endswith(("ing", "ed")) and verb not in FORMS_OF_BE | THIRD_PERSON
    is_long = sum(word.isalpha() for word in words) >= LEAST_WORDS
    return (is_simple and is_long and HERE.isdisjoint(words)) or AT_ALL_TIMES.search(" ".join(words)) is not None
