"""Whether a noun is asserted of this image: "a dog sleeps" is; "like a dog", "a dog kennel", "a dog needs" are not."""

from itertools import pairwise

from agents.checks.claims.quantities import find_amount
from agents.checks.places.regions import NAMED
from agents.checks.unsupported.anchors import is_tied
from agents.checks.unsupported.at_large import ALIKE, is_of_any, is_of_kind, opens_at_large
from agents.checks.unsupported.denials import is_unseen
from agents.checks.unsupported.left_open import says_nothing
from agents.english.categories import Mention
from agents.english.numbers import GATHERED, SETS, read_number
from agents.english.sentences import BREAKS, HEDGES, PICTURE_WORDS, Sentence
from agents.english.words import ADVERBS, FORMS_OF_BE, IRREGULAR_PARTICIPLES, PREPOSITIONS, THIRD_PERSON, word_set

DETERMINERS = word_set("a an the this that these those his her its their another each one some my your our")
INDEFINITE = word_set("a an another some one")
CLOSED = word_set("of in on and or is are with to for")
AT_LARGE = word_set("own buy like find need use prefer enjoy tend think say call know want believe keep who do")
"""Verbs that say what people do in general."""
SIMILES = word_set("like as than for about per worth qua called named")
"""Directly before a noun phrase: it is compared, meant, or named, and need not be there."""
OF_SORTS = word_set(
    """
    reminds remind reminiscent think thinks thought dream dreams dreamt talk talks speak speaks spoke hear hears
    heard story stories tale size shape weight height length speed strength sound smell kind sort type idea
    notion concept habit habits sense hint way manner life nature ways love fear role job task work capable use
    value price cost image
    """
)
"""Before "of a dog": no dog is there by that."""
SHOWN_OF = word_set(
    """
    front left right side sides top back bottom middle centre center edge end half part pair picture photo
    photograph image view outline outlines silhouette silhouettes shape form figure contour contours ahead
    inside outside instead head body group row line herd crowd flock pack number couple bunch set stack pile lot
    parts rows lines groups stacks close-up closeup lots sort shot scene piece slice kind type rest signature
    signatures glimpse contours bulk mass consists presence sight corner rear profile
    members one two three four five six some many several most all
    """
)
"""Before "of a dog": the dog is there."""
NOT_AIMED = word_set("next close due seem seems appear appears happen happens")
"""Before "to": what follows is, and is not aimed at."""
SIGHT = word_set(
    """
    see notice find recognise recognize spot make identify discern detect distinguish show include contain be
    perceive locate view overlook miss ignore
    """
)
"""After "to": what follows is seen and not intended."""
WHENEVER = word_set("when whenever unless until every any no whatever wherever never always ever once")
GENERAL_VERBS = word_set(
    """
    can cannot can't need needs weigh weighs like likes prefer prefers require requires live lives hunt hunts
    belong belongs cost costs emit emits radiate radiates absorb absorbs lose loses store stores retain retains
    conduct conducts sweat sweats love loves hate hates fear fears know knows want wants tend tends consume
    consumes mean means produce produces give gives generate generates help helps cause causes depend depends
    learn learns enjoy enjoys tire tires breed breeds hibernate hibernates migrate migrates survive survives
    become becomes get gets make makes do does don't doesn't dry dries grow
    grows feed feeds protect protects serve serves last lasts work works wear think thinks say says
    """
)
"""Verbs that say of a kind of thing what it does at large."""
PLACED_VERBS = word_set(
    """
    is are stands stand sits sit lies lie waits wait rests rest walks walk hangs hang leans lean sleeps sleep
    appears appear remains remain graze grazes gather gathers run runs fill fills line lines cross crosses move
    moves face faces surround
    """
)
SORTS = word_set(
    """
    animal animals mammal mammals bird birds fish vehicle vehicles machine machines tool tools pet pets device
    devices symbol symbols sport species reptile reptiles fruit fruits vegetable vegetables plant plants food
    foods invention means way form kind type sort matter source sources predator predators insect insects
    something unit title word term name sign meal drink
    """
)
"""After "a dog is a": what dogs are."""
POSTPOSED = word_set(
    """
    easy hard difficult clear distinct simple evident obvious warm hot cold cool dim dark pale bold
    here there too also alone asleep awake alive afloat ahead away nearby near close present visible ready apart
    aside upright still again together overhead outside inside indoors outdoors behind below above beyond left
    right first second last halfway instead besides somewhere further later
    up down out off back large small tall big high full half empty next such just only not never always
    once now then already almost both each all more most less who whom whose which that what where when while as
    if because though although until unless since so but and or nor than like he she it they we you i one his
    her its their this these those a an the no some any every many two three four five
    """
)
PAST_VERBS = word_set(
    """
    stood sat lay ran came went saw had did left held ate slept made took got kept fell flew drove rode led met
    grew hung rose shone swam spoke stuck swung spent lent set put cut let hit has have may might must can could
    will would should shall cannot
    """
)
SHARED = word_set(
    """
    share keep make fill complete form belong take dominate meet catch come occupy accompany appear compete stand
    sit lie be
    """
)
NO_NOUNS = (
    SHARED
    | FORMS_OF_BE
    | ADVERBS
    | PREPOSITIONS
    | THIRD_PERSON
    | IRREGULAR_PARTICIPLES
    | POSTPOSED
    | PAST_VERBS
    | GENERAL_VERBS
    | word_set("seem appear look remain stay")
)
"""What may stand behind a noun that is no noun itself."""
VERBAL_ENDINGS = ("ing", "ed", "ly", "'s", "’s", "ward", "wards", "n't", "n’t")
HEADWAY = 4
COMPARED = word_set("compared compare similar akin comparable belongs refers")
GONE = word_set("missing absent nowhere lacking")
HARDLY = word_set("hardly barely scarcely not")
MODALS = word_set("can could may might must shall should will would does did do")
HELPING = word_set("help helps helped used use useful possible able easy easier hard made designed")
"""Before "to find a dog": said of any dog."""
NEEDING = word_set(
    """
    own owns take takes took need needs require requires seat seats fit fits reminds reminded expect expects expected
    expecting want wants
    wanting seek seeks seeking wish wishes prefer prefers imagine imagines
    """
)
AROUND = word_set("surrounded accompanied flanked joined encircled followed framed")
FILLED = (("filled", "with"), ("lined", "with"), ("crowded", "with"), ("full", "of"), ("packed", "with"))
HERE = word_set("here there this")


