"""What is denied to be there: "no people", "there aren't any dogs", "no sign of life"."""

from agents.checks.places.regions import LAST
from agents.english.categories import Mention, Strength
from agents.english.numbers import read_number
from agents.english.sentences import Sentence
from agents.english.words import word_set

CONTRACTED = frozenset(
    f"{verb}n{mark}t"
    for verb in ("is", "are", "was", "do", "does", "did", "ca", "were", "has", "have", "wo")
    for mark in "'’"
)
BE = word_set("is are was were isn't aren't be been being")
FOUND = word_set(
    """
    up recorded captured detected caught registered records detects registers see sees seen show shows contain contains
    with find finds notice holds hold there include includes feature has have
    """
)
NOT_ABSENT = word_set("sooner more other fewer longer less such further two three matter doubt")
"""After "no": nothing is said to be absent."""
OF_NOTHING = word_set("want absence lack devoid void empty bare free clear emptied deprived")
"""Before "of people"."""
IN_SIGHT = word_set("visible present seen sight view around anywhere nearby here found spotted")
ABSTRACT = word_set(
    """
    detail details difference differences change changes sign signs doubt reason need way movement motion
    problem problems point question two contrast gap pattern progress effect harm danger hint order
    hurry rush rule one limit longer more other matter wonder colour colours color colors light text writing
    shadow shadows clear obvious use time idea clue chance trouble risk room space evidence indication trace
    scale legend context
    information help good such telling means choice option statement statements conclusion conclusions claim claims
    guess answer hints clues indications manufacturer maker brand logo name names letter letters inscription label
    labels print colour shade material texture pattern expression emotion date year age
    """
)
"""After "no": nothing that a picture would have as a thing."""
CLOSED = word_set("and , the is are on in than . ; :")
"""Words behind which a denial no longer reaches a noun."""
DENIALS = word_set("without lack lacks lacking neither nor not cannot never")
BETWEEN_AT_MOST = 3
GENERIC = word_set(
    """
    people person persons human humans animal animals vehicle vehicles traffic furniture object objects thing things
    item items creature creatures life activity soul souls passersby passerby onlookers bystanders pedestrians
    spectators crowd crowds presence being beings wildlife pets cars buildings trees plants figures individuals
    obstacles debris decoration ornament decorations passers-by passer-by onlooker bystander
    pedestrian spectator tree building car house
    road fence
    wall cloud clouds houses fences bushes bush shrub shrubs plant flowers flower grass water tables toys toy owner
    owners
    driver drivers guards guard customers customer visitors visitor staff crew companion companions neighbours
    neighbors sign-posts
    user users operator operators attendant attendants clutter litter rubbish cyclist cyclists
    occupants occupant passengers passenger riders rider inhabitants workers
    machinery equipment tools vegetation foliage belongings luggage sources source
    """
)
"""What may be absent without being of a class."""
FIGURES = word_set(
    "figure figures presence activity being beings signature signatures shape shapes form silhouette body outline soul"
    " bodies"
)
"""Behind "human"."""
SIGNS = word_set("sign signs trace traces evidence indication hint hints")
DESCRIBING = word_set("other visible further living human additional moving single apparent discernible nearby")
PRESENCE = BE | word_set("can appear appears exist exists stand stands sit sits walk walks remain remains seem seems")
ANYONE = word_set("anyone anybody anything")
UNSEEN_VERBS = BE | CONTRACTED | word_set("can cannot could does do")
EXISTING = word_set(
    "hold holds seem accompanied there contain show include have see feature find notice be appear spot"
)


def find_denial(sentence: Sentence, mention: Mention, *, is_counted: bool) -> int | None:
    """Where the denial of a thing begins: "no dog", "not a single person", "without any people", "lack of cars"."""
    for place in range(mention.start - 1, max(-1, mention.start - 2 - BETWEEN_AT_MOST), -1):
        word = sentence.word_at(place)
        if word in CLOSED:
            break
        if word == "no" and _is_identity(sentence, place, mention):
            return None
        if word in ("no", "zero"):
            return None if is_counted or sentence.word_at(place + 1) in NOT_ABSENT else place
        if word == "of" and sentence.word_at(place - 1) in OF_NOTHING:
            return place - 1
        if word in DENIALS or word in CONTRACTED:
            if sentence.word_at(place + 1) in ("just", "only", "merely"):
                return None
            return place if _denies_existence(sentence, place, mention) else None
    return _find_unseen_thing(sentence, mention)


