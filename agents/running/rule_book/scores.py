"""Does a rule remove only what its category names? Each rule of a run by itself, on captions that it has not seen.

A caption is filtered with that rule alone, by the run's own backend. Of the content words that went, those count as
right that the lexicon finds as the rule's category; function words and what takes a word's place count for nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.table import Table

from agents.backends import Backend, FilterRequest
from agents.backends.parts import BackendParts, make_backend
from agents.english.words import ARTICLES, CONJUNCTIONS, FORMS_OF_BE, POSSESSIVES, PREPOSITIONS, PRONOUNS, RELATIVES
from agents.output.rule_tables import RuleRow, read_rule_rows
from tools.datasets.tables import read_caption_table
from tools.errors import RejectError
from tools.prompts.lexicon import Lexicon
from tools.records import Rule
from tools.registry import EntrySpec
from tools.seeds import hash_number

FUNCTION_WORDS = ARTICLES | CONJUNCTIONS | FORMS_OF_BE | POSSESSIVES | PREPOSITIONS | PRONOUNS | RELATIVES


class RuleScore(NamedTuple):
    """How one rule did.

    Attributes:
        changed: captions that it changed.
        removed: content words that went.
        right: of those, words that its category names.
        named: words in all captions that its category names.
        wrong: the other words that went, the commonest first.
        is_known: the lexicon has the category; without it there is no right and wrong.
    """

    rule: RuleRow
    captions: int
    changed: int
    removed: int
    right: int
    named: int
    wrong: tuple[tuple[str, int], ...]
    is_known: bool

    @property
    def precision(self) -> float | None:
        """Share of the words that went that the category names."""
        return self.right / self.removed if self.is_known and self.removed else None

    @property
    def recall(self) -> float | None:
        """Share of the words that the category names that went."""
        return self.right / self.named if self.is_known and self.named else None


def choose_captions(path: Path, limit: int) -> tuple[str, ...]:
    """At most `limit` different captions of a file, by a hash of their text.

    Raises:
        MissingError, UsageError: see `read_caption_table`.
    """
    found = {caption for captions in read_caption_table(path).values() for caption in captions}
    return tuple(sorted(found, key=lambda caption: (hash_number("rules score", caption), caption))[:limit])


def score_rules(
    run: Path, captions: Sequence[str], backend: EntrySpec, pack: Path, lexicon: Lexicon, concurrency: int
) -> tuple[RuleScore, ...]:
    """Filter every caption under each rule of a run alone, and count what went.

    Args:
        backend: who filters; its replies are not stored.

    Raises:
        MissingError: the run has no rules.
    """
    rows = read_rule_rows(run)
    parts = BackendParts(pack, lexicon, run, None, concurrency)

    async def ask_all() -> tuple[RuleScore, ...]:
        made = make_backend(backend, parts)
        try:
            return tuple([await _score_rule(made, row, captions, lexicon, concurrency) for row in rows])
        finally:
            if close := getattr(made, "close", None):
                await close()

    return asyncio.run(ask_all())


async def _score_rule(
    backend: Backend, row: RuleRow, captions: Sequence[str], lexicon: Lexicon, concurrency: int
) -> RuleScore:
    rule = Rule.model_validate({name: row[name] for name in Rule.model_fields if name in row})
    turns = asyncio.Semaphore(concurrency)

    async def filter_one(place: int, caption: str) -> str:
        request = FilterRequest(seed=0, image_id="score", sample=place, caption=caption, rules=(rule,), n=1)
        async with turns:
            try:
                return (await backend.filter_caption(request)).captions[0]
            except RejectError:
                return caption

    after = await asyncio.gather(*(filter_one(place, caption) for place, caption in enumerate(captions)))
    return count_removed(row, captions, after, lexicon)


def count_removed(row: RuleRow, before: Sequence[str], after: Sequence[str], lexicon: Lexicon) -> RuleScore:
    """What went from captions, and what of it the rule's category names."""
    category = row["category"]
    is_known = category in lexicon.categories
    wrong: Counter[str] = Counter()
    changed = removed = right = named = 0
    for old, new in zip(before, after, strict=True):
        hits = lexicon.find(old, {category}) if is_known else []
        meant = Counter(word for hit in hits for word in _split(hit.text))
        gone = Counter(_split(old)) - Counter(_split(new))
        changed += bool(gone)
        named += meant.total()
        removed += gone.total()
        right += (gone & meant).total()
        wrong.update(gone - meant)
    commonest = tuple(sorted(wrong.items(), key=lambda item: (-item[1], item[0])))
    return RuleScore(row, len(before), changed, removed, right, named, commonest, is_known)


def _split(text: str) -> list[str]:
    """The content words of a text, lower case."""
    words = (word.strip(".,;:!?()\"'“”").lower() for word in text.replace("-", " ").split())
    return [word for word in words if word and word not in FUNCTION_WORDS]


MOST_WRONG = 5


def tabulate_scores(scores: Sequence[RuleScore]) -> Table:
    """One line a rule."""
    table = Table()
    for name in ("rule", "category"):
        table.add_column(name, overflow="fold")
    for name in ("captions changed", "words gone", "precision", "recall"):
        table.add_column(name, justify="right")
    table.add_column("went besides what the category names", overflow="fold")
    for score in scores:
        besides = ", ".join(f"{word} {count}" for word, count in score.wrong[:MOST_WRONG]) if score.is_known else ""
        table.add_row(
            score.rule["id"],
            score.rule["category"],
            f"{score.changed:,} of {score.captions:,}",
            f"{score.removed:,}",
            _percent(score.precision) if score.is_known else "the lexicon lacks it",
            _percent(score.recall) if score.is_known else "",
            besides,
        )
    return table


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def read_backend_name(run: Path) -> str:
    """The backend that a run was made with, as its manifest names it; `template` for a book without a run."""
    path = run / "manifest.json"
    if not path.is_file():
        return "template"
    manifest = msgspec.json.decode(path.read_bytes())
    return str((manifest.get("config") or {}).get("backend") or "template")
