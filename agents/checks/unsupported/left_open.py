"""Sentences that name a colour, a material, a print or a light and leave open or deny that it is there.

"Whether the bus is red is unknown", "it may be of wood or of metal", "calling it red would be a guess", "if it were
painted", "a wool coat dries slowly": none of them says so of the image.
"""

import re

from agents.checks.unsupported.at_large import is_at_large

WHETHER = re.compile(
    r"\b(?:whether|questions? (?:of|as to|about|on|concerning)|not (?:because|due to|by))\b(?! or not\b)[^;:]*$"
)
ASKING_IF = re.compile(
    r"\b(?:say|tell|told|know|known|learn|see|seen|judge|clear|sure|certain|doubtful|uncertain|unknown|asks?|wonder"
    r"|determined?|deduced?|infer|inferred|establish|established|ascertain|assess|find out|decided?|matters?|verify"
    r"|check|confirm|guess)\b[^;:]{0,50}\bif\b[^;:]*$"
)
"""Before what is only asked: "we do not learn from it if | the sun was up"."""
TOLD_APART = re.compile(
    r"\b(?:tells?|telling|distinguish|distinguishing|separate|separating|discern|discerning)\b[^;]*\bfrom\b"
)
NOT_POSSIBLE = re.compile(
    r"\b(?:no way|cannot|can['’]t|can not|impossible|isn['’]t|aren['’]t|is not|are not|unable|hardly|beyond|nothing"
    r"|nobody|neither|couldn['’]t|hard|difficult|not|no|meaningless)\b"
)
TERMS = re.compile(
    r"\b(?:terms?|words?|adjectives?|expressions?|notions?|labels?|attributes?) (?:like|such as)\b[^;]*$"
)
NOT_FOR = re.compile(
    r"\b(?:easier|simpler|safer) to \w+ than (?:the |its |their )?$|\bnot (?:(?:for|of|from|by|with|about|on"
    r"|in) (?:the |any |its |their )?|its |their )$"
)
"""Before what something does not stand for: "for temperature and not for | light"."""
BE_IT = re.compile(r"\bbe (?:it|they|that)\b[^,;]*(?:,[^,;]*){0,2}\bor\b[^,;]*")
"""Any of some: "be it concrete, grass or sand"."""
OWN_VERB = re.compile(r"\b(?:has|have|is|are|was|were|bears?|carr(?:y|ies)|reads?|says?|casts?|shows?|wears?)\b")
"""A hit that says itself what is so of the thing before it."""
SUPPOSING = re.compile(
    r"^\s*to (?!the\b|its\b|their\b)[^,]*, (?:use|take|try|you|one|get|consider|switch|ask)\b"
    r"|^\s*(?:anyone|whoever|those|people)(?: who)? (?:needs?|wants?|wish(?:es)?|asks?|looks? for)\b.*\b(?:should|can"
    r"|may|must)\b"
    r"|^\s*for\b.*\b(?:camera|photo|photograph|scanner)\b.*\b(?:is|are) the (?:better|best|right)\b"
    r"|^\s*should (?:you|one|anyone) (?:need|want|wish|like)\b|^\s*before (?:one|you|we) (?:calls?|says?|claims?"
    r"|speaks?)\b"
    r"|^\s*(?:if|should|had|were|suppose|supposing|even if|unless)\b.*\b(?:would|could|might|wouldn['’]t)\b"
)
NEEDING = re.compile(r"\b(?:would|['’]d) (?:need|take|require|have to)\b[^;]*\b(?:before|to|for)\b")
"""What would be needed to know is not known."""
NOT_RECORDED = re.compile(
    r"\b(?:does|do|did|can|could)(?:n?['’]t| not|not) (?:\w+ )?(?:tell|say anything|say much|give|settle|resolve|decide"
    r"|answer|help|record|register|see|show|capture|measure|respond to|react to|detect|pick up|reveal|preserve|contain"
    r"|carry|distinguish|support|sense|care about|rely on|depend on|need|use|require|know)\b[^;]*$"
    r"|\b(?:leav(?:e|es|ing) (?:aside|out|open)|set(?:ting)? aside|ignor(?:e|es|ing)|disregard(?:s|ing)?"
    r"|omit(?:s|ting)?|skip|do without|makes? no use of|pays? no attention to|is blind to|are blind to|avoid(?:s|ing)?"
    r"|refrain from)\b[^;]*$"
    r"|^\s*(?:no|nobody|nothing|none|neither)\b[^,;]*\b(?:can|could|would|will|is able to) (?:\w+ )?(?:tell|say"
    r"|name|know|see"
    r"|judge|decide|determine|identify|guess|establish|prove|show)\b[^,;]*$"
    r"|\bask(?:s|ed|ing)?\b(?: \w+)? (?:about|for|after)\b[^,;]*$"
)
"""Before what is not shown, or not to be spoken of."""
HEADED = re.compile(r"\b(?:the|this|that|these|those|its|his|her|their)\s+(?:\w+\s+)?$")
"""Before an attribute of what is named: "whether the red bus moves" says that it is red."""
SUPPOSED = re.compile(
    r"(?<!as )(?<!even )\bif (?:it|they|some|any|an?|made|there)\b(?! (?:you|we|one|i) (?:look|count|compare|go"
    r"|turn|move|follow))[^,;]*$"
)
SUPPOSED_OF_IT = re.compile(r"^\s*if the\b[^,;]*$")
"""In "if the bus carries a logo, the camera has no way to show it"."""
EITHER = re.compile(
    r"\b(?:may|might|could)\b(?:\s+(?:just as well|equally|also|well))?"
    r"\s+(?:be|have been|come|consist)\b[^,;]*$"
)
NAMING = re.compile(
    r"\b(?:descriptions? of|calling|describing|naming|labelling|labeling|declaring|assuming|supposing|claiming"
    r"|saying|guessing"
    r"|(?:might|may|could) (?:guess|think|suppose|assume|conclude|imagine)"
    r"|to (?:call|describe|name|label|declare|assume|suppose|claim|say|guess|imagine|think of|take))\b[^;]*$"
)
UNFOUNDED = re.compile(
    r"\b(?:guess|guesses|guesswork|speculation|speculative|wrong|mistake|mistaken|misleading"
    r"|error|rash|premature|(?:be|is|are) (?:made up|invented)(?! of)|hasty|tempting|tempted|temptation"
    r"|unfounded|unjustified|unwarranted|invention|incorrect|careless|risky|dishonest|presumptuous)\b"
)
STATE = (
    r"(?:(?:is|are|was|were|remains?|stays?|must remain|must stay|has to stay)\s+"
    r"(?:thus\s+|therefore\s+|quite\s+|simply\s+|left\s+)*"
    r"(?:un(?:known|clear|certain|decided|determined|resolved|settled|answered|told)|open|hidden|a mystery|invisible"
    r"|anyone['’]s guess|not\s+(?:\w+\s+)?(?:known|recorded|captured|registered|shown|visible|seen|told"
    r"|given|clear|preserved|rendered))"
    r"|(?:is|are|was|were)n['’]t (?:\w+ )?(?:known|recorded|captured|registered|shown|visible|seen|told|given|clear)"
    r"|(?:do|does|did)(?:n['’]t| not)\s+(?:show|appear|register|come (?:out|through)|stand out|matter|reach)"
    r"|(?:is|are|lies?|goes|falls?) (?:well |far |simply )?(?:beyond|outside)"
    r"|(?:can(?:not|['’]t| not)|could(?:n['’]t| not)) (?:be )?(?:\w+ )?(?:distinguished|told|identified|determined"
    r"|confirmed|seen|known|judged|verified|recogni[sz]ed|made out|separated|established|ascertained|inferred|deduced"
    r"|assessed)"
    r"|(?:can|could) be neither|(?:is|are) neither (?:recorded|shown|known|confirmed|visible)"
    r"|(?:is|are) (?:an?|one) (?:topic|subject|question|matter|detail|thing|aspect|property) (?:on|of|about|for|that"
    r"|which)"
    r"|(?:is|are|gets?) lost|(?:has|have) to do with"
    r"|(?:is|are) (?:anyone|anybody)['’]s guess|(?:is|are) among the things (?:that|which)"
    r"|(?:is|are) (?:purely |only |all |just )?a matter of"
    r"|(?:as such )?(?:is|are) not (?:something|what|among|part of|a matter)"
    r"|(?:has|have|had|plays?|played) no (?:part|role|bearing|influence|place|effect))\b"
)
AND_OTHERS = (
    r"(?:\s*,?\s*(?:and|or)\s+(?!(?:its|his|her|their|it|they|one|another)\b)(?:\w+\s+){0,3}?\w+)?(?:\s*,[^,;]{1,40},)?"
)
"""More of which the same is said: "their colours | and materials"."""
UNKNOWN_BEHIND = re.compile(
    rf"{AND_OTHERS}(?:\s+of (?:the|its|their|any|each) \w+(?: \w+)??)?"
    rf"\s*(?:, if any,|,)?\s+(?:(?:which|that)\s+)?{STATE}"
)
NOT_MEANT = re.compile(
    r"\b(?:not go so far as to|far be it from \w+ to|goes? too far to|hesitate to|reluctant to|wary of"
    r"|resist(?:,? too,?)?"
    r"|nothing\b[^;]*\b(?:forces?|suggests?|proves?|shows?|says?|indicates?|tells?|allows?|supports?)"
    r"|none of (?:this|that|it)|(?:safer|better|wiser) to [^;]*\bthan (?:of|to|in|by)"
    r"|(?:don['’]t|do not) want to (?:call|say|claim)|before you (?:report|say|claim|conclude)|far from"
    r"|guess(?:es)? (?:at|about|as to)|before (?:calling|describing|naming|labelling|saying|claiming|stating"
    r"|assuming)"
    r"|(?:let us not|let['’]s not|do not|don['’]t|never) (?:say|call|claim|write|assume|conclude)"
    r"|(?:careful|wise|better|best|try|prefer|ought|important|advisable) (?:not|never) to (?:\w+ )?"
    r"(?:infer|conclude|assume|guess|deduce|claim|say|state|suppose|suggest|read|describe|call)"
    r"|(?:should|must|may|can|could|ought)(?:n?['’]t| not|not) (?:be )?(?:to )?(?:read|take|taken|mistake|mistaken"
    r"|interpret|interpreted|treat|regard|understood|confused|confuse|assume)"
    r"|(?:does|do|need|would|can)(?:n?['’]t| not) (?:necessarily |automatically |always )?"
    r"(?:mean|imply|prove|show|suggest|call|describe)|cannot be (?:concluded|inferred|said|told|assumed)"
    r"|cannot (?:show|say|tell|prove|conclude|know)|no proof|not to say)\b[^;]*$"
)
"""What follows is not said to be so: "does not mean that it is shiny", "I would not call it red"."""
LIKEWISE = re.compile(rf"{STATE}[^,;]*, (?:just |much |exactly )?(?:like|as (?:is|are|does|do)) (?:\w+ ){{0,2}}$")
"""Before what is as unknown as the rest: "the stuff stays hidden, just like its | texture"."""
WITHOUT = re.compile(
    r"\b(?:without|absence of|lacks?|lacking|devoid of|free of|independent of|regardless of|irrespective of"
    r"|instead of|rather than)\s+"
    r"(?:(?:any|all|such|the|a|an|real|true|usable)\s+)*(?:\w+\s+(?:and|or)\s+)?$"
)
INSTEAD = re.compile(
    r"\b(?:instead of|rather than(?: with| by| of| to| from)?|regardless of|irrespective of|independent(?:ly)? of)\s+"
    r"(?:\w+\s+){0,2}(?:\w+\s+(?:and|or)\s+)?$"
)
LACKED = re.compile(
    r"\s+(?:being|shining|falling|trained|directed|on|from|information|data|cues?|channels?|details?|content|values?|and\b|or\b|[,.]|$)"
)
LACK = re.compile(
    r"^\s*(?:the |an? )?(?:absence|lack) of\b.*\b(?:does|do|did)(?:n['’]t| not) (?:prove|mean|imply|show|tell)\b"
)
WHICH = re.compile(r"\b(?:(?:tell|say|know|see|decide|determine) which|which of)\b[^;:]*$")
WHATEVER = re.compile(r"\b(?:whatever|no matter (?:what|which)|of whatever)\s+$")
MAYBE = re.compile(r"\b(?:may|might|could) (?:just as well |equally |also |well )?be\b|\bperhaps\b")