def _is_identity(sentence: Sentence, place: int, mention: Mention) -> bool:
    """Whether "the bus is no train" is said."""
    is_said = sentence.word_at(place - 1) == "is" and sentence.word_at(place - 2) not in ("there", "here")
    return is_said and place >= mention.start - 2 and not mention.noun.is_plural


def _find_unseen_thing(sentence: Sentence, mention: Mention) -> int | None:
    """ "A dog cannot be seen", "dogs are not present"."""
    start = mention.start - (sentence.word_at(mention.start - 1) in ("a", "an"))
    if start == mention.start and not (mention.noun.is_plural and start == sentence.clause(start)[0]):
        return None
    return start if is_unseen(sentence, mention.end) else None


def is_unseen(sentence: Sentence, place: int) -> bool:
    """Whether "cannot be seen", "is not visible", "isn't in the image" stands at `place`."""
    behind = sentence.lowers[place : place + 4]
    if not {"not", "cannot"}.intersection(behind) and CONTRACTED.isdisjoint(behind):
        return False
    if sentence.word_at(place) not in UNSEEN_VERBS:
        return False
    not_at = next(k for k in range(place, place + 4) if sentence.word_at(k) in ("not", "cannot", *CONTRACTED))
    if _names_image(sentence, not_at + 1):
        return True
    verb = not_at + 1
    if sentence.word_at(verb) in ("appear", "show", "feature", "figure", "exist") and sentence.lowers[
        verb + 1 : verb + 3
    ] in (("in", "it"), ("here", "."), ("at", "all"), (".",)):
        return True
    last = next((k for k in range(place + 1, place + 5) if sentence.word_at(k) in IN_SIGHT), None)
    return last is not None and (sentence.word_at(last + 1) in LAST or _names_image(sentence, last + 1))


def _names_image(sentence: Sentence, place: int) -> bool:
    return sentence.word_at(place) in ("in", "within") and sentence.names_picture(place + 1) is not None


NOT_WITHOUT = (("saying",), ("doubt",), ("question",), ("fail",), ("exception",), ("further",), ("counting",))
"""Behind "without": an idiom, or what is not done."""
NOT_SO_FEW = (("but",), ("to",), ("that",), ("who",), ("for",))
"""Behind "not one": more are there, or it is no number."""


def _denies_existence(sentence: Sentence, place: int, mention: Mention) -> bool:
    """Whether "not a single", "not any" or "there is not a" is said; "it is not a dog" says what a thing is."""
    after = sentence.lowers[place + 1 : mention.start]
    if sentence.word_at(place) == "without" and after[:1] in NOT_WITHOUT:
        return False
    if sentence.word_at(place) in ("without", "neither", "nor", "lack", "lacks", "lacking"):
        return True
    if "any" in after or "single" in after or (after[:1] == ("one",) and after[1:2] not in NOT_SO_FEW):
        return True
    if after[:1] and (read_number(after[0]) or 0) > 1:
        return False  # "there are not two dogs but three"
    near = (*sentence.lowers[max(0, place - 2) : place], *after)
    return not EXISTING.isdisjoint(near)


def read_no(sentence: Sentence, place: int) -> int | None:
    """Where "no trees" or "no sign of life" ends that begins at "no"."""
    gone = _read_gone(sentence, place)
    if gone is not None:
        return gone
    is_there = sentence.word_at(place - 1) in BE and sentence.word_at(place - 2) == "there"
    thing = next((m for m in sentence.mentions if m.start == place + 1 and (m.noun.is_plural or is_there)), None)
    is_compared = not {"than", "as"}.isdisjoint(sentence.lowers[place:])
    is_any = thing is not None and not thing.noun.is_plural and (thing.noun.labels[0] == "person" or is_compared)
    thing = None if is_any else thing
    is_sign = sentence.word_at(place + 1) in SIGNS
    if thing is not None and is_there and thing.noun.strength is Strength.LOOSE and not is_sign:
        return thing.end
    signs = place + 1 + (sentence.word_at(place + 1) in DESCRIBING)
    if sentence.word_at(signs) in SIGNS:
        end = _read_generic(sentence, signs + 2)
        return end if sentence.word_at(signs + 1) == "of" else None
    end = _read_generic(sentence, place + 1)
    shown = _find_in_sight(sentence, place)
    if shown is None and end is not None and not _is_of_all(sentence, end):
        shown = _read_absent(sentence, place, end, is_found=is_there or _is_shown_without(sentence, place))
    return shown or (None if end is not None and _is_of_all(sentence, end) else _find_unseen(sentence, place))


