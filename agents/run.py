"""`python -m agents run`: from a COCO folder to a run folder, resumable at any moment."""

import asyncio
import gc
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from agents.backends.llm import PROMPT_ROLES, LlmSpec
from agents.budget import Budget
from agents.config import (
    RunConfig,
    choose_kinds,
    parse_mix,
    parse_shard,
    parse_share,
    split_urls,
)
from agents.export import ROW_FILES, Row, write_exports
from agents.forecast import Forecaster
from agents.meter import price_usage
from agents.process import Resources, ResourcesSpec, open_resources
from agents.protocol import Job, RefusedCaption
from agents.rules import read_rules
from agents.schedule import Blocks, Driver, LocalExecutor
from agents.store import Progress, Result, RunLock, RunStore
from tools.coco import CocoDataset, load_coco
from tools.endpoint.client import EndpointConfig
from tools.errors import BudgetReached, MissingError, UsageError
from tools.images import remove_unfinished
from tools.lexicon import Lexicon, load_seed_rules
from tools.manifest import hash_bytes, hash_prompts, list_versions
from tools.prices import load_prices
from tools.prompts import load_prompts
from tools.prompts.frozen import freeze_pack
from tools.records import Rule
from tools.scoring import ScorerSettings
from tools.tokens import make_counter
from tools.translation import Translator, TranslatorSettings

# What decides the output; everything else may change between two runs on one folder.
SETTINGS = (
    "backend", "candidates", "max_rounds", "instructions", "mix", "seed", "block", "lag", "rule_cap", "freeze",
    "translator", "scorer", "arm", "best_of",
)  # fmt: skip
LLM_SETTINGS = ("model", "roles", "judge", "content_attempts", "skip_clean_captions")
RUN_FILES = (
    *ROW_FILES, "rules.jsonl", "manifest.json", "README.md", "report.html", "run.sqlite", "run.sqlite-wal",
    "run.sqlite-shm",
)  # fmt: skip


class Listener(Protocol):
    """Hears how a run goes on; the command line shows a progress bar."""

    def start(self, total: int, done: Progress) -> None:
        """`total` images are to be final, `done` are."""

    def hear(self, result: Result) -> None:
        """One more image is final."""

    def spend(self, total_usd: float) -> None:
        """What all replies of the run cost so far."""

    def say(self, text: str) -> None:
        """A sentence for people."""


class Silence:
    """A listener that shows nothing."""

    def start(self, total: int, done: Progress) -> None:
        """Nothing."""

    def hear(self, result: Result) -> None:
        """Nothing."""

    def spend(self, total_usd: float) -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Source:
    """The dataset of a run and which of its images take part."""

    dataset: CocoDataset
    config: RunConfig

    @property
    def indices(self) -> range:
        """Indices of the images of this run (of this shard), ascending."""
        end = len(self.dataset) if self.config.limit is None else min(self.config.limit, len(self.dataset))
        if self.config.shard is None:
            return range(end)
        shard = parse_shard(self.config.shard)
        return range(shard.number - 1, end, shard.of)

    def make_job(self, index: int, block: int) -> Job:
        """The job of one image."""
        photo = self.dataset.photo(index)
        share = parse_share(self.config.instructions, len(self.dataset))
        return Job(
            index=index,
            block=block,
            seed=self.config.seed,
            photo=photo,
            photo_path=str(self.config.images / photo.file_name),
            kinds=choose_kinds(self.config.seed, photo.image_id, share, parse_mix(self.config.mix)),
            refused=tuple(
                RefusedCaption(id=f"{photo.image_id}-caption-{item.annotation_id}", code=item.code, reason=item.reason)
                for item in self.dataset.caption_rejects(index)
            ),
            fault=self.dataset.reject(index),
        )


def open_source(config: RunConfig) -> Source:
    """Read the annotation files.

    Raises:
        MissingError: a file or the image folder is not there.
    """
    for flag, path in (("--captions", config.captions), ("--instances", config.instances)):
        if not path.is_file():
            raise MissingError(f"{flag} {path}: no such file; name a COCO annotation file")
    if config.translator != "none" and not config.images.is_dir():
        raise MissingError(f"--images {config.images}: no such folder; name the folder of the photographs")
    return Source(load_coco(config.captions, config.instances), config)


def load_seeds(config: RunConfig) -> tuple[Rule, ...]:
    """The rules the book starts from: `--rules FILE`, or the seed rules of the pack."""
    return read_rules(config.rules) if config.rules else load_seed_rules(config.pack)