def is_asserted(sentence: Sentence, mention: Mention, *, are_plurals_claims: bool) -> bool:
    """Whether a sentence says that the thing is in the image.

    Args:
        sentence: where it stands.
        mention: the noun.
        are_plurals_claims: take "dogs lie on the sofa" as a claim, and not as general knowledge.
    """
    if _is_of_people_at_large(sentence, mention) or _is_modifier(sentence, mention):
        return False
    start = _find_start(sentence, mention)
    if _is_pictured(sentence, mention) or (start is not None and _is_answer(sentence, start, mention)):
        return True
    if start is None and _is_around(sentence, mention):
        start = mention.start
    if start is None and _is_what_they_are(sentence, mention):
        return True
    if start is None and (
        _is_doing(sentence, mention)
        or _is_grouped(sentence, mention)
        or _is_there(sentence, mention)
        or _is_listed(sentence, mention)
    ):
        start = mention.start
    if start is None:
        if not (are_plurals_claims and mention.noun.is_plural) or not _is_free_plural(sentence, mention):
            return False
        start = mention.start
    if is_unseen(sentence, mention.end):
        return False
    is_intended = (
        not _is_stated_by(sentence, start, mention)
        and _is_intended(sentence, start)
        and not _is_identified(sentence, start)
    )
    return not (is_intended or _is_in_general(sentence, start, mention))


def _is_pictured(sentence: Sentence, mention: Mention) -> bool:
    """Whether "the dog in the picture" is said."""
    is_in = sentence.word_at(mention.end) in ("in", "within") and sentence.names_picture(mention.end + 1) is not None
    return is_in and sentence.word_at(mention.start - 1) == "the" and sentence.word_at(mention.end + 2) in PICTURE_WORDS


