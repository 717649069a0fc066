"""Claimed numbers: "three cars", "a few people", "no dogs", and which of them speak about all that is in the image."""

from collections.abc import Iterator
from typing import NamedTuple

from agents.english.categories import Mention, Strength
from agents.english.sentences import PICTURE_WORDS, Sentence
from agents.english.words import word_set

NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
NUMBERS = {word: value for value, word in enumerate(NUMBER_WORDS.split(" "))}
MOST_DIGITS = 4
# Words without a number, with the least that they ask for. No upper bound: people use them freely.
VAGUE = {
    ("several",): 3,
    ("a", "few"): 2,
    ("few",): 2,
    ("many",): 4,
    ("numerous",): 4,
    ("multiple",): 2,
    ("dozens", "of"): 13,
    ("both",): 2,
    ("lots", "of"): 3,
    ("group", "of"): 2,
    ("crowd", "of"): 4,
    ("herd", "of"): 2,
    ("flock", "of"): 2,
    ("number", "of"): 2,
    ("bunch", "of"): 2,
}
FIXED = {
    ("trio", "of"): 3,
    ("quartet", "of"): 4,
    ("duo", "of"): 2,
    ("dozen",): 12,
    ("couple", "of"): 2,
    ("pair", "of"): 2,
    ("single",): 1,
    ("lone",): 1,
    ("no",): 0,
}
AT_LEAST = {("at", "least"): 0, ("more", "than"): 1}
AT_MOST_WORDS = (("at", "most"), ("up", "to"), ("less", "than"), ("fewer", "than"))
LIST_MARKS = ("and", ",", ":", "–", "—", "-", "(")
MODIFIERS_AT_MOST = 4
NOT_MODIFIERS = word_set(
    """
    a an the this that these those his her its their my your our of in on at by near with to from for and or
    but is are was were be has have had who which while as next behind beside under over above below between
    around into out up down off than then there here it they he she i we you not other another more less
    same each every all some any only , . ; : ( ) ! ? "
    """
)
NEUTRAL_MODIFIERS = word_set("visible distinct separate clear annotated individual")
EXISTENCE = word_set("is are was were be")
SEEING = word_set(
    """
    see count spot notice identify recognise recognize detect distinguish find observe shows show contains
    contain includes features captures reveals depicts has holds out totals
    displays display presents portrays counts counting comprises counted
    """
)
OPENERS = word_set("only exactly just also precisely clearly of total a")
AFTER_ALL = word_set("visible present altogether overall here total")
SEEN = word_set("visible present seen shown there here counted detected")


class CountClaim(NamedTuple):
    """A number of things that a sentence claims.

    Attributes:
        labels, strength: the class it is about.
        low, high: least and most; `high` None is open.
        is_total: it speaks of all of them in the image, not of "two dogs on a sofa".
        start, end: its words in the sentence.
    """

    labels: tuple[str, ...]
    strength: Strength
    low: int
    high: int | None
    is_total: bool
    start: int
    end: int


class _Amount(NamedTuple):
    low: int
    high: int | None
    start: int
    is_part: bool = False


def find_counts(sentence: Sentence, *, is_it_picture: bool = False) -> Iterator[CountClaim]:
    """Find the numbers that stand before the nouns of classes.

    Args:
        sentence: where to look.
        is_it_picture: "in it" means in the image.
    """
    previous_end = None
    for mention in sentence.mentions:
        amount = find_amount(sentence, mention)
        stated = _find_stated(sentence, mention) if amount is None else None
        if stated is not None:
            yield stated
        if amount is None:
            if previous_end is not None and not _is_list(sentence, previous_end, mention.start):
                previous_end = None
            continue
        is_listed = previous_end is not None and _is_list(sentence, previous_end, amount.start)
        is_total = (_opens_total(sentence, amount, mention) or is_listed) and not amount.is_part
        is_in_it = is_it_picture and sentence.lowers[mention.end : mention.end + 2] == ("in", "it")
        is_total = is_total and (is_in_it or _closes_total(sentence, mention.end) or _is_alone(sentence, mention))
        previous_end = mention.end if is_total else None
        yield CountClaim(
            mention.noun.labels, mention.noun.strength, amount.low, amount.high, is_total, amount.start, mention.end
        )


