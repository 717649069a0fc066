"""The history of a run's rules: every time one was mined, since when it was in force, what it changed."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from agents.conversation.book.meaning import is_covered, read_scope
from agents.conversation.rules import Mined, fold_rules, list_reverted, normalise
from agents.output.export import read_reverted
from agents.store.run_store import RunStore
from agents.studio.index.find import Index
from tools.records import Rule

MOST_SHOWN = 20
"""Times that a rule was mined that are shown."""


class RuleHistory(NamedTuple):
    """One rule.

    Attributes:
        support: how often it was mined.
        used: captions that it changed, of the images that are in the index.
        since: id of the first image in whose book it was, empty where it was in none.
        mined: the first times that it was mined, in the order of the images.
        reverted: why it is not in force, empty where it is.
    """

    rule: Rule
    support: int
    used: int
    since: str
    mined: tuple[Mined, ...]
    reverted: str = ""


def read_histories(store: RunStore, index: Index) -> tuple[RuleHistory, ...]:
    """Every rule that was ever in a book: those written by hand, then mined ones, then those taken back."""
    seeds = [Rule.model_validate(rule) for rule in store.read_meta("seed_rules") or ()]
    mined, reverted = [item for _, item in store.list_mined()], read_reverted(store)
    book = fold_rules(seeds, mined, cap=len(mined), keeps_covered=True, reverted=reverted)
    used, since = index.read_counts("used"), index.read_counts("since")
    first = _name_positions(store, since.values())
    owners = _sort_mined([entry.rule for entry in book.entries], mined)
    found = [
        RuleHistory(
            entry.rule,
            entry.support,
            used.get(entry.rule.id, 0),
            first.get(since.get(entry.rule.id, -1), ""),
            tuple(owners.get(entry.rule.id, ())[:MOST_SHOWN]),
        )
        for entry in book.entries
    ]
    back = [RuleHistory(each.rule, each.support, 0, "", (), each.reason) for each in list_reverted(mined, reverted)]
    return (*found, *back)


def _name_positions(store: RunStore, positions: Iterable[int]) -> dict[int, str]:
    """The ids of images by their positions."""
    wanted = tuple(set(positions))
    marks = ", ".join("?" * len(wanted))
    query = f"SELECT position, CAST(image_id AS TEXT) FROM results WHERE position IN ({marks})"
    return dict(store.query(query, wanted))


def _sort_mined(rules: Sequence[Rule], mined: Sequence[Mined]) -> dict[str, list[Mined]]:
    """What was mined, by the rule of the book that says it: one of them covers the other."""
    scopes = [(rule, read_scope(rule.text, rule.category)) for rule in rules]
    known: dict[tuple[str, str], str | None] = {}
    found: dict[str, list[Mined]] = {}
    for item in mined:
        key = item.category, normalise(item.text)
        if key not in known:
            scope = read_scope(item.text, item.category)
            same = (
                rule.id
                for rule, own in scopes
                if rule.category == item.category and (is_covered(scope, own) or is_covered(own, scope))
            )
            known[key] = next(same, None)
        if (owner := known[key]) is not None:
            found.setdefault(owner, []).append(item)
    return found
