"""What an answer claims by its question: "How many dogs are there?" "Three." "Where is the dog?" "On the right." """

from collections.abc import Iterator
from dataclasses import replace

from agents.checks.claims.quantities import CountClaim
from agents.checks.claims.tails import SEEING
from agents.checks.claims.totals import EXISTENCE
from agents.checks.places.placements import PlaceClaim, is_observer
from agents.checks.places.regions import HEIGHTS, SIDES, Region, read_region
from agents.checks.places.relations import RelationClaim
from agents.english.categories import Mention, Strength
from agents.english.numbers import GATHERED, SETS, read_amount, read_number
from agents.english.sentences import Sentence
from agents.english.words import word_set

HOW_MANY = ("how", "many")
COUNTED_IN = SEEING | word_set(
    """
    are is there in the this that image picture photo scene frame view ? visible can could be seen you of
    catch hold feature record detect register frame capture
    here see i we do does did shown present altogether total contain show tell me what please have many how how's
    overall exactly , count number know for us camera
    made out pick picks picked up by sensor imager lens viewer one register recorded captured caught detected
    spotted identified distinguished recognised recognized found counted discerned observed appear exist together
    """
)
"""Words of a question that narrow nothing down."""
TOTALS = word_set("number count total amount quantity")
ASKED_MANY = word_set(
    "several many lot lots plenty multiple any some few numerous one single two three four five six seven eight"
)
SIZES = (("large", "is"), ("big", "is"), ("numerous", "is"))
"""Behind "how": the size of the group is asked."""
LARGE = word_set("large big small")
"""Before "group of dogs" in a question for its size."""
OPEN_WORDS = word_set("how what where which who why when whose")
POLAR = word_set("is are do does can could has have did was were will would")
WHERE = (("where",), ("which", "side"), ("what", "side"), ("which", "part"), ("what", "part"), ("which", "half"))
FRAGMENT = word_set(
    """
    it it's they they're he she is are was that this on at in to the of all both them can be seen found located
    placed positioned sits sit stands stand lies lie appears appear mostly just over you see one would 're 's
    should must need look search turn in
    sure i'd i’d i say think certainly shot clearly find more towards toward side half part look check try does do
    """
)
"""What an answer of a place alone may have besides."""
YES = word_set("yes yeah yep correct indeed right certainly absolutely")
PLAIN_YES = word_set(
    "several some it they there that he she is are does do can i see we you in fact right correct indeed , . !"
)
NO_THINGS = word_set("camera one they he she everyone someone nobody everybody it body figure group")


def read_polar(question: Sentence | None) -> bool:
    """Whether a question asks for yes or no."""
    if question is None or not question.lowers:
        return False
    first = next((k for k, word in enumerate(question.lowers) if word in POLAR | OPEN_WORDS), None)
    return first is not None and question.lowers[first] in POLAR and "or" not in question.lowers


def answer_how_many(sentence: Sentence, question: Sentence | None) -> Iterator[CountClaim]:
    """The number in "There are three." as an answer to "How many dogs are there?"."""
    asked = None if question is None else _find_asked(question)
    if question is None or asked is None or any(not _is_no_thing(sentence, m) for m in sentence.mentions):
        return
    mention, rest = asked
    region = next((r for k in range(mention.end, len(question.words)) if (r := read_region(question, k))), None)
    if region is not None:
        rest = (*question.lowers[mention.end : region.start], *question.lowers[region.end :])
    is_total = all(word in COUNTED_IN or word in question.modality.asides for word in rest)
    for place, word in enumerate(sentence.lowers):
        number = 0 if word == "none" else read_number(word)
        if number is None and word in SETS and sentence.word_at(place - 1) in ("a", "one", "only"):
            number = SETS[word]
        if number is None:
            amount = read_amount(sentence.lowers, place) if word in ("dozen", "both", "of") else None
            number = amount.high if amount is not None and amount.low == amount.high else None
        if number is not None:
            noun, is_part = mention.noun, is_share(sentence, place)
            low, high, start = _read_bounds(sentence, place, number)
            high, is_all = None if is_part else high, is_total and not is_part
            end = place + 1 + 2 * (sentence.lowers[place + 1 : place + 3] == ("of", "them"))
            claim = CountClaim(noun.labels, noun.strength, low, high, is_all, start, end)
            yield claim if region is None else claim._replace(is_total=False, is_loose=is_all, region=region)
            return


