"""Depth, holding, age and contents that are stated though neither boxes nor captions tell them.

Boxes are flat: which of two things is in front they do not say. Somebody may hold a thing whose box meets his own.
"""

from collections.abc import Iterator

from agents.checks.evidence import Evidence
from agents.english.categories import Mention, Strength
from agents.english.sentences import Sentence
from agents.english.words import word_set
from tools.records import Box

DEPTH = word_set("behind front background foreground")
FAR = word_set("close closer closest near nearer nearest far farther farthest further furthest away")
CAMERA = word_set("camera viewer observer photographer")
APART = word_set("from against into with of to than")
"""Before "the background": the thing stands out from it."""
PARTS = word_set(
    "side half corner part edge left right middle centre center foreground background row group table shelf"
)
HOLDING = word_set(
    "hold holds holding carry carries carrying grip grips gripping clutch clutches clutching grasps grasping"
)
AGE = word_set(
    "old older young younger elderly aged middle-aged teenage teen senior little year-old years-old aging ageing"
)
YOUNG = word_set("young younger little")
CHILDREN = word_set("girl girls boy boys child children kid kids baby babies toddler toddlers infant")
LIQUIDS = word_set("wine water coffee milk beer juice tea soup soda liquid lemonade champagne")
ENDING = word_set("and or of to in on at with him it them , . ; :")
"""Words behind which another thing begins."""
REACH = 4


def find_particulars(sentence: Sentence, evidence: Evidence) -> Iterator[tuple[int, int]]:
    """The words of each such statement, as places in the sentence."""
    if FIRST_WORDS.isdisjoint(sentence.lowers):
        return
    for place, word in enumerate(sentence.lowers):
        if word in READERS and not sentence.is_negated(place):
            span = READERS[word](sentence, place, evidence)
            if span is not None:
                yield span


def _read_depth(sentence: Sentence, place: int, evidence: Evidence) -> tuple[int, int] | None:
    word = sentence.word_at(place)
    if not DEPTH.isdisjoint(evidence.caption_words):
        return None
    before = _mention_before(sentence, place)
    if word in ("background", "foreground"):
        is_place = sentence.word_at(place - 1) == "the" and sentence.word_at(place - 2) not in APART
        is_known = before is not None and evidence.has(before.noun.labels[0])
        return (place - 2, place + 1) if is_place and is_known and place >= 2 else None
    if word == "front" and (sentence.word_at(place - 1), sentence.word_at(place + 1)) != ("in", "of"):
        return None
    start = place - (word == "front")
    end = place + 1 + (word == "front")
    first, second = _mention_before(sentence, start), _mention_after(sentence, end)
    if first is None or second is None or start - first.end > REACH:
        return None
    has_boxes = evidence.boxes_of(first) and evidence.boxes_of(second)
    return (start, second.end) if has_boxes else None


def _read_camera(sentence: Sentence, place: int, evidence: Evidence) -> tuple[int, int] | None:
    """ "Closest to the camera"."""
    for k in range(place - 1, max(-1, place - 5), -1):
        if sentence.word_at(k) in (",", "how"):
            return None  # "further away, the camera caught", "how near the camera must be"
        if sentence.word_at(k) in FAR:
            return (k, place + 1) if CAMERA.isdisjoint(evidence.caption_words) and sentence.mentions else None
    return None


def _read_holding(sentence: Sentence, place: int, evidence: Evidence) -> tuple[int, int] | None:
    is_held = sentence.names_picture(place - 1) is None and sentence.word_at(place - 1) not in PARTS
    if not is_held and _mention_before(sentence, place) is None:
        return None  # "the view holds a kite", "the left side holds a kite": it is in nobody's hands
    thing = _mention_after(sentence, place + 1)
    if thing is None or thing.noun.labels[0] in evidence.mentioned or thing.noun.labels[0] == "person":
        return None
    boxes, people = evidence.boxes_of(thing), evidence.counted.get("person")
    if not boxes or not people or "person" in evidence.crowds:
        return None
    is_met = any(_meet(box, person) for box in boxes for person in people)
    return None if is_met else (place, thing.end)


def _read_age(sentence: Sentence, place: int, evidence: Evidence) -> tuple[int, int] | None:
    if not AGE.isdisjoint(evidence.caption_words):
        return None
    word = sentence.word_at(place)
    if word in ("old", "year-old") and sentence.word_at(place - 1) in ("years", "year"):
        return (place - 1, place + 1)
    person = next((m for m in sentence.mentions if place < m.start <= place + 2), None)
    if word in YOUNG and person is not None and sentence.word_at(person.start) in CHILDREN:
        return None  # children are
    is_person = person is not None and person.noun.labels == ("person",) and person.noun.strength is not Strength.LOOSE
    start = place - (word == "aged" and sentence.word_at(place - 1) == "middle")
    return (start, person.end) if person is not None and is_person else None


def _read_contents(sentence: Sentence, place: int, evidence: Evidence) -> tuple[int, int] | None:
    """ "Filled with wine", "full of water"."""
    if sentence.word_at(place + 1) not in ("with", "of"):
        return None
    end = next((k + 1 for k in range(place + 2, place + 5) if sentence.word_at(k) in LIQUIDS), None)
    return (place, end) if end is not None and sentence.word_at(end - 1) not in evidence.caption_words else None


READERS = {
    **dict.fromkeys(DEPTH, _read_depth),
    **dict.fromkeys(CAMERA, _read_camera),
    **dict.fromkeys(HOLDING, _read_holding),
    **dict.fromkeys(AGE, _read_age),
    "filled": _read_contents,
    "full": _read_contents,
}


FIRST_WORDS = frozenset(READERS)


def _mention_before(sentence: Sentence, place: int) -> Mention | None:
    own = [m for m in sentence.mentions if m.end <= place and m.noun.strength is not Strength.LOOSE]
    return own[-1] if own and own[-1].start >= sentence.clause(place)[0] else None


def _mention_after(sentence: Sentence, place: int) -> Mention | None:
    found = next((m for m in sentence.mentions if place <= m.start < place + REACH), None)
    if found is None or found.noun.strength is Strength.LOOSE:
        return None
    return found if ENDING.isdisjoint(sentence.lowers[place : found.start]) else None


def _meet(one: Box, other: Box) -> bool:
    """Whether two boxes have a point in common."""
    left, top, right, bottom = one.box_xyxy_norm
    x1, y1, x2, y2 = other.box_xyxy_norm
    return left <= x2 and x1 <= right and top <= y2 and y1 <= bottom
