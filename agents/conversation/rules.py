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


def fold_rules(seeds: Sequence[Rule], mined: Iterable[Mined], *, cap: int = DEFAULT_CAP, version: int = 0) -> RuleBook:
    """Merge by category and normalised text, then keep the `cap` best-supported mined rules (ties: first seen).

    Args:
        seeds: always kept, support 0 unless mined again.
        mined: in the order (image, place).
        cap: greatest number of mined rules in force.
    """
    seen: dict[tuple[str, str], list[Rule | int]] = {(rule.category, normalise(rule.text)): [rule, 0] for rule in seeds}
    for item in mined:
        key = (item.category, normalise(item.text))
        if key in seen:
            seen[key][1] += 1  # type: ignore[operator]
        else:
            seen[key] = [_rule_from(item), 1]
    entries = [Entry(rule=rule, support=support) for rule, support in seen.values()]  # type: ignore[arg-type]
    own, found = entries[: len(seeds)], entries[len(seeds) :]
    kept = set(sorted(range(len(found)), key=lambda i: (-found[i].support, i))[:cap])
    return RuleBook(version, (*own, *(entry for i, entry in enumerate(found) if i in kept)))


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

    Raises:
        UsageError: naming file, line and what is wrong.
    """
    lines = iterate_lines(path, "name the rules.jsonl of a run")
    rules = tuple(_parse_rule(path, number, line) for number, line in lines)
    doubled = {rule.id for rule in rules if sum(other.id == rule.id for other in rules) > 1}
    if doubled:
        raise UsageError(f"{path}: rule ids stand twice: {', '.join(sorted(doubled))}; give each rule its own id")
    return rules


def _parse_rule(path: Path, number: int, line: bytes) -> Rule:
    try:
        data = decode_object(line)
        return Rule.model_validate({name: data[name] for name in Rule.model_fields if name in data})
    except (ValueError, TypeError, ValidationError) as error:
        raise UsageError(
            f"{path}, line {number}: not a rule ({str(error).splitlines()[0]}); "
            'expected e.g. {"id": "mine-1", "text": "Drop materials.", "category": "material", "origin": "seed"}'
        ) from error
