"""Sentences without what says nothing itself: "it is on the left that a dog sleeps", "the dog, by contrast, sleeps".

What is dropped claims no number, and of its things and sides nothing is read; the words that stay know where they stand
in the message.
"""

from dataclasses import replace
from itertools import pairwise

from agents.english.categories import Strength
from agents.english.numbers import read_number
from agents.english.sentences import Sentence
from agents.english.words import word_set


def _list_phrases(text: str) -> frozenset[tuple[str, ...]]:
    """Phrases between bars, as words."""
    return frozenset(tuple(phrase.split()) for phrase in text.split("|"))


PLAIN = _list_phrases(
    """
    by contrast | in contrast | in turn | for its part | for their part | on the other hand | of course | in
    fact | as it happens | then | however | too | meanwhile | indeed | instead | though | by comparison | in
    short | so to speak | once again | again | therefore | accordingly | as a result | finally | as said |
    after all | as expected | to be precise | to be exact | as noted | as mentioned | it seems | it appears
    | i think | on the contrary | as for it | at the same time | for instance | apparently | clearly |
    moreover | besides | across
    from it | opposite it | next to it | beside it | across from them | opposite them | beside them
    """
)
"""Between commas: nothing of the image."""
LED = _list_phrases(
    """
    we may note that | one may note that | it may be noted that | it should be noted that | we can see that
    | one can see that | it can be seen that | we may say that | one may say that | i can say that | i would
    say that | we can say that | it can be said that | one could say that | it is worth noting that | note
    that | it is clear that | it is evident that | it is obvious that | we see that | one sees that | i can
    see that | i see that | you can see that | it follows that | we notice that | one notices that | it
    turns out that | it seems that | it appears that | an operator would note that | an observer would note
    that | a viewer would note that | the image makes clear that | looking closely , one sees that | i
    should add that | it must be said that | if i count right , | if i count correctly , | if i count
    carefully , | if i am not mistaken , | if i see it right , | as far as i can see , | as far as one can
    see , | as far as can be seen , | if one counts carefully , | if we count carefully , | if one looks
    closely , | if you look closely , | if all are counted , | if all of them are counted , | as far as i
    can tell , | from what i can see , | from what can be seen , | it looks like | it looks as if | it seems
    like | it looks as though
    """
)
"""How a sentence opens that says what follows."""
CLOSED = (
    ("if", "i"),
    ("if", "we"),
    ("if", "one"),
    ("i", "think"),
    ("i", "believe"),
    ("it", "seems"),
    ("that", "is"),
    ("as", "far"),
)
"""How an aside at the end of a sentence begins: ", if I have counted correctly"."""
EXPECTED = (("that", "one", "might", "expect"), ("that", "one", "would", "expect"), ("that", "you", "might", "expect"))
OPENING_SIZES = sorted({len(opening) for opening in LED}, reverse=True)
SIDED = word_set("left right top bottom upper lower centre center middle edge corner")
STATING = word_set("is are was were")
COMPARED_AT_MOST = 5
LONGEST_ASIDE = 10


def drop_asides(sentence: Sentence) -> Sentence:
    """The sentence in a plainer form; the same one where nothing is to be dropped."""
    opening = next((k for k in OPENING_SIZES if sentence.lowers[:k] in LED), 0)
    if 0 < opening < len(sentence.words) - 1:
        sentence = _drop(sentence, 0, opening)
    if sentence.lowers[:1] == ("if",) and sentence.word_at(1) in COUNTERS and sentence.word_at(2) in COUNTING:
        sentence = _drop_condition(sentence)
    if sentence.lowers[:1] in (("unlike",), ("like",)):
        sentence = _drop_comparison(sentence)
    if sentence.lowers[:1] == ("it",) and sentence.word_at(1) in STATING:
        sentence = _drop_cleft(sentence)
    if "," in sentence.lowers:
        sentence = _drop_between_commas(sentence)
        sentence = _drop_likely(_drop_closing(sentence))
    for words in EXPECTED:
        at = next((k for k in range(2, len(sentence.lowers)) if sentence.lowers[k : k + 4] == words), None)
        sentence = sentence if at is None else _drop(sentence, at, at + 4)
    if "field" in sentence.lowers:
        sentence = _drop_field_of(sentence)
    return sentence


def _drop(sentence: Sentence, start: int, end: int) -> Sentence:
    """The sentence without the words of a range, and the nouns among them."""
    gone = end - start
    kept = tuple(
        mention if mention.end <= start else mention._replace(start=mention.start - gone, end=mention.end - gone)
        for mention in sentence.mentions
        if mention.end <= start or mention.start >= end
    )
    words = (*sentence.words[:start], *sentence.words[end:])
    return replace(sentence, words=words, lowers=tuple(word.lower for word in words), mentions=kept)