def spec_resources(config: RunConfig) -> ResourcesSpec:
    """How every process of this run opens its resources."""
    is_model = config.translator == "srgb-tir"
    translator = TranslatorSettings(
        config.translator,
        weights=config.translator_weights,
        folder=config.translator_folder,
        device=config.device if is_model else None,
        precision=config.precision,
        seed=config.seed,
        style_codes=config.style_codes,
        style_policy=config.style_policy,
        style_index=config.style_index,
    )
    scorer = ScorerSettings(
        config.scorer,
        weights=config.scorer_weights,
        device=config.device if config.scorer == "languagebind" else None,
        precision=config.precision,
        antialias=config.scorer_antialias,
    )
    return ResourcesSpec(
        backend=config.backend,
        pack=config.pack,
        translator=translator,
        scorer=scorer,
        out=config.out,
        workers=config.workers,
        replies=config.replies,
        candidates=config.candidates,
        max_rounds=config.max_rounds,
        deadline_seconds=config.deadline,
        llm=spec_llm(config) if config.backend == "llm" else None,
        arm=config.arm,
        best_of=config.best_of,
    )


def spec_llm(config: RunConfig) -> LlmSpec:
    """Model, endpoint and judge of the `llm` backend."""
    endpoint = EndpointConfig(
        base_urls=split_urls(config.base_url),
        timeout_seconds=config.timeout,
        attempts=config.attempts,
        concurrency=config.concurrency,
        requests_per_minute=config.requests_per_minute,
        tokens_per_minute=config.tokens_per_minute,
        key_variable=config.key_variable,
    )
    return LlmSpec(
        model=config.model or "",
        endpoint=endpoint,
        run=config.out,
        roles=config.roles,
        judge="text-only" if config.arm == "blind-judge" else config.judge,
        content_attempts=config.content_attempts,
        skips_clean=config.skip_clean_captions,
        skips_failed=config.skip_failed,
    )


def list_models(config: RunConfig) -> tuple[str, ...]:
    """The models that a run asks."""
    if config.backend != "llm":
        return ()
    spec = spec_llm(config)
    return tuple(sorted({spec.find_model(role) for role in PROMPT_ROLES.values()}))


def make_forecaster(config: RunConfig, lexicon: Lexicon) -> Forecaster:
    """Says what an image of this run may cost."""
    prompts = load_prompts(config.pack)
    counter = make_counter(config.model or "")
    return Forecaster(spec_llm(config), prompts, lexicon, counter, config.candidates, config.max_rounds)


def make_budget(config: RunConfig, store: RunStore, lexicon: Lexicon) -> Budget | None:
    """The budget of a run that has one.

    Raises:
        UsageError: a model has no price.
    """
    if config.budget is None:
        return None
    prices = load_prices(config.prices)
    prices.require(list_models(config), "--budget")
    return Budget(config.budget, store.read_usage(), prices, make_forecaster(config, lexicon))


def describe_prices(config: RunConfig) -> dict[str, Any]:
    """The price of each model of the run as the manifest has it, None where the table has none."""
    prices, models = load_prices(config.prices), list_models(config)
    found = {model: prices.find(model) for model in models}
    return {
        "date": prices.date.isoformat() if models else None,
        "models": {model: price.model_dump() if price else None for model, price in found.items()},
    }


def make_blocks(config: RunConfig) -> Blocks:
    """The blocks of a run."""
    return Blocks(config.block, config.lag, config.freeze, config.rule_cap)


def describe_run(config: RunConfig, source: Source, seeds: Sequence[Rule], resources: Resources) -> dict[str, Any]:
    """Everything that decides the output, as it is frozen in the store and shown in the manifest."""
    translator, scorer = resources.tools.translator, resources.tools.scorer
    files = hash_prompts(config.pack)
    settings = config.model_dump(mode="json")
    names = (*SETTINGS, *(LLM_SETTINGS if config.backend == "llm" else ()))
    return {
        "settings": {name: settings[name] for name in names},
        "shard": config.shard,
        "seed_rules": [rule.model_dump() for rule in seeds],
        "backend": _describe_part(resources.backend),
        "translator": _describe_translator(translator),
        "scorer": _describe_part(scorer),
        "pack": freeze_pack(config.pack).model_dump(mode="json"),
        "prompts": {
            "dir": config.pack.name,
            "digest": hash_bytes(*(f"{name} {digest}".encode() for name, digest in files.items())),
            "files": files,
        },
        "dataset": {
            "captions": config.captions.name,
            "instances": config.instances.name,
            "digest": source.dataset.digest,
            "counts": dict(source.dataset.counts),
        },
    }


def _describe_part(part: Any) -> Row | None:
    if part is None:
        return None
    return {"name": part.name, "is_embedded": part.is_embedded, "identity": part.identity}


def _describe_translator(translator: Translator | None) -> Row | None:
    """As other parts, and for `srgb-tir` the style codes and which image gets which."""
    described = _describe_part(translator)
    styles = getattr(translator, "styles", None)
    return {**described, "styles": styles.record()} if described and styles is not None else described


