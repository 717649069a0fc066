"""Numbers that no pattern of "there are" gives, of what a camera, an image or a viewer sees: "the lens found two dogs".

Such a number is that of all there are unless something narrows it down: a thing that has them ("a man holds two dogs"),
what is said of them ("two dogs overlap"), or words behind them ("two dogs on the sofa").
"""

from agents.english.categories import Mention, Strength
from agents.english.sentences import PICTURES, Sentence
from agents.english.words import PREPOSITIONS, word_set

VIEWING = PICTURES | word_set(
    """
    camera sensor lens imager detector operator viewer observer eye signatures field detection
    i we you us before what counting count counted shapes outlines
    """
)
"""Who sees, or what is seen, when all there is is spoken of."""
NARROW = word_set(
    """
    between behind beside near under above below among amongst over past against inside outside per than within
    like without
    """
)
"""Before a number: of things that something else is told of."""
HIDING = word_set(
    """
    hides hide hiding hidden covers cover covering cuts cut cutting crops crop clips clip misses miss missing lacks lack
    excludes exclude
    blocks block blur blurred cropped would could might may if when whenever every each any than fewer more least most
    carries carry carrying holding holds wears wearing rides riding pulls pulling belongs belong another other
    first last next second third half
    """
)
"""Words with which a number is not that of all."""
SIDES = word_set("left right")
RESTING = word_set("on with at by from to around of in for into onto upon")
"""Before a number, behind a verb of the image: "the composition rests on two dogs"."""


def is_viewed(sentence: Sentence, start: int, mention: Mention) -> bool:
    """Whether the number from `start` on is told of what is in view, as no other thing is named before it.

    Args:
        sentence: where it stands.
        start: of the number.
        mention: its noun.
    """
    before = sentence.lowers[:start]
    if VIEWING.isdisjoint(sentence.lowers) or not before or not HIDING.isdisjoint(before):
        return False
    if any(
        m.noun.strength is not Strength.LOOSE and not _is_listed(sentence, m, start)
        for m in sentence.mentions
        if m.end <= start
    ):
        return False
    last = before[-1]
    if last in NARROW or (last in PREPOSITIONS and last not in RESTING):
        return False
    return before[-2:] not in (("next", "to"), ("close", "to"), ("near", "to")) and before[-1] not in (
        "the",
        "these",
        "those",
    )


def _is_listed(sentence: Sentence, thing: Mention, start: int) -> bool:
    """Whether "a bus and" stands before the number."""
    if sentence.word_at(start - 1) == "and" and not SIDES.isdisjoint(sentence.lowers[thing.end : start]):
        return True  # "one bus on the right and"
    if sentence.word_at(thing.start - 2) in ("from", "besides") or sentence.word_at(thing.start - 1) in (
        "from",
        "besides",
    ):
        return sentence.word_at(thing.end) == ","  # "apart from a bus,"
    return sentence.lowers[thing.end : start] in (("and",), (",", "and"), (",",), ("plus",), ("with",), ("alongside",))
