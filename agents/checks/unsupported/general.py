"""Words for what a modality cannot show where nothing is claimed by them.

Of the modality it may be said that it shows no colour, and of an image that its colours are not known; what is bright
may be so by its warmth; and a question claims no colour by asking for one.
"""

import functools
import re

from agents.checks.brightness import is_brightness_word
from agents.checks.unsupported.anchors import NOTHING, is_tied, names_thing
from agents.checks.unsupported.at_large import HYPOTHETICAL, answers_at_large, speaks_at_large
from agents.checks.unsupported.left_open import leaves_open
from agents.checks.unsupported.topics import is_read_of_none, is_topic, is_topic_denied
from tools.prompts.lexicon import Hit
from tools.prompts.pack import Pack

ENDS = ".!?\n"
PHYSICS = "physics"
"""Category of a lexicon: claims at large, which are what it is about."""
DENIED = re.compile(
    r"\b(?:cannot|can not|not|no|nothing|never|nor|neither|invisible|whether|vanish\w*|disappear\w*|lost|blind"
    r"|hardly|barely|scarcely|\w+n['’]t)\b"
)
POINTED = re.compile(r"\b(?:the|this|that|these|those|his|her|its|their)\s+(?:\w+\s+)?$")
SPECIFIC = re.compile(r"\s*(?:the|this|that|these|those|it|he|she|they|there)\b|[^,]*,\s*(?:the|this|that|it|he|she)\b")
UNKNOWN = re.compile(
    r"\b(?:can(?:not|['’]t| not)|could(?: not|n['’]t)|(?:im|not )possible|no way|unable|difficult|hard(?:ly)?|barely)"
    r"\b.{0,40}\b(?:determin|tell|told|say\b|said\b|know|made? out|seen?\b|read\b|recogni|identif|judged?\b|infer|"
    r"distinguish|discern|guess|show)"
)
ASKING = re.compile(
    r"(?:\b(?:what|which|any|anything|something|(?:kind|sort|type) of)(?:\s+(?:is|are|was|were|do|does|did|kind of))?"
    r"(?:\s+(?:the|its|their))?)\s*$"
)
SHOWN_PARTS = re.compile(r"\s+(?:spot|area|region|patch|part|pixel|tone|outline|blob|zone|shape|figure)(?:s|es)?\b")
IN_PLACE = re.compile(r"\b(?:in|into|inside)\s+(?:a|an|the|some)\s+$")
DOING_AT_LARGE = (
    "reflect|absorb|conduct|block|hold|store|lose|transmit|insulat|keep|retain|release|let|burn|melt|corrode|rust"
)
BEING_AT_LARGE = (
    r"(?:(?:can |may |often )?(?:look|appear)s? (?:\w+ )?(?:different|alike|similar|the same)"
    r"|(?:has|have) (?:an? )?(?:very |rather |much )?(?:high|low|higher|lower|different|similar)\b"
    r"|(?:is|are) (?:not |often |usually |also )?(?:opaque|transparent|one of|among|hard to|easy to"
    r"|better|worse|good|poor|an? (?:very |rather )?(?:good|poor|bad|excellent|strong|weak|common)))"
)
"""What is said of a stuff at large that it is or has."""
WOULD = re.compile(r"(?<!as one )(?<!as you )(?<!as we )\b(?:would|could|might)\b")


