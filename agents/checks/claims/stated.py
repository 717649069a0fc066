"""Numbers behind their noun: "the number of dogs is three", "the dogs, five of them", "the group has six members"."""

from typing import NamedTuple

from agents.checks.claims.totals import read_stated_number
from agents.checks.claims.wholes import SUMMING
from agents.checks.places.regions import NAMED, read_region
from agents.english.categories import Mention, Strength
from agents.english.numbers import GATHERED, SETS, read_number
from agents.english.sentences import Sentence
from agents.english.words import word_set

NUMBER_NOUNS = word_set("number count total quantity amount tally sum")
GROUPS = GATHERED | word_set("cluster gathering troop bundle batch composition")
BETWEEN = word_set("visible present shown the all of these those any individual separate seen")
"""Between "the number of" or "the group of" and the noun."""
FILLING = word_set(
    "here there visible shown present seen can be in view sight total that are which found counted , altogether all"
)
"""Between the noun and the verb of its number."""
EQUALING = word_set(
    "be out turn is was equals gives comes come amounts amount reaches reach totals adds add up stands at to are makes"
)
COUNTING = word_set("number numbered total")
HAVING = word_set("has have counts count contains contain includes include comprises comprise numbers consists boasts")
MADE_OF = word_set("is are made up of consists consist composed in to a single line group row column")
EXACTLY = word_set("exactly just only precisely a clearly of already indeed also therefore thus simply no fewer than")
MEMBERS = word_set(
    "members pieces items individuals units objects elements things specimens in strong altogether overall"
)
CLOSING = frozenset(["", ".", ",", ";", "!", "?", ")", ":", "–", "—", "-"]) | word_set(
    "which and while but so with in on"
)
BEHIND = (
    ("to", "be", "precise"),
    ("to", "be", "exact"),
    ("by", "my", "count"),
    ("of", "them"),
    ("in", "number"),
    ("of", "these"),
    ("strong",),
    ("in", "view"),
    ("in", "sight"),
    *SUMMING,
)
"""Behind a number at the side of a noun: "dogs, three in all"."""
OPENERS = word_set(", ( – — -")
REACH = 7


class Stated(NamedTuple):
    """A number, and from where to where its claim goes."""

    number: int
    start: int
    end: int


def find_stated(sentence: Sentence, mention: Mention) -> Stated | None:
    """The number that is stated of the things that a noun names; None when none is."""
    head, start = _read_head(sentence, mention)
    if head == "some" or not mention.noun.is_plural:
        return None
    place = _skip(sentence, mention.end)
    enclosed = _read_enclosed(sentence, mention, start) if head == "number" else None
    first = enclosed or _read_topic(sentence, mention)
    if first is not None:
        return first
    found = _read_aside(sentence, mention.end) or _read_aside(sentence, place)
    if found is None and head != "number" and sentence.mentions[-1] is mention:
        commas = (k for k in range(place, len(sentence.words)) if sentence.word_at(k) in OPENERS)
        found = next((aside for k in commas if (aside := _read_aside(sentence, k))), None)
    if found is None and head == "number":
        found = _read_verb(sentence, place, EQUALING, CLOSING)
    elif found is None and head == "group":
        found = _read_members(sentence, place) or _read_plain_sum(sentence, place)
    elif found is None:
        found = _read_plain(sentence, place)
    if found is None and head != "number":
        found = read_stated_number(sentence, mention.end) or _read_sum(sentence, mention.end)
    return None if found is None else Stated(found[0], start, found[1])


def _read_enclosed(sentence: Sentence, mention: Mention, start: int) -> Stated | None:
    """ "The number of dogs, three, is small"."""
    is_enclosed = sentence.word_at(mention.end) == "," == sentence.word_at(mention.end + 2)
    listed = read_number(sentence.word_at(mention.end + 1)) if is_enclosed else None
    return None if listed is None else Stated(listed, start, mention.end + 2)


