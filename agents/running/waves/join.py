"""A run's transport put between its driver and its executor."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing

from agents.backends.asked.ledger import REQUESTS, Ledger
from agents.backends.reply_store import ReplyStore
from agents.config import RunConfig
from agents.running.schedule import Executor
from agents.running.waves.carrier import Carrier, CarrierParts
from agents.running.waves.desk import WaveDesk
from agents.running.waves.executor import WaveExecutor
from agents.store.folders import REPLIES
from agents.store.waves import WaveStore
from tools.endpoint.prices import load_prices


@asynccontextmanager
async def join_transport(config: RunConfig, executor: Executor, say: Callable[[str], None]) -> AsyncIterator[Executor]:
    """The executor as the driver drives it: itself, or with conversations that wait for waves."""
    if not config.asks_in_waves:
        warn_of_wave(config, say)
        yield executor
        return
    way, asked = config.choose("transport"), config.choose("backend").read()
    with closing(Ledger(config.out, is_durable=True)) as ledger, ReplyStore(config.out / REPLIES) as replies:
        store = WaveStore(ledger, config.out)
        endpoint = asked.make_endpoint(config.concurrency)
        carrier: Carrier = way.load()(way.read(), CarrierParts(config.out, store, endpoint, say))
        desk = WaveDesk(
            store,
            replies,
            carrier,
            load_prices(config.prices).narrow("batch"),
            tries=asked.attempts,
            skips_failed=asked.skip_failed,
            say=say,
        )
        try:
            yield WaveExecutor(executor, desk, config.concurrency)
        finally:
            await carrier.close()


def warn_of_wave(config: RunConfig, say: Callable[[str], None]) -> None:
    """Say that a wave is out which nobody waits for, as its questions are now asked a second time."""
    if not (config.out / REQUESTS).is_file():
        return
    with closing(Ledger(config.out)) as ledger:
        wave = WaveStore(ledger, config.out).find_open()
    if wave is not None:
        say(f"warning: wave {wave} is out; its questions are asked again now, --transport batch waits for its replies")
