"""Edits of a pack, kept as texts by file: written into a copy, proved, and saved as a pack of its own."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from agents.conversation.book.reverted import RevertedRule, load_reverted
from agents.running.rule_book.reverts import write_reverted
from tools.errors import UsageError
from tools.files import write_text
from tools.files.text import TextFault, read_text
from tools.files.yaml_text import decode_yaml
from tools.prompts.folder import load_prompts
from tools.prompts.lexicon import LEXICON_FILE, SEED_RULES_FILE, load_lexicon, load_seed_rules
from tools.prompts.pack import load_pack
from tools.records import Rule

MINED = "mined rules"
"""The name under which the run's mined rules are edited, among the pack's files."""
MINED_HEAD = (
    "# Rules that the run mined. Change a text, delete a rule, or add one with an id of its own; in the try-out\n"
    "# each image reads those of them that it had, as they stand here, and those that are new.\n"
)
SEED_HEAD = "# Written by the studio: the rules that the pack began with, and those that were edited there.\n"
Edits = Mapping[str, str]
"""Texts by the file of the pack that they take the place of, or by `MINED`."""


def list_files(pack: Path) -> list[str]:
    """The files of a pack that can be edited here: prompts, lexicon and rules, what the template writes with."""
    first = [LEXICON_FILE, SEED_RULES_FILE]
    found = sorted(path.relative_to(pack).as_posix() for path in [*pack.glob("*.md"), *pack.glob("template/*.yaml")])
    return [*(name for name in found if name.endswith(".md") and name != "README.md"), *first,
            *(name for name in found if name.endswith(".yaml"))]  # fmt: skip


def write_mined(rules: Iterable[Rule]) -> str:
    """Mined rules as a text to be edited."""
    rows = [{"id": rule.id, "category": rule.category, "text": rule.text} for rule in rules]
    return MINED_HEAD + yaml.safe_dump({"rules": rows}, sort_keys=False, allow_unicode=True, width=110)


def read_mined(text: str) -> tuple[Rule, ...]:
    """The rules of such a text.

    Raises:
        UsageError: it is no list of rules with id, category and text, each id once.
    """
    try:
        data = decode_yaml(text.encode("utf-8", "replace"), is_all_text=True)
        rows = (data or {}).get("rules") or []
        rules = tuple(Rule(**{**row, "origin": "mined"}) for row in rows)
    except (TextFault, AttributeError, TypeError, ValueError) as error:
        why = str(error).splitlines()[0]
        raise UsageError(f"{MINED}: {why}; expected `rules:` with an id, a category and a text each") from error
    twice = {rule.id for rule in rules if sum(other.id == rule.id for other in rules) > 1}
    if twice:
        raise UsageError(f"{MINED}: {', '.join(sorted(twice))} stands twice; give each rule its own id")
    return rules


def make_pack(base: Path, edits: Edits, folder: Path) -> Path:
    """Copy a pack, put the edited files in their places and prove it whole.

    Args:
        folder: to be made.

    Raises:
        UsageError: lists what is wrong, by file and line.
    """
    shutil.copytree(base, folder, symlinks=False)
    known = set(list_files(base))
    for name, text in edits.items():
        if name == MINED:
            read_mined(text)
        elif name in known:
            write_text(folder / name, text if text.endswith("\n") else f"{text}\n")
        else:
            raise UsageError(f"{name}: is no file of the pack {base.name} that can be edited")
    try:
        load_pack(folder), load_prompts(folder), load_lexicon(folder), load_seed_rules(folder), load_reverted(folder)
    except UsageError as error:
        raise UsageError(str(error).replace(f"{folder}/", "")) from error
    return folder


def save_pack(base: Path, edits: Edits, mined: Iterable[Rule], target: Path) -> Path:
    """Write the edited pack into a folder of its own; edited mined rules become rules that it begins with.

    A mined rule that was changed or deleted is taken back there, so that no run with the pack mines it again.

    Args:
        mined: the run's, as they were.
        target: a folder that is not there yet, or is empty.

    Raises:
        UsageError: there is something in the folder, or the pack is not sound.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target}: is there already; name a new folder to save the pack in")
    new = target.with_name(f".{target.name}.part")
    shutil.rmtree(new, ignore_errors=True)
    try:
        make_pack(base, edits, new)
        if MINED in edits:
            _settle_mined(new, tuple(mined), read_mined(edits[MINED]))
        if target.exists():
            target.rmdir()
        new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return target


def _settle_mined(pack: Path, before: tuple[Rule, ...], after: tuple[Rule, ...]) -> None:
    said = {(rule.category, rule.text) for rule in after}
    for rule in before:
        if (rule.category, rule.text) not in said:
            reverted = RevertedRule(id=rule.id, category=rule.category, text=rule.text, reason="edited in the studio")
            write_reverted(pack, reverted)
    known = {(rule.category, rule.text) for rule in before}
    new: list[dict[str, Any]] = [
        {"category": rule.category, "text": rule.text} for rule in after if (rule.category, rule.text) not in known
    ]
    if new:
        path = pack / SEED_RULES_FILE
        rows = [{"category": rule.category, "text": rule.text} for rule in load_seed_rules(pack)]
        listed = yaml.safe_dump({"rules": [*rows, *new]}, sort_keys=False, allow_unicode=True, width=110)
        write_text(path, SEED_HEAD + listed)
    load_seed_rules(pack)


def read_file(pack: Path, edits: Edits, name: str) -> str:
    """A file's text, edited or as the pack has it."""
    return edits[name] if name in edits else read_text(pack / name)
