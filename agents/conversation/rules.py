"""The rule book: what the caption agent removes, as a pure fold of seed rules and mined rules (paper 3.1, 3.3).

Concurrency never shows in it: the mined list is ordered by (image, place in its conversation), so the same images
give the same book in whatever order they finished.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from agents.conversation.book.meaning import Scope, is_covered, read_scope
from agents.conversation.book.reverted import RevertedRule, find_reverted
from tools.errors import UsageError
from tools.files.json_text import decode_object
from tools.files.text import iterate_lines
from tools.records import Record, Rule

DEFAULT_CAP = 32


class Mined(NamedTuple):
    """A rule as it was mined: `image_id` and `place` (0, 1, ... within the image's conversation) order the list."""

    image_id: str
    place: int
    round: int
    text: str
    category: str
    objection: str


class Entry(Record):
    """A rule in the book and how many times it was mined (0 for a seed rule that nobody mined again)."""

    rule: Rule
    support: int


@dataclass(frozen=True)
class RuleBook:
    """The rules in force for one block.

    Attributes:
        version: the block that reads it.
        entries: seed rules first, then mined ones in the order they were first seen.
    """

    version: int
    entries: tuple[Entry, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules without their support."""
        return tuple(entry.rule for entry in self.entries)


def normalise(text: str) -> str:
    """Letters and digits only, lower case: `Drop  Materials.` and `drop materials` are one rule."""
    return re.sub(r"[^\w]+", " ", text.lower()).strip()


def fold_rules(
    seeds: Sequence[Rule],
    mined: Iterable[Mined],
    *,
    cap: int = DEFAULT_CAP,
    version: int = 0,
    keeps_covered: bool = False,
    reverted: Sequence[RevertedRule] = (),
) -> RuleBook:
    """Merge rules that say the same, then keep the `cap` best-supported mined rules (ties: first seen).

    A mined rule joins the first rule of its category that covers it, or else the first mined one that it covers
    (`meaning`). The first id stays, the more general text wins, and support adds up; seed rules keep their text. A
    longer list never takes an id from a shorter one, but what a text that became more general covers is out of force.

    Args:
        seeds: always kept, support 0 unless mined again.
        mined: in the order (image, place).
        cap: greatest number of mined rules in force.
        keeps_covered: list every rule that ever was in a book, those too that a later text covers.
        reverted: mined rules that are the same as one of these are not taken; `list_reverted` has them.
    """
    own = [Entry(rule=rule, support=0) for rule in seeds]
    found: list[Entry] = []
    known: dict[tuple[str, str], tuple[list[Entry], int]] = {}
    for item in mined:
        key = (item.category, normalise(item.text))
        if find_reverted(item.category, item.text, reverted):
            continue
        if key not in known:
            known[key] = _find_place(item, own, found)
        entries, place = known[key]
        entries[place] = _support(entries[place], 1)
    if not keeps_covered:
        own, found = _drop_covered(own, found)
    kept = set(sorted(range(len(found)), key=lambda i: (-found[i].support, i))[:cap])
    return RuleBook(version, (*own, *(entry for i, entry in enumerate(found) if i in kept)))


class RevertedEntry(NamedTuple):
    """A reverted rule that was mined again: as it was mined first, how many times, and why it is not in force."""

    rule: Rule
    support: int
    reason: str


def list_reverted(mined: Iterable[Mined], reverted: Sequence[RevertedRule]) -> tuple[RevertedEntry, ...]:
    """What the book did not take of the mined rules, one entry for each reverted rule that came up."""
    found: dict[RevertedRule, RevertedEntry] = {}
    for item in mined:
        same = find_reverted(item.category, item.text, reverted)
        if same is not None:
            entry = found.get(same) or RevertedEntry(_rule_from(item), 0, same.reason or "no reason was given")
            found[same] = entry._replace(support=entry.support + 1)
    return tuple(found.values())


def _find_place(item: Mined, own: list[Entry], found: list[Entry]) -> tuple[list[Entry], int]:
    """Where a text that is new joins: a list of entries and the place in it, made if there is none."""
    scope = read_scope(item.text, item.category)
    for entries in (own, found):
        for place, entry in enumerate(entries):
            if entry.rule.category == item.category and is_covered(scope, _read_scope(entry)):
                return entries, place
    for place, entry in enumerate(found):
        if entry.rule.category == item.category and is_covered(_read_scope(entry), scope):
            found[place] = entry.model_copy(update={"rule": entry.rule.model_copy(update={"text": item.text})})
            return found, place
    found.append(Entry(rule=_rule_from(item), support=0))
    return found, len(found) - 1


def _drop_covered(own: list[Entry], found: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Entries without the mined ones that another covers, which takes their support."""
    entries = [*own, *found]
    for place in range(len(entries) - 1, len(own) - 1, -1):
        scope, category = _read_scope(entries[place]), entries[place].rule.category
        for other in range(place):
            if entries[other].rule.category == category and is_covered(scope, _read_scope(entries[other])):
                entries[other] = _support(entries[other], entries[place].support)
                del entries[place]
                break
    return entries[: len(own)], entries[len(own) :]


def _support(entry: Entry, more: int) -> Entry:
    return entry.model_copy(update={"support": entry.support + more})


def _read_scope(entry: Entry) -> Scope:
    return read_scope(entry.rule.text, entry.rule.category)


def _rule_from(item: Mined) -> Rule:
    return Rule(
        id=f"mined-{item.image_id}-{item.place}",
        text=item.text,
        category=item.category,
        origin="mined",
        image=item.image_id,
        round=item.round,
        objection=item.objection,
    )


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Rules from a `rules.jsonl` of another run; what it adds to a rule (support, used) is ignored.

    Those that were reverted in it are left out: they were not in force.

    Raises:
        UsageError: naming file, line and what is wrong.
    """
    lines = iterate_lines(path, "name the rules.jsonl of a run")
    read = (_parse_rule(path, number, line) for number, line in lines)
    rules = tuple(rule for rule in read if rule is not None)
    doubled = {rule.id for rule in rules if sum(other.id == rule.id for other in rules) > 1}
    if doubled:
        raise UsageError(f"{path}: rule ids stand twice: {', '.join(sorted(doubled))}; give each rule its own id")
    return rules


def _parse_rule(path: Path, number: int, line: bytes) -> Rule | None:
    try:
        data = decode_object(line)
        if data.get("reverted"):
            return None
        return Rule.model_validate({name: data[name] for name in Rule.model_fields if name in data})
    except (ValueError, TypeError, ValidationError) as error:
        raise UsageError(
            f"{path}, line {number}: not a rule ({str(error).splitlines()[0]}); "
            'expected e.g. {"id": "mine-1", "text": "Drop materials.", "category": "material", "origin": "seed"}'
        ) from error