def claims_nothing(
    text: str, hit: Hit, pack: Pack, present: frozenset[str] = NOTHING, *, is_asked_at_large: bool = False
) -> bool:
    """Whether an attribute is named without being claimed.

    Args:
        text: where it stands.
        hit: the attribute.
        pack: the words of the modality.
        present: classes of which the image has things.
        is_asked_at_large: the text answers a question that asks for no image.
    """
    own, place = _cut_sentence(text, hit)
    but = own.rfind(", but ", 0, place)
    if but >= 0 and UNKNOWN.search(own[:but]):  # "hard to tell, but it is red"
        own, place = own[but + 6 :], place - but - 6
    own, place = _cut_reason(own, place)
    before, rest = own[:place], own[place + len(hit.text) :]
    if hit.category != PHYSICS and _is_of_no_image(own, place, hit, present, is_asked_at_large=is_asked_at_large):
        return True
    is_led = LED_AT_MOST.fullmatch(before) is not None and not (before.strip() and names_thing(own, present))
    if is_led and (_find_at_large(pack).match(rest) or _does_nothing(own, rest, present)):
        return True
    if (
        _is_of_any_time(own, hit, pack, present)
        or _is_of_word_or_maker(own, before, rest, hit)
        or (HYPOTHETICAL.search(own) and not POINTED_AT.search(before))
    ):
        return True
    topics = pack.words.topics
    is_read = hit.text.lower().startswith(READ) and is_read_of_none(before, topics)
    if is_read or (is_topic(hit.text, topics) and _names_topic_only(own, pack)):
        return True
    return is_general_statement(text, hit, pack, present) or _is_of_measured(own, place, hit, pack)


def _cut_reason(own: str, place: int) -> tuple[str, int]:
    """The reason alone where it stands in one: "it could be evening, since | the bus throws a shadow"."""
    for match in REASON.finditer(own, 0, place):
        own, place = own[match.end() :], place - match.end()
        break
    others = OTHERS_NOT.search(own, place)
    return (own[: others.start()], place) if others else (own, place)


REASON = re.compile(r"\b(?:could|might|may|must)\b[^,;]*, (?:since|because|as) (?=the\b|its\b|there\b|one of\b)")
OTHERS_NOT = re.compile(r",? (?:while |whereas |but )?the (?:others?|rest) (?:do|does|is|are|has|have)(?: not|n['’]t)$")
"""Behind what is so of one: "one has a shadow | while the others do not"."""


def _is_of_any_time(own: str, hit: Hit, pack: Pack, present: frozenset[str]) -> bool:
    """Whether a time of day is named at which something of no image warms or cools: "walls radiate after sunset"."""
    if TIME.fullmatch(hit.text.lower()) is None or not pack.words.measured or POINTED_IMAGE.search(own):
        return False
    if DEVICE.search(own) and PURPOSE.search(own):
        return True  # "such a camera could help to watch the place at night"
    is_any = ANY_SURFACE.search(own) is not None and not names_thing(own, present) and not HERE.search(own)
    return is_any and _find_measured(pack).search(own) is not None


TIME = re.compile(
    r"(?:(?:long|just|shortly|soon) )?(?:(?:after|before|at|by|since|until|around|during|in"
    r"|into) )?(?:the )?(?:early |late )?"
    r"(?:sunset|sunrise|night|nightfall|dark|darkness|dusk|dawn|noon|midday|midnight|daylight|day|evening|morning|twilight"
    r"|shaded|sunlit)"
)
ANY_SURFACE = re.compile(
    r"^\s*(?:(?:(?:long |just |soon )?after|before|at|by|in|since) [\w ]{2,20},? )?(?:surfaces|walls|roads|roofs"
    r"|streets|buildings|soils?"
    r"|rocks|stones|metals?|asphalt|bricks?|concrete|engines|animals|many|most|all|few|the ground"
    r"|[\w-]+s,? (?:which|that))\b"
)
"""What such a sentence is about."""
DEVICE = re.compile(
    r"\b(?:an?|such|these|such an?) (?:[\w-]+ )?(?:cameras?|sensors?|imagers?|devices?)\b|\bcameras like\b"
)
PURPOSE = re.compile(
    r"\b(?:could|would|can|may|might|useful|helps?|rel(?:y|ies)|used (?:for|to)|good for|meant|designed)\b"
)
HERE = re.compile(r"\b(?:here|this|these|(?:is|was|were) (?:taken|shot|captured|recorded)|he|she|(?:is|are) \w+ing)\b")


LED_AT_MOST = re.compile(r"\s*(?:(?:because|since|as|when|even|although)\s+)?")


def _does_nothing(own: str, rest: str, present: frozenset[str]) -> bool:
    """Whether a sentence that begins with an attribute only says what it does not do: "moonlight warms no ground"."""
    return DOES_NOTHING.search(rest) is not None and not is_tied(OF_THE_EARTH.sub("", own), present)