COUNTERS = word_set("i we you one")
COUNTING = word_set("count go look check add take am see look include")


def _drop_condition(sentence: Sentence) -> Sentence:
    """ "If you count carefully, | you get three dogs"."""
    comma = sentence.lowers.index(",") if "," in sentence.lowers else 0
    is_plain = SIDED.isdisjoint(sentence.lowers[:comma]) and not _has_thing(sentence, 0, comma)
    return _drop(sentence, 0, comma + 1) if 0 < comma < LONGEST_ASIDE and is_plain else sentence


def _drop_comparison(sentence: Sentence) -> Sentence:
    """ "Unlike the dogs, which form a group, | the bus stands by itself"."""
    commas = [k for k, word in enumerate(sentence.lowers) if word == ","]
    if not commas or commas[0] > COMPARED_AT_MOST or not _says_no_number(sentence.lowers[: commas[0]]):
        return sentence
    is_told = sentence.word_at(commas[0] + 1) in ("which", "who") and len(commas) > 1
    return _drop(sentence, 0, commas[1 if is_told else 0] + 1)


def _drop_cleft(sentence: Sentence) -> Sentence:
    """ "It is | on the left | that | the dogs sleep"."""
    that = next((k for k in range(3, 9) if sentence.word_at(k) in ("that", "where")), None)
    if that is None or SIDED.isdisjoint(sentence.lowers[2:that]) or _has_thing(sentence, 2, that):
        return sentence
    words = list(sentence.words)
    words[that] = words[that]._replace(lower=",")
    lowers = tuple(word.lower for word in words)
    return _drop(replace(sentence, words=tuple(words), lowers=lowers), 0, 2)


def _drop_between_commas(sentence: Sentence) -> Sentence:
    """ "The dogs | , by contrast, | sleep"; "on the left, | next to the edge, | a dog sleeps"."""
    commas = [k for k, word in enumerate(sentence.lowers) if word == ","]
    for first, second in pairwise(commas):
        if sentence.lowers[first + 1 : second] in PLAIN:
            return _drop(sentence, first, second + 1)
    if len(commas) < 2:
        return sentence
    first, second = commas[:2]
    aside = sentence.lowers[first + 1 : second]
    if aside[:1] in (("unlike",), ("like",)) and len(aside) <= COMPARED_AT_MOST and _says_no_number(aside):
        return _drop(sentence, first, second + 1)
    is_led = not SIDED.isdisjoint(sentence.lowers[:first]) and not _has_thing(sentence, 0, first)
    is_empty = not _has_thing(sentence, first, second) and len(aside) <= LONGEST_ASIDE
    is_plain = (SIDED - {"edge"}).isdisjoint(aside) and TELLING.isdisjoint(aside) and _says_no_number(aside)
    is_plain = is_plain or aside == ("between", "left", "and", "right")
    return _drop(sentence, first, second) if is_led and is_empty and is_plain and aside else sentence


def _drop_closing(sentence: Sentence) -> Sentence:
    """ "There are three dogs | , if I have counted correctly"."""
    last = max((k for k, word in enumerate(sentence.lowers) if word == ","), default=-1)
    is_aside = sentence.lowers[last + 1 : last + 3] in CLOSED
    end = len(sentence.words) - (sentence.word_at(len(sentence.words) - 1) in (".", "!"))
    if last <= 0 or not is_aside or end - last > LONGEST_ASIDE:
        return sentence
    is_telling = _has_thing(sentence, last, end) or not TELLING.isdisjoint(sentence.lowers[last:end])
    return sentence if is_telling else _drop(sentence, last, end)


LIKELY = (("most", "likely"), ("probably",), ("presumably",), ("apparently",), ("very", "likely"))


def _drop_likely(sentence: Sentence) -> Sentence:
    """ "An object, | most likely | a dog, sleeps"."""
    for place, word in enumerate(sentence.lowers):
        for words in LIKELY if word == "," else ():
            end = place + 1 + len(words)
            if sentence.lowers[place + 1 : end] == words and sentence.word_at(end) in ("a", "an"):
                return _drop(sentence, place + 1, end)
    return sentence


TELLING = word_set(
    """
    no nobody nothing none without alone empty unattended unoccupied vacant deserted bare abandoned unused idle free
    because which who and
    """
)
"""In an aside: something is told by it."""


def _says_no_number(words: tuple[str, ...]) -> bool:
    return not any(read_number(word) for word in words)


def _drop_field_of(sentence: Sentence) -> Sentence:
    """ "The field of view" as "the view"."""
    place = sentence.lowers.index("field")
    return _drop(sentence, place, place + 2) if sentence.lowers[place + 1 : place + 3] == ("of", "view") else sentence


def _has_thing(sentence: Sentence, start: int, end: int) -> bool:
    return any(m.noun.strength is not Strength.LOOSE and start <= m.start < end for m in sentence.mentions)
