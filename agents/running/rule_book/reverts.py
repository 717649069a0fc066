"""`rules revert`: a rule of a run written into the `reverted.yaml` of a pack."""

import json
from collections.abc import Iterable
from pathlib import Path

from agents.conversation.book.reverted import REVERTED_FILE, RevertedRule, load_reverted, parse_reverted
from agents.conversation.rules import normalise
from agents.output.rule_tables import RuleRow, read_rule_rows
from tools.errors import MissingError, UsageError
from tools.files import clear_unfinished, hold, write_text
from tools.files.text import read_text
from tools.prompts.lexicon import LEXICON_FILE

HEAD = """\
# Rules that were taken back: no run with this pack has one of them in force, nor a mined one that says the same.
# `id` is the rule's name in the run that it comes from; what counts is category and text. `reason` is for people.
# Delete an entry to let the rule be mined again. Written by `python -m agents rules revert`; the file may be edited.
rules:
"""
MOST_NAMED = 8


def revert_rule(name: str, run: Path, pack: Path, reason: str = "") -> str:
    """Write a rule of a run into the pack's `reverted.yaml`; what was done, in a sentence. Done again, nothing changes.

    Raises:
        MissingError: there is no such pack, or the run has no rules.
        UsageError: the rule is not in the run, or the file is damaged.
        ToolkitError: another process writes the file.
    """
    if not (pack / LEXICON_FILE).is_file():
        raise MissingError(f"{pack}: no modality pack ({LEXICON_FILE} is missing); name its folder with --pack")
    row, path = _find_row(name, run), pack / REVERTED_FILE
    rule = RevertedRule(id=row["id"], category=row["category"], text=row["text"], reason=" ".join(reason.split()))
    with hold(path, "--pack"):
        clear_unfinished(path)
        same = write_reverted(pack, rule)
    if same is not None:
        return f"{path}: the rule stands there already, as {same.id}; nothing was changed"
    return f"{path}: {rule.id} was added ([{rule.category}] {rule.text}); begin a new run to do without it"


def write_reverted(pack: Path, rule: RevertedRule) -> RevertedRule | None:
    """Add a rule to a pack's `reverted.yaml`, unless one with its category and text stands there; that one then.

    Raises:
        UsageError: the file is damaged.
    """
    path, known = pack / REVERTED_FILE, load_reverted(pack)
    same = next((one for one in known if _key(one.category, one.text) == _key(rule.category, rule.text)), None)
    if same is None:
        write_text(path, _add(path, known, rule))
    return same


def _find_row(name: str, run: Path) -> RuleRow:
    rows = read_rule_rows(run)
    for row in rows:
        if row["id"] == name:
            return row
    names = [row["id"] for row in rows]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    raise UsageError(f"{run}: has no rule `{name}`; it has {', '.join(names[:MOST_NAMED]) or 'none'}{more}")


def _key(category: str, text: str) -> tuple[str, str]:
    return category, normalise(text)


def _add(path: Path, known: tuple[RevertedRule, ...], rule: RevertedRule) -> str:
    """The file with one rule more: added at its end, so that comments stay, where that reads as it should."""
    if known:
        text = read_text(path).rstrip("\n") + "\n" + _write((rule,))
        try:
            if parse_reverted(path, text.encode()) == (*known, rule):
                return text
        except UsageError:
            pass  # the entries are written in another way; all of them are written anew
    return HEAD + _write((*known, rule))


def _write(rules: Iterable[RevertedRule]) -> str:
    return "".join(
        f"  - id: {_quote(rule.id)}\n    category: {_quote(rule.category)}\n    text: {_quote(rule.text)}\n"
        f"    reason: {_quote(rule.reason)}\n"
        for rule in rules
    )


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
