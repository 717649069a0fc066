"""Absence that an answer states by its question: "Are there any dogs?" "No." """

from agents.checks.claims.answers import read_polar
from agents.checks.evidence import Evidence
from agents.checks.unsupported.absence import is_told_absent
from agents.checks.unsupported.denials import ABSTRACT, ANYONE, CONTRACTED
from agents.english.categories import Mention, Strength
from agents.english.numbers import read_amount
from agents.english.sentences import PICTURE_WORDS, Sentence
from agents.english.words import word_set

EXISTENCE = word_set("is are was were")
SEEING = word_set(
    "see spot find notice show contain include feature have appear make identify detect recognize recognise"
)
INDEFINITE = word_set("any a an anyone anybody anything another other")
DENYING = word_set("no none not nope")
PLAIN = word_set(
    """
    no none not nope there is are isn't aren't i we you it they don't doesn't can't cannot can see any of them it's that
    at all do does in the this image picture photo scene frame view here one visible spot find to be seen present ones
    contain contains show shows include includes have has feature
    isn’t aren’t don’t doesn’t can’t was were anyone anybody anything , . ! - – —
    """
)
"""What an answer says that only denies."""


def find_denied(sentence: Sentence, question: Sentence | None, evidence: Evidence) -> tuple[int, int] | None:
    """The words of an answer that only denies what its question asks after, as places in the sentence."""
    if question is None or is_told_absent(question.lowers, evidence):
        return None
    things = [m for m in question.mentions if m.noun.strength is not Strength.LOOSE]
    is_number = any(m.noun.labels[0] in evidence.counted for m in things[:1])  # and a wrong one
    if question.word_at(0) == "who" and sentence.lowers[:2] in (("nobody", "."), ("nobody",), ("no", "one")):
        return 0, min(2, len(sentence.lowers))
    if question.lowers[:2] == ("how", "many") and sentence.lowers[:1] in (("zero",), ("none",)):
        return None if is_number else (0, 1)
    is_denied = _asks_existence(question) and _is_denial(sentence)
    return (0, _find_end(sentence)) if is_denied and not is_number else None


def find_denied_thing(sentence: Sentence, question: Sentence | None, evidence: Evidence) -> Mention | None:
    """What such an answer denies though boxes have it: "Are there any dogs in the image?" "No." """
    if question is None or not _asks_existence(question) or not _is_denial(sentence):
        return None
    things = [m for m in question.mentions if m.noun.strength is Strength.SAME and evidence.boxes_of(m)]
    if len(question.mentions) != 1 or not things:
        return None
    rest = question.lowers[things[0].end :]
    return things[0] if all(word in PICTURE_WORDS or word in PLAIN or word == "?" for word in rest) else None


def _asks_existence(question: Sentence) -> bool:
    """Whether a question asks if something is there, and neither how many nor which."""
    words = question.lowers
    if read_polar(question) and INDEFINITE.isdisjoint(words):  # "are people visible?"
        thing = question.mentions[0] if question.mentions else None
        is_there = words[1:2] == ("there",)
        is_bare = thing is not None and thing.noun.is_plural and words[0] in EXISTENCE
        is_bare = is_bare and thing is not None and thing.start == 1 + is_there
        return is_bare and question.word_at(thing.end if thing else 0) in (
            "visible",
            "present",
            "there",
            "around",
            "shown",
            "in",
        )
    if not read_polar(question) or INDEFINITE.isdisjoint(words):
        return False
    is_there = "there" in words and not EXISTENCE.isdisjoint(words)
    if not (is_there or not SEEING.isdisjoint(words) or not ANYONE.isdisjoint(words)):
        return False
    place = next(k for k, word in enumerate(words) if word in INDEFINITE)
    own = words[place + 1 : place + 3]
    is_counted = any(read_amount(words, k) is not None for k in range(len(words)))
    is_thing = any(place < m.start <= place + 2 and m.noun.strength is not Strength.LOOSE for m in question.mentions)
    return not is_counted and (is_thing or ABSTRACT.isdisjoint(own))


def _is_denial(sentence: Sentence) -> bool:
    """Whether "no" or "there are none" is said, and nothing that goes beyond it."""
    first = sentence.lowers[: _find_end(sentence)]
    is_denied = not DENYING.isdisjoint(first) or not CONTRACTED.isdisjoint(first)
    return is_denied and PLAIN.issuperset(first)


def _find_end(sentence: Sentence) -> int:
    """Where the first statement ends: "no | , there are none | , but a cat is"."""
    commas = [k for k, word in enumerate(sentence.lowers) if word in (",", ";")]
    is_led = bool(commas) and commas[0] == 1 and sentence.word_at(2) not in ("but", "only", "just")
    ends = commas[1:] if is_led else commas
    return ends[0] if ends else len(sentence.lowers)