def _is_answer(sentence: Sentence, start: int, mention: Mention) -> bool:
    """Whether "a dog does", "it looks like a dog", "a dog can be seen" is all that is said."""
    end = len(sentence.lowers) - (sentence.word_at(len(sentence.lowers) - 1) in (".", "!"))
    rest = sentence.lowers[mention.end : end]
    led = sentence.lowers[:start]
    is_whole = not led or led[-1] == "," or led == ("yes",)
    is_named = led[-3:] in (("it", "looks", "like"), ("that", "looks", "like"), ("this", "looks", "like"))
    if (is_named or led == ("that", "would", "be")) and not rest:
        return True
    is_seen = rest[:1] == ("can",) and "be" in rest[1:3] and rest[-1] in RECOGNISED
    is_told = "be" in rest[1:4] and rest[0] in ("should", "must") and not MENTIONED.isdisjoint(rest)
    return is_whole and (rest in (("does",), ("do",), ("is",)) or is_seen or is_told)


RECOGNISED = word_set(
    """
    seen recognised recognized identified spotted discerned distinguished found noticed detected observed out
    """
)
MENTIONED = word_set("mentioned noted overlooked forgotten added named ignored")


def _is_listed(sentence: Sentence, mention: Mention) -> bool:
    """Whether a bare noun stands in a list: "three kinds of things: dogs and a bus", "the objects include dogs"."""
    colon = next(
        (k for k in range(mention.start - 1, 0, -1) if sentence.word_at(k) in (":", "include", "includes")), None
    )
    if colon is not None and any(sentence.is_negated(k, colon) for k in (colon, mention.start)):
        return False
    if colon is not None and sentence.word_at(colon) != ":" and "the" not in sentence.lowers[:2]:
        return False
    if colon is None:
        return False
    listed = [m for m in sentence.mentions if m.start > colon]
    covered = {k for m in listed for k in range(m.start, m.end)}
    between = [sentence.lowers[k] for k in range(colon + 1, mention.end) if k not in covered]
    return len(listed) > 1 and all(
        word in (",", "and", "a", "an", "the", "some") or read_number(word) for word in between
    )


def _is_doing(sentence: Sentence, mention: Mention) -> bool:
    """Whether a plural opens its clause and is said to be placed or to do something: "far back, dogs are waiting"."""
    is_opening = mention.noun.is_plural and mention.start == sentence.clause(mention.start)[0]
    verb, after = sentence.word_at(mention.end), sentence.word_at(mention.end + 1)
    is_said = verb == "are" and (after in SITED or (after.endswith("ing") and after not in PREPOSITIONS))
    is_said = is_said or (verb == "can" and after == "be" and sentence.word_at(mention.end + 2) in RECOGNISED)
    is_placed = any(m.end <= mention.start for m in sentence.mentions)
    if is_opening and is_said and verb == "can" and is_placed:
        return True  # "in addition to the dogs, cats can be observed"
    return is_opening and is_said and PLACES.intersection(sentence.lowers) != set()


def _is_grouped(sentence: Sentence, mention: Mention) -> bool:
    """Whether "a row of dogs" is said to be somewhere."""
    of, group, article = (sentence.word_at(mention.start - k) for k in (1, 2, 3))
    is_group = of == "of" and group in GATHERED and article in ("a", "an", "the")
    is_opening = mention.start - 3 == sentence.clause(mention.start)[0]
    return is_group and is_opening and sentence.word_at(mention.end) in THIRD_PERSON | PLACED_VERBS


def _is_there(sentence: Sentence, mention: Mention) -> bool:
    """Whether "there are dogs", "there seem to be dogs" opens a clause: and not "there are dogs that never bark"."""
    first = sentence.clause(mention.start)[0]
    words = sentence.lowers[first : mention.start]
    is_added = sentence.lowers[max(0, mention.start - 3) : mention.start] == ("as", "well", "as")
    is_said = words in EXISTING or words[:-1] in EXISTING or is_added
    return is_said and mention.noun.is_plural and sentence.word_at(mention.end) not in ("that", "which", "who", "whose")


EXISTING = (
    ("there", "are"),
    ("there", "appear", "to", "be"),
    ("there", "seem", "to", "be"),
    ("there", "are", "also"),
)
"""With one more word, such as "large", before what is there."""
SITED = word_set(
    "scattered lined placed gathered grouped parked arranged stacked spread visible seen positioned located"
)
PLACES = word_set(
    "distance background foreground back front ground left right side here there nearby behind around near image"
    " farther"
)


def _is_what_they_are(sentence: Sentence, mention: Mention) -> bool:
    """Whether an answer says "They are dogs"."""
    is_plain = mention.start == 2 and sentence.word_at(0) in ("they", "these", "those") and sentence.word_at(1) == "are"
    return is_plain and mention.noun.is_plural and sentence.word_at(mention.end) in ("", ".", ",", "!")


