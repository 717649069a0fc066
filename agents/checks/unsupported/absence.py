"""Absence and emptiness: "no people are present", "all of the chairs are free", "nobody sits there".

Boxes and captions list what is there and are silent on what is not. A caption that speaks of absence itself lets all
such statements pass, for they may be what it says.
"""

from collections.abc import Iterator

from agents.checks.claims.regions import LAST
from agents.checks.evidence import Evidence
from agents.english.categories import Mention, Strength
from agents.english.sentences import Sentence
from agents.english.words import word_set

EMPTY = word_set(
    "empty vacant unoccupied deserted uninhabited unattended abandoned unused unmanned unstaffed "
    "driverless riderless desolate depopulated untenanted"
)
TELLS_ABSENCE = EMPTY | word_set(
    "no nobody noone none nothing without not free alone only lone absent missing unoccupied"
)
CONTRACTED = frozenset(f"{verb}n{mark}t" for verb in ("is", "are", "was", "do", "does", "ca", "were") for mark in "'’")
ABSENCE_WORDS = (
    TELLS_ABSENCE
    | CONTRACTED
    | word_set("neither nor zero lack lacks absence devoid void clear nowhere bare cannot never")
)
"""Without one of these a sentence states no absence."""
BE = word_set("is are was were isn't aren't be been being")
PRESENT = BE | word_set(
    "sits sit stands stand waits wait walks walk rests rest lies lie appears appear seems remains stays uses works has"
)
WHERE = word_set("in on at near around here nearby there inside outside beside behind under within about else present")
INTENSIFIERS = word_set("still all now currently completely entirely totally quite also both each")
SEATS = word_set("seat seats chair chairs space spaces table tables place places spot spots bench benches bed beds")
THINGS = word_set("thing things object objects item items animal animals")
KINDS = word_set("one ones part parts")
"""After "an empty": such things in general."""
FOUND = word_set("see sees show shows contain contains with find finds notice there")
IN_USE = word_set("use occupied taken busy used")
NOT_ABSENT = word_set("more other fewer longer less such further two three matter doubt")
"""After "no": nothing is said to be absent."""
OF_NOTHING = word_set("absence lack devoid void empty bare free clear emptied")
"""Before "of people"."""
IN_SIGHT = word_set("visible present seen sight view around anywhere nearby here")
ABSTRACT = word_set(
    """
    detail details difference differences change changes sign signs doubt reason need way movement motion
    problem problems point question two contrast gap pattern progress effect harm danger hint order
    hurry rush rule one limit longer more other matter wonder colour colours color colors light text writing
    shadow shadows clear obvious
    """
)
"""After "no": nothing that a picture would have as a thing."""
CLOSED = word_set("and , the is are on in than . ; :")
"""Words behind which a denial no longer reaches a noun."""
DENIALS = word_set("without lack lacks neither nor not cannot never")
BETWEEN_AT_MOST = 3


def find_absences(sentence: Sentence, evidence: Evidence) -> Iterator[tuple[int, int]]:
    """The words of each statement of absence, as places in the sentence."""
    lowers = sentence.lowers
    if ABSENCE_WORDS.isdisjoint(lowers):
        return
    if not TELLS_ABSENCE.isdisjoint(evidence.caption_words):
        return
    for place, word in enumerate(lowers):
        end = (
            _read_state(sentence, place, word)
            or _read_nobody(sentence, place, word)
            or _read_unseen(sentence, place, word)
        )
        if end is not None:
            yield place, end
    for mention in sentence.mentions:
        if mention.noun.strength is not Strength.LOOSE:
            start = _find_denial(sentence, mention, is_counted=mention.noun.labels[0] in evidence.counted)
            if start is not None:
                yield start, mention.end


def _read_state(sentence: Sentence, place: int, word: str) -> int | None:
    """Where a word for emptiness ends: "is empty", "are free", "none is in use"."""
    before, after = sentence.word_at(place - 1), sentence.word_at(place + 1)
    if word in EMPTY:
        is_of_a_kind = before == "to" or after in KINDS
        return None if is_of_a_kind or sentence.is_negated(place) else place + 1
    if word == "free":
        is_state = before in BE | INTENSIFIERS and (after in LAST or after in ("and", "at", "right", "?", "for"))
        return place + 1 if (is_state or after in SEATS) and not sentence.is_negated(place) else None
    if word in ("absent", "missing") and before in BE:
        return place + 1 if after not in ("the", "a", "out", "his", "her", "this", "that") else None
    if word == "no" and after == "other":
        return place + 3 if sentence.word_at(place + 2) in THINGS else None
    if word not in ("none", "not") or (word == "not" and before not in BE):
        return None
    used = next((k for k in range(place + 1, place + 7) if sentence.word_at(k) in IN_USE), None)
    is_near = used is not None and (word == "none" or used - place <= 2)
    return used + 1 if used is not None and is_near else None


