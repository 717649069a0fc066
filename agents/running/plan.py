"""`plan` and `preview`: what a run will do, before it does it."""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agents.config import RunConfig
from agents.conversation.process import open_resources
from agents.output.provenance import SAME_MODEL, describe_splits
from agents.output.rule_tables import explain_unread
from agents.output.show import show_conversation
from agents.running.cost.spending import Bill, judges_itself, open_estimator, show_bill
from agents.running.cost.wave_plan import WaveCounter, WavePlan, say_waves
from agents.running.drive import drive, make_block_schedule
from agents.running.freeze import describe_origin, describe_run, freeze
from agents.running.listener import Silence
from agents.running.resources import spec_resources
from agents.running.source import Source, load_seeds, open_source
from agents.store.run_store import RunStore
from tools.registry import BACKENDS

TRIAL_IMAGES = 12
AT_ONCE = {"transport": "chat", "carrier": None}
"""Trials wait for no wave."""
UNKNOWN = {"tokens, cost, time": "unknown: this backend cannot say (trait `forecaster` of its entry)"}


class Plan(NamedTuple):
    """What a run will do. Counts are exact but for rounds, which only the debates decide.

    Attributes:
        written: images without a caption, which the caption agent captions.
        requests_least, requests_most: questions to the backend, with every debate accepted at once or never.
        trial_images, seconds_per_image: what a short trial on the first images took, one after another; only an
            embedded backend is tried.
        held: images that are set aside.
        judges_itself: one model writes and judges; None where no model does.
        bill: what the backend's models will be asked, None where it cannot say.
        waves: where questions travel in waves.
    """

    images: int
    rejected: int
    captions: int
    written: int
    debated: int
    instructions: dict[str, int]
    blocks: int
    requests_least: int
    requests_most: int
    trial_images: int
    seconds_per_image: float
    dataset: dict[str, Any]
    warnings: tuple[str, ...]
    bill: Bill | None = None
    backend: str = "template"
    held: int = 0
    judges_itself: bool | None = None
    waves: WavePlan | None = None


def make_plan(config: RunConfig) -> Plan:
    """Read the dataset, count, and try the first images in a folder that is thrown away."""
    source = open_source(config)
    source.check_texts()
    looked = source.check_images()
    kinds: Counter[str] = Counter()
    captions = written = debated = rejected = 0
    estimator = open_estimator(config)
    counter = WaveCounter(config, make_block_schedule(config)) if config.asks_in_waves else None
    adders = [part.add for part in (estimator, counter) if part]
    for index in source.indices:
        job = source.make_job(index, 0)
        if job.fault is not None or not (job.photo.captions or job.is_captioned_here):
            rejected += 1
            continue
        captions += len(job.photo.captions)
        written += not job.photo.captions
        kinds.update(job.kinds)
        debated += bool(job.kinds)
        for add in adders:
            add(job)
    total = sum(kinds.values())
    tried, seconds = _try(config, source) if BACKENDS.get_trait(config.backend, "is_embedded") else (0, 0.0)
    images, bill = len(source.indices), estimator.close() if estimator else None
    return Plan(
        images=images,
        rejected=rejected,
        captions=captions,
        written=written,
        debated=debated,
        instructions=dict(sorted(kinds.items())),
        blocks=-(-images // config.block),
        requests_least=captions + written + 2 * total,
        requests_most=captions + written + 3 * config.max_rounds * total,
        trial_images=tried,
        seconds_per_image=seconds,
        dataset=dict(source.dataset.counts),
        warnings=(*_warn(config, images), *looked, *filter(None, [describe_splits(describe_origin(config, source))])),
        bill=bill,
        backend=config.backend,
        held=len(source.held_groups),
        judges_itself=judges_itself(config),
        waves=counter.close(images, bill) if counter else None,
    )


def _try(config: RunConfig, source: Source) -> tuple[int, float]:
    count = min(TRIAL_IMAGES, len(source.indices))
    if count == 0:
        return 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        trial = config.model_copy(
            update={"out": Path(folder), "limit": count, "shard": None, "workers": 0, "concurrency": 1} | AT_ONCE
        )
        with RunStore(trial.out, create=True) as store, open_resources(spec_resources(trial)) as resources:
            start = time.perf_counter()
            drive(trial, replace(source, config=trial), load_seeds(trial), store, resources, Silence())
            return count, (time.perf_counter() - start) / count


def _warn(config: RunConfig, images: int) -> Iterator[str]:
    unread = "" if config.freeze else explain_unread(config.block, config.lag, images)
    if unread:
        yield unread
    if config.instructions == "all" and config.mix == "each" and images > 10_000:
        yield f"every image gets {len(config.kinds)} debated instructions; the paper debates one image in ten"


def show_plan(plan: Plan) -> RenderableType:
    """The plan as a table, warnings below."""
    table = Table(show_header=False, box=None, padding=(0, 1))
    rows = {
        "images": f"{plan.images:,}" + (f", {plan.rejected:,} of them unusable rows" if plan.rejected else ""),
        "captions": f"{plan.captions:,}" + (f", and {plan.written:,} to be written" if plan.written else ""),
        **({"held out": f"{plan.held:,} images, in no file but held_out.jsonl"} if plan.held else {}),
        "debated images": f"{plan.debated:,}",
        "instructions": ", ".join(f"{kind} {count:,}" for kind, count in plan.instructions.items()) or "none",
        "blocks": f"{plan.blocks:,}",
        "questions to the backend": f"{plan.requests_least:,} to {plan.requests_most:,}",
    }
    if plan.waves is not None:
        rows |= say_waves(plan.waves)
    if plan.judges_itself is not None:
        rows["judge"] = SAME_MODEL if plan.judges_itself else "Writer and judge are different models."
    if plan.bill is None:
        rows |= _describe_embedded(plan) if BACKENDS.get_trait(plan.backend, "is_embedded") else UNKNOWN
    for key, value in rows.items():
        table.add_row(Text(key, style="bold"), value)
    dataset = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in plan.dataset.items() if value)
    table.add_row(Text("dataset", style="bold"), Text(dataset))
    bill = (show_bill(plan.bill),) if plan.bill else ()
    return Group(table, *bill, *(Text(f"warning: {warning}", style="yellow") for warning in plan.warnings))


def _describe_embedded(plan: Plan) -> dict[str, str]:
    seconds = _format_seconds(plan.images * plan.seconds_per_image)
    return {
        "tokens, cost": f"0, $0 (the {plan.backend} backend asks no model)",
        "time": f"about {seconds} of CPU time, an estimate from {plan.trial_images} images done one after another; "
        "image work is spread over --workers",
    }


def _format_seconds(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def run_preview(config: RunConfig, count: int) -> Iterator[RenderableType]:
    """Do the first `count` images with instructions for all of them, in a folder that is thrown away."""
    whole = open_source(config)
    whole.check_texts()
    whole.check_images()
    with tempfile.TemporaryDirectory() as folder:
        trial = config.model_copy(
            update={"out": Path(folder), "limit": count, "shard": None, "workers": 0, "instructions": "all"} | AT_ONCE
        )
        source, seeds = Source(whole.dataset, trial), load_seeds(trial)
        with RunStore(trial.out, create=True) as store, open_resources(spec_resources(trial)) as resources:
            freeze(store, describe_run(trial, source, seeds, resources, source.list_held()))
            store.write_meta("source", describe_origin(trial, source))
            drive(trial, source, seeds, store, resources, Silence())
            yield from (show_conversation(result, store) for result in store.read_results())