DOES_NOTHING = re.compile(
    r"\b(?:does|do|did|will|would|can)(?:n?['’]t| not|not)\b|\b(?:adds?|contributes?|means?|tells?|changes?|matters?"
    r"|plays?|carries|has|gives|leaves?) (?:far |almost |hardly |next to )?(?:any |too little|no|nothing"
    r"|little)\b|\b(?:is"
    r"|are) (?:of no|irrelevant"
    r"|far too|too (?:weak|faint|little)|lost on"
    r"|wasted on|not (?:what|needed|recorded))\b"
)
OF_THE_EARTH = re.compile(
    r"\b(?:the|this|a|an|such an?) (?:ground|earth|air|world|surroundings)\b"
    r"|\ban? [\w-]+ (?:image|picture|camera|sensor)\b"
)


def _is_of_word_or_maker(own: str, before: str, rest: str, hit: Hit) -> bool:
    """Whether something is said of a word in quotation marks, of a maker at large, or of what cannot be read."""
    if hit.text[:1] in MARKS and OF_WORDS.search(own) is not None and BEARERS.search(own) is None:
        return True
    if TITLE.search(own) is not None:
        return True
    is_maker = MAKERS.search(before) is not None or (not before.strip() and COMPANY.match(rest) is not None)
    return is_maker or UNREAD.search(hit.text) is not None


def _is_of_no_image(own: str, place: int, hit: Hit, present: frozenset[str], *, is_asked_at_large: bool) -> bool:
    """Whether a sentence leaves open what it names, or says it of the world."""
    if leaves_open(own, place, len(hit.text)) or (is_asked_at_large and answers_at_large(own, present)):
        return True
    return QUOTING.match(hit.text) is None and speaks_at_large(own, own[:place], present)


def _names_topic_only(own: str, pack: Pack) -> bool:
    """Whether a sentence denies such a thing, leaves it open, or says of the modality's images at large what it is."""
    if UNKNOWN.search(own) or WOULD.search(own) or is_topic_denied(own):
        return True
    named = _name_modality(pack).search(own)
    return named is not None and named["of"] is None and POINTED_IMAGE.search(own) is None


def is_only_asked(text: str, hit: Hit, pack: Pack) -> bool:
    """Whether a question asks for an attribute: "What colour is the bus?", "Is there any text?"."""
    own, place = _cut_sentence(text, hit)
    if "?" not in text[hit.end :]:
        return False
    is_word = hit.text.lower() in pack.words.topics
    is_asked = ASKING.search(own[:place]) is not None or OPEN.match(own) is not None or NAMED.match(own) is not None
    if is_word and is_asked:
        return True
    is_of_print = is_topic(hit.text, pack.words.topics) or hit.text.lower().startswith(READ)
    return SAYS_WHAT.match(own) is not None and is_of_print


NAMED = re.compile(r"\s*can you (?:name|tell|say|guess|see|make out)(?: me)? the\b")
OPEN = re.compile(r"\s*(?:how|why|where|when|which|whose) (?:can|do|does|could|would|is|are|should)\b")
SAYS_WHAT = re.compile(
    r"\s*(?:what|which|who|whose|how)\b.*\b(?:say|says|read|reads|mean|means|look|looks|show|shows|written)\b"
)
"""A question of what a print says."""


def ends_question(text: str, hit: Hit) -> bool:
    """Whether a question for yes or no ends with an attribute, which the answer may deny: "Is the bus red?"."""
    own, place = _cut_sentence(text, hit)
    rest = text[hit.end : hit.end + 2]
    line = text[hit.end :].split("\n", maxsplit=1)[0]
    is_open = rest[:1] == "?" or ("?" in line and not POINTED_AT.search(own[:place]))
    is_open = is_open or ("?" in line and " or " in own)
    is_open = is_open or CHOICE.match(line) is not None or OFFERED.search(f"{own[:place]}|{line}") is not None
    return is_open and POLAR.match(own) is not None and place > 0


