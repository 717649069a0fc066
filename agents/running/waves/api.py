"""Carries waves by a Batch API. Each step is committed: what a kill leaves open is looked for, and not done again."""

import asyncio
import tempfile

from agents.running.waves.carrier import CarrierParts
from agents.running.waves.results import ResultsReader
from agents.running.waves.settings import BatchSettings
from agents.store.waves import DONE, NEW, Part
from tools.endpoint.batch.api import GONE, BatchApi, BatchState, NotThere
from tools.endpoint.faults import TransportError
from tools.errors import ToolkitError, UsageError

UPLOADING, UPLOADED, BEGINNING, OUT = "uploading", "uploaded", "beginning", "out"
"""States of a part between `new` and `done`."""
SOME = 500


class ApiCarrier:
    """A wave's parts as batches of an endpoint.

    Raises:
        MissingError: the environment has no key, and the server wants one.
        UsageError: several servers are named.
    """

    def __init__(self, settings: BatchSettings, parts: CarrierParts) -> None:
        self.most_requests, self.most_bytes = settings.most_requests, settings.most_bytes
        if len(parts.endpoint.base_urls) > 1:
            raise UsageError("--base-url: batches are of one server; name one, or use --carrier files")
        self._poll = settings.poll
        self._parts = parts
        self._store = parts.store
        self._api: BatchApi | None = None
        self._told: dict[str, str] = {}

    async def carry(self, wave: int) -> None:
        """Upload, begin, wait and read, each part from where it stands.

        Raises:
            ToolkitError: a batch failed as a whole or was cancelled; what it has brought is kept.
        """
        if self._api is None:
            self._api = await BatchApi(self._parts.endpoint).__aenter__()
        parts = [await self._begin(part, self._api) for part in self._store.list_parts(wave)]
        waiting = [part for part in parts if part.state != DONE]
        problems: list[str] = []
        while waiting:
            states = [(part, await self._look(part, self._api)) for part in waiting]
            for part, now in states:
                if now.is_over:
                    await self._read(part, now, self._api)
                    problems += describe_end(part, now)
                self._tell(part, now)
            waiting = [part for part, now in states if not now.is_over]
            if waiting:
                await asyncio.sleep(self._poll)
        if problems:
            self._store.close(wave)  # nothing more comes of it: what has no reply travels in the next one
            raise ToolkitError(f"{'; '.join(problems)}; what came is kept, and the same command asks for the rest")

    async def _begin(self, part: Part, api: BatchApi) -> Part:
        """A part with a batch. What may have been done before a kill is looked for."""
        if part.state in (NEW, UPLOADING):
            name = f"wave-{part.wave}-{part.number}-{part.token}.jsonl"
            file = await api.again(lambda: api.find_file(name)) if part.state == UPLOADING else None
            self._store.set_part(part._replace(state=UPLOADING))
            file = file or await self._upload(part, name, api)
            part = self._store.set_part(part._replace(state=UPLOADED, file=file))
        if part.state in (UPLOADED, BEGINNING):
            given = part.file or ""
            batch = await api.again(lambda: api.find_batch(given, part.token)) if part.state == BEGINNING else None
            self._store.set_part(part._replace(state=BEGINNING))
            batch = batch or await self._begin_batch(part, api)
            part = self._store.set_part(part._replace(state=OUT, batch=batch))
        return part

    async def _begin_batch(self, part: Part, api: BatchApi) -> str:
        """A batch of an uploaded file; one that the API refuses is uploaded anew by the next command."""
        try:
            return await api.begin(part.file or "", part.token)
        except TransportError:
            raise
        except ToolkitError:
            self._store.set_part(part._replace(state=NEW, file=None))
            raise

    async def _upload(self, part: Part, name: str, api: BatchApi) -> str:
        with tempfile.TemporaryFile() as file:
            file.writelines(self._store.write_lines(part.wave, part.number))
            return await api.upload(name, file)

    async def _look(self, part: Part, api: BatchApi) -> BatchState:
        try:
            return await api.look(part.batch or "")
        except NotThere as error:
            return BatchState(GONE, (), 0, 0, str(error))

    async def _read(self, part: Part, now: BatchState, api: BatchApi) -> None:
        """Commit a batch's results, answers and errors alike."""
        for file in now.outputs:
            await api.again(lambda file=file: self._read_file(file, api), is_known=True)  # type: ignore[misc]
        self._store.set_part(part._replace(state=DONE))

    async def _read_file(self, file: str, api: BatchApi) -> None:
        reader = ResultsReader(self._store, api.key)
        lines: list[bytes] = []
        async for line in api.read(file):
            lines.append(line)
            if len(lines) >= SOME:
                reader.read(lines)
                lines = []
        reader.read(lines)

    def _tell(self, part: Part, now: BatchState) -> None:
        told = f"wave {part.wave}, batch {now.status}: {now.done:,} of {now.total:,} requests"
        if self._told.get(part.token) != told:
            self._told[part.token] = told
            self._parts.say(told)

    async def close(self) -> None:
        """Close the connection."""
        if self._api is not None:
            api, self._api = self._api, None
            await api.__aexit__(None, None, None)


def describe_end(part: Part, now: BatchState) -> list[str]:
    """What people have to hear of a batch that is over: nothing where it ended by itself, at its deadline too."""
    if now.status == "failed":
        return [f"batch {part.batch} failed: {now.problem or 'no reason given'}"]
    if now.status == GONE:
        return [f"batch {part.batch} is not there any more ({now.problem})"]
    if now.status == "cancelled":
        return [f"batch {part.batch} was cancelled"]
    return []
