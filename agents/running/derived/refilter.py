"""`refilter`: a finished run once more under its final rule book, in a folder of its own.

A run's early captions were filtered before most rules were mined. Here those that break a rule of the final book go to
the backend again; everything else is copied. Called again, it goes on.
"""

import asyncio
import itertools
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from agents.config import RunConfig
from agents.conversation.process import Resources, open_resources
from agents.conversation.refilter import refilter
from agents.conversation.rules import Mined, RuleBook, fold_rules
from agents.output.export import read_reverted
from agents.running.address import find_address
from agents.running.cost.asking_again import AgainCost, AgainQueue, make_again_budget, sum_billed
from agents.running.derived.merge import copy_images
from agents.running.drive import find_loop_factory
from agents.running.finish import finish
from agents.running.freeze import list_differences
from agents.running.listener import Listener, Silence
from agents.running.resources import spec_resources
from agents.store.folders import REFILTERED
from agents.store.retries import copy_history
from agents.store.run_store import RunStore
from tools.endpoint.prices import load_prices
from tools.errors import BudgetReached, UsageError
from tools.files import check_folder, own_folder, read_marker
from tools.files.inside import real_path
from tools.manifest import hash_bytes, hash_prompts
from tools.records import Rule
from tools.terminal.cli import build_settings

COPIED_META = (
    "plugins", "seed_rules", "reverted_rules", "backend", "translator", "scorer", "pack", "prompts", "dataset",
    "versions", "photo_root", "prices", "measures", "source", "held_out", "shard", "reach",
)  # fmt: skip
ASKED_SETTINGS = ("backend", "scorer", "candidates", "seed")


class Job(NamedTuple):
    """What a run is filtered again with.

    Attributes:
        mined: the run's, by the index of their image; they stand in the new run's rules too.
        settings: the run's, with what says that it was filtered again.
    """

    book: RuleBook
    mined: dict[int, list[Mined]]
    settings: dict[str, Any]


def refilter_run(
    run: Path, out: Path, given: dict[str, Any] | None = None, listener: Listener | None = None
) -> dict[str, Any]:
    """Write the run `out` with the captions of `run` under its final rule book; give its manifest.

    Args:
        given: settings that are no part of what decides the output: the endpoint, the pack's folder, the budget.

    Raises:
        BudgetReached: the next image does not fit; what is final is exported.
        UsageError: `out` holds something else, or pack, backend or scorer are not those of the run.
    """
    listener = listener or Silence()
    if real_path(run) == real_path(out):
        raise UsageError(f"{out}: is the run itself; name a new folder with --out")
    check_folder(out, REFILTERED)
    _refuse_other_run(out)
    with RunStore(run) as store:
        job, config = read_job(store), make_config(store, out, given or {})
        with own_folder(out, REFILTERED), RunStore(out, create=True) as made:
            with open_resources(spec_resources(config)) as resources:
                _check_makers(store, config, resources)
                _begin(store, made, job)
                copy_images(run, out)
                try:
                    with asyncio.Runner(loop_factory=find_loop_factory()) as runner:
                        runner.run(_go(store, made, job, config, resources, listener))
                except BudgetReached:
                    finish(out, made, listener)
                    raise
            return finish(out, made, listener)


def read_job(store: RunStore) -> Job:
    """The final rule book of a run: seed rules and all that was mined, under the run's cap.

    Raises:
        UsageError: it was filtered again already.
    """
    settings = store.require_meta("settings")
    if "refiltered" in settings:
        raise UsageError(f"{store.path.parent}: was filtered again already; name the run that it was made from")
    seeds = [Rule.model_validate(rule) for rule in store.require_meta("seed_rules")]
    mined: dict[int, list[Mined]] = {}
    for index, item in store.list_mined():
        mined.setdefault(index, []).append(item)
    items = () if settings["freeze"] else itertools.chain.from_iterable(mined.values())
    book = fold_rules(seeds, items, cap=settings["rule_cap"], reverted=read_reverted(store))
    state = {"rules": len(book.rules), "images": store.read_progress().done}
    return Job(book, mined, settings | {"refiltered": state})