def _is_of_people_at_large(sentence: Sentence, mention: Mention) -> bool:
    """Whether "some people like" is said, or "people need": of nobody in particular."""
    is_people = mention.noun.is_plural and mention.noun.labels[0] == "person"
    if not is_people:
        return False
    before, after = sentence.word_at(mention.start - 1), sentence.word_at(mention.end)
    is_most = before == "most" and sentence.word_at(mention.start - 2) != "the"
    if is_most or (before in ("many", "some") and is_of_no_image(sentence)):
        return True
    if before in ("many", "most", "some", "few") and sentence.word_at(mention.start - 2) in (
        "too",
        "what",
        "as",
        "so",
        "than",
        "which",
    ):
        return True
    if mention.start == 1 and before.endswith("ing") and not FORMS_OF_BE.isdisjoint(sentence.lowers[mention.end :]):
        return True  # "finding people through smoke is"
    is_bare = mention.start == 0 and after.isalpha() and after not in PLACED_VERBS | PREPOSITIONS | FORMS_OF_BE
    is_verb = is_bare and not after.endswith("ing") and after not in ("and", "with", "who", "that", "can")
    return after in AT_LARGE or is_verb


def _find_start(sentence: Sentence, mention: Mention) -> int | None:
    """Where the determiner or the number of a noun stands; None: it has none."""
    amount = find_amount(sentence, mention)
    if amount is not None:
        return amount.start
    for place in range(mention.start - 1, max(-1, mention.start - 1 - HEADWAY), -1):
        word = sentence.word_at(place)
        if word in DETERMINERS or word.endswith(("'s", "’s")):
            return place
        if not word[0].isalnum() or word in CLOSED or word in MODALS:
            return None
    return None


def _is_modifier(sentence: Sentence, mention: Mention) -> bool:
    """Whether a singular noun only says which sort of the next thing is meant: "a cow town", "the bed time"."""
    after = sentence.word_at(mention.end)
    if after in ("'", "-"):
        return True
    if mention.noun.is_plural or not after or not after[0].isalpha() or after in NO_NOUNS:
        return False
    if sentence.word_at(mention.end + 1) in ("a", "an", "the"):
        return False  # "the dog and the cow | show a sharp outline"
    if after.endswith(VERBAL_ENDINGS) or (after.endswith("s") and not after.endswith(("ss", "us", "is"))):
        return False
    return not after.endswith(("able", "ible", "ful", "ous", "less", "ish", "ive", "er", "est"))


def _is_free_plural(sentence: Sentence, mention: Mention) -> bool:
    """Whether a plural without article opens its clause or stands in some place, rather than being a verb or a kind."""
    before = sentence.word_at(mention.start - 1)
    if before == "of":
        return sentence.word_at(mention.start - 2) in SHOWN_OF
    opens = mention.start == sentence.clause(mention.start)[0]
    after = sentence.word_at(mention.end)
    if opens:
        return not after or not after[0].isalpha() or after not in NO_NOUNS - PLACED_VERBS - PREPOSITIONS - FORMS_OF_BE
    is_verb = before in ("it", "he", "she", "that", "which", "who", "to", "this")
    return not is_verb


def _is_around(sentence: Sentence, mention: Mention) -> bool:
    """Whether "surrounded by dogs" is said."""
    place = mention.start - 1
    is_around = sentence.word_at(place) == "by" and sentence.word_at(place - 1) in AROUND
    is_around = is_around or (sentence.word_at(place - 1), sentence.word_at(place)) in FILLED
    return is_around and mention.noun.is_plural and sentence.clause(place)[0] < place - 1


