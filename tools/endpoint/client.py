"""The one OpenAI-compatible client, for agents and for itb.

It asks `/chat/completions` through the openai package, on aiohttp and without its typed models, which would cost more
CPU than everything else together; one HTTP client serves all endpoints of a process. A transport failure is tried again
here and nowhere else.
"""

import asyncio
import email.utils
import itertools
import json
import os
import random
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from tools.endpoint.limits import AdaptiveLimit, RateLimit
from tools.errors import MissingError, RejectError, ToolkitError
from tools.records import Record

KEY_VARIABLE = "OPENAI_API_KEY"
NO_KEY = "none"
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
OVERLOAD = frozenset({429, 503, 529})
REJECTED = frozenset({400, 413, 422})
STOPPING = {
    401: "the key was refused; set the right one in the environment variable {key}",
    403: "this key may not use the model; choose another --model or key",
    404: "there is no such model or path; check --model and --base-url, which ends before /chat/completions",
}
LONGEST_WAIT_SECONDS = 60.0
EXCERPT_CHARS = 200
CHARS_PER_TOKEN = 4


class EndpointConfig(Record):
    """How to reach a model.

    Attributes:
        base_urls: one or several servers of the same model, asked in turn; each ends before `/chat/completions`.
        timeout_seconds: of one attempt, until its last byte.
        attempts: transport attempts of one request.
        first_wait_seconds: before the second attempt; doubles from then on.
        concurrency: most requests under way at once.
        key_variable: environment variable that holds the key; servers on this machine need none.
    """

    base_urls: tuple[str, ...]
    timeout_seconds: float = 120.0
    attempts: int = 6
    first_wait_seconds: float = 0.5
    concurrency: int = 64
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    key_variable: str = KEY_VARIABLE


class ChatRequest(Record):
    """One question.

    Attributes:
        messages: roles and contents as the API takes them; a content may be a list of parts (text, image).
        options: temperature, max_tokens and what else the endpoint takes.
        n: answers wanted.
    """

    model: str
    messages: tuple[Mapping[str, Any], ...]
    options: Mapping[str, Any] = {}
    n: int = 1


class Completion(Record):
    """The answers, and what they cost.

    Attributes:
        texts: exactly as many as were wanted.
        prompt_tokens, completion_tokens: as the endpoint counted them, else 0.
        is_counted: whether the endpoint counted.
        requests: that were answered; a repeated attempt counts once.
    """

    texts: tuple[str, ...]
    prompt_tokens: int
    completion_tokens: int
    requests: int
    is_counted: bool = True


class TransportError(ToolkitError):
    """An endpoint that no attempt could reach. Not final: the run can go on later."""


class Trouble(NamedTuple):
    """Why an attempt failed, and how long the endpoint asked to wait; 0 when it did not say."""

    what: str
    wait_seconds: float = 0.0
    code: str | None = None