AHEAD = 600
"""Characters behind a word in which a sentence may leave it open."""


def leaves_open(own: str, place: int, length: int) -> bool:
    """Whether a sentence leaves open or denies what its words `own[place : place + length]` name."""
    before, rest = own[:place], own[place + length :][:AHEAD]
    if UNKNOWN_BEHIND.match(rest) or LIKEWISE.search(before) or (WITHOUT.search(before) and LACKED.match(f"{rest} ")):
        return True
    if (
        rest.startswith(" or not")
        or WHATEVER.search(before)
        or (INSTEAD.search(before) and not rest.strip()[:1].isalpha())
    ):
        return True
    is_seen_so = ORDINARY.search(own) is not None or TO_THE_EYE.match(own) is not None
    if (
        is_seen_so
        or CHOICES.search(rest)
        or is_at_large(own)
        or says_nothing(own)
        or _is_any_of(own, place)
        or _is_passed_over(before, own)
    ):
        return True
    if WHICH.search(before) or NOT_FOR.search(before):
        return True
    if HEADED.search(before) and not before.endswith("in the ") and not OWN_VERB.search(own[place : place + length]):
        return False
    return _is_supposed(before, own)


ORDINARY = re.compile(
    r"^\s*(?:(?:what|as|while|whereas|where|although|only) )?(?:an?|any|most) "
    r"(?:ordinary|normal|usual|conventional|regular|standard|daylight|consumer|colou?r|visible-light|photo)"
    r" (?:cameras?|photos?|photographs?|pictures?|sensors?|lenses|lens)\b"
)
"""What such a camera would show is not what this image shows."""
CHOICES = re.compile(
    r"\bor\b.*(?:\bopen\b|\b(?:cannot|could not|couldn['’]t|can['’]t|no way|unknown|unclear)\b)"
    r"|^\s*: the (?:sensor|camera|picture|image|view)\b.*(?:\bopen\b|\b(?:cannot|could not|couldn['’]t|can['’]t)\b)"
)
"""Any of several that is left open: "leather or plastic, wood or metal: the picture leaves that open"."""
TO_THE_EYE = re.compile(
    r"^\s*(?!\s|the |this |these |it |they )[\w -]+\b(?:to us|to our eyes?|to the (?:naked |human )?eye"
    r"|to human eyes)\b"
)
DENIED = re.compile(
    r"^\s*no\b[^,;]{1,60}\b(?:is|are|was|were) (?:needed|required|necessary)\b"
    r"|^\s*\w+ or \w+, (?:the|a|an|each|every|it|they|its|their)\b"
    r"|^\s*that\b.*\b(?:does|do|did|is|can)(?:n?['’]t| not|not) (?:follow|prove|mean|imply|established|certain|known"
    r"|shown|be \w+ed)"
    r"|\bfor all (?:we|i|one|anyone|you) (?:knows?|can tell)\b|\b(?:might|may|could) (?:just )?as well be\b"
    r"|^\s*to (?:say|claim|call|assume|state|conclude)\b.*\bwould\b"
    r"|^\s*(?:by no means|in no way|under no circumstances|nowhere (?:do|does|is it|did)"
    r"|nowhere in (?:the|this) \w+ (?:do|does|is it|did))\b|\b(?:question|matter|point) (?:\w+ )?(?:stays"
    r"|remains|is) open\b"
    r"|^\s*that\b.*\b(?:is|are) (?:only )?(?:possible|conceivable|thinkable)\b"
    r"|^\s*(?:how|what|which|why|when|where|who)\b.*\b(?:is|remains|stays|must stay|must remain|matters) (?:far|little"
    r"|less|more|a secret|a mystery|a guess|anyone['’]s guess|a question|an open|unknown|unclear|open"
    r"|not"
    r"|beyond|hidden)\b"
    r"|\bone (?:may|might|could) (?:wonder|ask)\b|\b(?:could|might|may) be\b.*\bany\b"
    r"|\b(?:may|might|could) (?:well )?be\b.*\b(?:in real life|in reality|to the (?:naked )?eye)\b"
    r"|\bmay (?:well )?be that\b.*\bbut\b"
    r"|^\s*that\b.*\bis more than (?:we|one|i|anyone|the \w+) (?:can|could|may)\b"
    r"|\bif you (?:need|want|wish|like) to (?:know|learn|see)\b"
    r"|\bopen question\b|\b(?:is|are|was|be) left (?:open|undecided|unsaid)\b"
    r"|\b(?:does|do|did|need)(?:n['’]t| not) (?:necessarily |automatically |always )?(?:mean|imply|prove) (?:that )?"
    r"|\b(?:does|do|did|can)(?:n?['’]t| not|not) (?:give away|say|tell|reveal|show) which\b|\bmay or may not\b"
)