def _find_stated(sentence: Sentence, mention: Mention) -> CountClaim | None:
    """ "The number of dogs is three", "the dogs are three in number", "the dogs number three"."""
    after, start = sentence.word_at(mention.end), mention.start - 1
    is_numbered = sentence.word_at(start) == "of" and sentence.word_at(start - 1) in ("number", "count")
    start -= 3 * is_numbered
    number = read_number(sentence.word_at(mention.end + 1))
    if not number or not mention.noun.is_plural or sentence.word_at(mention.start - 2) == "of":
        return None
    behind = sentence.lowers[mention.end + 2 : mention.end + 4]
    is_stated = after in ("is", "equals", "gives") if is_numbered else after == "number"
    if not is_stated and not (after == "are" and behind == ("in", "number")):
        return None
    own = mention.noun
    return CountClaim(own.labels, own.strength, number, number, True, max(0, mention.start - 1), mention.end + 2)


def find_amount(sentence: Sentence, mention: Mention) -> _Amount | None:
    """The amount before a noun, read back over its adjectives."""
    for place in range(mention.start - 1, max(-1, mention.start - 2 - MODIFIERS_AT_MOST), -1):
        amount = _read_amount(sentence, place)
        if amount is not None and _agrees(amount, mention):
            is_narrowed = not NEUTRAL_MODIFIERS.issuperset(sentence.lowers[place + 1 : mention.start])
            return amount._replace(is_part=amount.is_part or is_narrowed)
        if amount is not None:
            return None
        word = sentence.word_at(place)
        if word in NOT_MODIFIERS or word.endswith("ing"):
            return _read_part(sentence, place) if place == mention.start - 1 else None
    return None


def read_number(word: str) -> int | None:
    """`three` or `3` as an integer."""
    if word.isascii() and word.isdigit() and len(word) <= MOST_DIGITS:
        return int(word)
    return NUMBERS.get(word)


def _read_amount(sentence: Sentence, place: int) -> _Amount | None:
    """The amount whose last word stands at `place`."""
    number = read_number(sentence.word_at(place))
    if number is not None:
        return _widen(sentence, place, number)
    pair = (sentence.word_at(place - 1), sentence.word_at(place))
    for key in (pair, pair[1:]):
        start = place - len(key) + 1
        if key in FIXED:
            value, start = FIXED[key], start - (sentence.word_at(start - 1) in ("a", "the", "one"))
            return _Amount(value, value, start, is_part=key == ("single",) and sentence.word_at(start) == "every")
        if key in VAGUE and sentence.word_at(start - 1) not in ("the", "how", "so", "as"):
            return _Amount(VAGUE[key], None, start)
    return None


