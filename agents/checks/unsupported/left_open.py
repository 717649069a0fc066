"""Sentences that name a colour, a material, a print or a light and leave open or deny that it is there.

"Whether the bus is red is unknown", "it may be of wood or of metal", "calling it red would be a guess", "if it were
painted", "a wool coat dries slowly": none of them says so of the image.
"""

import re

from agents.checks.unsupported.at_large import is_at_large

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
NOT_MEANT = re.compile(
    r"\b(?:(?:does|do|need|would|can)(?:n['’]t| not) (?:necessarily |automatically |always )?"
    r"(?:mean|imply|prove|show|suggest|call|describe)|cannot be (?:concluded|inferred|said|told|assumed)"
    r"|cannot (?:show|say|tell|prove|conclude|know)|no proof|not to say)\b[^;]*$"
)
"""What follows is not said to be so: "does not mean that it is shiny", "I would not call it red"."""
WITHOUT = re.compile(
    r"\b(?:without|absence of|lacks?|lacking|devoid of|free of|independent of|regardless of|irrespective of"
    r"|instead of|rather than)\s+"
    r"(?:(?:any|all|such|the|a|an|real|true|usable)\s+)*(?:\w+\s+(?:and|or)\s+)?$"
)
LACKED = re.compile(r"\s+(?:information|data|cues?|channels?|details?|content|values?|and\b|or\b|[,.]|$)")


def leaves_open(own: str, place: int, length: int) -> bool:
    """Whether a sentence leaves open or denies what its words `own[place : place + length]` name."""
    before, rest = own[:place], own[place + length :]
    if UNKNOWN_BEHIND.match(rest) or is_at_large(own):
        return True
    if WITHOUT.search(before) and LACKED.match(f"{rest} "):
        return True
    is_named = NAMING.search(before) is not None and UNFOUNDED.search(own) is not None
    if is_named or NOT_MEANT.search(before):
        return True
    if HEADED.search(before):
        return False
    if (WHETHER.search(before) or SUPPOSED.search(before)) and not before.rstrip().endswith(","):
        return True
    either = EITHER.search(before)
    return either is not None and " or " in own[either.start() :]
