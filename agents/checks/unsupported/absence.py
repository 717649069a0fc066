"""Absence and emptiness: "no people are present", "all of the chairs are free", "nobody sits there".

Boxes and captions list what is there and are silent on what is not. A caption that speaks of absence itself lets such
statements pass, for they may be what it says: "an empty street" all, "no cars" those on cars.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from agents.checks.evidence import Evidence
from agents.checks.places.regions import LAST, NAMED
from agents.checks.unsupported.denials import (
    BE,
    CONTRACTED,
    FOUND,
    GENERIC,
    OF_NOTHING,
    find_denial,
    read_no,
    read_not_any,
    read_not_one,
    read_nothing_of,
)
from agents.checks.unsupported.lonely import LACKING, THINGS, read_alone, read_lack, read_none_of, read_only
from agents.english.categories import Mention, Strength
from agents.english.sentences import PICTURE_WORDS, Sentence
from agents.english.words import word_set

EMPTY = word_set(
    "empty vacant unoccupied deserted uninhabited unattended abandoned unused unmanned unstaffed lifeless unpopulated "
    "driverless riderless desolate depopulated untenanted unpeopled vacated unfurnished uncrowded untouched "
    "unaccompanied unguarded unwatched untended unsupervised ownerless uncluttered unstocked barren "
    "people-free emptied unfilled idle"
)
TELLS_ABSENCE = EMPTY | word_set(
    "sole no nobody noone none nothing without not free alone only lone absent missing unoccupied"
)
ABSENCE_WORDS = (
    TELLS_ABSENCE
    | CONTRACTED
    | word_set("neither nor zero lack lacks lacking absence devoid void clear nowhere bare cannot never anyone anybody")
    | word_set("itself themselves there's there’s everyone everybody")
)
"""Without one of these a sentence states no absence."""
PRESENT = BE | word_set(
    "sits sit stands stand waits wait walks walk rests rest lies lie appears appear seems remains stays uses works has"
)
WHERE = word_set(
    """
    in on at near around here nearby there inside outside beside behind under within about else present next close above
    below between visible
    """
)
INTENSIFIERS = word_set("still all now currently completely entirely totally quite also both each")
SEATS = word_set("seat seats chair chairs space spaces table tables place places spot spots bench benches bed beds")
TELLING = word_set(
    "say says tell tells told reveal reveals give gives prove proves mean means know knows state states away"
)
"""Before "nothing about the colour"."""
IN_THE_WORLD = tuple(
    ("in", word) for word in ("daily", "everyday", "nature", "general", "life", "particular", "physics")
)
SEEABLE = word_set("seen found spotted made discerned noticed detected picked")
SHOWING = word_set("shows show has have")
FOUND_HERE = word_set("picture image frame scene view sight seen found visible shown here present recorded captured")
KEEPING = word_set("contains contain holds hold")
KINDS = word_set("one ones part parts")
"""After "an empty": such things in general."""
IN_USE = word_set("use occupied taken busy used")
HAVING = word_set("has have with")
SPACES = word_set(
    """
    surroundings surrounding area place room street space scene setting background location site shelf shelves table
    counter wall walls floor yard road landscape rest desk stage half side part corner frame image picture ground
    foreground
    middle centre center third edge plate bowl branch branches
    """
)
"""What is bare when there is nothing in it."""


NAMES_ABSENT = word_set("no not without free missing none")
"""In a caption: what follows is absent, and nothing else need be."""
NAMED_WITHIN = 4
BEINGS = word_set("people person one anyone anybody human soul animal life driver rider passenger owner occupant user")
"""Behind "no" in a caption: what it shows is empty, deserted, unattended."""
PLAIN_WORDS = word_set("a an the of and or on in with at is are to any it its their else")


LONELY = word_set("alone lone only sole single")
COMPANY = word_set(
    """
    alone else other others only nobody noone anyone anybody one people person persons companion companions company
    accompanied unaccompanied itself themselves owner owners
    """
)
"""What "a lone woman" in a caption may tell to be absent."""
EMPTIED = (
    EMPTY
    | COMPANY
    | BEINGS
    | word_set(
        """
    nothing bare free humans pedestrian pedestrians passer-by passers-by passersby void devoid absence traffic activity
    drivers riders owners life movement
    """
    )
)
"""What "an empty street" may tell."""


PEOPLED = word_set("deserted uninhabited desolate abandoned empty")
"""A caption with one of these may tell of any thing that it is not there: "an empty street" has no cars."""


def is_told_absent(words: Sequence[str], evidence: Evidence) -> bool:
    """Whether a caption may tell what `words` say to be absent: "empty" that nobody is there, "no cars" cars."""
    told, said = evidence.caption_words, frozenset(words)
    if TELLS_ABSENCE.isdisjoint(told):
        return False
    is_emptied = not (TELLS_ABSENCE - NAMES_ABSENT - LONELY).isdisjoint(told)
    if is_emptied and (said & EMPTIED or not told.isdisjoint(PEOPLED)):
        return True
    is_lonely = not LONELY.isdisjoint(told)
    if is_lonely and (said & COMPANY or said & {"except", "apart", "besides", "around"}):
        return True
    named = {word.rstrip("s") for caption in evidence.captions for word in _list_named(caption)}
    is_of_beings = not BEINGS.isdisjoint(named) and not EMPTIED.isdisjoint(said)
    return is_of_beings or any(word.rstrip("s") in named for word in words)


def _list_named(caption: str) -> Iterator[str]:
    """What stands behind "no", "without" and their like in a caption."""
    words = caption.lower().replace(",", " ").replace(".", " ").split()
    for place, word in enumerate(words):
        if word in NAMES_ABSENT:
            yield from (near for near in words[place + 1 : place + 1 + NAMED_WITHIN] if near not in PLAIN_WORDS)


def find_absences(sentence: Sentence, evidence: Evidence) -> Iterator[tuple[int, int]]:
    """The words of each statement of absence, as places in the sentence."""
    lowers = sentence.lowers
    if ABSENCE_WORDS.isdisjoint(lowers):
        return
    if is_told_absent(lowers, evidence):
        return
    spans: list[tuple[int, int]] = []
    for place, word in enumerate(lowers):
        end = (
            None
            if _is_doubted(sentence, place)
            else (
                _read_state(sentence, place, word)
                or _read_nobody(sentence, place, word)
                or _read_unseen(sentence, place, word)
            )
        )
        own = (
            []
            if end is None or word in ("none", "one", "only", *EMPTY)
            else [m for m in sentence.mentions if place < m.start < end]
        )
        if end is not None and not any(_is_settled(sentence, m, evidence) for m in own):
            is_again = bool(spans) and lowers[spans[-1][1] : place] in JOINED
            spans[len(spans) - is_again :] = [(spans[-1][0], end) if is_again else (place, end)]
    yield from spans
    for mention in sentence.mentions:
        if mention.noun.strength is not Strength.LOOSE:
            start = find_denial(sentence, mention, is_counted=_is_settled(sentence, mention, evidence))
            if (
                start is not None
                and not _is_doubted(sentence, start)
                and not any(first <= start < last for first, last in spans)
            ):
                yield start, mention.end


def _is_doubted(sentence: Sentence, place: int) -> bool:
    """Whether it is not said that what follows is so: "cannot show that | nobody", "the fact that | no dog"."""
    lowers = sentence.lowers
    if "fact" in lowers[:place] and not MEANING.isdisjoint(lowers[place:]):
        return True
    if not VOUCHING.isdisjoint(lowers[:place]) and not DENYING.isdisjoint(lowers[:place]):
        return True
    own = " ".join(lowers)
    if ANY_SUCH.match(own) is not None or AT_ANY_TIME.search(" ".join(lowers[:place])) is not None:
        return True
    doubts = [k for k in range(max(0, place - 5), place) if lowers[k] in DOUBTED]
    return bool(doubts) and not DENYING.isdisjoint(lowers[: doubts[-1]])


ANY_SUCH = re.compile(
    r"no (?:object|thing|body|matter|surface|material|animal|person)\b.* (?:is|are) (?:without|free of)\b"
    r"|an? (?:empty|deserted|bare|vacant) \w+ (?:looks|appears|seems|gives|shows)\b.*\bin an? \w+ (?:image|picture)\b"
)
"""What is so of all such things: "no object is without", "an empty room looks even in a picture"."""
AT_ANY_TIME = re.compile(r"\b(?:even (?:when|if)|just because|only because)(?: the \w+ (?:is|are))?$")
"""Before what need not be so: "stays visible even when | nobody is there"."""
VOUCHING = word_set("vouch guarantee promise swear confirm verify certify conclude infer deduce assume")
DOUBTED = word_set("that whether if")
"""Behind these nothing is said to be so where DENYING stands before."""
DENYING = word_set(
    """
    unable cannot can't can’t couldn't couldn’t shouldn't shouldn’t not impossible unknown unclear doesn't doesn’t
    nothing
    """
)
MEANING = word_set("mean means imply implies prove proves")
JOINED = ((",",), (",", "and"), ("and",), (",", "with"), ("with",))
"""Between two statements that are one: "bare, without a tree"."""


def _is_settled(sentence: Sentence, mention: Mention, evidence: Evidence) -> bool:
    """Whether boxes say how many there are, and the sentence may be right of a part of the image: "no dog is near".

    Nobody is told to be anywhere at all, and people may be there whom nobody drew a box around.
    """
    if mention.noun.strength is Strength.LOOSE or mention.noun.labels[0] not in evidence.counted:
        return False
    if sentence.word_at(mention.start - 1) in ("other", "more", "further", "additional"):
        return True
    rest = sentence.lowers[mention.end :]
    if not NAMED.isdisjoint(rest) or "than" in rest or (rest[:1] and rest[0] in BE and "as" in rest):
        return True  # "no dog is on the right", "no dog is larger than the bus", "no dog is as large as the bus"
    is_near = any(m.start >= mention.end for m in sentence.mentions)
    is_nowhere = "anywhere" in rest or any(pair == ("at", "all") for pair in itertools.pairwise(rest))
    return mention.noun.labels[0] != "person" and (is_near or not is_nowhere)


def _read_state(sentence: Sentence, place: int, word: str) -> int | None:
    """Where a word for emptiness ends: "is empty", "are free", "none is in use"."""
    before, after = sentence.word_at(place - 1), sentence.word_at(place + 1)
    if word in EMPTY:
        return None if _is_of_a_kind(sentence, place) or sentence.is_negated(place) else place + 1
    if word == "free":
        is_state = before in BE | INTENSIFIERS and (after in LAST or after in ("and", "at", "right", "?", "for"))
        return place + 1 if (is_state or after in SEATS) and not sentence.is_negated(place) else None
    if word in ("absent", "missing", "lacking") and (before in BE | INTENSIFIERS or not before):
        led = sentence.names_picture(place + 2) if not before and after == "from" else None
        is_state = bool(before) and after not in ("the", "a", "out", "his", "her", "this", "that")
        is_named = any(m.end == place - 1 for m in sentence.mentions)
        is_state = is_state and (is_named or LACKABLE.isdisjoint(sentence.lowers[max(0, place - 10) : place]))
        is_state = is_state and (word != "lacking" or sentence.word_at(place - 2) in GENERIC)
        return place + 1 if is_state else led
    if word == "no" and after == "other":
        return place + 3 if sentence.word_at(place + 2) in THINGS else None
    if word in ("none", "not"):
        return _read_none(sentence, place, word)
    return None


LACKABLE = word_set(
    """
    texture textures feature features edges edge cue cues detail details information colour color colours colors
    evidence clue clues context scale proof text
    """
)
"""What a picture lacks, and what is no thing."""


def _is_of_a_kind(sentence: Sentence, place: int) -> bool:
    """Whether a word for emptiness says what such things are like, and not that a thing is so: "an idle engine"."""
    word, before = sentence.word_at(place), sentence.word_at(place - 1)
    is_one = sentence.word_at(0) in ("a", "an", "even")
    is_of_such = (is_one and place < 3) or not {"when", *(("that", "whose") if is_one else ())}.isdisjoint(
        sentence.lowers[:place]
    )
    if word == "idle" and (
        is_of_such
        or before
        not in PRESENT
        | BE
        | INTENSIFIERS
        | {
            "and",
            "left",
            "standing",
            "sitting",
            "lying",
            "currently",
        }
    ):
        return True
    is_led = place == 0 or (place == 1 and before in ("even", "most", "many", "some"))
    is_any = (
        is_led
        and not any(m.start == place + 1 for m in sentence.mentions)
        and sentence.word_at(place + 1).endswith("s")
    )
    if is_any and any(
        own.startswith((*sentence.modality.measured, "can", "may")) for own in sentence.lowers[place + 2 :]
    ):
        return True  # "unused machines take on the temperature of the room"
    is_at_times = before in ("to", "long", "once", "often", "if", "when", "whenever")
    is_anything_but = sentence.lowers[max(0, place - 2) : place] == ("anything", "but")
    is_trait = sentence.word_at(place + 1) == "in" and sentence.word_at(place + 3) in ("layout", "design", "appearance")
    return is_at_times or is_anything_but or is_trait or sentence.word_at(place + 1) in KINDS


SHOWN = word_set("present visible there here around shown seen")


def _read_none(sentence: Sentence, place: int, word: str) -> int | None:
    """Where "none is in use", "are not occupied", "there are none" ends."""
    before, after = sentence.word_at(place - 1), sentence.word_at(place + 1)
    is_all = word == "none" and before in ("is", "are") and sentence.word_at(place - 2) == "there"
    if is_all and after in LAST and (sentence.mentions or "that" in sentence.lowers[:place]):
        return place + 1  # "who looks for people will find that there are none"
    adverbs = place - 1 - (before in INTENSIFIERS | {"currently"})
    is_last = sentence.word_at(place + 3) in LAST or sentence.names_picture(place + 4) is not None
    is_none = word == "none" and after in ("is", "are") and sentence.word_at(place + 2) in SHOWN and is_last
    if is_none:
        return place + 3  # "as far as people go, none are present"
    is_seeming = sentence.lowers[place + 1 : place + 4] in (("seem", "to", "be"), ("appear", "to", "be"))
    if word == "not" and is_seeming and not IN_USE.isdisjoint(sentence.lowers[place + 4 : place + 6]):
        return next(k + 1 for k in range(place + 4, place + 6) if sentence.word_at(k) in IN_USE)
    is_perfect = before in ("has", "have") and after == "been" and _is_of_a_thing(sentence, place - 1)
    if word == "not" and sentence.word_at(adverbs) not in BE and not is_perfect:
        return None
    used = next((k for k in range(place + 1, place + 7) if sentence.word_at(k) in IN_USE), None)
    is_near = used is not None and (word == "none" or used - place <= 2)
    return used + 1 if used is not None and is_near else None


def _is_of_a_thing(sentence: Sentence, verb: int) -> bool:
    """Whether a thing of a class is the subject of what is said: "the bus | has", and not "the palette has"."""
    is_used = "as" not in sentence.lowers[verb:] and "word" not in sentence.lowers[:verb]
    return is_used and any(m.end == verb for m in sentence.mentions)


def _read_unseen(sentence: Sentence, place: int, word: str) -> int | None:
    """Where "nowhere", "not a soul", "no trees" or "isn't anyone" ends."""
    if (word, *sentence.lowers[place + 1 : place + 3]) == ("not", "a", "soul"):
        return place + 3
    if word == "not" and sentence.word_at(place + 1) == "one":
        return read_not_one(sentence, place)
    if word in READERS:
        return READERS[word](sentence, place)
    is_denial = word in CONTRACTED or word in ("not", "without", "never", "nor")
    return read_not_any(sentence, place) if is_denial else None


def _read_nowhere(sentence: Sentence, place: int) -> int | None:
    """ "Is nowhere to be seen", "nowhere in the image is there a dog"."""
    verb = next(
        (k for k in range(place + 1, place + 7) if sentence.word_at(k) in ("is", "are", "can", "do", "does")), None
    )
    if place == 0 and verb is not None and "more" not in sentence.lowers:
        thing = next((m for m in sentence.mentions if m.start > verb), None)
        return place + 1 if thing is None or sentence.word_at(verb) == "do" else thing.end
    is_state = sentence.word_at(place - 1) in BE and sentence.word_at(place + 1) in ("to", "in", *LAST)
    return place + 1 if is_state else None


def _read_bare(sentence: Sentence, place: int) -> int | None:
    if sentence.word_at(place + 1) in ("of", "from"):
        return read_nothing_of(sentence, place)
    if sentence.word_at(place) == "clear" and sentence.word_at(place - 1) not in INTENSIFIERS:
        return None
    is_state = sentence.word_at(place - 1) in BE | INTENSIFIERS and sentence.word_at(place + 1) in {*LAST, "and"}
    spaces = SPACES - PICTURE_WORDS if sentence.word_at(place) == "clear" else SPACES  # "the picture is quite clear"
    return place + 1 if is_state and not spaces.isdisjoint(sentence.lowers[:place]) else None


def _read_left(sentence: Sentence, place: int) -> int | None:
    """Where "everyone has left" ends."""
    has = place + 1 + (sentence.word_at(place + 1) == "else")
    is_gone = sentence.lowers[has : has + 2] in (
        ("has", "left"),
        ("has", "gone"),
        ("is", "gone"),
        ("is", "absent"),
        ("is", "away"),
    )
    is_closed = sentence.word_at(has + 2) in LAST | {"home"} or sentence.word_at(has + 3) in PLACES_LEFT
    return has + 2 if is_gone and is_closed else None


PLACES_LEFT = word_set("place scene area image picture frame view street room spot")


def _read_zero(sentence: Sentence, place: int) -> int | None:
    if sentence.word_at(place + 1) in GENERIC:
        return read_no(sentence, place)
    is_number = "number" in sentence.lowers[:place] and sentence.word_at(place - 1) in BE
    return place + 1 if is_number and sentence.word_at(place + 1) in LAST else None


READERS: dict[str, Callable[[Sentence, int], int | None]] = {
    **dict.fromkeys(OF_NOTHING, read_nothing_of),
    **dict.fromkeys(LACKING, read_lack),
    **dict.fromkeys(("alone", "itself", "themselves"), read_alone),
    **dict.fromkeys(("none", "one"), read_none_of),
    **dict.fromkeys(("everyone", "everybody"), _read_left),
    "only": read_only,
    "sole": read_only,
    "zero": _read_zero,
    "nowhere": _read_nowhere,
    "bare": _read_bare,
    "clear": _read_bare,
    "no": read_no,
}
"""What reads a statement that begins with a word."""


def _read_nobody(sentence: Sentence, place: int, word: str) -> int | None:
    """Where "nobody", "no one" or "nothing" ends that is said of this image, and not of the world."""
    is_pair = word == "no" and sentence.word_at(place + 1) == "one"
    if word not in ("nobody", "noone", "nothing") and not is_pair:
        return None
    end = place + 1 + is_pair
    has_else = sentence.word_at(end) == "else"
    after, behind = sentence.word_at(end + has_else), sentence.word_at(end + has_else + 1)
    if word != "nothing" and _does_to_it(sentence, end):
        return end
    is_there = sentence.word_at(place - 1) in BE | FOUND or sentence.word_at(place - 1) in ("there's", "there’s")
    if word == "nothing":
        return _read_nothing(sentence, place, is_there=is_there)
    is_absent = (
        after in PRESENT
        or (after in ("does", "do", "has", "have") and behind in LAST)
        or after in WHERE
        or (after == "can" and behind == "be" and sentence.word_at(end + has_else + 2) in SEEABLE)
        or (is_there and after in LAST)
    )
    return end + has_else if is_absent or has_else or is_there else None


def _does_to_it(sentence: Sentence, place: int) -> bool:
    """Whether "tends to the dogs" stands at `place`: nobody does so to a thing that is spoken of."""
    verb = sentence.word_at(place)
    is_done = verb in TENDING and not {"that", "why", "how", "for", "as"}.intersection(sentence.lowers[place + 1 :])
    return is_done and any(m.start > place and sentence.word_at(m.start - 1) == "the" for m in sentence.mentions)


TENDING = word_set(
    """
    tends attends watches uses rides drives holds guards follows touches feeds approaches joins accompanies surrounds
    crosses passes occupies operates handles supervises minds pets leads strokes walks
    """
)


SUGGESTING = word_set(
    "suggest suggests indicate indicates prove proves tell tells hint hints reveal reveals imply implies"
)
TRAITS = word_set("clarity importance detail size shape common particular principle importance number value contrast")
"""Behind "nothing in": what a thing is compared by."""


def _read_nothing(sentence: Sentence, place: int, *, is_there: bool) -> int | None:
    """Where "nothing" ends that is seen, held, placed, or all there is."""
    is_wide = sentence.lowers[place + 1 : place + 3] in IN_THE_WORLD
    is_wide = is_wide or sentence.word_at(place + 2) in sentence.modality.qualifiers
    is_about = sentence.word_at(place + 1) == "about"
    is_in_trait = sentence.lowers[place + 1 : place + 3] == ("in", "the") and sentence.word_at(place + 4) == "of"
    is_in_trait = is_in_trait or (sentence.word_at(place + 1) == "in" and sentence.word_at(place + 2) in TRAITS)
    is_about = is_about or not SUGGESTING.isdisjoint(sentence.lowers[place:])  # "nothing to suggest how old it is"
    if is_wide or is_about or is_in_trait or sentence.word_at(place - 1) in TELLING:
        return None
    has_else = sentence.word_at(place + 1) == "else"
    end = place + 1 + has_else
    after, behind = sentence.word_at(end), sentence.word_at(end + 1)
    seen = (after, behind, sentence.word_at(end + 2))
    is_seen = seen[:2] == ("can", "be") and seen[2] in ("seen", "found", "spotted", "made")
    is_to_see = is_there and (seen[:2] == ("to", "see") or seen in (("to", "be", "seen"), ("to", "be", "found")))
    before = sentence.word_at(place - 1)
    is_held = (
        before in KEEPING
        and (after in LAST or after == "of" or (after, behind) == ("at", "all"))
        and "that" not in sentence.lowers[:place]
    )
    if is_seen or is_to_see or (not has_else and is_held):
        return end
    if is_there and not has_else and (after, behind) == ("at", "all") and seen[2] in LAST:
        return end
    is_all_shown = before in SHOWING and (after, behind) == ("at", "all") and seen[2] in LAST
    is_none = before in BE and sentence.word_at(place - 2) == "there" and after in LAST
    is_closed_out = after == "but" or (after, behind) == ("apart", "from")
    is_opening = place == 0 and is_closed_out and not FOUND_HERE.isdisjoint(sentence.lowers[end:])
    is_around = before in ("by", "with") and after == "but"
    if not has_else and (is_none or is_opening or is_around or is_all_shown):
        return end + (after == "but")
    is_closing = after in ("more", "besides") and behind in LAST and before in ("and", ",")
    is_identity = before in BE and sentence.word_at(place - 2) != "there" and after == "but"
    is_all = is_there and not is_identity and before not in HAVING and after in ("but", "except", "besides")
    if not has_else and (is_closing or is_all):
        return end + 1
    picture = sentence.names_picture(end + 1 + (behind in ("a", "an", "any", "such")))
    is_picture = after == "in" and picture is not None and not is_there
    is_placed = not is_picture and (after in WHERE or (after in PRESENT and behind in WHERE))
    is_absent = is_placed if not has_else else after in PRESENT | LAST | WHERE
    return end if is_absent else None
