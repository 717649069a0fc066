"""Sentences that name a colour, a material, a print or a light and leave open or deny that it is there.

"Whether the bus is red is unknown", "it may be of wood or of metal", "calling it red would be a guess", "if it were
painted", "a wool coat dries slowly": none of them says so of the image.
"""

import re

WHETHER = re.compile(r"\b(?:whether|not (?:because|due to|by))\b(?! or not\b)[^;:]*$")
HEADED = re.compile(r"\b(?:the|this|that|these|those|its|his|her|their)\s+(?:\w+\s+)?$")
"""Before an attribute of what is named: "whether the red bus moves" says that it is red."""
SUPPOSED = re.compile(r"\bif\b[^,;]*\b(?:were|had been|was to be)\b[^,;]*$")
EITHER = re.compile(
    r"\b(?:may|might|could)\b(?:\s+(?:just as well|equally|also|well))?"
    r"\s+(?:be|have been|come|consist)\b[^,;]*$"
)
NAMING = re.compile(
    r"\b(?:calling|describing|naming|labelling|labeling|declaring|assuming|supposing|claiming|saying|guessing"
    r"|to (?:call|describe|name|label|declare|assume|suppose|claim|say|guess|imagine|think of|take))\b[^;]*$"
)
UNFOUNDED = re.compile(
    r"\b(?:guess|guesses|guesswork|speculation|speculative|wrong|mistake|mistaken|misleading"
    r"|error|rash|premature|hasty|tempting"
    r"|unfounded|unjustified|unwarranted|invention|incorrect|careless|risky|dishonest|presumptuous)\b"
)
STATE = (
    r"(?:(?:is|are|was|were|remains?|stays?|must remain|must stay|has to stay)\s+"
    r"(?:thus\s+|therefore\s+|quite\s+|simply\s+|left\s+)*"
    r"(?:un(?:known|clear|certain|decided|determined|resolved|settled|answered|told)|open|hidden|a mystery|invisible"
    r"|anyone['’]s guess|not\s+(?:\w+\s+)?(?:known|recorded|captured|registered|shown|visible|seen|told"
    r"|given|clear|preserved|rendered))"
    r"|(?:do|does|did)(?:n['’]t| not)\s+(?:show|appear|register|come (?:out|through)|stand out|matter|reach)"
    r"|(?:has|have|had|plays?|played) no (?:part|role|bearing|influence|place|effect))\b"
)
AND_OTHERS = r"(?:\s*,?\s*(?:and|or)\s+(?:\w+\s+)?\w+)?"
"""More of which the same is said: "their colours | and materials"."""
UNKNOWN_BEHIND = re.compile(rf"{AND_OTHERS}\s*(?:, if any,)?\s+{STATE}")
WITHOUT = re.compile(
    r"\b(?:without|lacks?|lacking|devoid of|free of|independent of|regardless of|irrespective of"
    r"|instead of|rather than)\s+"
    r"(?:(?:any|all|such|the|a|an|real|true|usable)\s+)*(?:\w+\s+(?:and|or)\s+)?$"
)
LACKED = re.compile(r"\s+(?:information|data|cues?|channels?|details?|content|values?|and\b|or\b|[,.]|$)")
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


def leaves_open(own: str, place: int, length: int) -> bool:
    """Whether a sentence leaves open or denies what its words `own[place : place + length]` name."""
    before, rest = own[:place], own[place + length :]
    if UNKNOWN_BEHIND.match(rest) or is_at_large(own):
        return True
    if WITHOUT.search(before) and LACKED.match(f"{rest} "):
        return True
    if NAMING.search(before) and UNFOUNDED.search(own):
        return True
    if HEADED.search(before):
        return False
    if (WHETHER.search(before) or SUPPOSED.search(before)) and not before.rstrip().endswith(","):
        return True
    either = EITHER.search(before)
    return either is not None and " or " in own[either.start() :]


def is_at_large(own: str) -> bool:
    """Whether a sentence says of any such thing what becomes of it: "an empty pan cools within minutes"."""
    return not POINTS.match(own) and (AT_LARGE.search(own) is not None or ALIKE.match(own) is not None)