def _read_topic(sentence: Sentence, mention: Mention) -> Stated | None:
    """ "As for dogs, the image has five", "the largest class, dogs, has five instances", "numbering five, the dogs"."""
    words, comma = sentence.lowers, mention.end
    if words[:1] in (("numbering",), ("at",)) and sentence.word_at(2) == "," and mention.start <= 5:
        number = read_number(sentence.word_at(1))
        return None if number is None else Stated(number, 0, mention.end)
    comma += 2 * (words[comma : comma + 2] == ("are", "concerned")) + (words[comma : comma + 1] == ("go",))
    if sentence.word_at(comma) != ",":
        return None
    is_topic = any(words[: len(opening)] == opening for opening in TOPICS) and mention.start <= 4
    listed = read_number(sentence.word_at(comma + 1))
    in_all = any(sentence.names_picture(k) == len(words) - 1 for k in range(comma + 3, len(words)))
    if is_topic and listed is not None and sentence.word_at(comma + 2) == "can" and in_all:
        return Stated(listed, mention.start, comma + 2)  # "of the dogs, two can be found in the whole picture"
    if not NAMED.isdisjoint(words[comma:]):
        return None  # "as for the dogs, the upper half has two"
    last = next((k for k in range(comma + 2, min(comma + 8, len(words))) if read_number(words[k]) is not None), None)
    if last is None or words[last - 1] not in HAVING | SHOWING:
        return None
    end = last + 1 + 2 * (words[last + 1 : last + 3] == ("of", "them"))
    is_counted = sentence.word_at(end) in ("instances", "examples", "members", "boxes", "entries")
    is_closed = sentence.word_at(end) in ("", ".", ",", "in", "altogether", "here")
    number = read_number(words[last])
    is_stated = number is not None and ((is_topic and is_closed) or is_counted)
    return Stated(number, mention.start, end) if number is not None and is_stated else None


TOPICS = (
    ("as", "for"),
    ("as", "far", "as"),
    ("as", "regards"),
    ("regarding",),
    ("concerning",),
    ("when", "it", "comes", "to"),
    ("of",),
)
SHOWING = word_set("shows show holds hold features feature includes include see sees count counts find finds are is")


def _read_head(sentence: Sentence, mention: Mention) -> tuple[str, int]:
    """Whether "the number of", "the group of" or nothing stands before a noun, and where the claim begins."""
    place = mention.start - 1
    while sentence.word_at(place) in BETWEEN and place > 0:
        if sentence.word_at(place) == "of":
            noun = sentence.word_at(place - 1)
            if noun in NUMBER_NOUNS:
                return "number", place - 1
            if noun in GROUPS or noun in SETS:
                return "group", place - 1
            is_all = noun in ("all", "each", "both")
            return ("plain" if is_all else "some"), max(0, place - 1)
        place -= 1
    return "plain", max(0, mention.start - 1)


def _skip(sentence: Sentence, place: int) -> int:
    """Behind "in the image", "on the left", "that can be seen"."""
    while place < len(sentence.words):
        region = read_region(sentence, place) or _read_side(sentence, place)
        picture = sentence.names_picture(place + 1) if sentence.word_at(place) in ("in", "within", "of") else None
        if region is not None:
            place = region if isinstance(region, int) else region.end
        elif picture is not None:
            place = picture
        elif (
            sentence.word_at(place) in FILLING
            and not _is_verb(sentence, place)
            and sentence.word_at(place + 1) not in ("", ".")
        ):
            place += 1
        else:
            return place
    return place


def _is_verb(sentence: Sentence, place: int) -> bool:
    """Whether "are" is the verb of a number and no "that are visible"."""
    return sentence.word_at(place) == "are" and sentence.word_at(place - 1) not in ("that", "which")


def _read_side(sentence: Sentence, place: int) -> int | None:
    """ "On the left", in front of a verb of number, which is no end of a place elsewhere."""
    words = sentence.lowers[place : place + 4]
    is_side = words[:2] in (("on", "the"), ("to", "the")) and words[2:3] in (("left",), ("right",))
    return place + 3 + (words[3:] == ("side",)) if is_side else None


def _read_verb(
    sentence: Sentence, place: int, verbs: frozenset[str], closing: frozenset[str]
) -> tuple[int, int] | None:
    """The number behind verbs such as "comes to", and where it ends."""
    first = place - 1 if sentence.word_at(place - 1) in verbs else place
    for k in range(first, first + REACH):
        word = sentence.word_at(k)
        if word in ("fewer", "than") and "no" not in sentence.lowers[first:k]:
            return None  # "number fewer than ten"
        number = read_number(word)
        if number is not None:
            is_closed = sentence.word_at(k + 1) in closing
            return (number, k + 1) if k > first and is_closed else None
        if word not in verbs and word not in EXACTLY:
            return None
    return None


def _read_members(sentence: Sentence, place: int) -> tuple[int, int] | None:
    """ "Has three members", "counts seven", "is made up of three"."""
    verb = sentence.word_at(place)
    if verb in HAVING:
        return _read_verb(sentence, place, HAVING | {"of"}, CLOSING | MEMBERS)
    return _read_verb(sentence, place, MADE_OF, CLOSING | MEMBERS) if verb in MADE_OF else None


