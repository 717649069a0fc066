"""Sentences that speak of no image but of the world: "a wool coat keeps one warm", "metal is a poor emitter".

What such a sentence names is claimed of nothing that is to be seen.
"""

import re
from collections.abc import Collection

from agents.checks.unsupported.anchors import CAN, HISTORY, NOTHING, is_tied, names_place
from agents.english.sentences import PICTURE_WORDS
from agents.english.words import (
    DETERMINERS,
    FORMS_OF_BE,
    LINKING_VERBS,
    PLAIN_VERBS,
    PREPOSITIONS,
    RELATIVES,
    THIRD_PERSON,
    word_set,
)

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
HYPOTHETICAL = re.compile(
    r"(?<!which )\bwould\b(?! (?:say|call|describe|guess|think|be called|explain|note|notice|see"
    r"|find|log|report|expect))|\bcould (?:paint|be painted|dye|repaint|wear|tint|colou?r)\b"
)
"""What is said of a thing that is not so."""
TIMELESS = re.compile(
    rf"\b(?:{CAN}|cannot|often|usually|always|never|seldom|rarely|tends?|keeps?|makes?|needs?|means?|feels?|absorbs?"
    rf"|emits?|(?<=s )store|stores(?= (?:energy|water))|"
    r"warms?|cools?|softens?|melts?|expands?|dries|(?<=s )dry|costs?|helps?|blocks?|conducts?|burns?|would|may|might"
    r"|whoever|nobody|"
    r"everyone(?! (?:has|is) (?:left|gone|away))|everybody|anyone|enough|lasts?|cures?|heals?|weighs?|leads?"
    r"|grows?|differs?|vary|varies|known|explains?|depends?|sometimes"
    r"|begins? to"
    r"|(?:is|are) (?:easier|harder|easiest|hardest|better|safer)"
    r"|(?:stays?|remains?) (?:hot|warm|cool|cold|wet|dry) (?:for|long|after|well)|acts?|prevents?"
    r"|protects?|causes?|reduces?|requires?|allows?|because"
    r"|(?:for|within|after|of) (?:\w+ )?(?:hours|minutes)|since|than|when|every|"
    r"has been|have been|loses?|gives? (?:off|way|rise|back)|speaks?|answers?|comes?|goes|says?|should|must|have to"
    r"|has to|will"
    r"|century|years|ago|once|if)\b"
)
"""What is said of things at large."""
OF_THEIRS = re.compile(
    r"\bthe temperature of (?:the|its|their) \w+|"
    r"\bthe \w+ (?:that |which )?(?:they|it) (?:are|is|lies?|stands?|hangs?|sits?|comes?) (?:on|in|from|with)\b"
)
"""What is named by the things themselves and points at no image: "the paper they are on"."""
DEFINING = re.compile(
    r"^\s*(?!there|here|it|they|he|she|this|that|the|an?\b|one\b)(?:[\w-]+\s+(?:and\s+)?){1,4}(?:is|are)\s+(?:\w+ly\s+"
    r"|quite\s+|very\s+|not\s+|also\s+|most\s+|more\s+|less\s+|least\s+|best\s+)*"
    r"(?:an?\b|one of\b|among\b|common|rare|typical|popular|frequent|widespread|known|used|usual|normal|standard"
    r"|important|useful|necessary|expensive|cheap|hard|harder|easy|easier|difficult|tricky|warmer|cooler|good|better"
    r"|best"
    r"|poor|bad"
    r"|opaque|transparent|invisible|different|made to|meant|designed|considered|part of|a matter)"
)
"""A bare noun, of which it is said what it is: "polished metal is a poor emitter"."""
OF_SHOWING = re.compile(
    r"\b(?:other|some|many|most|different|various|several) (?:\w+ ){0,4}palettes?\b"
    r"|\bpalettes?\b[^,;]*\b(?:can|could|may|might)\b|\b(?:choice|matter|product|result|effect) of (?:the "
    r"|a )?(?:\w+ )?palettes?\b"
    r"|\b(?:added|assigned|chosen|applied) (?:afterwards |later )?by (?:the |an? )?(?:software|computer|camera|palette)"
    r"|^\s*(?:the |an? |in the |with the |in |with )?(?:[\w-]+ ){0,2}palettes?\b(?! of (?:the|this))"
    r"|\b(?:values?|temperatures?|intensit\w+|readings?) (?:\w+ ){0,3}(?:shown|displayed|drawn|mapped|rendered|coded"
    r"|assigned|painted|coloured|colored)\b"
)
"""Colours that a picture is given, or could be."""
ANYWHERE = re.compile(
    r"^\s*in (?:most|some|many|all|other|certain|several) (?!areas|places|parts|spots|regions|corners|sections|rooms)"
    r"\w+s,(?! (?:the|this|these|there|it)\b)"
)
AT_ALL_TIMES = re.compile(
    r"\b(?:in general|generally|usually|typically|normally|commonly|often|rarely|seldom|always|never|tends? to"
    r"|every (?:day|year|night|morning|winter|summer)|in order to|by nature|as a rule|as a matter of (?:routine|course"
    r"|fact|principle)|most of the time"
    r"|around the world|all over the world|throughout history|nowadays|these days|worldwide|depending on"
    r"|(?:is|are) said to|nothing but|in many parts of (?:the world|europe|america|asia|africa)"
    r"|in (?:most|many|some|all|other|certain) (?:countries|cities|towns|cultures|houses|buildings|homes"
    r"|households|hotels|schools"
    r"|offices|restaurants|hospitals|factories)|in (?:hot|cold|warm) (?:countries|climates|regions|weather)"
    r"|in (?:football|baseball|basketball|tennis|chess|sports?|cricket|rugby|hockey|boxing|cooking|medicine|agriculture"
    r"|photography|astronomy|thermography))\b"
    r"|^\s*(?:the|our) (?:human|eyes?|brain|atmosphere)\b|^\s*most (?!of\b)\w+"
    r"|^\s*(?:an? )?(?:ordinary |normal |usual )?photographs? (?:records?|relies|rely|needs?|depends?)\b"
    r"|\bin (?:everyday|daily) \w+|\bso that\b"
    r"|^\s*(?:unlike|whereas|while|where) (?:an? )?(?:[\w-]+ )?(?:photographs?|cameras?)\b"
    r"|^\s*some \w+ (?:are|have|look|like|prefer|come)\b[^,]*,? (?:and |while )?(?:some|others)\b"
    rf"|{HISTORY}"
)


