"""A sample of a run's accepted texts that people review to bound how many of all are faulty: `RUN/review_plan.json`.

Texts are sorted by a seeded hash of their row's id, and the first ones are taken: a random sample, the same on every
machine. How many are needed, and what so many faults prove, is exact (`tools.intervals.faults`).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, ValidationError

from agents.review.texts import Key, Text, TextKind, read_texts
from agents.store.folders import REVIEW_PLAN
from agents.store.run_store import RunStore
from tools.errors import MissingError, UsageError
from tools.files import write_text
from tools.files.json_text import decode_record
from tools.files.text import TextFault, read_content
from tools.intervals import bound_faults, choose_sample
from tools.records import Record, StoredId, find_fault
from tools.seeds import hash_number

ALL = "all"
REMEDY = "draw it again: python -m agents review-plan"


class PlanSettings(Record):
    """What decides a plan.

    Attributes:
        error: the share of faulty texts that is to be excluded, e.g. 0.02.
        allowed: so many faults may be found; more are allowed for by a larger sample.
        by_kind: captions and each kind of instruction have a sample and a bound of their own.
        objected: so many texts that the debate agent objected to are mixed in, for its agreement with people.
    """

    error: float = Field(gt=0, lt=1)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    allowed: int = Field(default=0, ge=0)
    seed: int = 0
    by_kind: bool = False
    objected: int = Field(default=0, ge=0)


class Stratum(Record):
    """Texts that are sampled by themselves.

    Attributes:
        population: how many there are; sample: how many of them are in the plan.
        confidence: of its bound. With several strata each has a greater one, so that all bounds hold together.
    """

    name: str
    population: int
    sample: int
    confidence: float

    def bound(self, faults: int) -> int:
        """The most of the population that may be faulty where the sample shows so many."""
        return bound_faults(self.population, self.sample, faults, self.confidence)


class PlanEntry(Record):
    """A text to review; `stratum` is None of one that the debate agent objected to."""

    id: str
    image_id: StoredId
    text: str
    stratum: str | None = None

    @property
    def key(self) -> Key:
        """What reviews name it by."""
        return Key(self.id, self.text)


class Plan(Record):
    """What is to be reviewed, in this order, and what of.

    Attributes:
        digest: of all accepted texts that it was drawn from.
    """

    settings: PlanSettings
    strata: tuple[Stratum, ...]
    digest: str
    entries: tuple[PlanEntry, ...]


class Candidate(NamedTuple):
    """A text that may be drawn, without its words: a run may have very many."""

    key: Key
    image_id: str
    kind: TextKind
    round: int

    @property
    def id(self) -> str:
        """Of its row."""
        return self.key.id


class AcceptedDigest:
    """A digest of accepted texts, taken while they pass; it changes where any of them does."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, key: Key) -> None:
        """Take the next text."""
        self._hash.update(f"{key.id} {key.text}\n".encode("utf-8", "surrogatepass"))

    def follow(self, texts: Iterable[Text]) -> Iterator[Text]:
        """The same texts; those that were accepted are taken."""
        for text in texts:
            if text.is_accepted:
                self.add(text.key)
            yield text

    def read(self) -> str:
        """The digest of all that have passed."""
        return self._hash.hexdigest()[:16]


class Population(NamedTuple):
    """A run's texts as a plan sees them: those accepted, those objected to; and the digest of those accepted."""

    accepted: tuple[Candidate, ...]
    objected: tuple[Candidate, ...]
    digest: str = ""


def split_texts(texts: Iterable[Text]) -> Population:
    """The texts that stand in the exports, and those that the debate agent objected to."""
    accepted, objected = [], []
    digest = AcceptedDigest()
    for text in texts:
        found = Candidate(text.key, text.image_id, text.kind, text.round)
        if text.is_accepted:
            accepted.append(found)
            digest.add(found.key)
        elif text.objections:
            objected.append(found)
    return Population(tuple(accepted), tuple(objected), digest.read())


def read_population(store: RunStore) -> Population:
    """The texts of a run."""
    return split_texts(read_texts(store))


def make_settings(chosen: Mapping[str, Any]) -> PlanSettings:
    """Settings of a plan; what is not named is as usual.

    Raises:
        UsageError: a value that cannot be.
    """
    try:
        return PlanSettings(**{"error": 0.02, **chosen})
    except ValidationError as error:
        raise UsageError(f"review-plan: {find_fault(error).place}: {find_fault(error).message}") from error


def draw_plan(population: Population, settings: PlanSettings) -> Plan:
    """The sample that `settings` ask for.

    Raises:
        UsageError: nothing was accepted, or no sample can prove what is asked for.
    """
    groups: dict[str, list[Candidate]] = {}
    for text in population.accepted:
        groups.setdefault(text.kind if settings.by_kind else ALL, []).append(text)
    if not groups:
        raise UsageError("the run has no accepted text of which a sample could be drawn")
    confidence = 1 - (1 - settings.confidence) / len(groups)
    strata, entries = [], []
    for name, texts in sorted(groups.items()):
        size = choose_sample(len(texts), settings.error, settings.allowed, confidence)
        strata.append(Stratum(name=name, population=len(texts), sample=size, confidence=confidence))
        entries += [_enter(text, name) for text in _shuffle(texts, settings.seed)[:size]]
    entries += [_enter(text, None) for text in _shuffle(population.objected, settings.seed)[: settings.objected]]
    order = sorted(entries, key=lambda entry: (hash_number("review order", settings.seed, *entry.key), entry.key))
    return Plan(settings=settings, strata=tuple(strata), digest=population.digest, entries=tuple(order))


def _enter(text: Candidate, stratum: str | None) -> PlanEntry:
    return PlanEntry(id=text.id, image_id=text.image_id, text=text.key.text, stratum=stratum)


def _shuffle(texts: Sequence[Candidate], seed: int) -> list[Candidate]:
    return sorted(texts, key=lambda text: (hash_number("review plan", seed, text.id, text.round), text.key))


def write_plan(run: Path, plan: Plan) -> Path:
    """Write a plan; one that is there is replaced only by itself.

    Raises:
        UsageError: another plan is there.
    """
    path = run / REVIEW_PLAN
    kept = find_plan(run)
    if kept is not None and kept != plan:
        raise UsageError(
            f"{path}: another plan is there ({describe_change(kept, plan)}); a plan that is changed after a look "
            "at the reviews proves nothing: follow it, or take it away to draw another"
        )
    write_text(path, plan.model_dump_json(indent=1) + "\n")
    return path


def describe_change(kept: Plan, plan: Plan) -> str:
    """What tells two plans apart, in words."""
    old, new = kept.settings.model_dump(), plan.settings.model_dump()
    changed = [f"{name} {old[name]} -> {new[name]}" for name in old if old[name] != new[name]]
    return ", ".join(changed) or "drawn from other texts: the run has changed"


def find_plan(run: Path) -> Plan | None:
    """The plan of a run, None where there is none.

    Raises:
        UsageError: what is there is none.
    """
    path = run / REVIEW_PLAN
    try:
        return decode_record(read_content(path, REMEDY), Plan)
    except MissingError:
        return None
    except TextFault as error:
        raise UsageError(f"{path}: no plan ({error}); take it away, then {REMEDY}") from error