def _read_bounds(sentence: Sentence, place: int, number: int) -> tuple[int, int | None, int]:
    """Least, most, and where it begins: "more than two" in an answer that does not say of what."""
    amount = read_amount(sentence.lowers, place)
    if amount is None or amount.start == place or number == 0:
        return number, number, place
    return amount.low, amount.high, amount.start


def _find_asked(question: Sentence) -> tuple[Mention, tuple[str, ...]] | None:
    """The things of which the number is asked, and the words that may narrow them down."""
    mentions = [m for m in question.mentions if not _is_no_thing(question, m)]
    if len(mentions) != 1:
        return None
    (mention,) = mentions
    words, rest = question.lowers, question.lowers[mention.end :]
    own = words[max(0, mention.start - 2) : mention.start]
    is_of = own[-1:] == ("of",) and own[:1] != own[-1:]
    is_sized = is_of and words[:1] == ("how",) and words[1:3] in SIZES and own[0] in GATHERED
    if own == HOW_MANY or is_sized or (is_of and own[0] in TOTALS):
        return mention, rest
    if own[-1:] == ("the",) and "count" in words[: mention.start]:
        return mention, rest
    before = words[: mention.start]
    is_there = (
        read_polar(question) and not ASKED_MANY.isdisjoint(own) and ("there" in before or not SEEING.isdisjoint(before))
    )
    is_there = is_there or (read_polar(question) and is_of and own[0] in GATHERED and not LARGE.isdisjoint(before))
    is_more = words[max(0, mention.start - 5) : mention.start] == ("more", "than", "one", "of", "the")
    if (
        is_there
        or (is_more and read_polar(question))
        or (own[-1:] == ("the",) and words[max(0, mention.start - 3)] == "of" and "many" in words)
    ):
        return mention, rest
    return None


def _is_no_thing(sentence: Sentence, mention: Mention) -> bool:
    own = sentence.lowers[mention.start : mention.end]
    return mention.noun.strength is Strength.LOOSE and NO_THINGS.issuperset(own)


def is_share(sentence: Sentence, place: int) -> bool:
    """Whether "two of the five" is said, which counts some; "there are two of them" counts all."""
    if sentence.word_at(place + 1) != "of":
        return False
    before = sentence.word_at(place - 1)
    return sentence.word_at(place + 2) != "them" or before not in EXISTENCE | SEEING | {
        "",
        "see",
        "spot",
        "count",
        ",",
        "the",
        "up",
        "out",
    }


def answer_where(sentence: Sentence, question: Sentence | None) -> Iterator[PlaceClaim]:
    """The place in "On the right." as an answer to "Where is the dog?"."""
    if question is None or not asks_where(question):
        return
    things = [m for m in question.mentions if not _is_no_thing(question, m)]
    if len({m.noun.labels for m in things}) != 1 or any(not _is_no_thing(sentence, m) for m in sentence.mentions):
        return
    for place in range(len(sentence.words)):
        region = read_region(_close(sentence, place), place) or _read_bare(sentence, place)
        if region is None:
            continue
        others = (*sentence.lowers[: region.start], *sentence.lowers[region.end : region.end + 1])
        if all(word in FRAGMENT or not word[0].isalnum() for word in others):
            is_all = things[0].noun.is_plural
            yield PlaceClaim((things[0],), region._replace(is_relative=False), 1, region.start, region.end, is_all)
        return


OF_BOTH = word_set("left right of them its their")