def speaks_at_large(own: str, before: str, present: frozenset[str] = NOTHING) -> bool:
    """Whether a sentence points at no image and says what is so at large: "a wool coat keeps one warm".

    Args:
        own: the sentence, lower case.
        before: its part before what is asked about.
        present: classes of which the image has things.
    """
    if (
        opens_at_large(own)
        or THE_MORE.match(own) is not None
        or OF_SHOWING.search(own) is not None
        or says_always(own, present)
    ):
        return True
    if is_tied(own, present):
        return False
    return says_of_kind(own) or (not before.strip() and own.split()[1:2] in (["is"], ["are"]) and "in the" in own)


def says_always(own: str, present: frozenset[str] = NOTHING) -> bool:
    """Whether a sentence points at no image and its verb is one of all such things, or of all times."""
    if SAYING.search(own) is not None:
        return True
    freed = OF_THEIRS.sub("", own)
    is_always = TIMELESS.search(freed) is not None or DEFINING.match(own) is not None or AT_ALL_TIMES.search(own)
    return bool(is_always) and not is_tied(freed, present)


def is_of_any(own: str, present: frozenset[str] = NOTHING) -> bool:
    """Whether a sentence names a thing, or its absence, as any such: "a bottle can roll", "when nobody is at home"."""
    if SAYING.search(own) is not None or (EMPTIED.match(own) is not None and says_always(own, present)):
        return True
    if AT_ALL_TIMES.search(own) is not None:
        return not is_tied(own, present)
    return ANY.search(own) is not None and AROUND.search(own) is None and not is_tied(OF_THEIRS.sub("", own), present)


EMPTIED = re.compile(r"\s*(?:an?|any|most|some)?\s*(?:empty|unoccupied|vacant|deserted|abandoned|unused|bare)\b")
"""How a sentence begins of what is empty at large: "an empty cup cools sooner"."""
SEEN = (
    r"(?:seen|detected|made out|found|spotted|identified|recogni\w+|noticed|discerned|distinguished|counted|observed)"
)
ANY = re.compile(
    rf"\b(?:{CAN}(?! (?:\w+ )?be {SEEN}\b)|cannot|often|usually|always|never|seldom"
    r"|rarely|tends? to|keeps?|makes?|needs?|means?|costs?|helps?|weighs?|lasts?|would|should|must|every|whoever"
    r"|everyone(?! (?:has|is) (?:left|gone|away))"
    r"|everybody|sometimes|when|once|(?:easily|often) (?:overlooked|missed|mistaken|confused)|(?:is"
    r"|are) (?:an? )?(?:welcome|common"
    r"|familiar|rare|typical|popular|frequent)"
    r"|(?:longer|faster|sooner|slower|quicker|easier|harder|heavier|safer|cheaper)\b.*\bthan an?"
    r"|(?:use|used|carry|employ|need|help|helps|rely)\b.*\bto (?:find|detect|see|spot|locate)|depend(?:s|ing)?|live in"
    r"|lives in|known (?:to|for|as)|soon|(?:is|are) (?:best|better)|conducts?|absorbs?"
    r"|emits?|cools?(?= (?:down|off|faster|sooner|an?\b|quick|slow"
    r"|rapid))"
    r"|warms?(?= up\b)|in general|prove|proves|sooner than|faster than|longer than)\b"
)
"""What is said of any such thing; "warmer than" and "has been" are said of one as well."""
AROUND = re.compile(r"\b(?:around|present|in sight|near(?:by)?|with (?:it|them)|there|may guess|as if)\b")