def _read_plain(sentence: Sentence, place: int) -> tuple[int, int] | None:
    """ "Number exactly five", "add up to five", "are three in total"."""
    if sentence.word_at(place) in COUNTING:
        return _read_verb(sentence, place, COUNTING, CLOSING | {"in", "altogether", "overall"})
    adding = sentence.lowers[place : place + 3]
    if adding[:2] in (("come", "to"), ("amount", "to")) or adding in (("add", "up", "to"), ("turn", "out", "to")):
        return _read_verb(sentence, place, EQUALING, CLOSING)
    number_at = next((k for k in range(place + 1, place + 4) if sentence.word_at(k) not in EXACTLY), place)
    number = read_number(sentence.word_at(number_at)) if sentence.word_at(place) == "are" else None
    end = None if number is None else _read_behind(sentence, number_at + 1)
    return None if number is None or end is None else (number, end)


def _read_plain_sum(sentence: Sentence, place: int) -> tuple[int, int] | None:
    """ "Comes to two", "adds up to three"."""
    is_sum = sentence.word_at(place) in ("comes", "amounts", "adds", "totals")
    return _read_verb(sentence, place, EQUALING, CLOSING) if is_sum else None


def _read_behind(sentence: Sentence, place: int) -> int | None:
    """Where "in number", "of them", "in total" ends that begins at `place`."""
    own = next((words for words in BEHIND if sentence.lowers[place : place + len(words)] == words), None)
    if own is None or (own[0] == "of" and sentence.word_at(place + len(own)) not in OF_CLOSING):
        return None
    return place + len(own)


OF_CLOSING = frozenset(["", ".", ",", ";", ")", "–", "—", "in", "altogether"])
"""Behind "three of them": all of them are three, and nothing is said of three alone."""


def _read_aside(sentence: Sentence, place: int) -> tuple[int, int] | None:
    """ ", five of them", "(three in total)"."""
    if sentence.word_at(place) not in OPENERS:
        place -= 1
    if sentence.word_at(place) not in OPENERS:
        return None
    if sentence.lowers[place + 1 : place + 5] == ("of", "which", "there", "are"):
        listed = read_number(sentence.word_at(place + 5))
        return None if listed is None else (listed, place + 6)
    k = place + 1
    while sentence.word_at(k) in ("all", "exactly", "just", "only", "about", "with"):
        k += 1
    number = read_number(sentence.word_at(k))
    end = None if number is None else _read_behind(sentence, k + 1)
    return None if number is None or end is None else (number, end)


def _read_sum(sentence: Sentence, place: int) -> tuple[int, int] | None:
    """The number at the end of "if you count the dogs, you get three", "counting the dogs, one arrives at three"."""
    if sum(m.noun.strength is not Strength.LOOSE for m in sentence.mentions) > 1:
        return None  # "counting the dogs and the bus, one arrives at five"
    end = len(sentence.lowers) - 1
    is_total = sentence.lowers[end - 3 : end - 1] == ("total", "of") and "at" in sentence.lowers[end - 6 : end - 3]
    number = read_number(sentence.word_at(end - 1)) if is_total else None
    if number is not None:
        return number, end
    comma = sentence.lowers.index(",") if "," in sentence.lowers else place
    if not COUNTING_UP.intersection(sentence.lowers[: max(place, comma)]) or not SUMMED.intersection(
        sentence.lowers[place:]
    ):
        return None
    end = len(sentence.lowers) - (sentence.word_at(len(sentence.lowers) - 1) in (".", "!"))
    for closing in RESULTS:
        end -= len(closing) * (sentence.lowers[end - len(closing) : end] == closing)
    number = read_number(sentence.word_at(end - 1))
    is_got = sentence.word_at(end - 2) in GETTING or sentence.lowers[end - 3 : end - 1] in (
        ("total", "of"),
        ("sum", "of"),
        ("there", "are"),
    )
    return (number, end) if number is not None and is_got else None


RESULTS = (
    ("as", "the", "result"),
    ("as", "a", "result"),
    ("turn", "up"),
    ("in", "all"),
    ("in", "total"),
    ("of", "them"),
)
SUMMED = frozenset([",", ":", "gives", "yields", "arrive", "arrives", "get", "gets", "end", "will"])
COUNTING_UP = word_set("count counts counting counted add adding adds tally")
GETTING = word_set(": , get gets to at with yields gives is exactly reach reaches finds find total")
