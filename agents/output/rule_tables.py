"""Rules of runs as tables: those of one run, and what tells two runs' books apart."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from rich.table import Table
from rich.text import Text

from agents.conversation.rules import normalise
from tools.errors import MissingError, UsageError
from tools.files.json_text import decode_object
from tools.files.text import iterate_lines

RULES_FILE = "rules.jsonl"
RuleRow = Mapping[str, Any]


class RuleChange(NamedTuple):
    """A rule that both books have, with another support or another use."""

    before: RuleRow
    after: RuleRow


class RuleDiff(NamedTuple):
    """What tells book B from book A; rules are the same where category and text are, whatever their ids."""

    removed: tuple[RuleRow, ...]
    added: tuple[RuleRow, ...]
    changed: tuple[RuleChange, ...]
    same: int


def read_rule_rows(source: Path) -> tuple[RuleRow, ...]:
    """The rules of a run or of a `rules.jsonl`.

    Raises:
        MissingError: there is none.
        UsageError: a line is no rule.
    """
    path = source / RULES_FILE if source.is_dir() else source
    if not path.is_file():
        raise MissingError(f"{path}: no such file; name a finished run, or the {RULES_FILE} of one")
    rows = []
    for number, line in iterate_lines(path, f"name the {RULES_FILE} of a run"):
        try:
            row = decode_object(line)
        except (ValueError, msgspec.DecodeError) as error:
            raise UsageError(f"{path}, line {number}: no JSON object ({error})") from error
        if not all(isinstance(row.get(name), str) for name in ("id", "text", "category", "origin")):
            raise UsageError(f"{path}, line {number}: a rule has id, text, category and origin")
        rows.append(row)
    return tuple(rows)


def compare_rules(before: Iterable[RuleRow], after: Iterable[RuleRow]) -> RuleDiff:
    """What tells two books apart, in the order of the books."""
    old, new = ({(row["category"], normalise(row["text"])): row for row in rows} for rows in (before, after))
    shared = [RuleChange(old[key], row) for key, row in new.items() if key in old]
    changed = tuple(change for change in shared if _count(change.before) != _count(change.after))
    return RuleDiff(
        removed=tuple(row for key, row in old.items() if key not in new),
        added=tuple(row for key, row in new.items() if key not in old),
        changed=changed,
        same=len(shared) - len(changed),
    )


def _count(row: RuleRow) -> tuple[int, int]:
    return int(row.get("support") or 0), int(row.get("used") or 0)


def tabulate_rules(rows: Sequence[RuleRow], title: str | None = None) -> Table:
    """One row a rule, with where it comes from."""
    table = Table(title=title, title_justify="left")
    table.add_column("rule", overflow="fold", ratio=1)
    table.add_column("what it says, and from where", overflow="fold", ratio=3)
    for name in ("support", "used"):
        table.add_column(name, justify="right")
    for row in rows:
        support, used = _count(row)
        said = f"{row['text']}\n{describe_origin(row)}"
        table.add_row(Text(f"{row['id']}\n{row['category']}"), Text(said), f"{support:,}", f"{used:,}")
    return table


def explain_unread(block: int, lag: int, images: int) -> str:
    """Why no mined rule was in force in a run that is too short for its blocks; empty for one that is not."""
    first = block * lag
    if images > first:
        return ""
    return (
        f"too short for its blocks: the first {first} images (--block {block} x --lag {lag}) read "
        f"only the seed rules, so no mined rule takes effect; try a smaller --block, e.g. {max(1, images // 16)}"
    )


def explain_unused(manifest: Mapping[str, Any], rows: Sequence[RuleRow]) -> str:
    """Why none of a finished run's mined rules changed a caption, where its blocks are why."""
    config, mined = manifest.get("config") or {}, [row for row in rows if row["origin"] == "mined"]
    if not mined or any(row.get("used") for row in mined) or config.get("freeze"):
        return ""
    images = (manifest.get("counts") or {}).get("images")
    if images is None or not {"block", "lag"} <= config.keys():
        return ""
    return explain_unread(config["block"], config["lag"], images)


def read_run_manifest(source: Path) -> Mapping[str, Any]:
    """The manifest beside a run's rules; empty for a book alone, of which nothing more is known."""
    path = source / "manifest.json"
    return decode_object(path.read_bytes()) if path.is_file() else {}


def describe_origin(row: RuleRow) -> str:
    """Where a rule comes from, in words, and that it was reverted."""
    reverted = f"; reverted: {row['reverted']}" if row.get("reverted") else ""
    if row["origin"] != "mined":
        return f"written by hand{reverted}"
    quote = f', from "{row["objection"]}"' if row.get("objection") else ""
    return f"mined in image {row.get('image')}{quote}{reverted}"
