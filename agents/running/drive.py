"""The running of a run: jobs to an executor, results into the store, in an event loop of their own."""

import asyncio
import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from agents.config import RunConfig
from agents.conversation.book.reverted import load_reverted
from agents.conversation.process import Resources
from agents.conversation.results import Result
from agents.running.cost.spending import SpendingReporter, make_budget, make_charges
from agents.running.listener import Listener
from agents.running.rejects.breaker import EndpointFault
from agents.running.rejects.retry import RetryDriver
from agents.running.resources import spec_resources
from agents.running.schedule import FROZEN_WINDOW, BlockSchedule, Driver, Executor
from agents.running.source import Source
from agents.running.waves.join import join_transport
from agents.store.retries import DRAW, list_waiting, read_draw
from agents.store.run_store import Progress, RunStore
from tools.records import Rule


def make_block_schedule(config: RunConfig) -> BlockSchedule:
    """How the images of a run form blocks."""
    window = max(FROZEN_WINDOW, config.block) if config.asks_in_waves else FROZEN_WINDOW
    return BlockSchedule(config.block, config.lag, config.freeze, config.rule_cap, load_reverted(config.pack), window)


def drive(
    config: RunConfig, source: Source, seeds: Sequence[Rule], store: RunStore, resources: Resources, listener: Listener
) -> None:
    """Run what is not final yet."""
    listener.start(len(source.indices), store.read_progress())
    _drive(Driver, source.indices, config, source, seeds, store, resources, listener)


def drive_retries(
    config: RunConfig, source: Source, seeds: Sequence[Rule], store: RunStore, resources: Resources, listener: Listener
) -> None:
    """Run what is to be asked again."""
    waiting = list_waiting(store)
    if waiting:
        listener.say(f"asking again for {len(waiting)} rejected images")
        listener.start(len(waiting), Progress(0, 0, 0))
        _drive(RetryDriver, waiting, config, source, seeds, store, resources, listener)


def _drive(
    kind: type[Driver],
    indices: Sequence[int],
    config: RunConfig,
    source: Source,
    seeds: Sequence[Rule],
    store: RunStore,
    resources: Resources,
    listener: Listener,
) -> None:
    place, draw = config.choose("executor"), read_draw(store)

    under_way = len(indices) if config.asks_in_waves else config.concurrency

    async def go() -> None:
        executor: Executor = place.load()(place.read(), resources, spec_resources(config))
        describe = getattr(executor, "describe", None)

        def tell(result: Result) -> None:
            if describe is not None:
                listener.place(describe())
            spent.tell(result)

        driver = kind(store, make_block_schedule(config), seeds, under_way, budget, advise(config))
        try:
            async with join_transport(config, executor, listener.say) as joined:
                await driver.run(indices, lambda index, block: source.make_job(index, block, draw), joined, tell)
        except EndpointFault:
            store.write_meta(DRAW, draw + 1)  # what was refused is asked again, whatever is stored
            raise
        finally:
            await executor.close()
            await resources.close()
            if notice := getattr(resources.backend, "describe_replay", lambda: None)():
                listener.say(notice)

    with make_charges(config) as charges:
        budget = make_budget(config, store, resources.lexicon, charges)
        spent = SpendingReporter(charges, store, listener)
        with calm_collector(), asyncio.Runner(loop_factory=find_loop_factory()) as runner:
            runner.run(go())


def advise(config: RunConfig) -> str:
    """What to look at when an endpoint answers nothing of use."""
    settings = config.choose("backend").read()
    url, model = getattr(settings, "base_url", None), getattr(settings, "model", None)
    if url is None:
        return f"look at what the backend `{config.backend}` answers"
    return f"look at the endpoint with `python -m tools doctor --base-url {url} --model {model}`"


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
    """Collect garbage less often, and never what was there before: looking through live objects costs 3 ms an image."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 10, 10)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