def _is_stated_by(sentence: Sentence, start: int, mention: Mention) -> bool:
    """Whether what looks like a comparison states a thing: "as the dog sits", "belongs to a dog", "than the dog"."""
    before, earlier, lowers = sentence.word_at(start - 1), sentence.word_at(start - 2), sentence.lowers
    is_known = sentence.word_at(start) == "the" and is_definite(sentence, mention)
    if before in ("as", "like"):
        is_same = not {"same", "as"}.isdisjoint(lowers[max(0, start - 6) : start - 1])
        return _has_verb(sentence, mention.end) or (before == "as" and is_same and is_known)
    is_subject = earlier in FORMS_OF_BE or (earlier.endswith("ly") and sentence.word_at(start - 3) in FORMS_OF_BE)
    if before == "about" and is_subject and any(sentence.names_picture(k) is not None for k in range(start - 1)):
        return True  # "the image is mainly about a dog"
    if before in ("than", "unlike") or (before in ("with", "to") and earlier in COMPARED):
        is_heat = earlier == "belongs" and not SIGNALS.union(sentence.modality.measured).isdisjoint(lowers[: start - 2])
        return is_known or is_heat
    if before == "of":
        return (
            earlier == "that"
            and sentence.word_at(start - 3) in ("is", "are", "resembles")
            and not sentence.is_negated(start)
        )
    is_apart = (earlier, before) in (("apart", "from"), ("aside", "from"), ("come", "from"), ("comes", "from"))
    return is_apart or ((before, earlier) == ("for", "reaches") and is_known)


def is_definite(sentence: Sentence, mention: Mention) -> bool:
    """Whether "the dog" is known, and is no idiom of an article: nothing is said of all dogs."""
    return (
        sentence.word_at(mention.start - 1) == "the"
        and WHENEVER.isdisjoint(sentence.lowers)
        and "would" not in sentence.lowers
    )


def _has_verb(sentence: Sentence, place: int) -> bool:
    """Whether a verb of the thing follows, so that "as" opens a clause."""
    return sentence.word_at(place) in FORMS_OF_BE | THIRD_PERSON | {
        "has",
        "gives",
        "emits",
        "radiates",
        "rests",
        "deserves",
    }


SIGNALS = word_set(
    """
    area areas spot spots shape shapes outline outlines figure form silhouette signature region patch edge part
    warmth glow contour legs feet wheels handle blob mass
    """
)
"""What of a thing is seen in the image."""


def _is_intended(sentence: Sentence, start: int) -> bool:
    """Whether what begins at `start` is compared, meant or aimed at: "like a dog", "to ride a horse"."""
    before, earlier = sentence.word_at(start - 1), sentence.word_at(start - 2)
    ahead = sentence.lowers[: start - 1]
    is_besides = any(pair == ("apart", "from") for pair in pairwise(sentence.lowers))
    is_told_apart = before in ("from", "to") and not (TELLING - ({"apart"} if is_besides else set())).isdisjoint(ahead)
    is_told_apart = is_told_apart or (before in TELLING and "from" in sentence.lowers[start : start + 6])
    is_told_apart = is_told_apart or (before in TOLD and "to" in sentence.lowers[start : start + 3])
    if is_told_apart or before in MISSING | NEEDING or sentence.lowers[start - 3 : start] == ("reminds", "one", "of"):
        return True
    if before in SIMILES:
        return (before, earlier) != ("as", "well") and not (before == "as" and earlier in ("same", "such"))
    if before == "of" and not earlier.startswith(sentence.modality.measured or "?"):
        is_indefinite = sentence.word_at(start) in INDEFINITE
        return earlier in OF_SORTS - SHOWN_OF or (is_indefinite and earlier not in SHOWN_OF)
    first = sentence.clause(start)[0]
    for place in range(start - 1, max(first, start - 1 - HEADWAY), -1):
        word, opener = sentence.word_at(place), sentence.word_at(place - 1)
        if word in DETERMINERS:
            break
        if opener == "to" and sentence.word_at(place - 2) in HELPING:
            return NAMED.isdisjoint(sentence.lowers)  # "it is possible to recognise a dog on the left"
        if opener in ("to", "not") and word.isalpha() and word not in PREPOSITIONS:
            return opener == "to" and word not in SIGHT and sentence.word_at(place - 2) not in NOT_AIMED
    return before in ("with", "to") and earlier in COMPARED


def _is_identified(sentence: Sentence, start: int) -> bool:
    """Whether "can be recognised as a dog", "the thing on the left looks like a dog" is said."""
    before, earlier = sentence.word_at(start - 1), sentence.word_at(start - 2)
    if before == "as":
        return earlier in IDENTIFIED or not {"describe", "identify", "classify"}.isdisjoint(
            sentence.lowers[: start - 1]
        )
    is_like = before == "like" and earlier in ("looks", "look")
    return is_like and not OBJECTS.isdisjoint(sentence.lowers[: start - 2])


