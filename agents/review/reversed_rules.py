"""Which rules people reverse: they bring back words that a rule took away, or accept what a rule was mined from."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from agents.conversation.results import Result
from agents.conversation.rules import normalise
from agents.review.book import Opinions, ReviewBook
from agents.review.texts import Key, hash_body
from tools.prompts.lexicon import Lexicon
from tools.records import Pair, Rule


class ReversedRule(NamedTuple):
    """What people did about a rule.

    Attributes:
        seen: reviewed captions out of which the rule took words.
        restored: of those, the ones whose edit by a person has words of the rule's category again that the dataset's
            caption had.
        overruled: objections that the rule was mined from, against texts that people accept as they were.
    """

    rule: Rule
    seen: int
    restored: int
    overruled: int


class _Counts(NamedTuple):
    seen: Counter[str]
    restored: Counter[str]
    overruled: Counter[tuple[str, str]]


def find_reversed(
    results: Iterable[Result], rules: Iterable[Rule], book: ReviewBook, lexicon: Lexicon
) -> list[ReversedRule]:
    """The rules that people reversed at least once, those reversed most often first."""
    listed = list(rules)
    categories = {rule.id: rule.category for rule in listed}
    counts = _Counts(Counter(), Counter(), Counter())
    for result in results:
        for pair in result.pairs:
            opinions = book.find(Key(pair.id, hash_body(pair.caption)))
            for id in pair.applied if opinions else ():
                counts.seen[id] += 1
                counts.restored[id] += _restores(pair, categories.get(id, ""), opinions, lexicon)
        counts.overruled.update(_list_overruled(result, book))
    found = [
        ReversedRule(
            rule, counts.seen[rule.id], counts.restored[rule.id], counts.overruled[rule.category, normalise(rule.text)]
        )
        for rule in listed
    ]
    reversed_ones = [item for item in found if item.restored or item.overruled]
    return sorted(reversed_ones, key=lambda item: -(item.restored + item.overruled))


def _restores(pair: Pair, category: str, opinions: Opinions, lexicon: Lexicon) -> bool:
    """Whether an edit has words of a category that went out of the dataset's caption."""
    if category not in lexicon.categories:
        return False

    def name(text: str) -> set[str]:
        return {hit.text.lower() for hit in lexicon.find(text, {category})}

    gone = name(pair.original) - name(pair.caption)
    edits = [review.edited for review in opinions.values() if isinstance(review.edited, str)]
    return any(gone & name(edit) for edit in edits)


def _list_overruled(result: Result, book: ReviewBook) -> Iterator[tuple[str, str]]:
    """The rules, by category and text, that were mined from an objection against a text that all people accept."""
    for made in result.caption_rounds:
        quotes = {
            objection.quote
            for item in made.objected
            if book.decide(Key(item.pair.id, hash_body(item.pair.caption))) == "accept"
            for objection in item.objections
        }
        yield from ((rule.category, normalise(rule.text)) for rule in made.mined if rule.objection in quotes)
    for debate in result.debates:
        for attempt in debate.rounds:
            if book.decide(Key(debate.id, hash_body(attempt.messages))) == "accept":
                yield from ((rule.category, normalise(rule.text)) for rule in attempt.mined)