def leaves_absence_open(own: str, place: int) -> bool:
    """Whether a sentence only doubts, supposes or advises against what its words from `place` on say to be absent."""
    return says_nothing(own) or _is_passed_over(own[:place], own)


def says_nothing(own: str) -> bool:
    """Whether the whole sentence says only what would be, what does not follow, or what cannot be told from what."""
    if DENIED.search(own) or SUPPOSING.match(own) or NEEDING.search(own) or LACK.match(own):
        return True
    return TOLD_APART.search(own) is not None and NOT_POSSIBLE.search(own) is not None


def _is_any_of(own: str, place: int) -> bool:
    """Whether "be it cotton or wool" or "it may be night, it may be noon" is said."""
    is_one_of = any(match.start() <= place < match.end() for match in BE_IT.finditer(f"{own} "))
    return is_one_of or len(MAYBE.findall(own)) > 1


def _is_passed_over(before: str, own: str) -> bool:
    """Whether what stands before the words denies them, or calls it wrong to use them."""
    if NOT_RECORDED.search(before) or NOT_MEANT.search(before):
        return True
    is_wrong = UNFOUNDED.search(own) is not None
    if NAMING.search(before) is not None and is_wrong:
        return True
    return TERMS.search(before) is not None and (is_wrong or NOT_POSSIBLE.search(own) is not None)


def _is_supposed(before: str, own: str) -> bool:
    """Whether it is asked whether it is so, supposed to be so, or one of several that may be."""
    if before.lstrip().startswith("whether") and NOT_POSSIBLE.search(own):
        return True
    if SUPPOSED_OF_IT.search(before) and NOT_POSSIBLE.search(own, len(before)):
        return True
    is_asked = WHETHER.search(before) or ASKING_IF.search(before) or SUPPOSED.search(before)
    if is_asked and not before.rstrip().endswith(","):
        return True
    either = EITHER.search(before)
    return either is not None and " or " in own[either.start() :]