class Endpoint:
    """Asks a model. Safe to use from many tasks of one event loop; an async context manager.

    Attributes:
        statuses: how many attempts ended how: HTTP status, or `timeout`, `connection`, `bad_response`.
    """

    def __init__(self, config: EndpointConfig) -> None:
        self._config = config
        self._key = find_key(config)
        self._limit = AdaptiveLimit(config.concurrency)
        self._rate = RateLimit(config.requests_per_minute, config.tokens_per_minute)
        self._answers_one: set[str] = set()
        self.statuses: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        import openai

        self._http = openai.DefaultAioHttpClient(timeout=self._config.timeout_seconds)
        clients = [
            openai.AsyncOpenAI(api_key=self._key, base_url=url, http_client=self._http, max_retries=0)
            for url in self._config.base_urls
        ]
        self._turns = itertools.cycle(clients)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def complete(self, request: ChatRequest) -> Completion:
        """Exactly `request.n` answers: an endpoint that gives fewer at once is asked again for the rest.

        Raises:
            RejectError: the endpoint refuses this very request (`http_400`, `http_413`, `http_422`), or what it sends
                is no completion (`bad_response`).
            TransportError: no attempt got through.
            ToolkitError: key or model are refused; no request can succeed.
        """
        parts: list[Completion] = []
        missing = request.n
        while missing > 0:
            parts += await self._ask_for(request, missing)
            missing = request.n - sum(len(part.texts) for part in parts)
        return Completion(
            texts=tuple(text for part in parts for text in part.texts)[: request.n],
            prompt_tokens=sum(part.prompt_tokens for part in parts),
            completion_tokens=sum(part.completion_tokens for part in parts),
            requests=len(parts),
            is_counted=all(part.is_counted for part in parts),
        )

    async def _ask_for(self, request: ChatRequest, n: int) -> list[Completion]:
        if n > 1 and request.model in self._answers_one:
            return await asyncio.gather(*(self._ask(request, 1) for _ in range(n)))
        try:
            found = await self._ask(request, n)
        except RejectError as error:
            if n == 1 or error.code != "http_400":
                raise
            self._answers_one.add(request.model)
            return await self._ask_for(request, n)
        if len(found.texts) < n:
            self._answers_one.add(request.model)
        return [found]

    async def _ask(self, request: ChatRequest, n: int) -> Completion:
        body = {"model": request.model, "messages": list(request.messages), **request.options}
        if n > 1:
            body["n"] = n
        estimate = estimate_tokens(request, n)
        trouble = Trouble("nothing was tried")
        for attempt in range(self._config.attempts):
            if attempt:
                await asyncio.sleep(trouble.wait_seconds or self._back_off(attempt))
            outcome = await self._attempt(body, estimate)
            if isinstance(outcome, Completion):
                return outcome
            trouble = outcome
        if trouble.code is not None:
            raise RejectError(trouble.code, trouble.what)
        raise TransportError(
            f"{', '.join(self._config.base_urls)}: no answer after {self._config.attempts} attempts, the last failed "
            f"with {trouble.what}; when the server is there again, run the same command: it goes on"
        )

    def _back_off(self, attempt: int) -> float:
        longest = min(LONGEST_WAIT_SECONDS, self._config.first_wait_seconds * 2.0 ** (attempt - 1))
        return longest * random.uniform(0.5, 1.0)

    async def _attempt(self, body: dict[str, Any], estimate: int) -> Completion | Trouble:
        import openai

        async with self._limit:
            await asyncio.sleep(self._rate.reserve(estimate))
            client = next(self._turns)
            try:
                async with asyncio.timeout(self._config.timeout_seconds):
                    reply = await client.post("/chat/completions", cast_to=object, body=body)
            except TimeoutError:
                return self._hear("timeout", Trouble(f"no answer within {self._config.timeout_seconds:g} s"))
            except openai.APIStatusError as error:
                return self._hear_status(error.status_code, error.response.headers, error.response.text)
            except (openai.APIConnectionError, OSError) as error:
                # A refused connection comes as a time-out too; only its cause tells which it was.
                cause = self._scrub(str(error.__cause__ or error))
                return self._hear("connection", Trouble(f"a broken connection: {cause}"))
            except (openai.APIError, ValueError) as error:
                return self._hear("bad_response", Trouble(self._scrub(str(error)), code="bad_response"))
            found = read_completion(reply)
            if isinstance(found, Trouble):
                return self._hear("bad_response", found)
            self.statuses["200"] += 1
            self._limit.hear_success()
            self._rate.correct(estimate, found.prompt_tokens + found.completion_tokens)
            return found

    def _hear(self, status: str, trouble: Trouble) -> Trouble:
        self.statuses[status] += 1
        return trouble

    def _hear_status(self, status: int, headers: Mapping[str, str], text: str) -> Trouble:
        self.statuses[str(status)] += 1
        excerpt = f"HTTP {status}: {self._scrub(text)}"
        if status in STOPPING:
            raise ToolkitError(f"{excerpt}: {STOPPING[status].format(key=self._config.key_variable)}")
        if status not in RETRIED:
            raise RejectError(f"http_{status}", excerpt)
        if status in OVERLOAD:
            self._limit.hear_overload()
        return Trouble(excerpt, read_retry_after(headers))

    def _scrub(self, text: str) -> str:
        """A short excerpt without the key, which some servers repeat."""
        if self._key != NO_KEY:
            text = text.replace(self._key, "[key]")
        return " ".join(text.split())[:EXCERPT_CHARS]


def find_key(config: EndpointConfig) -> str:
    """The key from the environment; a server on this machine needs none.

    Raises:
        MissingError: there is none, and a server elsewhere wants one.
    """
    key = os.environ.get(config.key_variable, "").strip()
    elsewhere = [url for url in config.base_urls if urlsplit(url).hostname not in LOCAL_HOSTS]
    if not key and elsewhere:
        raise MissingError(f"{elsewhere[0]} wants a key: export {config.key_variable}=... and run again")
    return key or NO_KEY


def read_completion(reply: Any) -> Completion | Trouble:
    """The texts of a reply; a missing content counts as an empty text, which the parsers reject."""
    choices = reply.get("choices") if isinstance(reply, dict) else None
    if not isinstance(choices, list) or not choices:
        return Trouble(f"a reply without choices: {str(reply)[:EXCERPT_CHARS]}", code="bad_response")
    texts = []
    for choice in choices:
        message = choice.get("message") if isinstance(choice, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        texts.append(content if isinstance(content, str) else "")
    usage = reply.get("usage")
    counted = usage if isinstance(usage, dict) else {}
    counts = [
        value if isinstance(value := counted.get(name), int) else 0 for name in ("prompt_tokens", "completion_tokens")
    ]
    return Completion(
        texts=tuple(texts), prompt_tokens=counts[0], completion_tokens=counts[1], requests=1, is_counted=bool(counted)
    )


def read_retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the endpoint asks to wait, at most a minute; 0 when it does not say."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError):
            return 0.0
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def estimate_tokens(request: ChatRequest, n: int) -> int:
    """About how many tokens a request takes: four characters each, and the longest answers allowed."""
    text = sum(len(json.dumps(message.get("content", ""))) for message in request.messages)
    return text // CHARS_PER_TOKEN + n * int(request.options.get("max_tokens", 256))