def _widen(sentence: Sentence, place: int, number: int) -> _Amount | None:
    three, two, one = sentence.word_at(place - 3), sentence.word_at(place - 2), sentence.word_at(place - 1)
    least = AT_LEAST.get((two, one)) if three not in ("no", "not") else None
    least = 0 if three in ("no", "not") and (two, one) in (("fewer", "than"), ("less", "than")) else least
    if least is not None:
        return _Amount(number + least, None, place - 2)
    if (two, one) in AT_MOST_WORDS and (two, one) != ("up", "to"):
        return _Amount(0, number - (one == "than"), place - 2)
    if (two, one) in AT_MOST_WORDS or (two, one) == ("more", "than") or one in ("-", "–", "to", "or"):
        return None
    if one in ("about", "around", "approximately", "roughly", "nearly", "almost", "some"):
        slack = max(1, number // 4)
        return _Amount(max(0, number - slack), number + slack, place - 1)
    if one == "over":
        return _Amount(number + 1, None, place - 1)
    return _Amount(number, number, place, is_part=one in ("the", "other", "these", "those", "every", "first", "last"))


def _read_part(sentence: Sentence, place: int) -> _Amount | None:
    """ "Two of the chairs": so many at least, and maybe more."""
    if sentence.word_at(place) in ("the", "these", "those") and sentence.word_at(place - 1) == "of":
        number = read_number(sentence.word_at(place - 2))
        if number:
            return _Amount(number, None, place - 2, is_part=True)
    return None


def _agrees(amount: _Amount, mention: Mention) -> bool:
    """Whether amount and noun agree in number: "one holding cups" claims no cups, "two car garage" no cars."""
    if amount.high == 0 or (amount.low == amount.high == 1 and not mention.noun.is_plural):
        return True
    return mention.noun.is_plural and amount.low != 1 and amount.high != 1


def _opens_total(sentence: Sentence, amount: _Amount, mention: Mention) -> bool:
    place = amount.start - 1
    while sentence.word_at(place) in OPENERS:
        place -= 1
    before = sentence.word_at(place)
    earlier = sentence.word_at(place - 1)
    if before in EXISTENCE and (earlier == "there" or earlier in PICTURE_WORDS):
        return True
    if before in ("there's", "there’s", "all") or (before == "have" and earlier in ("we", "you")):
        return True
    if (earlier, before) == ("looking", "at"):
        return True
    is_picture_of = sentence.word_at(place + 1) == "of" and before in PICTURE_WORDS
    if before in SEEING or before == "only" or is_picture_of:
        return True
    is_plain = place < 0 and (_ends(sentence, mention.end) or _is_list_seen(sentence, mention.end))
    return is_plain or _is_alone(sentence, mention) or _is_seen(sentence, mention.end)


def _is_alone(sentence: Sentence, mention: Mention) -> bool:
    """Whether "a single person" does something, rather than being the only one in some place."""
    is_place_next = sentence.word_at(mention.end) in (
        "in",
        "on",
        "at",
        "by",
        "near",
        "of",
        "from",
        "with",
        "to",
        "that",
        "who",
    )
    return sentence.word_at(mention.start - 1) in ("single", "lone") and not is_place_next


def _is_seen(sentence: Sentence, place: int) -> bool:
    """Whether "are visible", "can be seen" or the like stands at `place` and is not narrowed down."""
    if sentence.word_at(place) not in ("is", "are", "can", "to", "appear", "appears"):
        return False
    if sentence.word_at(place + 1) in ("in", "within"):
        return sentence.word_at(place + 2) in ("view", "sight") or sentence.names_picture(place + 2) is not None
    last = next((k for k in range(place + 1, place + 4) if sentence.word_at(k) in SEEN), None)
    return last is not None and (
        _ends(sentence, last + 1)
        or (sentence.word_at(last + 1) in AFTER_ALL and _ends(sentence, last + 2))
        or sentence.word_at(last + 1) in LIST_MARKS
        or (sentence.word_at(last + 1) in ("in", "within") and sentence.names_picture(last + 2) is not None)
    )


def _is_list_seen(sentence: Sentence, start: int) -> bool:
    """Whether further things are listed from `start` on, and then "are visible"."""
    behind = (m.end for m in sentence.mentions if m.start > start and _is_list(sentence, start, m.start))
    return any(_is_seen(sentence, end) for end in behind)


def _closes_total(sentence: Sentence, end: int) -> bool:
    """Whether nothing after the noun narrows it down: "two dogs on the sofa" are not all dogs."""
    if _ends(sentence, end) or sentence.word_at(end) in LIST_MARKS or sentence.word_at(end) in AFTER_ALL:
        return True
    if sentence.word_at(end) in ("in", "within", "across"):
        if sentence.word_at(end + 1) in ("total", "all", "view", "sight"):
            return True
        after = sentence.names_picture(end + 1)
        return after is not None
    return _is_seen(sentence, end)


def _ends(sentence: Sentence, place: int) -> bool:
    return place >= len(sentence.words) or sentence.word_at(place) in (".", "!", "?", ";", '"', ")")


def _is_list(sentence: Sentence, start: int, end: int) -> bool:
    """Whether only commas, "and" and further things stand between two places."""
    covered = {k for mention in sentence.mentions for k in range(mention.start, mention.end)}
    words = (sentence.lowers[k] for k in range(start, end) if k not in covered)
    return all(word in (",", "and", "a", "an", "as", "well", "also") or read_number(word) is not None for word in words)
