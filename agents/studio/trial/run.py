"""A try-out: the conversations about a few images once more, with an edited pack, asking only what was never asked."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from agents.backends.asked.billing import Billing
from agents.backends.asked.wants import Postponed, Want
from agents.backends.parts import BackendParts
from agents.backends.usage import Meter, Usage
from agents.config import RunConfig
from agents.conversation.book.reverted import drop_reverted, load_reverted
from agents.conversation.process import Resources, make_resources, process
from agents.conversation.results import Result
from agents.conversation.rules import Entry, RuleBook
from agents.output.show import list_rules
from agents.running.drive import find_loop_factory
from agents.running.resources import spec_resources
from agents.store.folders import REPLIES
from agents.studio.trial.base import MOST_IMAGES, TrialBase
from agents.studio.trial.edits import MINED, Edits, read_mined
from agents.studio.trial.stored import LayeredReplies, StoredImages
from tools.endpoint.prices import Prices, load_prices
from tools.errors import UsageError
from tools.prompts.lexicon import SEED_RULES_FILE, load_lexicon, load_seed_rules
from tools.records import Rule
from tools.scoring import make_scorer


@dataclass(frozen=True)
class Trial:
    """What is tried.

    Attributes:
        images: ids, 1 to `MOST_IMAGES`.
        edits: texts in place of the pack's; none for the run's own side.
        backend: who thinks.
        pack: the folder with the edits in it.
    """

    images: tuple[str, ...]
    backend: str
    pack: Path
    edits: Edits = field(default_factory=dict)


class Tried(NamedTuple):
    """What came of it.

    Attributes:
        results: one an image, in their order.
        asked: what was asked anew, by model; empty where everything was there, or no model was asked.
    """

    results: tuple[Result, ...]
    asked: tuple[Usage, ...]


class CountedBilling(Billing):
    """A bill that also adds up what came since it was opened."""

    def __init__(self, folder: Path, prices: Prices) -> None:
        super().__init__(folder, prices)
        self.meter = Meter()

    def add(self, key: str, role: str, image_id: str, usage: Usage) -> None:
        """One more reply."""
        self.meter.add(usage)
        super().add(key, role, image_id, usage)


def check_images(images: Sequence[str]) -> tuple[str, ...]:
    """The images of a try-out, each once.

    Raises:
        UsageError: none, or too many.
    """
    found = tuple(dict.fromkeys(name.strip() for name in images if name.strip()))
    if not 1 <= len(found) <= MOST_IMAGES:
        raise UsageError(f"choose 1 to {MOST_IMAGES} images; {len(found)} are chosen")
    return found


def list_mined(base: TrialBase) -> tuple[Rule, ...]:
    """The mined rules that were ever in a book of the run."""
    return tuple(rule for rule in list_rules(base.run.store) if rule.origin == "mined")


def run_trial(base: TrialBase, trial: Trial, folder: Path) -> Tried:
    """Do it.

    Args:
        folder: where its replies are kept, and what they cost.

    Raises:
        ToolkitError: what stops a run.
    """
    config = base.make_config(trial.pack, trial.backend)
    billing = CountedBilling(folder, load_prices(config.prices))
    found = _hold(base, trial, config, folder, billing, gathers=False)
    return Tried(tuple(one for one in found if isinstance(one, Result)), billing.meter.read())


def list_wants(base: TrialBase, trial: Trial, folder: Path) -> Mapping[str, tuple[Want, ...]]:
    """What would be asked first, by image; nothing of an image whose replies are all there. Nobody is asked."""
    config = base.make_config(trial.pack, trial.backend)
    billing = CountedBilling(folder, load_prices(config.prices))
    found = _hold(base, trial, config, folder, billing, gathers=True)
    return {
        image_id: one.wants for image_id, one in zip(trial.images, found, strict=True) if isinstance(one, Postponed)
    }


def _hold(
    base: TrialBase, trial: Trial, config: RunConfig, folder: Path, billing: Billing, *, gathers: bool
) -> list[Result | Postponed]:
    """Hold the conversations."""
    jobs = [base.make_job(image_id) for image_id in trial.images]
    books = [edit_book(base, trial, base.build_book(image_id)) for image_id in trial.images]

    async def go(resources: Resources) -> list[Result | Postponed]:
        try:
            return await asyncio.gather(*(process(job, book, resources) for job, book in zip(jobs, books, strict=True)))
        finally:
            await resources.close()

    with (
        _open_resources(base, trial, config, folder, billing, gathers) as resources,
        asyncio.Runner(loop_factory=find_loop_factory()) as runner,
    ):
        return runner.run(go(resources))


@contextmanager
def _open_resources(
    base: TrialBase, trial: Trial, config: RunConfig, folder: Path, billing: Billing, gathers: bool
) -> Iterator[Resources]:
    spec = spec_resources(config)._replace(gathers=gathers)
    lexicon = load_lexicon(config.pack)
    results = {name: found for name in trial.images if (found := base.run.store.find_result(name)) is not None}
    with (
        StoredImages(make_scorer(spec.scorer, lexicon), base.run.folder, results) as tools,
        LayeredReplies(folder / REPLIES, base.run.folder / REPLIES) as replies,
    ):
        parts = BackendParts(config.pack, lexicon, base.run.folder, replies, config.concurrency, billing, gathers)
        try:
            yield make_resources(spec, tools, parts)
        finally:
            billing.close()


def edit_book(base: TrialBase, trial: Trial, book: RuleBook) -> RuleBook:
    """The rules that an image read, as they stand after the edits."""
    entries = list(book.entries)
    if SEED_RULES_FILE in trial.edits:
        seeds = drop_reverted(load_seed_rules(trial.pack), load_reverted(trial.pack))
        mined = [entry for entry in entries if entry.rule.origin == "mined"]
        entries = [*(Entry(rule=rule, support=0) for rule in seeds), *mined]
    if MINED in trial.edits:
        after = {rule.id: rule for rule in read_mined(trial.edits[MINED])}
        known = {rule.id for rule in list_mined(base)}
        kept = (_edit(entry, after) for entry in entries)
        new = (Entry(rule=rule, support=0) for name, rule in after.items() if name not in known)
        entries = [*(entry for entry in kept if entry is not None), *new]
    return RuleBook(book.version, tuple(entries))


def _edit(entry: Entry, after: Mapping[str, Rule]) -> Entry | None:
    """A mined rule as it stands now, None where it was deleted; rules of another origin stay."""
    if entry.rule.origin != "mined":
        return entry
    now = after.get(entry.rule.id)
    if now is None:
        return None
    changed = {"text": now.text, "category": now.category}
    return entry.model_copy(update={"rule": entry.rule.model_copy(update=changed)})
