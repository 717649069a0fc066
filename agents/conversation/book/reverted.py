"""Rules that a pack takes back: `reverted.yaml`, and which rules of a run are the same as one of them.

A mined rule is the same as a reverted one where the rule book would merge the two: one of them covers the other
(`meaning`). A rule that people wrote is the same only where both say as much, so that taking back a narrow rule leaves
the wider one that the pack starts with.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from agents.conversation.book.meaning import is_covered, read_scope
from tools.errors import UsageError
from tools.files.text import TextFault, read_content
from tools.files.yaml_text import decode_yaml
from tools.records import Record, Rule, find_fault

REVERTED_FILE: Final = "reverted.yaml"


class RevertedRule(Record):
    """A rule that no run with the pack has in force.

    Attributes:
        id: its name in the run that it was taken back from; another run's may name another rule.
        reason: for people.
    """

    id: str
    category: str
    text: str
    reason: str = ""


class _RevertedFile(Record):
    rules: tuple[RevertedRule, ...] | None = None


def load_reverted(pack: Path) -> tuple[RevertedRule, ...]:
    """The rules that a pack takes back; none where it has no such file.

    Raises:
        UsageError: it is damaged, or a rule in it has no id, category or text.
    """
    path = pack / REVERTED_FILE
    return parse_reverted(path, read_content(path)) if path.exists() else ()


def parse_reverted(path: Path, content: bytes) -> tuple[RevertedRule, ...]:
    """The rules of the content of a `reverted.yaml`."""
    try:
        read = decode_yaml(content, is_all_text=True)
        found = _RevertedFile.model_validate({} if read is None else read)
    except TextFault as error:
        raise UsageError(f"{path} is {error}; mend it there") from error
    except ValidationError as error:
        place, why = find_fault(error)
        raise UsageError(
            f"{path}: {place or 'the file'}: {why.lower()}; each of `rules` has id, category, text and reason"
        ) from error
    for rule in found.rules or ():
        if not (rule.category.strip() and rule.text.strip()):
            raise UsageError(f"{path}: the rule `{rule.id}` has no category or no text; give both, or delete it")
    return found.rules or ()


def find_reverted(category: str, text: str, reverted: Iterable[RevertedRule]) -> RevertedRule | None:
    """The reverted rule that a mined one is the same as."""
    return next((rule for rule in reverted if rule.category == category and _is_merged(rule, text)), None)


def drop_reverted(seeds: Sequence[Rule], reverted: Sequence[RevertedRule]) -> tuple[Rule, ...]:
    """The rules that a run starts from, without those that its pack takes back."""
    return tuple(rule for rule in seeds if not any(_is_same(rule, each) for each in reverted))


def _is_same(rule: Rule, reverted: RevertedRule) -> bool:
    if rule.category != reverted.category:
        return False
    if rule.origin == "mined":
        return _is_merged(reverted, rule.text)
    ours, theirs = read_scope(rule.text, rule.category), read_scope(reverted.text, reverted.category)
    return is_covered(ours, theirs) and is_covered(theirs, ours)


def _is_merged(reverted: RevertedRule, text: str) -> bool:
    ours, theirs = read_scope(text, reverted.category), read_scope(reverted.text, reverted.category)
    return is_covered(ours, theirs) or is_covered(theirs, ours)