def _read_gone(sentence: Sentence, place: int) -> int | None:
    """Where "someone who is | no longer in the picture", "there are | no others" ends."""
    after, behind = sentence.word_at(place + 1), sentence.word_at(place + 2)
    is_away = behind in ("here", "there", "present", "around", "visible") or _names_image(sentence, place + 2)
    is_others = after == "others" and sentence.word_at(place - 1) in ("are", "see", "sees") and behind in LAST
    return place + 2 if (after == "longer" and is_away) or is_others else None


def _is_shown_without(sentence: Sentence, place: int) -> bool:
    """Whether "the image shows", or "shows two dogs, but" stands before "no"."""
    before = sentence.word_at(place - 1)
    return before in FOUND or (before == "but" and not FOUND.isdisjoint(sentence.lowers[:place]))


def _is_of_all(sentence: Sentence, end: int) -> bool:
    """Whether "no object | is so cold that" is said."""
    return sentence.word_at(end) == "is" and sentence.word_at(end + 1) in ("so", "too", "ever", "perfectly")


def _read_absent(sentence: Sentence, place: int, end: int, *, is_found: bool) -> int | None:
    """Where "no people, animals or cars | are visible" ends, None where nothing says that they are not there."""
    if _does_nothing(sentence, place, end):
        return end
    while sentence.word_at(end) in (",", "or", "nor", "and"):
        following = _read_generic(sentence, end + 1) or next(
            (m.end for m in sentence.mentions if m.start == end + 1), 0
        )
        if not following:
            break
        end = following
    after = sentence.word_at(end)
    is_recorded = after in ("has", "have") and sentence.word_at(end + 1) == "been"
    is_said = is_recorded or after in PRESENCE or after in IN_SIGHT or _does_nothing(sentence, place, end)
    return end if is_said or (is_found and (after in LAST or after in BEHIND_THEM)) else None


BEHIND_THEM = word_set("in on and near around beside at behind")


def _find_in_sight(sentence: Sentence, place: int) -> int | None:
    """Where "no owner in sight" ends."""
    for k in range(place + 2, place + 4):
        own = sentence.lowers[place + 1 : k]
        is_plain = all(word.isalpha() for word in own) and ABSTRACT.isdisjoint(own) and CLOSED.isdisjoint(own)
        if is_plain and sentence.lowers[k : k + 2] in (("in", "sight"), ("in", "view"), ("to", "be"), ("can", "be")):
            is_seen = sentence.word_at(k) == "in" or sentence.word_at(k + 2) in ("seen", "found", "spotted", "made")
            return k + 2 if is_seen else None
        if is_plain and sentence.word_at(k) in ("around", "nearby", "anywhere") and sentence.word_at(k + 1) in LAST:
            return k + 1
    return None


def _does_nothing(sentence: Sentence, place: int, end: int) -> bool:
    """Whether "no cars pass" opens a clause, said of what is there and not of such things at large."""
    verb = sentence.word_at(end)
    is_open = place == sentence.clause(place)[0] and bool(verb) and verb.isalpha()
    is_thing = sentence.word_at(end - 1) in GENERIC
    return is_open and is_thing and verb not in AT_LARGE and not verb.endswith(("ed", "ly"))


AT_LARGE = word_set(
    """
    tells tell dominates dominate prevails prevail outweighs outweigh decides
    can cannot could would will should may might must ever likes like needs need knows know wants want of who that
    which or and
    in on is are was were has have than for to alive dares dare deserves deserve means mean expects expect compares
    without
    """
)


def _read_generic(sentence: Sentence, place: int) -> int | None:
    """Where "other vehicle", "human activity", "anyone" ends."""
    if sentence.word_at(place) in ("human", "living"):
        figure = place + 1 + (sentence.word_at(place + 1) in sentence.modality.qualifiers)
        if sentence.word_at(figure) in FIGURES:
            return figure + 1
    while sentence.word_at(place) in DESCRIBING | {"any"} or sentence.word_at(place) in sentence.modality.qualifiers:
        place += 1
    word = sentence.word_at(place)
    if sentence.word_at(place - 1) in ("human", "living") and word not in GENERIC and word not in ANYONE:
        place -= 1  # "no human is"
        word = sentence.word_at(place)
    if word in GENERIC or word in ANYONE:
        return place + 1
    before = sentence.word_at(place - 1)
    thing = next((m for m in sentence.mentions if m.start == place), None)
    is_other = before in DESCRIBING or sentence.word_at(place - 2) in SIGNS
    return thing.end if thing is not None and is_other and word not in ABSTRACT else None