SAYING = re.compile(
    r"^\s*an? [\w -]{1,30} (?:that|which) (?:someone|somebody|one|you|nobody)\b"
    r"|^\s*(?:check|keep|avoid|remember|make sure|try|be (?:careful|sure)|never|always|do not|don['’]t)"
    r" (?!the\b|this\b|these\b)"
    r"|^\s*an? [\w-]+ (?:that|which) (?:(?:has|have|is|was) (?:just|recently|long|already)|(?:has|have) been \w+ing)\b"
    r"|^\s*even an? |^\s*one (?:advantage|reason|way|drawback|benefit|use|sign|trick|problem) (?:of|to|why|is)\b"
    r"|\b(?:in|from|of) such (?:an? )?(?!scene)(?:\w+ )?(?:picture|image|view|photo|scene|display)s?\b"
    r"|\bin (?:white|black)-hot (?:mode|displays?|palettes?|images?|pictures?)\b|\bon such (?:an? )?displays?\b"
    r"|\b(?:picture|image|view|photo|camera)s? of (?:this|that) (?:kind|sort|type)\b"
    r"|\b(?:day|daylight|noon|night|midnight|dark\w*|dawn|dusk)\b[^,]* alike\b|\bin (?:text|school )?books?\b"
    r"|\bby day (?:the sun|sunlight)\b.*\b(?:at|by) night\b"
    r"|^\s*(?:at|around|after|before|during|near) (?:sunset|sunrise|dawn|dusk|night|noon|midday|midnight|twilight)"
    r"[\w -]{0,25},? (?:many|most|all) \w+s\b"
    r"|^\s*(?:use|put|take(?! a (?:closer|good|second|careful) look)|mention|treat|choose|wait|compare|imagine"
    r"|bring|wear) (?!the\b|this\b|these\b|up\b)"
    r"|^\s*you (?:may|might|should|could|can|will) (?:want|need|try|use|take|keep|avoid|wish|prefer|consider)\b"
    r"|\bthe same\b[^,]{0,60} (?:at|by|in|during) (?:night|midnight|day|noon|dark\w*|daylight) as\b"
    r"|^\s*(?:in the middle of|in|on|during) (?:a|any) (?:\w+ )?(?:night|day|evening|morning|afternoon),?"
    r" (?!the\b|this\b|these\b|an?\b|two\b)[^,]*\b(?:often|usually|always|rarely|sometimes)\b"
    r"|\bas well (?:at|by|in|during) (?:\w+ )?(?:night|midnight|day|noon|dark\w*|daylight) as\b"
    r"|\b(?:rule of thumb|saying|proverbs?|proverbial|idioms?|figuratively|figure of speech|as it were"
    r"|so to speak|as they say)\b"
)
DEVICES = re.compile(
    r"\b(?:cameras?|sensors?|imagers?|imaging|palettes?|pixels?|emissivity|wavelengths?"
    r"|detectors?|false[- ]colou?rs?)\b|\b(?:should|would|must|could) (?:i|we|you|one)\b|\bmeans?\b"
)
ASKED_OF = re.compile(
    r"^\s*(?:the (?:hue|reason|cause|name|term|idea|answer|effect|trick|principle)|it|they|you|that|those|these|this|i)"
    r"\b(?! (?:image|picture|photo|scene)\b)"
)


def asks_at_large(question: str, names: Collection[str], present: frozenset[str] = NOTHING) -> bool:
    """Whether a question asks for no image: "why do firefighters use such cameras?", "what makes leaves green?".

    Args:
        question: as it stands.
        names: of the modality; a question of the modality, and of nothing in an image, asks for no image.
        present: classes of which the image has things.
    """
    own = question.strip().lower()
    is_named = any(name in own for name in names)
    is_general = is_named or DEVICES.search(own) is not None or OF_ANY.match(own) is not None
    return is_general and not is_tied(ASKING_WORDS.sub("", own), present)


OF_ANY = re.compile(
    r"^\s*(?:why (?:do|does|are|is|did)|how (?:do|does|did)|what (?:makes|causes|happens (?:to|when|if))|what(?:['’]s"
    r"| is| are) (?:an?\b|meant by))"
    r"\s*(?!(?:the|this|that|these|those|it|they|he|she|you|we|i|all|both|one|its|his|her|their|here|there|people)\b)"
)
"""How a question begins that is asked of any such thing."""


