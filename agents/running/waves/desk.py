"""Where wants become waves and results become replies: commit, send, store, close, in steps that a kill may part.

A wave is committed before it is sent. Its results are committed as they are read, then the replies that they make, and
only then the wave is closed. Whichever step was last, the next start takes up the one after, and asks nothing twice.
"""

import json
from collections.abc import Callable, Iterable

from agents.backends.asked.wants import Want
from agents.backends.replay import pack_refusal
from agents.backends.reply_store import ReplyStore
from agents.running.waves.carrier import Carrier
from agents.running.waves.settle import Settled, settle
from agents.store.waves import OpenWant, WaveStore
from tools.endpoint.batch.lines import say_size
from tools.endpoint.faults import TransportError
from tools.endpoint.prices import Prices
from tools.errors import ToolkitError

GIVEN_UP = "endpoint"
UNREAD = "bad_response"


class WaveDesk:
    """Gathers wants, and brings their replies.

    Args:
        replies: the run's stored replies.
        prices: the table in force, of batches.
        tries: waves that a question may travel in without a reply.
        skips_failed: what has no reply then is rejected; else the run stops.
        say: tells people.
    """

    def __init__(
        self,
        store: WaveStore,
        replies: ReplyStore,
        carrier: Carrier,
        prices: Prices,
        *,
        tries: int,
        skips_failed: bool,
        say: Callable[[str], None],
    ) -> None:
        self._store = store
        self._replies = replies
        self._carrier = carrier
        self._prices = prices
        self._tries = tries
        self._skips_failed = skips_failed
        self._say = say
        self._noted: set[str] = set()

    def add(self, wants: Iterable[Want]) -> None:
        """Note what a conversation wants."""
        wants = tuple(wants)
        self._store.add_wants(wants)
        self._noted.update(found.key for found in wants)

    async def finish_open(self) -> None:
        """Bring home a wave that an earlier command sent.

        What such a command had noted and not sent is forgotten: this one may begin anew, with other questions.
        """
        wave = self._store.find_open()
        if wave is not None:
            await self._bring(wave)
        self._keep_replies()
        self._store.forget_unasked()

    async def send(self) -> None:
        """Send what was noted as one wave, and store its replies.

        Raises:
            ToolkitError: it cannot be carried now, or no question can succeed.
        """
        noted = (found for found in self._store.list_wants() if found.want.key in self._noted)
        lines = ((found.want, n) for found in noted for n in self._look(found).lines)
        carrier = self._carrier
        wave = self._store.begin(lines, self._prices, carrier.most_requests, carrier.most_bytes)
        self.announce(wave)
        await self._bring(wave)

    def announce(self, wave: int) -> None:
        """Say how large a wave is."""
        parts, (lines, _) = self._store.list_parts(wave), self._store.count_lines(wave)
        size = sum(part.bytes for part in parts)
        files = f"{len(parts)} batch file{'' if len(parts) == 1 else 's'}"
        self._say(f"wave {wave}: {lines:,} request{'' if lines == 1 else 's'} in {files} of {say_size(size)}")

    async def _bring(self, wave: int) -> None:
        await self._carrier.carry(wave)
        self._keep_replies()
        asked = self._store.list_keys(wave)
        self._store.close(wave)
        self._settle(asked)

    def _look(self, found: OpenWant) -> Settled:
        return settle(found.want.request, found.asked)

    def _keep_replies(self) -> None:
        """Store the replies that are whole, then forget that they were wanted."""
        kept = []
        for found in self._store.list_wants():
            reply = self._look(found).reply
            if reply is not None:
                self._replies.keep(found.want.key, json.dumps(reply), found.want.image_id)
                kept.append(found.want.key)
        if kept:
            self._store.drop_wants(kept)
        self._noted.difference_update(kept)

    def _settle(self, asked: set[str]) -> None:
        """Give up what has had its tries.

        Args:
            asked: what the last wave asked and brought no reply to.

        Raises:
            TransportError: questions that no wave has brought a reply to.
            ToolkitError: key, model or credit are refused.
        """
        refused, final, left = list[str](), list[str](), dict[str, str]()
        for found in (each for each in self._store.list_wants() if each.want.key in asked):
            key, now = found.want.key, self._look(found)
            if now.is_stopping:
                refused.append(now.trouble)
            elif found.tries >= self._tries and (now.is_unread or self._skips_failed):
                reply = pack_refusal(UNREAD if now.is_unread else GIVEN_UP, now.trouble)
                self._replies.keep(key, json.dumps(reply), found.want.image_id)
                final.append(key)
            elif found.tries >= self._tries:
                left[key] = now.trouble
        self._store.drop_wants(final)
        self._store.forget_tries(left)
        if refused:
            raise ToolkitError(
                f"{len(refused)} questions were refused, as every one will be: {refused[0]}; look at key, --model and "
                "credit, then run the same command again: it goes on"
            )
        if left:
            raise TransportError(
                f"{len(left)} questions have no reply after {self._tries} waves, e.g. {next(iter(left.values()))}; run "
                "the same command again: it goes on"
            )