def freeze(store: RunStore, found: dict[str, Any]) -> None:
    """Write what decides the output into a new store; refuse a change of it in an old one.

    Raises:
        UsageError: naming each setting with its old and new value.
    """
    if store.read_meta("settings") is None:
        for key, value in found.items():
            store.write_meta(key, value)
        return
    differences: list[str] = []
    for key, value in found.items():
        _compare(key, store.read_meta(key), value, differences)
    if differences:
        raise UsageError(
            f"{store.path}: this run was begun with other settings:\n  "
            + "\n  ".join(differences)
            + "\nUse the old settings, another --out, or --fresh to start again."
        )


def _compare(name: str, old: Any, new: Any, differences: list[str]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            _compare(f"{name}.{key}", old.get(key), new.get(key), differences)
    elif old != new:
        differences.append(f"{name.removeprefix('settings.')}: {_shorten(old)} -> {_shorten(new)}")


def _shorten(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def clear_run(run: Path) -> None:
    """Delete what a run wrote, and nothing else that may lie in its folder.

    The stored replies stay: they may have cost money, and the run that begins again takes those whose question is the
    same.
    """
    for name in RUN_FILES:
        (run / name).unlink(missing_ok=True)
    shutil.rmtree(run / "images", ignore_errors=True)


def run_synthesis(config: RunConfig, listener: Listener | None = None) -> Row:
    """Bring every image of the run to its end and write all exports; give the manifest.

    Raises:
        ToolkitError: see the message; what is final stays, and the same call goes on.
    """
    listener = listener or Silence()
    source, seeds = open_source(config), load_seeds(config)
    with RunLock(config.out), RunStore(config.out, create=True) as store:
        with open_resources(spec_resources(config)) as resources:
            freeze(store, describe_run(config, source, seeds, resources))
            store.write_meta("photo_root", str(config.images.resolve()))
            store.write_meta("versions", list_versions())
            store.write_meta("prices", describe_prices(config))
            try:
                drive(config, source, seeds, store, resources, listener)
            except BudgetReached:
                finish(config.out, store, listener)
                raise
        return finish(config.out, store, listener)


def drive(
    config: RunConfig, source: Source, seeds: Sequence[Rule], store: RunStore, resources: Resources, listener: Listener
) -> None:
    """Run what is not final yet."""
    listener.start(len(source.indices), store.read_progress())
    budget = make_budget(config, store, resources.lexicon)
    tell = Teller(config, store, listener).tell if config.backend == "llm" else listener.hear

    async def go() -> None:
        executor = LocalExecutor(resources)
        driver = Driver(store, make_blocks(config), seeds, config.concurrency, budget)
        try:
            await driver.run(source.indices, source.make_job, executor, tell)
        finally:
            await executor.close()
            await resources.close()

    with calm_collector(), asyncio.Runner(loop_factory=find_loop_factory()) as runner:
        runner.run(go())


def find_loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed (not on Windows): an image then takes a tenth less CPU; else asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


@contextmanager
def calm_collector() -> Iterator[None]:
    """Collect garbage less often: teams leave cycles, but looking through every live object costs 3 ms an image."""
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


class Teller:
    """Tells a listener what became of each image and what the run has cost so far."""

    def __init__(self, config: RunConfig, store: RunStore, listener: Listener) -> None:
        self._listener = listener
        self._prices = load_prices(config.prices)
        self._spent = price_usage(store.read_usage(), self._prices)

    def tell(self, result: Result) -> None:
        """One more image is final."""
        self._listener.hear(result)
        cost = price_usage(result.usage, self._prices)
        if self._spent is not None and cost is not None:
            self._spent += cost
            self._listener.spend(self._spent)


def finish(run: Path, store: RunStore, listener: Listener) -> Row:
    """Write the exports, the card and the report, unless they are those of this state of the store already."""
    from agents.card import write_card
    from agents.report import write_report

    if is_exported(run, store):
        listener.say("nothing new: the exports are up to date")
        return read_manifest(run)
    listener.say("writing the exports")
    remove_unfinished(run / "images")
    manifest = write_exports(run, store)
    write_card(run, manifest)
    write_report(run)
    store.write_meta("exported", describe_exports(run, store))
    return manifest


def describe_exports(run: Path, store: RunStore) -> Row:
    """The state of store and files by which `finish` knows that the exports are up to date."""
    return {
        "done": store.read_progress().done,
        "photo_root": store.read_meta("photo_root"),
        "prices": store.read_meta("prices"),
        "sizes": measure_exports(run),
    }


def measure_exports(run: Path) -> dict[str, int]:
    """Size of each exported file that is there, in bytes."""
    names = (*ROW_FILES, "rules.jsonl", "manifest.json", "README.md", "report.html")
    return {name: (run / name).stat().st_size for name in names if (run / name).is_file()}


def is_exported(run: Path, store: RunStore) -> bool:
    """Whether the exports on disk are those of this state of the store."""
    return bool(store.read_meta("exported") == describe_exports(run, store))


def read_manifest(run: Path) -> Row:
    """The manifest of a finished run."""
    import msgspec

    manifest: Row = msgspec.json.decode((run / "manifest.json").read_bytes())
    return manifest