ASKING_WORDS = re.compile(
    r"^\s*(?:(?:what|where|when|why|who|which|how)\b\s*)?"
    r"(?:(?:is|are|do|does|did|can|could|would|should|must|may|might)\s+(?:i|you|we|one|it)\b)?"
)


def answers_at_large(own: str, present: frozenset[str] = NOTHING) -> bool:
    """Whether a sentence of an answer to such a question points at no image either: "they help to find people"."""
    return not is_tied(ASKED_OF.sub("such", own), present)


THE_MORE = re.compile(
    r"^\s*the (?!lower|upper|inner|outer|other|former|latter)(?:\w+er|more|less)\b[^,]*, the (?:\w+er|more|less)\b"
)
"""How a rule begins: "the hotter a piece of iron, the whiter"."""
SITUATED = re.compile(
    r"\b(?:in|on|at|along|across|through|past|under|over|above|below|around|against|into|onto|towards?|inside"
    r"|outside|by (?=an?\b|the\b)"
    r"|with)(?<!switch on)(?<!turn on)(?<!rely on)(?<!depend on)(?<!depends on)(?<!relies on)(?<!take on)"
    r"\s+(?!(?:most|many|all|some|every|any|much|summer|winter|spring|autumn|night|nightfall|noon|dawn"
    r"|dusk|home|fact|general|hot|cold|warm|cool|daylight|daytime|time|themselves|itself|its|their"
    r"|our|law|hand|day|age|it|them|motion|practice|theory|principle|use|part|turn|\w+ing|\d{4}s?|by|dark|long journeys"
    r"|the (?:\d{4}s|sun|shade|dark|rain|wind|cold|open|past|future|morning|evening|absence|presence|same|\w+ed"
    r"|united|whole|end|long|visible)"
    r"|an? (?:\w+ )?(?:winter|summer|july|evening|morning|night|day|vacuum))\b)"
)
"""Where something is, which is said of what is there."""
LED = re.compile(r"^\s*(?:by|in|for|as|to|with|on|at|under|during|before|after|given|without)\s+[^,]{1,30},\s*")
"""Where and when it is so: "by law, | fishing boats have lights"."""
OPENS = re.compile(r"^\s*(?:yes|no|an?|one|another|some|also|besides|the(?! \w+er\b)|various|several)\b")
LEAST_SAID = 5


def says_of_kind(own: str) -> bool:
    """Whether a bare plural or a stuff does what its kind does, nowhere in particular: "bananas turn yellow as ..."."""
    own = LED.sub("", own)
    words = PIECES.findall(own)
    is_plain = len(words) >= LEAST_SAID and OPENS.match(own) is None and SITUATED.search(own) is None
    return is_plain and SCENIC.search(own) is None and not names_place(own) and _has_verb(words)


PIECES = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|,")
SCENIC = re.compile(
    r"\b(?:lies?|hangs?|stretch(?:es)?|sways?|stands?|sits?|leans?|lines?|rests?|marks?|decorates?|dots?|surrounds?"
    r"|flanks?"
    r"|covers?|fills?|frames?|wears?|carr(?:y|ies)|towers?|looms?|rises?|drifts?|floats?|pass(?:es)? by|walks?|waits?"
    r"|streams?|pours?|glints?"
    r"|gleams?|sparkles?|flickers?|peeks?|pokes?|holds? (?=up\b|an?\b|odds\b|some\b))\b"
)
"""What is said of things that one sees."""


def _has_verb(words: list[str]) -> bool:
    """Whether a sentence that opens with a bare noun says something of it, and does not only name things."""
    for before, word, after in zip(words, words[1:], [*words[2:], ""], strict=False):
        if word in VERBS:
            return True
        if word in ENDS_NOUN or word == "," or word.endswith("ing"):
            return False
        if before.endswith("s") and not (word in BEHIND_NOUN | DETERMINERS or word.endswith(("ed", "s"))):
            return True  # the noun of a phrase is its last word: "bananas | turn"
        if word.endswith("s") and after in BEHIND_VERB:
            return True
    return False


VERBS = (
    THIRD_PERSON
    | PLAIN_VERBS
    | FORMS_OF_BE
    | LINKING_VERBS
    | word_set(
        """
        release hold keep store absorb reflect emit conduct radiate apply depend explain soak cool change offer
        need tend help warm dry burn matter matters hide hides block blocks mask masks trap traps lose loses reveal
        reveals let lets linger lingers
        """
    )
)
BEHIND_NOUN = PREPOSITIONS - {"up", "down", "out", "off"} | RELATIVES | word_set("and or full")
BEHIND_VERB = DETERMINERS | word_set("up out down off most more only how faster slower well")
ENDS_NOUN = BEHIND_NOUN - word_set("of and or such as like from")
"""Where these come before any verb, things are only named: "men with red umbrellas"."""


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