IDENTIFIED = word_set("appears appear up recognised recognized identified recognisable recognizable classified")
OBJECTS = word_set("shape form figure outline silhouette blob shapes object thing item what objects things something")
TELLING = word_set(
    """
    telling distinguishing separating tell distinguish confuse confused mistaken mistake separate differ differs
    different apart distinguished confusing
    """
)
MISSING = word_set("missing lack lacks lacking without")


def _is_in_general(sentence: Sentence, start: int, mention: Mention) -> bool:
    """Whether something is said of all such things: "a dog needs", "when a bus", "an elephant is an animal"."""
    first = sentence.clause(start)[0]
    if (
        _is_told_at_large(sentence)
        or _is_of_cameras(sentence)
        or _is_defined(sentence, mention)
        or _does_as_its_kind(sentence, mention)
    ):
        return True
    is_set = sentence.word_at(start + 1) in SETS
    is_of_all = sentence.word_at(start) in ("a", "an") and start == 0 and not is_set and is_of_no_image(sentence)
    if is_of_all or not WHENEVER.isdisjoint(sentence.lowers[max(first, start - 2) : start + 1]):
        return True
    if start != first and sentence.word_at(start - 1) not in BREAKS:
        return False
    after, behind = sentence.word_at(mention.end), sentence.word_at(mention.end + 1)
    is_gone = behind in GONE or sentence.word_at(start - 1) in HARDLY
    if is_gone or (start != mention.start and sentence.word_at(start) not in ("a", "an", "the", "any")):
        return is_gone
    if after == "can" and behind in ADVERBS | {"also", "still", "clearly"}:
        behind = sentence.word_at(mention.end + 2)
    is_answer = after in ("does", "do", "can", "is") and behind in ("", ".")  # "a dog does"
    is_placed = not PLACES.isdisjoint(sentence.lowers[:start]) or any(m.end <= start for m in sentence.mentions)
    if sentence.word_at(start) != "the" and after in GENERAL_VERBS and behind != "be" and not (is_answer or is_placed):
        return _names_no_place(sentence, mention.end)
    own = sentence.lowers[mention.end + 1 : mention.end + 6]
    is_sort = (behind in ("a", "an", "the", "one") or mention.noun.is_plural) and not SORTS.isdisjoint(own)
    return after in ("is", "are", "was") and is_sort


def _is_told_at_large(sentence: Sentence) -> bool:
    """Whether "a sign tells drivers to stop" or "in most countries, a bus stops" is said, of any such thing."""
    said = " ".join(sentence.lowers).replace(" ,", ",")
    if sentence.word_at(1) == "every" and sentence.word_at(0) in PREPOSITIONS:
        return True  # "behind every alarm there is a person"
    if opens_at_large(said) or ALIKE.match(said) is not None or is_of_any(said) or says_nothing(said):
        return True
    return (
        sentence.word_at(0) in ("a", "an")
        and not TELLING_AT_LARGE.isdisjoint(sentence.lowers[2:5])
        and is_of_no_image(sentence)
    )


TOLD = word_set("tells tell warns warn reminds remind asks ask helps help allows allow lets let")
"""Before "drivers to stop": who is told need not be there."""
TELLING_AT_LARGE = word_set("tells warns regulates controls allows lets means signals reminds costs weighs needs keeps")


def _is_of_cameras(sentence: Sentence) -> bool:
    """Whether "a camera can show" is said, or something of the modality at large."""
    said = " ".join(sentence.lowers)
    if not frozenset(sentence.lowers).isdisjoint(sentence.modality.qualifiers) and not is_tied(said):
        return True
    device = next((k for k, word in enumerate(sentence.lowers) if word in CAMERAS), 0)
    if device and {"a", "an"}.intersection(sentence.lowers[max(0, device - 3) : device]) and not is_tied(said):
        return True  # "from afar, a small sensor resolves a person"
    is_any = not CAMERAS.isdisjoint(sentence.lowers[1:4]) and sentence.word_at(0) not in ("the", "this", "our")
    return is_any and not {"can", "could", "would", "cannot"}.isdisjoint(sentence.lowers[2:6])


