"""A Batch API of OpenAI's kind: files up, batches begun, looked at, found again, and their results read.

What could be done twice is never repeated blindly: an upload or a beginning that got no answer is looked for first.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import IO, Any, Final, NamedTuple, Self, TypeVar

from tools.endpoint.batch.lines import PATH
from tools.endpoint.connection import NO_KEY, EndpointConfig, find_key
from tools.endpoint.faults import STOPPING, STOPPING_OTHERWISE, TransportError, is_retried, make_excerpt
from tools.errors import ToolkitError

PURPOSE: Final = "batch"
WINDOW: Final = "24h"
TOKEN = "wave"
"""The name under which a batch's metadata holds its token."""
BROKEN = frozenset({"httpx", "httpx2", "httpcore", "httpcore2"})
"""Where the kinds of broken connections come from that reach a reader of a stream."""
GONE = "gone"
ENDED = frozenset({"completed", "expired", "cancelled", "failed", GONE})
LONGEST_WAIT_SECONDS = 60.0
Found = TypeVar("Found")


class NotThere(ToolkitError):
    """A batch or a file that the API does not know any more."""


class BatchState(NamedTuple):
    """How a batch stands.

    Attributes:
        status: as the API says it; over with one of `ENDED`.
        outputs: files of results: answers, errors.
        done, total: requests.
        problem: why it failed as a whole.
    """

    status: str
    outputs: tuple[str, ...]
    done: int
    total: int
    problem: str

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.status in ENDED


class BatchApi:
    """One endpoint's Batch API; an async context manager.

    Raises:
        MissingError: the environment has no key, and a server elsewhere wants one.
    """

    def __init__(self, config: EndpointConfig) -> None:
        self._config = config
        self.key = find_key(config)

    async def __aenter__(self) -> Self:
        from openai import AsyncOpenAI

        config = self._config
        self._client = AsyncOpenAI(
            api_key=self.key or NO_KEY, base_url=config.base_urls[0], max_retries=0, timeout=config.timeout_seconds
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def upload(self, name: str, file: IO[bytes]) -> str:
        """Put a batch file there; its id. One of the same name that an earlier try left is taken."""

        async def send() -> str:
            file.seek(0)
            return (await self._client.files.create(file=(name, file), purpose="batch")).id

        return await self._once(send, lambda: self.find_file(name))

    async def find_file(self, name: str) -> str | None:
        """The id of an uploaded file of this name."""
        async for row in self._client.files.list(purpose=PURPOSE):
            if row.filename == name:
                return row.id
        return None

    async def begin(self, file: str, token: str) -> str:
        """Begin a batch; its id. One with the same token that an earlier try began is taken."""

        async def send() -> str:
            made = await self._client.batches.create(
                input_file_id=file, endpoint=PATH, completion_window=WINDOW, metadata={TOKEN: token}
            )
            return made.id

        return await self._once(send, lambda: self.find_batch(file, token))

    async def find_batch(self, file: str, token: str) -> str | None:
        """The id of a batch of this file, or with this token."""
        async for row in self._client.batches.list(limit=100):
            if row.input_file_id == file or (row.metadata or {}).get(TOKEN) == token:
                return row.id
        return None

    async def look(self, batch: str) -> BatchState:
        """How a batch stands."""
        row = await self.again(lambda: self._client.batches.retrieve(batch), is_known=True)
        counts = row.request_counts
        problems = [error.message or "" for error in (row.errors.data or [] if row.errors else [])]
        return BatchState(
            status=row.status,
            outputs=tuple(name for name in (row.output_file_id, row.error_file_id) if name),
            done=counts.completed + counts.failed if counts else 0,
            total=counts.total if counts else 0,
            problem=make_excerpt("; ".join(problems), self.key),
        )

    async def read(self, file: str) -> AsyncIterator[bytes]:
        """The lines of a file of results. A break leaves the last line unread; the caller may read again."""
        rest = b""
        async with self._client.files.with_streaming_response.content(file) as response:
            async for chunk in response.iter_bytes():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line
        if rest:
            yield rest

    async def again(self, ask: Callable[[], Awaitable[Found]], *, is_known: bool = False) -> Found:
        """Ask what may be asked twice, as often as attempts are allowed.

        Args:
            is_known: of something that the API has named itself.

        Raises:
            NotThere: which is gone.
            TransportError: no attempt got through.
            ToolkitError: key, path or request are refused.
        """
        for attempt in range(self._config.attempts):
            try:
                return await ask()
            except Exception as error:  # noqa: BLE001 - the client's own kinds are told apart there, others pass
                self._refuse(error, is_known)
                trouble = error
            if attempt + 1 < self._config.attempts:
                await self._pause(attempt)
        raise TransportError(
            f"{self._config.base_urls[0]}: no answer after {self._config.attempts} attempts, the last failed with "
            f"{make_excerpt(str(trouble), self.key)}; run the same command again: it goes on"
        )

    async def _once(self, send: Callable[[], Awaitable[str]], find: Callable[[], Awaitable[str | None]]) -> str:
        """Do what may be done once: after an attempt without an answer it is looked for before it is done again."""
        is_open = False

        async def attempt() -> str:
            nonlocal is_open
            found = await find() if is_open else None
            is_open = True
            return found or await send()

        return await self.again(attempt)

    def _refuse(self, error: Exception, is_known: bool) -> None:
        """Raise what no further attempt helps against.

        Raises:
            ToolkitError: key, path or request are refused.
        """
        from openai import APIConnectionError, APIStatusError

        if isinstance(error, APIConnectionError):
            return
        if not isinstance(error, APIStatusError):
            if type(error).__module__.partition(".")[0] in BROKEN:
                return
            raise error
        status: Any = error.status_code
        if is_retried(status):
            return
        if status == 404 and is_known:
            raise NotThere(f"HTTP 404: {make_excerpt(error.message, self.key)}") from None
        remedy = STOPPING.get(status, STOPPING_OTHERWISE).format(key=self._config.key_variable)
        raise ToolkitError(
            f"{self._config.base_urls[0]}: HTTP {status}: {make_excerpt(error.message, self.key)}: {remedy}; does it "
            "have a Batch API (files, batches)? `--carrier files` needs none"
        ) from None

    async def _pause(self, attempt: int) -> None:
        await asyncio.sleep(min(LONGEST_WAIT_SECONDS, self._config.first_wait_seconds * 2.0**attempt))