def _find_unseen(sentence: Sentence, place: int) -> int | None:
    """Where "no trees" ends, of which it is said that they "are visible"."""
    for k in range(place + 2, place + 5):
        if sentence.word_at(k) in ("is", "are", "can", "appear", "appears"):
            last = next((n for n in range(k, k + 4) if sentence.word_at(n) in IN_SIGHT), None)
            is_stated = last is not None or sentence.word_at(k).startswith("appear")
            own = sentence.lowers[place + 1 : k]
            return k if is_stated and ABSTRACT.isdisjoint(own) and CLOSED.isdisjoint(own) else None
    return None


def _read_not_one(sentence: Sentence, place: int) -> int | None:
    """Where "without a tree", "isn't a soul", "not a single passer-by" ends."""
    end = place + 3 + (sentence.word_at(place + 2) in ("single", "visible", "lone", "living"))
    if sentence.word_at(place) == "without" or sentence.word_at(place + 2) == "single":
        return end if sentence.word_at(end - 1) in GENERIC else None
    return place + 3 if sentence.word_at(place + 2) == "soul" and _is_existing(sentence, place, place) else None


def read_not_any(sentence: Sentence, place: int) -> int | None:
    """Where "isn't anyone", "not any animals", "without anything" ends that begins at a denial."""
    if sentence.word_at(place + 1) in ("a", "an"):
        return _read_not_one(sentence, place)
    is_bare = sentence.word_at(place) == "without" and sentence.word_at(place + 1) in DESCRIBING | GENERIC - {"being"}
    return _read_generic(sentence, place + 1) if is_bare else _read_anyone(sentence, place)


def _read_anyone(sentence: Sentence, place: int) -> int | None:
    """Where "isn't | anyone", "not seem to be | any animals" ends."""
    for k in range(place + 1, place + 4):
        word = sentence.word_at(k)
        if word in ANYONE:
            is_existing = sentence.word_at(place) == "without" or _is_existing(sentence, place, k)
            after = sentence.word_at(k + 1)
            return k + 1 if is_existing and (word != "anything" or after in LAST or after in WHERE_ELSE) else None
        if word == "any" and sentence.word_at(k + 1) in LAST and "there" in sentence.lowers[max(0, place - 2) : place]:
            return k + 1  # "there aren't any"
        if word == "any":
            return _read_any(sentence, place, k)
        if word in CLOSED - {"is", "are"}:
            return None
    return None


WHERE_ELSE = word_set("in on at near around here nearby there inside outside beside behind under within about else")


def _is_existing(sentence: Sentence, place: int, end: int) -> bool:
    return not EXISTING.isdisjoint(sentence.lowers[max(0, place - 2) : end])


def _read_any(sentence: Sentence, place: int, any_place: int) -> int | None:
    if sentence.word_at(any_place + 1) in SIGNS:
        return _read_generic(sentence, any_place + 3)
    end = _read_generic(sentence, any_place)
    if end is None and _is_existing(sentence, place, any_place):
        thing = next((m for m in sentence.mentions if any_place < m.start <= any_place + 2), None)
        own = () if thing is None else sentence.lowers[thing.start : thing.end]
        end = thing.end if thing is not None and thing.noun.is_plural and ABSTRACT.isdisjoint(own) else None
    is_bare = sentence.word_at(place) in ("without", "nor")
    return end if is_bare or _is_existing(sentence, place, any_place) else None


def read_not_one(sentence: Sentence, place: int) -> int | None:
    """Where "not one vehicle | is on the road" ends."""
    end = _read_generic(sentence, place + 2)
    return end if end is not None and sentence.word_at(end) in PRESENCE else None


def read_nothing_of(sentence: Sentence, place: int) -> int | None:
    """Where "devoid of life" ends that begins with a word such as "devoid"."""
    if sentence.word_at(place + 1) not in ("of", "from"):
        return None
    return _read_generic(sentence, place + 2)
