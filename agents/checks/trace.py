"""Which facts stand behind a text: its sentences that state something measured, each with the facts that say so."""

from collections.abc import Iterator, Sequence

from agents.checks.brightness import find_brightness_claims, find_degrees, is_measured
from agents.checks.evidence import gather_evidence
from agents.checks.fact_book import FactBook
from agents.checks.verify import settle
from agents.english.categories import Mention
from agents.english.sentences import Sentence, split_sentences
from tools.evidence import Evidence, Fact
from tools.prompts.pack_records import CheckWords
from tools.records import Box, Message, Record


class Statement(Record):
    """A sentence that states something measured.

    Attributes:
        row: id of the pair or instruction that it stands in.
        text: as it stands there.
        facts: places in the evidence's `facts` of those that support it.
    """

    row: str
    text: str
    facts: tuple[int, ...]


def trace_statements(
    row: str,
    messages: Sequence[Message],
    boxes: Sequence[Box],
    captions: Sequence[str],
    measured: Evidence,
    words: CheckWords,
) -> Iterator[Statement]:
    """The assistant's sentences that facts support, in their order; those that state nothing measured are left out.

    Args:
        row: id that the statements are to carry.
        boxes: in the order in which `measured` counts them.
        captions: further evidence of what is in the image.
        words: the modality's, for bright and dark.
    """
    nouns, book = gather_evidence(boxes, captions).nouns, FactBook(measured, boxes)
    antecedents: tuple[Mention, ...] = ()
    for message in messages:
        sentences = tuple(split_sentences(message.content, nouns, words))
        if message.role == "user":
            antecedents = settle(next((sentence.mentions for sentence in sentences if sentence.mentions), ()))
            continue
        for sentence in sentences:
            if not sentence.is_hedged():
                text = _cut(message.content, sentence)
                facts = _find_facts(text, sentence, book, words, antecedents)
                if facts:
                    yield Statement(row=row, text=text, facts=tuple(sorted(facts)))
            antecedents = settle(sentence.mentions) or antecedents


def _cut(text: str, sentence: Sentence) -> str:
    first, last = sentence.span(0, len(sentence.words))
    return text[first:last]


def _find_facts(
    text: str, sentence: Sentence, book: FactBook, words: CheckWords, antecedents: Sequence[Mention]
) -> set[int]:
    found = {
        place
        for claim in find_brightness_claims(sentence, book, words, antecedents)
        if claim.is_true
        for place in claim.facts
    }
    for match in find_degrees(text):
        value = float(match[1].replace(",", "."))
        found.update(place for place, fact in enumerate(book.evidence.facts) if _has_degrees(fact, value))
    return found


def _has_degrees(fact: Fact, value: float) -> bool:
    known = [abs(number) if name == "degrees" else number for name, number in fact.values.items() if name != "window"]
    return fact.kind in DEGREES and is_measured(value, known)


DEGREES = frozenset({"region_temperature", "image_temperature", "difference"})
"""Kinds of facts that hold temperatures or differences of them."""
