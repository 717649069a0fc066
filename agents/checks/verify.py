"""Model-free checks of an instruction: what it says against the boxes, the captions and the lexicon.

Objections are about the assistant's turns; the user's turns are only searched for what the modality cannot show. Each
check lets pass what it cannot decide: a claim is objected to only when no reading of it agrees with the boxes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from agents.checks.brightness import (
    BrightnessClaim,
    find_brightness_claims,
    find_degrees,
    is_brightness_word,
    is_measured,
)
from agents.checks.claims.answers import answer_how_many, is_plain_yes, read_polar
from agents.checks.claims.comparisons import find_comparisons
from agents.checks.claims.judging import find_wrong_number, is_wrong_comparison
from agents.checks.claims.quantities import CountClaim, count_of_them, find_counts, find_known
from agents.checks.evidence import Evidence, gather_evidence
from agents.checks.fact_book import FactBook
from agents.checks.places.located import list_wrong, read_located
from agents.checks.places.placements import PRONOUNS, PlaceClaim
from agents.checks.unsupported.absence import find_absences
from agents.checks.unsupported.asked import find_denied, find_denied_thing
from agents.checks.unsupported.asserted import is_asserted, is_presupposed
from agents.checks.unsupported.at_large import asks_at_large, is_at_large, is_of_any
from agents.checks.unsupported.general import PHYSICS, claims_nothing, ends_question, is_in_question, is_only_asked
from agents.checks.unsupported.left_open import leaves_absence_open
from agents.checks.unsupported.overlapping import keep_telling
from agents.checks.unsupported.particulars import find_particulars
from agents.english.asides import drop_asides
from agents.english.categories import Mention, Strength
from agents.english.sentences import PICTURE_WORDS, Sentence, Word, split_sentences
from tools.evidence import CLAIM_CHECK
from tools.evidence import Evidence as Measured
from tools.prompts.lexicon import Hit, Lexicon
from tools.prompts.pack import Pack
from tools.records import Box, InstructionKind, Message, Objection

COORDINATES = re.compile(
    r"[\[(]\s*\d{0,4}(?:\.\d+)?\s*,\s*\d{0,4}(?:\.\d+)?\s*(?:,\s*\d{0,4}(?:\.\d+)?\s*){0,2}[\])]"
    r"|(?<![\w.,])0?\.\d+(?![\w.]*\w)(?!\s?(?:°|degrees?|%|seconds?|s\b|m\b|cm\b|mm\b|metres?|meters?|inch|micro|µm"
    r"|μm))"
    r"|\b[xy](?:[12]|min|max|_min|_max)\b|\bcoordinates?\b",
    re.IGNORECASE,
)
HAS_DIGIT_OR_NAME = re.compile(r"[\dA-Za-z]")
GIVEN = r"(?:captions?|bounding[ -]?box(?:es)?|bbox(?:es)?|annotations?|annotators?|metadata)"
SOURCE = re.compile(
    rf"\b(?:(?:the|these|those|its|their|all|both|each of the|two|three|four|five|provided|given"
    rf"|image['’]s) (?:\w+ ){{0,2}}{GIVEN}"
    rf"|{GIVEN} (?:also |only |clearly )?(?:says?|states?|mentions?|tells?|tell us|indicates?|describes?|lists?"
    rf"|suggests?|shows?|reports?"
    r"|notes?|speaks?|confirms?|names?|marks?)"
    rf"|(?:according to|based on|judging by|going by|from|per|by|in|as in|told by|given by|mentioned in|described in"
    rf"|stated in) {GIVEN}"
    r"|bounding[ -]?box(?:es)?|bbox(?:es)?|(?:is|are|was|were|been|as) annotated|captioned as"
    r"|the (?:\w+ )?descriptions? (?:says?|states?|mentions?|tells?|indicates?|provided|given)"
    r"|according to the (?:\w+ )?(?:descriptions?|text|sentences?|labels?|boxes)"
    r"|(?:provided|given) (?:descriptions?|text|sentences?|boxes|labels|information))\b",
    re.IGNORECASE,
)
SOURCE_NOUN = re.compile(rf"\b{GIVEN}\b|\bannotated\b", re.IGNORECASE)
DENYING = re.compile(
    r"\s*(?:no\b|not\b|if\b|(?:that|it)(?: is| remains|['’]s) (?:open|anyone|a matter|undecided|beyond)\b|it(?: is"
    r"|['’]s) (?:not|hard|impossible|unclear|an? (?:\w+ )?(?:image|picture|photo|recording|map)\b)|that cannot"
    r"|there is no"
    r"|(?:\w+ ){0,8}(?:cannot|can['’]t|not)\b"
    r"|(?!\s*(?:yes|indeed|correct|right|certainly|of course|sure)\b)[^.!?\n]*?\b"
    r"(?:neither|nor|cannot|can['’]t|unable|unknown|unclear|impossible|no way"
    r"|only (?:records?|shows?|registers?|measures?))\b)",
    re.IGNORECASE,
)
"""How an answer begins that does not say yes."""
AHEAD = 600
"""Characters of an answer in which it says yes or no."""
AFFIRMING = re.compile(
    r"\s*(?:yes|yeah|yep|indeed|correct|right|true|certainly|surely|sure|of course|exactly|absolutely|definitely"
    r"|clearly"
    r"|apparently|probably|seemingly|mostly|partly|so it (?:is|does|seems)|that['’]s right|i think so"
    r"|(?:it|that|he|she)['’]s\b|(?:they|these)['’]re\b|(?:looks|seems) like it"
    r"|(?:it|they|he|she|that|this|these|those|(?:the|both|all|one) (?:[\w-]+ ){1,5}?)\s*"
    r"(?:is|are|was|were|do|does|did|has|have|can|looks?|seems?|appears?)\b)",
    re.IGNORECASE,
)
"""How an answer begins that says yes, or says the same of what was asked about."""
JOINED = re.compile(
    r"[ ,]+(?:(?:is|are|was|were|of|in|with|by|on|the|a|an|its|that|which|and|all|to|deep|over|across|from|at|has"
    r"|have)[ ,]+)"
    r"{0,3}"
)
"""Between two words of a category that are one fault: "the word 'Sale' | is | written"."""
NUMBERING = re.compile(
    r"(?:s|\bthey|\bwhich|\bthat|\bpeople|\bmen|\bwomen|\bchildren|\bsheep)(?: (?:still|now|thus|therefore|also"
    r"|indeed|exactly|only|just))?"
    r"(?: (?:on|at|in|to|near) the [\w ]{1,30})?\s+$",
    re.IGNORECASE,
)
"""Before "number five", said of how many there are."""
ANY_NUMBER = -1
"""In place of a number: single ones were spoken of, which later may be "the two dogs"."""
SAID_AGAIN = 0.06
"""Degrees by which an end of the range may differ that an answer takes from its question, which gives one decimal."""


Quote = Callable[[int, int], str]


@dataclass
class _Talk:
    """What has been said so far that later words may refer to, and the modality's words.

    Attributes:
        asked: all questions.
        counted: numbers that were given, by class.
        said: sentences since the question.
        held: words with which a question ended that asks for yes or no; only a yes claims them.
        is_at_large: the last question asks for no image.
        present: classes of which the image has things.
    """

    pack: Pack
    question: Sentence | None = None
    antecedents: tuple[Mention, ...] = ()
    book: FactBook | None = None
    asked: str = ""
    counted: set[tuple[str, int]] = field(default_factory=set)
    said: int = 0
    held: tuple[Hit, ...] = ()
    is_at_large: bool = False
    present: frozenset[str] = frozenset()
    objections: dict[tuple[str, str], Objection] = field(default_factory=dict)

    def ask(self, text: str, sentences: Sequence[Sentence]) -> None:
        """Take what the user says as the question of what follows."""
        self.asked += f"{text}\n"
        self.question = next((s for s in sentences if s.mentions), sentences[0] if sentences else None)
        self.antecedents = settle(self.question.mentions) if self.question else ()
        self.said = 0

    def object_to(self, check: str, quote: str, reason: str, category: str = "") -> None:
        """Add an objection once."""
        made = Objection(check=check, category=category or check, quote=quote, reason=reason)
        self.objections.setdefault((made.category, quote.lower()), made)


def verify(
    messages: Sequence[Message],
    boxes: Sequence[Box],
    captions: Sequence[str],
    lexicon: Lexicon,
    kind: InstructionKind | None = None,
    *,
    has_evidence: bool = True,
    measured: Measured | None = None,
) -> tuple[Objection, ...]:
    """Check one instruction.

    Args:
        messages: user and assistant turns.
        boxes: what is in the image.
        captions: further evidence of what is in the image.
        lexicon: what the modality cannot show, all categories.
        kind: in a description a plural without an article ("dogs lie on the sofa") is taken as a claim, elsewhere as
            general knowledge.
        has_evidence: False leaves out the checks against boxes and captions.
        measured: what was measured in the pixels; words for bright and dark are then judged by it, and not by the
            lexicon, which knows them as words for visible light.

    Returns:
        The objections in the order of the messages; each quotes the words as they stand there.
    """
    book = FactBook(measured, boxes) if measured is not None else None
    talk = _Talk(lexicon.pack, book=book, present=frozenset(box.label for box in boxes))
    evidence = gather_evidence(boxes, captions)
    for message in messages:
        attributes = _check_words(message, lexicon, talk)
        split = split_sentences(message.content, evidence.nouns, talk.pack.words)
        sentences = [drop_asides(sentence) for sentence in split] if has_evidence else []
        if message.role == "user":
            talk.ask(message.content, sentences)
            continue
        names = lexicon.find_names(message.content) if sentences else []
        _check_origin(message.content, talk)
        for sentence in sentences:
            question = talk.question if talk.said == 0 else None
            plain = _affirm(_drop_parts(sentence, attributes, names), question)
            _check_sentence(message.content, plain, evidence, kind, talk)
            _check_known(message.content, plain, question, evidence, attributes, names, talk)
            talk.said += 1
    return tuple(talk.objections.values())


def _check_words(message: Message, lexicon: Lexicon, talk: _Talk) -> tuple[Hit, ...]:
    text, words, is_asked = message.content, talk.pack.words, message.role == "user"
    if is_asked:
        names = {*words.qualifiers, talk.pack.nouns.adjective.lower()}
        talk.is_at_large = asks_at_large(text, names, talk.present)
    named = [hit for hit in lexicon.find(text) if not (talk.book and is_brightness_word(hit.text, words))]
    is_at_large = talk.is_at_large and not is_asked
    claimed = (
        hit
        for hit in _merge(text, named)
        if not claims_nothing(text, hit, talk.pack, talk.present, is_asked_at_large=is_at_large)
        and not _is_verb(text, hit)
    )
    hits = keep_telling(claimed, text, words.topics)
    return _check_asked(text, hits, lexicon, talk) if is_asked else _check_said(text, hits, lexicon, talk)


def _check_asked(text: str, hits: Sequence[Hit], lexicon: Lexicon, talk: _Talk) -> tuple[Hit, ...]:
    """The words that a question claims; what it only asks is held against a yes."""
    hits = [hit for hit in hits if not (talk.is_at_large or is_only_asked(text, hit, talk.pack))]
    talk.held = tuple(hit for hit in hits if ends_question(text, hit))
    claimed = tuple(hit for hit in hits if hit not in talk.held)
    _object_to_words([hit for hit in claimed if hit.category != PHYSICS], lexicon, talk)
    return claimed


def _check_said(text: str, hits: Sequence[Hit], lexicon: Lexicon, talk: _Talk) -> tuple[Hit, ...]:
    """The words that an answer claims, with those of its question to which it says yes."""
    claimed = tuple(hit for hit in hits if not is_in_question(text, hit))
    head = text[:AHEAD]
    if talk.held and AFFIRMING.match(head) and not DENYING.match(head):
        categories = {own.category for own in claimed}
        _object_to_words([hit for hit in talk.held if hit.category not in categories], lexicon, talk)
    _object_to_words(claimed, lexicon, talk)
    return claimed


def _object_to_words(hits: Sequence[Hit], lexicon: Lexicon, talk: _Talk) -> None:
    for hit in hits:
        own = lexicon.categories[hit.category]
        reason = (own.reason or talk.pack.objections.lexicon).format(hit=hit.text, category=own.title.lower())
        talk.object_to("lexicon", hit.text, reason, hit.category)


def _merge(text: str, hits: Sequence[Hit]) -> Iterator[Hit]:
    """The attributes of one category that stand side by side as one: "aluminum foil", "upholstered in suede"."""
    last: Hit | None = None
    for hit in hits:
        if last is not None and last.category == hit.category and JOINED.fullmatch(text, last.end, hit.start):
            last = Hit(last.category, last.start, hit.end, text[last.start : hit.end])
            continue
        if last is not None:
            yield last
        last = hit
    if last is not None:
        yield last


def _is_verb(text: str, hit: Hit) -> bool:
    """Whether "the dogs number five" is said."""
    is_verb = hit.text.lower().startswith("number ")
    return is_verb and NUMBERING.search(text[max(0, hit.start - 60) : hit.start]) is not None


def _drop_parts(sentence: Sentence, attributes: Sequence[Hit], names: Sequence[tuple[int, int]]) -> Sentence:
    """The sentence without mentions that are attributes or parts of a name: an "orange bus" is no orange."""
    if not sentence.mentions or not (attributes or names):
        return sentence
    kept = tuple(m for m in sentence.mentions if not _is_part(sentence.span(m.start, m.end), attributes, names))
    return replace(sentence, mentions=kept) if len(kept) < len(sentence.mentions) else sentence


def _is_part(span: tuple[int, int], attributes: Sequence[Hit], names: Sequence[tuple[int, int]]) -> bool:
    start, end = span
    if any(hit.start < end and start < hit.end for hit in attributes):
        return True
    return any(first <= start and end <= last and last - first > end - start for first, last in names)


def _check_origin(text: str, talk: _Talk) -> None:
    for match in COORDINATES.finditer(text):
        context = text[max(0, match.start() - 40) : match.end() + 40].lower()
        is_quantity = any(word in context for word in talk.pack.words.quantities)
        if HAS_DIGIT_OR_NAME.search(match[0]) and not is_quantity:
            talk.object_to("coordinates", match[0], f'"{match[0]}" gives coordinates, which an image does not show.')
    for match in SOURCE.finditer(text):
        named = SOURCE_NOUN.search(match[0])
        words = named[0] if named else match[0]
        reason = f'"{words}" reveals that the answer was not written from the image alone.'
        talk.object_to("source", words, reason)


def _check_sentence(
    text: str, sentence: Sentence, evidence: Evidence, kind: InstructionKind | None, talk: _Talk
) -> None:
    quote = _quote_from(text, sentence)
    last, talk.antecedents = talk.antecedents, _agree(talk.antecedents, sentence)
    stated = sentence.drop_hedged() if sentence.is_hedged() else None
    if sentence.is_hedged():
        for claim in find_known(sentence):
            if not _is_spoken_of(claim, talk):
                _check_count(claim, evidence, quote, talk)
        own = stated or sentence
        if stated is not None:
            _check_places(own, (), evidence, _quote_from(text, own), talk)
        _check_objects(own, evidence, kind, _quote_from(text, own), talk, is_hedged=stated is None)
    else:
        _check_counts(sentence, evidence, quote, talk)
        measured = _check_brightness(text, sentence, talk.book, quote, talk) if talk.book is not None else ()
        _check_places(sentence, measured, evidence, quote, talk)
        _check_objects(sentence, evidence, kind, quote, talk)
    talk.antecedents = settle(sentence.mentions) or last


def _quote_from(text: str, sentence: Sentence) -> Quote:
    """What gives the words of a sentence as they stand in the text."""

    def quote(start: int, end: int) -> str:
        first, last = sentence.span(start, end)
        return text[first:last]

    return quote


def _affirm(answer: Sentence, question: Sentence | None) -> Sentence:
    """What "yes" says: the question, each word of which stands where the answer does. Else the answer."""
    if question is None or not (is_plain_yes(answer) and read_polar(question)):
        return answer
    start, end = answer.span(0, len(answer.words))
    return replace(question, words=tuple(Word(word.lower, start, end) for word in question.words))


def _check_brightness(
    text: str, sentence: Sentence, book: FactBook, quote: Quote, talk: _Talk
) -> tuple[BrightnessClaim, ...]:
    """What a sentence states of brightness and of degrees; its statements, whose places are not those of things."""
    claims = tuple(find_brightness_claims(sentence, book, talk.pack.words, talk.antecedents))
    for claim in claims:
        if not claim.is_true:
            words = quote(claim.start, claim.end)
            talk.object_to(CLAIM_CHECK, words, f'"{words}" is not what was measured in the image.')
    first, last = sentence.span(0, len(sentence.words))
    named = [mention for mention in sentence.mentions if mention.noun.strength is not Strength.LOOSE]
    mentions = named or ([] if PRONOUNS.isdisjoint(sentence.lowers) else talk.antecedents)
    things = {thing for mention in mentions for thing in book.resolve(sentence, mention)}
    for match in find_degrees(text[first:last]):
        (value,) = _read_degrees(match[0])
        is_end = is_measured(value, book.evidence.shown or (), SAID_AGAIN)
        if not is_end and not is_measured(value, book.list_degrees(things)):
            talk.object_to(CLAIM_CHECK, match[0], f'"{match[0]}" is no temperature that was measured in the image.')
        elif not book.has_range(_read_degrees(talk.asked)):
            reason = f'"{match[0]}" cannot be read from the image: no question gives what black and white stand for.'
            talk.object_to(CLAIM_CHECK, match[0], reason)
    return claims


def _read_degrees(text: str) -> list[float]:
    """Every temperature that a text gives."""
    return [float(match[1].replace(",", ".")) for match in find_degrees(text)]


def settle(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """What "it" or "they" can only mean after these mentions: their one class, or one singular and one plural."""
    named = [m for m in mentions if m.noun.strength is not Strength.LOOSE] or list(mentions)
    if len({mention.noun.labels for mention in named}) == 1:
        return tuple(named[:1])
    first = {mention.noun.labels: mention for mention in reversed(named)}
    is_told_apart = len(first) == 2 and len({mention.noun.is_plural for mention in named}) == 2 == len(named)
    return tuple(named) if is_told_apart else ()


def _agree(antecedents: tuple[Mention, ...], sentence: Sentence) -> tuple[Mention, ...]:
    """Of what was named last what "it", or "they", of a sentence can stand for."""
    if len(antecedents) < 2:
        return antecedents
    is_one, is_more = "it" in sentence.lowers, not {"they", "them"}.isdisjoint(sentence.lowers)
    return tuple(m for m in antecedents if m.noun.is_plural == is_more) if is_one != is_more else ()


def _check_counts(sentence: Sentence, evidence: Evidence, quote: Quote, talk: _Talk) -> None:
    asked = talk.question.lowers if talk.question else ()
    claims = list(find_counts(sentence, is_it_picture=not PICTURE_WORDS.isdisjoint(asked)))
    if not claims:
        claims = list(answer_how_many(sentence, talk.question))
        talk.question = None if claims else talk.question
    claims = claims or list(count_of_them(sentence, talk.antecedents))
    if not claims and talk.said == 0:
        denied = find_denied_thing(sentence, talk.question, evidence)
        claims = [] if denied is None else [_count_none(denied, sentence)]
    for claim in claims:
        if not (claim.is_again and _is_spoken_of(claim, talk)):
            _check_count(claim, evidence, quote, talk)
    for comparison in find_comparisons(sentence):
        if is_wrong_comparison(comparison, evidence):
            words = quote(comparison.start, comparison.end)
            talk.object_to("count", words, f'"{words}" does not agree with how many of each the image has.')
    talk.counted.update((claim.labels[0], claim.low) for claim in claims)
    talk.counted.update((m.noun.labels[0], ANY_NUMBER) for m in sentence.mentions if not m.noun.is_plural)


def _count_none(mention: Mention, sentence: Sentence) -> CountClaim:
    """ "No." is none."""
    return CountClaim(mention.noun.labels, mention.noun.strength, 0, 0, True, 0, len(sentence.words))


def _check_count(claim: CountClaim, evidence: Evidence, quote: Quote, talk: _Talk) -> None:
    found = find_wrong_number(claim, evidence)
    if found is not None:
        words, label = quote(claim.start, claim.end), claim.labels[0]
        where = "image" if claim.region is None else "part of the image"
        reason = f'"{words}" does not agree with the {where}, which has {found} of the class {label}.'
        talk.object_to("count", words, reason)


def _is_spoken_of(claim: CountClaim, talk: _Talk) -> bool:
    """Whether "all three dogs" may be three that were spoken of, and not all there are."""
    return not talk.counted.isdisjoint((claim.labels[0], number) for number in (claim.low, ANY_NUMBER))


def _check_places(
    sentence: Sentence, measured: Sequence[BrightnessClaim], evidence: Evidence, quote: Quote, talk: _Talk
) -> None:
    found = read_located(sentence, talk.antecedents, talk.question, talk.said)
    for claim, with_what in list_wrong(found, evidence):
        is_of_measured = isinstance(claim, PlaceClaim) and any(
            own.start < claim.region.end and claim.region.start < own.end for own in measured
        )
        if not is_of_measured:
            words = quote(claim.start, claim.end)
            talk.object_to("position", words, f'"{words}" does not agree with {with_what}.')


def _check_objects(
    sentence: Sentence,
    evidence: Evidence,
    kind: InstructionKind | None,
    quote: Quote,
    talk: _Talk,
    *,
    is_hedged: bool = False,
) -> None:
    for mention in sentence.mentions:
        is_given = is_hedged and is_presupposed(sentence, mention)
        if is_hedged and not is_given:
            continue
        if mention.noun.strength is Strength.LOOSE or evidence.has(mention.noun.labels[0]):
            continue
        if sentence.lowers[mention.end + 1 : mention.end + 3] == ("not", "what"):
            continue  # "dogs are not what it is about"
        if sentence.is_negated(mention.start) or "zero" in sentence.lowers[mention.end :]:
            continue
        if is_given or is_asserted(sentence, mention, are_plurals_claims=kind == "description"):
            words = quote(mention.start, mention.end)
            reason = f'Nothing in the image speaks for "{words}" (class {mention.noun.labels[0]}).'
            talk.object_to("object", words, reason)


def _check_known(
    text: str,
    sentence: Sentence,
    question: Sentence | None,
    evidence: Evidence,
    attributes: Sequence[Hit],
    names: Sequence[tuple[int, int]],
    talk: _Talk,
) -> None:
    """What is stated though nothing tells it; `question` is that of which the sentence may be the whole answer."""
    stated = sentence.drop_hedged() if sentence.is_hedged() else sentence
    if stated is None:
        return
    sentence = stated
    said = " ".join(sentence.lowers).replace(" ,", ",")
    found = [*find_absences(sentence, evidence), *find_particulars(sentence, evidence)]
    denied = None if found else find_denied(sentence, question, evidence)
    for start, end in [*found, *([denied] if denied else [])]:
        first, last = sentence.span(start, end)
        words = text[first:last]
        is_open = _is_unclaimed(said, talk) or leaves_absence_open(said, max(0, said.find(words.lower())))
        if not _is_part((first, last), attributes, names) and not is_open and not _is_counted(words, talk):
            talk.object_to("unsupported", words, f'Nothing that is known of the image says "{words}".')


def _is_counted(words: str, talk: _Talk) -> bool:
    """Whether what is said to be absent was objected to as a number: "no people" where some are."""
    return any(key == "count" and (words.lower() in said or said in words.lower()) for key, said in talk.objections)


def _is_unclaimed(said: str, talk: _Talk) -> bool:
    """Whether a sentence says nothing of the image that it would be at fault for."""
    return is_at_large(said) or is_of_any(said, talk.present)