def _is_defined(sentence: Sentence, mention: Mention) -> bool:
    """Whether "a puma is a wild cat" is said, or "a dog is a companion"."""
    is_one = sentence.word_at(0) in ("a", "an")
    verb = next((k for k in range(2, 5) if sentence.word_at(k) == "is"), None) if is_one else None
    if verb is None or sentence.word_at(verb + 1) not in ("a", "an") or sentence.word_at(verb + 2) in MEASURES:
        return False
    rest = sentence.lowers[verb + 2 :]
    that = next((k for k, word in enumerate(rest) if word in ("that", "which", "who", ",")), len(rest))
    rest = rest[:that]
    return mention.start > 0 and PLACED_AT.isdisjoint(rest) and PICTURE_WORDS.isdisjoint(rest)


CAMERAS = word_set("camera cameras imager imagers sensor sensors imaging")
MEASURES = word_set("few short little bit long small part single lone step")
PLACED_AT = word_set("in on at near next beside behind above below left right here's to with")


def _does_as_its_kind(sentence: Sentence, mention: Mention) -> bool:
    """Whether "birds fluff up their feathers" is said."""
    is_bare = mention.noun.is_plural and _is_bare(sentence, mention)
    return is_bare and is_of_kind(sentence.lowers, _behind_list(sentence))


def _is_bare(sentence: Sentence, mention: Mention) -> bool:
    """Whether a plural opens the sentence, or is joined to one that does: "dogs and cats chase"."""
    first = sentence.mentions[0]
    return (
        first.start <= 1
        and first.noun.is_plural
        and find_amount(sentence, first) is None
        and (sentence.word_at(first.start - 1) in ("", "most", "many") and mention.start >= first.start)
    )


def _behind_list(sentence: Sentence) -> int:
    """Behind "dogs and cats"."""
    end = sentence.mentions[0].end
    while sentence.word_at(end) in ("and", "or", ","):
        following = next((m.end for m in sentence.mentions if m.start == end + 1), None)
        if following is None:
            break
        end = following
    return end


def is_presupposed(sentence: Sentence, mention: Mention) -> bool:
    """Whether "the dog next to the bus", "the dog that is near" is spoken of in a sentence of what may be."""
    hedges = HEDGES.intersection(sentence.lowers)
    is_subject = mention.start - 1 == sentence.clause(mention.start)[0] and sentence.word_at(mention.end) in MAYBE
    is_seen = sentence.word_at(mention.start - 2) in ("notice", "see", "spot", "near", "beside", "behind")
    if sentence.word_at(mention.start - 1) == "the" and hedges <= MAYBE and (is_subject or is_seen):
        return True
    if sentence.lowers[max(0, mention.start - 3) : mention.start] == ("presence", "of", "the"):
        return True
    first, last = sentence.clause(mention.start)
    is_stated = mention.start - 1 == first > 0 and HEDGES.isdisjoint(sentence.lowers[first:last])
    if (
        is_stated
        and sentence.word_at(first) == "the"
        and sentence.word_at(first - 1) == "but"
        and _has_verb(sentence, mention.end)
    ):
        return True
    if sentence.word_at(mention.start - 1) != "the" or not {"if", "like", "unlike", "imagine", "suppose"}.isdisjoint(
        sentence.lowers
    ):
        return False
    place = mention.end + 2 * (
        sentence.word_at(mention.end) in ("that", "which") and sentence.word_at(mention.end + 1) in ("is", "are")
    )
    return sentence.lowers[place : place + 2] in (("next", "to"), ("close", "to")) or sentence.word_at(place) in BESIDE


MAYBE = word_set("may might could must perhaps possibly probably likely is")
"""What may be is said of a thing that is there: "the dog might be the first to notice"."""
BESIDE = word_set("near beside behind under by on")


def is_of_no_image(sentence: Sentence) -> bool:
    """Whether nothing in a sentence points at an image, and its verb is one of all such things."""
    words = frozenset(sentence.lowers)
    if not POINTING.isdisjoint(words) or not PICTURE_WORDS.isdisjoint(words):
        return False
    return not TIMELESS.isdisjoint(words)


POINTING = word_set(
    "the this these those that its their his her there's here there behind visible seen shown two three four five six"
)
TIMELESS = GENERAL_VERBS | word_set(
    """
    tells warns regulates controls allows lets signals reminds
    often usually always never everyone anyone whoever would may might weigh snaps snap keeps keep warms cools heals
    spoils use
    """
)


def _names_no_place(sentence: Sentence, place: int) -> bool:
    """Whether nothing definite follows: general talk points at no "the" and no picture."""
    rest = sentence.lowers[place:]
    return PICTURE_WORDS.isdisjoint(rest) and HERE.isdisjoint(rest)