def make_config(store: RunStore, out: Path, given: dict[str, Any]) -> RunConfig:
    """Settings that ask as the run did; nothing is translated, for the images are there.

    Raises:
        MissingError: the price table is not there.
        UsageError: what was given cannot be.
    """
    settings = store.require_meta("settings")
    names = [name for name in settings if name in RunConfig.model_fields]
    own = {name: settings[name] for name in names if name in ASKED_SETTINGS or _fills_backend(name)}
    changes = {seam: values for seam, values in settings.get("set", {}).items() if seam in ("backend", "scorer")}
    given = {name: value for name, value in given.items() if value is not None}
    given |= find_address(store, settings["backend"], given.get("base_url"))
    taken = {**own, "set": changes, "images": out, "out": out, "translator": "gray", "workers": 0}
    config = build_settings(RunConfig, None, {**taken, **given})
    load_prices(config.prices)  # a table that cannot be read is told before any work
    return config


def _fills_backend(name: str) -> bool:
    marks = RunConfig.model_fields[name].metadata
    return any(seam == "backend" for mark in marks for seam, _ in getattr(mark, "settings", ()))


def _refuse_other_run(out: Path) -> None:
    marker = read_marker(out) if (out / "run.sqlite").exists() else None
    if (out / "run.sqlite").exists() and (marker is None or marker.command != REFILTERED.command):
        raise UsageError(f"{out}: there is a run already; name a new folder with --out")


def _check_makers(store: RunStore, config: RunConfig, resources: Resources) -> None:
    """The same prompts, the same model and the same scorer as in the run.

    Raises:
        UsageError: naming what differs.
    """
    files = hash_prompts(config.pack)
    digest = hash_bytes(*(f"{name} {found}".encode() for name, found in files.items()))
    scorer = resources.tools.scorer
    now = {
        "prompts": digest,
        "backend": resources.backend.identity,
        "scorer": None if scorer is None else scorer.identity,
    }
    begun = {
        "prompts": store.require_meta("prompts")["digest"],
        **{name: (store.read_meta(name) or {}).get("identity") for name in ("backend", "scorer")},
    }
    differences = [line for name in now for line in list_differences(name, begun[name], now[name])]
    if differences:
        raise UsageError(
            f"{store.path.parent}: was made otherwise:\n  " + "\n  ".join(differences) + "\nGive --pack and the "
            "settings of model and scorer as they were then."
        )


def _begin(store: RunStore, made: RunStore, job: Job) -> None:
    """Write what the new run is; refuse to go on when the old one has grown since."""
    begun = made.read_meta("settings")
    if begun not in (None, job.settings):
        differences = "; ".join(list_differences("settings", begun, job.settings))
        raise UsageError(
            f"{made.path.parent}: was begun from another state of the run: {differences}; name a new --out"
        )
    made.write_metas({**{key: store.read_meta(key) for key in COPIED_META}, "settings": job.settings})


async def _go(
    store: RunStore, made: RunStore, job: Job, config: RunConfig, resources: Resources, listener: Listener
) -> None:
    done = frozenset(made.list_done())
    listener.start(store.read_progress().done, made.read_progress())
    cost = AgainCost(config, job.book, resources.lexicon)
    budget = make_again_budget(config, cost, (result.image_id for result in made.read_results()))
    try:
        with closing(store.read_results()) as results:
            queue = AgainQueue((each for each in results if each.index not in done), cost, job.book, budget)
            while batch := queue.take(config.concurrency):
                found = await asyncio.gather(
                    *(refilter(result, job.book, config.seed, resources, resources.tools) for result in batch)
                )
                for result in found:
                    made.commit_result(result, job.mined.get(result.index, ()))
                    listener.hear(result)
                    if budget is not None:
                        budget.pay(result.index, sum_billed(config.out, [result.image_id]))
    finally:
        await resources.close()
    copy_history(store, made)