def _read_unseen(sentence: Sentence, place: int, word: str) -> int | None:
    """Where "nowhere", "not a soul" or "no trees" ends."""
    if word == "nowhere":
        is_state = sentence.word_at(place - 1) in BE and sentence.word_at(place + 1) in ("to", "in", *LAST)
        return place + 1 if is_state else None
    if (word, *sentence.lowers[place + 1 : place + 3]) == ("not", "a", "soul"):
        return place + 3
    if word != "no":
        return None
    is_there = sentence.word_at(place - 1) in ("is", "are") and sentence.word_at(place - 2) == "there"
    thing = next((m for m in sentence.mentions if m.start == place + 1 and m.noun.is_plural), None)
    if thing is not None and is_there and thing.noun.strength is Strength.LOOSE:
        return thing.end
    return _find_unseen(sentence, place)


def _find_unseen(sentence: Sentence, place: int) -> int | None:
    """Where "no trees" ends, of which it is said that they "are visible"."""
    for k in range(place + 2, place + 5):
        if sentence.word_at(k) in ("is", "are", "can"):
            last = next((n for n in range(k + 1, k + 4) if sentence.word_at(n) in IN_SIGHT), None)
            is_thing = ABSTRACT.isdisjoint(sentence.lowers[place + 1 : k]) and CLOSED.isdisjoint(
                sentence.lowers[place + 1 : k]
            )
            return k if last is not None and is_thing else None
    return None


def _read_nobody(sentence: Sentence, place: int, word: str) -> int | None:
    """Where "nobody", "no one" or "nothing" ends that is said of this image, and not of the world."""
    is_pair = word == "no" and sentence.word_at(place + 1) == "one"
    if word not in ("nobody", "noone", "nothing") and not is_pair:
        return None
    end = place + 1 + is_pair
    has_else = sentence.word_at(end) == "else"
    after, behind = sentence.word_at(end + has_else), sentence.word_at(end + has_else + 1)
    is_there = sentence.word_at(place - 1) in BE | FOUND
    if word == "nothing":
        is_placed = after in WHERE or (after in PRESENT and behind in WHERE)
        is_absent = is_placed if not has_else else after in PRESENT | LAST | WHERE
        return end + has_else if is_absent else None
    is_absent = (
        after in PRESENT or after in WHERE or (after == "can" and behind == "be") or (is_there and after in LAST)
    )
    return end + has_else if is_absent or has_else or is_there else None


def _find_denial(sentence: Sentence, mention: Mention, *, is_counted: bool) -> int | None:
    """Where the denial of a thing begins: "no dog", "not a single person", "without any people", "lack of cars"."""
    for place in range(mention.start - 1, max(-1, mention.start - 2 - BETWEEN_AT_MOST), -1):
        word = sentence.word_at(place)
        if word in CLOSED:
            return None
        if word in ("no", "zero"):
            return None if is_counted or sentence.word_at(place + 1) in NOT_ABSENT else place
        if word == "of" and sentence.word_at(place - 1) in OF_NOTHING:
            return place - 1
        if word in DENIALS or word in CONTRACTED:
            return place if _denies_existence(sentence, place, mention) else None
    return None


def _denies_existence(sentence: Sentence, place: int, mention: Mention) -> bool:
    """Whether "not a single", "not any" or "there is not a" is said; "it is not a dog" says what a thing is."""
    after = sentence.lowers[place + 1 : mention.start]
    if sentence.word_at(place) in ("without", "neither", "nor", "lack", "lacks"):
        return True
    return (
        "any" in after
        or "single" in after
        or after[:1] == ("one",)
        or not (
            {"there", "contain", "show", "include", "have", "see", "feature"}.isdisjoint(
                (*sentence.lowers[max(0, place - 2) : place], *after)
            )
        )
    )