TITLE = re.compile(
    r"\b(?:title|headline|heading|sentence|summary|note|caption|description)\b.*\b(?:could|might|would|may"
    r"|should) (?:\w+ly |just |well )?(?:read|say|be)\b"
)
"""What a text about the image could say."""
UNREAD = re.compile(r"\b(?:cannot|can['’]t|could not|couldn['’]t|unknown|unclear|unreadable|illegible)\b")
"""In words of print that reach over what is said of them: "what the pages | say cannot be told"."""
MAKERS = re.compile(
    r"\b(?:makers?|manufacturers?|companies|brands|firms),? (?:such as|like) (?:[\w-]+,? (?:and |or )?){0,2}$"
)
MARKS = ('"', "“")
OF_WORDS = re.compile(
    r"\b(?:describes?|relative|plural|singular|words?|terms?|names? of|phrases?|expressions?|answer|means?"
    r"|refers?|stands? for|(?:is|are) called|so-called"
    r"|in (?:physics|english|german|latin|greek|french)|palettes?|mode)\b"
)
"""What is said of a word in quotation marks."""
BEARERS = re.compile(
    r"\b(?:signs?|boards?|banners?|walls?|shirts?|labels?|screens?|posters?|plates?|sides?|front|back|door|window"
    r"|stickers?"
    r"|tags?|notices?|billboards?|packages?|print(?:ed|s)?|written|painted|reads?|says?|letters|spells?|on (?:it"
    r"|them))\b"
)
"""What words are written on."""
COMPANY = re.compile(
    r" (?:began|started|was founded|built its first|makes (?!up\b|the\b)|sells|produces|introduced|invented|develops"
    r"|is an? (?:\w+ )?"
    r"(?:company|brand|maker|manufacturer|firm|producer|chain))\b"
)
"""What is said of a maker, behind its name at the head of a sentence."""
QUOTING = re.compile(
    r"(?i:(?:that |which )?(?:says?|saying|reads?|reading|spells?|announc\w+|stat(?:es|ing))\b).*(?:[\"“\d]|[A-Z]{2})"
)
"""What is written on a thing of the image, word for word."""


def is_in_question(text: str, hit: Hit) -> bool:
    """Whether who answers asks himself: "so is it sunny? The camera has no opinion"."""
    own, _ = _cut_sentence(text, hit)
    end = re.search(rf"[{ENDS}]", text[hit.end :])
    is_question = end is not None and end[0] == "?" and (" or " in own or POLAR_OWN.match(own) is not None)
    return is_question or ends_question(text, hit)


POLAR_OWN = re.compile(
    r"\s*(?:(?:so|and|but|then)\s+)?(?:is|are|does|do|did|was|were|can|could|would|should|might|may|will|has|have)\b"
)
READ = ("read", "legible", "written", "visible")
POINTED_IMAGE = re.compile(r"\b(?:the|this)\s+(?:\w+\s+){0,2}(?:image|picture|photo|photograph|view|scene|frame)\b")
POINTED_AT = re.compile(r"\b(?:the(?! same\b)|this|that|these|those|his|her|its|their)\s+(?:[\w-]+\s+){0,2}$")
CHOICE = re.compile(r"(?:, [\w ]{1,25}){0,2},? or [\w ]{1,30}\?")
OFFERED = re.compile(r" or (?:[\w]+ ){0,2}\|[\w ]{0,12}\?")
"""What an answer may choose from: "black or white?"."""
POLAR = re.compile(r"\s*(?:is|are|does|do|did|was|were|can|could|would|should|might|may|will|must|has|have)\b")


def _cut_sentence(text: str, hit: Hit) -> tuple[str, int]:
    """The sentence around an attribute, lower case, and where the attribute begins in it."""
    start = max(text.rfind(mark, 0, hit.start) for mark in ENDS) + 1
    ends = (text.find(mark, hit.end) for mark in ENDS)
    end = min((place for place in ends if place >= 0), default=len(text))
    return text[start:end].lower(), hit.start - start