def answer_related(sentence: Sentence, question: Sentence | None) -> Iterator[RelationClaim]:
    """The order in "It is to the right of them." and "To the right." as answers to "Is the dog left of the cats?".

    Also that in "A dog." as an answer to "What is to the left of the cats?".
    """
    if question is None:
        return
    things = [m for m in question.mentions if not _is_no_thing(question, m)]
    if len(things) == 1 and {"what", "which"} & set(question.lowers[:3]):
        yield from _answer_beside(sentence, question, things[0])
    sides = [word for word in sentence.lowers if word in ("left", "right")]
    if len(things) != 2 or things[0].noun.labels == things[1].noun.labels or len(sides) != 1:
        return
    is_asked = asks_where(question) or not {"left", "right"}.isdisjoint(question.lowers)
    rest = (word for word in sentence.lowers if word not in OF_BOTH and word[0].isalnum())
    if is_asked and all(_is_no_thing(sentence, m) for m in sentence.mentions) and FRAGMENT.issuperset(rest):
        subject = things[0]
        if ("they" in sentence.lowers) != subject.noun.is_plural and {"they", "it"} & set(sentence.lowers):
            things.reverse()
        yield RelationClaim((things[0],), sides[0], things[1], 0, len(sentence.lowers))


def _answer_beside(sentence: Sentence, question: Sentence, second: Mention) -> Iterator[RelationClaim]:
    own = [m for m in sentence.mentions if not _is_no_thing(sentence, m)]
    side = next((word for word in question.lowers[: second.start] if word in ("left", "right")), None)
    is_beside = question.lowers[max(0, second.start - 3) : second.start] in (
        (side, "of", "the"), ("side", "of", "the"), ("hand", "of", "the")
    )  # fmt: skip
    if side is None or not is_beside or len(own) != 1 or own[0].noun.labels == second.noun.labels:
        return
    rest = (*sentence.lowers[: own[0].start], *sentence.lowers[own[0].end :])
    if all(
        word in PRESENTED or word in FRAGMENT or read_number(word) is not None or not word.isalpha() for word in rest
    ):
        yield RelationClaim((own[0],), side, second, 0, own[0].end)


def _close(sentence: Sentence, place: int) -> Sentence:
    """The sentence as one that begins at `place` behind "is": a fragment leaves it out."""
    if sentence.word_at(place - 1) not in ("", ",", "it", "they"):
        return sentence
    lowers = list(sentence.lowers)
    if place:
        lowers[place - 1] = "is"
    return replace(sentence, lowers=tuple(lowers))


def _read_bare(sentence: Sentence, place: int) -> Region | None:
    """ "The left.", "Right side." """
    names = sentence.word_at(place)
    if names not in SIDES and names not in HEIGHTS:
        return None
    end = place + 1 + (sentence.word_at(place + 1) in ("side", "half", "part", "one", "edge"))
    if sentence.word_at(end) not in ("", ".", "!", ",", "does", "do") or sentence.word_at(place - 1) not in (
        "",
        "the",
        "to",
    ):
        return None
    start = place - (sentence.word_at(place - 1) == "the")
    return Region(SIDES.get(names, ""), HEIGHTS.get(names, ""), start, end)


def is_plain_yes(sentence: Sentence) -> bool:
    """Whether an answer says yes and no more: "Yes, there are." """
    return bool(sentence.lowers) and sentence.lowers[0] in YES and PLAIN_YES.issuperset(sentence.lowers[1:])


def asks_where(question: Sentence) -> bool:
    """Whether a question asks for a place."""
    words = question.lowers
    if any(words[k : k + len(key)] == key for key in WHERE for k in range(len(words))):
        return True
    sides = [word for word in words if word in SIDES or word in HEIGHTS]
    return "or" in words and len(set(sides)) > 1


def answer_what(sentence: Sentence, question: Sentence | None) -> Iterator[PlaceClaim]:
    """The thing in "There is a dog." as an answer to "What is on the left?"."""
    if question is None or not {"what", "which", "who"} & set(question.lowers[:4]):
        return
    regions = [r for k in range(len(question.words)) if (r := read_region(question, k))]
    if len(regions) != 1 or any(m.noun.strength is not Strength.LOOSE for m in question.mentions):
        return
    things = [m for m in sentence.mentions if m.noun.strength is not Strength.LOOSE and not is_observer(sentence, m)]
    if not things or any(read_region(sentence, k) for k in range(len(sentence.words))):
        return
    before = sentence.lowers[: things[0].start]
    if all(word in PRESENTED or read_number(word) is not None for word in before):
        region = regions[0]._replace(is_relative=False)
        yield PlaceClaim((things[0],), region, 1, 0, things[0].end)


PRESENTED = COUNTED_IN | word_set(
    "group row cluster set line a an the there's it's it its only just some several one here , single on part side"
)