def _is_of_measured(own: str, place: int, hit: Hit, pack: Pack) -> bool:
    """Whether a word for much or little is said of what the modality measures, and not of light."""
    if not is_brightness_word(hit.text, pack.words) or not pack.words.measured:
        return False
    rest = own[place + len(hit.text) :]
    if hit.text.lower().endswith("er") and re.search(r"\bthan\b", rest):
        return True
    if SHOWN_PARTS.match(rest) and not IN_PLACE.search(own[:place]):
        return True
    return _find_measured(pack).search(own) is not None


@functools.lru_cache(maxsize=8)
def _find_at_large(pack: Pack) -> re.Pattern[str]:
    """What is said of a stuff at large, behind the first word of a sentence: "metal reflects"."""
    verbs = "|".join((DOING_AT_LARGE, *map(re.escape, pack.words.measured)))
    adverb = r"(?:(?:often|usually|easily|also|quickly|slowly|can|may|will)\s+)?"
    more = r"(?:(?:\s+(?:and|or)|,)\s+\w+){0,2}(?:\s+of the same \w+)?"
    more += r"(?:\s+(?:and|or) other (?:\w+ )?\w+s)?"
    things = r"(?:\s+(?:surfaces|objects|things|bags|items|tools|containers|walls|clothes))?"
    return re.compile(rf"{more}{things}\s+{adverb}(?:(?:{verbs})e?s?\b|{BEING_AT_LARGE})")


@functools.lru_cache(maxsize=8)
def _find_measured(pack: Pack) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, pack.words.measured))})")


def is_general_statement(text: str, hit: Hit, pack: Pack, present: frozenset[str] = NOTHING) -> bool:
    """Whether an attribute stands in a statement about the modality.

    Such a statement denies that the modality shows it, or says what is bright in its images at large.
    """
    own, place_of_hit = _cut_sentence(text, hit)
    before = own[:place_of_hit]
    named = _name_modality(pack).search(own)
    if named is None:
        return False
    if hit.category != PHYSICS and (_is_of_devices(own, named) or _is_at_large(own, named, present)):
        return True
    denied = [match.start() for match in DENIED.finditer(own)]
    if any(named.end() <= place < place_of_hit for place in denied):
        return True
    if named["of"] is not None or POINTED.search(before):
        return False
    return bool(denied) or (is_brightness_word(hit.text, pack.words) and SPECIFIC.match(own) is None)


def _is_at_large(own: str, named: re.Match[str], present: frozenset[str]) -> bool:
    """Whether a sentence that names the modality points at nothing in an image."""
    return named["of"] is None and not is_tied(own, present)


DEVICES = re.compile(r"\s+(?:cameras|imaging|imagers|sensors|vision|radiation|images|pictures|photos|videos)\b")
ALONE = re.compile(r"\s*(?:[.,;]|$)")
ALONE_BEFORE = re.compile(r"\bin (?:the )?(?:[\w-]+[ -])?$")
SCENE = re.compile(
    r"\b(?:(?:the|this) (?:image|picture|photo|photograph|view|scene|frame|left|right|middle|center|centre|top|bottom"
    r"|background|foreground)|here|visible(?! light)|can be seen|is seen|are seen)\b"
)
"""What ties a sentence to one image."""


def _is_of_devices(own: str, named: re.Match[str]) -> bool:
    """Whether something is said of such cameras, their radiation or their images at large, and of no image."""
    rest, before = own[named.end() :], own[: named.start()]
    is_at_large = DEVICES.match(rest) or (ALONE.match(rest) and ALONE_BEFORE.search(before))
    return named["of"] is None and is_at_large is not None and SCENE.search(own) is None


@functools.lru_cache(maxsize=8)
def _name_modality(pack: Pack) -> re.Pattern[str]:
    """Where the modality is named; group `of` tells that one image is meant."""
    words = {*pack.words.qualifiers, pack.nouns.adjective.lower()}
    return re.compile(rf"\b(?P<of>(?:the|this)\s+)?(?:{'|'.join(sorted(map(re.escape, words)))})\b")
