"""The one OpenAI-compatible client, for agents and for itb.

    async with Endpoint(EndpointConfig(base_urls=("http://localhost:8000/v1",))) as endpoint:
        completion = await endpoint.complete(ChatRequest(model="m", messages=({"role": "user", "content": "Hello"},)))

It asks `/chat/completions` through aiohttp. The openai package, with which `tools.endpoint.preflight` asks the small
questions, takes several times the CPU a request (`tests/benchmarks/endpoint_cpu.py`), more than all agents together. A
transport failure is tried again here and nowhere else.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, Self

from tools.endpoint.connection import NO_KEY, EndpointConfig, find_key, find_proxy, make_ssl_context
from tools.endpoint.faults import (
    LONGEST_WAIT_SECONDS,
    OVERLOAD,
    REJECTED,
    STOPPING,
    STOPPING_OTHERWISE,
    Refusal,
    TransportError,
    Trouble,
    find_message,
    hide_secret,
    is_retried,
    make_excerpt,
    read_retry_after,
)
from tools.endpoint.limits import AdaptiveLimit, RateLimit
from tools.endpoint.messages import ChatRequest, Completion, estimate_request, join_completions, read_completion
from tools.endpoint.servers import Server, Servers
from tools.endpoint.stats import Stats
from tools.errors import RejectError, ToolkitError

__all__ = ["ChatRequest", "Completion", "Endpoint", "EndpointConfig", "TransportError"]

SHORT_REPLIES = 2
MAYBE_OPTIONS = frozenset({"http_400", "http_422"})
GREETING = ({"role": "user", "content": "Hello"},)


class Endpoint:
    """Asks a model. Safe to use from many tasks of one event loop; an async context manager.

    Attributes:
        stats: counters over all requests.

    Raises:
        MissingError: the environment has no key, and a server elsewhere wants one.
        UsageError: the key holds characters that no key has.
    """

    def __init__(self, config: EndpointConfig) -> None:
        self._config = config
        self._key = find_key(config)
        self._limit = AdaptiveLimit(config.concurrency)
        self._rate = RateLimit(config.requests_per_minute, config.tokens_per_minute)
        self._servers = Servers(config.base_urls)
        self._short: Counter[str] = Counter()
        self._accepted: set[str] = set()
        self.stats = Stats()

    async def __aenter__(self) -> Self:
        import aiohttp

        self._proxies = {url: find_proxy(url) for url in self._config.base_urls}
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=make_ssl_context()),
            timeout=aiohttp.ClientTimeout(total=self._config.timeout_seconds),
            headers={"Authorization": f"Bearer {self._key or NO_KEY}", "Content-Type": "application/json"},
        )
        self._failures = (aiohttp.ClientError, OSError, EOFError)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def complete(self, request: ChatRequest) -> Completion:
        """Exactly `request.n` answers: an endpoint that gives fewer at once is asked again for the rest.

        Raises:
            RejectError: the endpoint refuses this very request (`http_400`, `http_413`, `http_422`), or what it sends
                is no completion (`bad_response`).
            TransportError: no attempt got through.
            ToolkitError: key, model or an option are refused; no request can succeed.
        """
        settings = f"{request.model} {request.options}"
        try:
            found = await self._complete(request)
        except RejectError as error:
            if error.code in MAYBE_OPTIONS and settings not in self._accepted:
                await self._prove_settings(request, error)
                self._accepted.add(settings)
            raise
        self._accepted.add(settings)
        return found

    async def _prove_settings(self, request: ChatRequest, error: RejectError) -> None:
        """Nothing was answered yet: unless a greeting is, it is the settings that are refused and not a text.

        Raises:
            ToolkitError: the greeting is refused as well.
        """
        try:
            await self._ask(request.model_copy(update={"messages": GREETING, "n": 1}), 1)
        except RejectError as again:
            if again.code == error.code:
                names = ", ".join(sorted(request.options)) or "none"
                raise ToolkitError(
                    f"{', '.join(self._config.base_urls)}: {error}: a mere greeting is refused too, so this is about "
                    f"the model `{request.model}` or its options ({names}); change them with --model or `roles` in "
                    "--config, e.g. `options: {max_tokens: null, max_completion_tokens: 900}`"
                ) from None

    async def _complete(self, request: ChatRequest) -> Completion:
        is_alone = request.n == 1 or self._short[request.model] >= SHORT_REPLIES
        parts = [await self._ask(request, 1) if is_alone else await self._ask_at_once(request)]
        missing = request.n - len(parts[0].texts)
        if missing > 0:
            parts += await ask_together([lambda: self._ask(request, 1)] * missing)
        return join_completions(parts, request.n)

    async def _ask_at_once(self, request: ChatRequest) -> Completion:
        """All answers in one request, or as many as the endpoint gives; after a single one twice, it is asked singly.

        HTTP 400 may be about `n` or about the text: only a single request that is answered tells.
        """
        try:
            found = await self._ask(request, request.n)
        except RejectError as error:
            if error.code != "http_400":
                raise
            found = await self._ask(request, 1)
        self._short[request.model] = self._short[request.model] + 1 if len(found.texts) == 1 else 0
        return found

    async def _ask(self, request: ChatRequest, n: int) -> Completion:
        body = {"model": request.model, "messages": list(request.messages), **request.options}
        if n > 1:
            body["n"] = n
        estimate = estimate_request(request, n) if self._config.tokens_per_minute else 0
        troubles: list[Trouble] = []
        for attempt in range(self._config.attempts):
            outcome = await self._attempt(body, estimate)
            if isinstance(outcome, Completion):
                return outcome
            troubles.append(outcome)
            if attempt + 1 < self._config.attempts:
                self.stats.retries += 1
                await self._pause(self._choose_wait(outcome, attempt))
        self._give_up(troubles)

    def _choose_wait(self, trouble: Trouble, attempt: int) -> float:
        """As long as the endpoint says; else not at all when another server is there, longer each time when none is."""
        if trouble.wait_seconds:
            return trouble.wait_seconds
        if trouble.can_move:
            return 0.0
        longest = min(LONGEST_WAIT_SECONDS, self._config.first_wait_seconds * 2.0 ** min(attempt, 30))
        return longest * random.uniform(0.5, 1.0)

    def _give_up(self, troubles: list[Trouble]) -> NoReturn:
        """A reject is final, so it takes an endpoint that never sent anything better."""
        last = troubles[-1]
        if all(trouble.status == "bad_response" for trouble in troubles):
            raise RejectError("bad_response", last.what)
        raise TransportError(
            f"{', '.join(self._config.base_urls)}: no answer after {len(troubles)} attempts, the last failed with "
            f"{last.what}; when the server is there again, run the same command: it goes on"
        )

    async def _attempt(self, body: dict[str, Any], estimate: int) -> Completion | Trouble:
        async with self._limit:
            await self._pause(self._rate.reserve(estimate))
            server = self._servers.choose()
            self.stats.requests += 1
            reply = await self._post(server, body)
            if isinstance(reply, Refusal):
                return self._hear_refusal(server, reply)
            outcome = reply if isinstance(reply, Trouble) else self._read(reply)
            if isinstance(outcome, Trouble):
                self.stats.statuses[outcome.status] += 1
                return self._hear_failure(server, outcome)
            self._hear_success(server, outcome, estimate)
            return outcome

    async def _post(self, server: Server, body: dict[str, Any]) -> Any:
        """The decoded body, a Refusal, or a Trouble; what aiohttp raises ends here, for its texts may hold the key."""
        try:
            data = json.dumps(body, separators=(",", ":")).encode()
            url, proxy = f"{server.url}/chat/completions", self._proxies[server.url]
            async with self._session.post(url, data=data, proxy=proxy) as response:
                text = (await response.read()).decode("utf-8", "replace")
                if response.status >= 400:
                    return Refusal(response.status, response.headers, text)
                return json.loads(text)
        except TimeoutError:
            return Trouble("timeout", f"no answer within {self._config.timeout_seconds:g} s")
        except (ValueError, RecursionError) as error:
            return Trouble("bad_response", f"a body that cannot be read: {make_excerpt(str(error), self._key)}")
        except self._failures as error:
            return Trouble("connection", f"a broken connection: {make_excerpt(str(error), self._key)}")

    def _read(self, reply: Any) -> Completion | Trouble:
        found = read_completion(reply)
        if found is None:
            return Trouble("bad_response", f"a reply without choices: {make_excerpt(str(reply), self._key)}")
        texts = tuple(hide_secret(text, self._key) for text in found.texts)
        return found if texts == found.texts else found.model_copy(update={"texts": texts})

    def _hear_success(self, server: Server, found: Completion, estimate: int) -> None:
        self.stats.statuses["200"] += 1
        self._servers.hear_success(server)
        self._limit.hear_success()
        if found.is_counted:
            self._rate.correct(estimate, found.prompt_tokens + found.completion_tokens)

    def _hear_refusal(self, server: Server, refusal: Refusal) -> Trouble:
        status = refusal.status
        self.stats.statuses[str(status)] += 1
        what = f"HTTP {status}: {make_excerpt(find_message(refusal.text), self._key)}"
        if status in REJECTED:
            self._servers.hear_success(server)
            raise RejectError(f"http_{status}", what)
        if not is_retried(status):
            remedy = STOPPING.get(status, STOPPING_OTHERWISE).format(key=self._config.key_variable)
            raise ToolkitError(f"{server.url}: {what}: {remedy}")
        if status in OVERLOAD:
            self._limit.hear_overload()
        trouble = Trouble(str(status), what, read_retry_after(refusal.headers))
        return self._hear_failure(server, trouble) if status >= 500 else trouble

    def _hear_failure(self, server: Server, trouble: Trouble) -> Trouble:
        self._servers.hear_failure(server)
        return trouble._replace(can_move=self._servers.has_other(server))

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self.stats.waited_seconds += seconds
            await asyncio.sleep(seconds)


async def ask_together(questions: list[Callable[[], Coroutine[Any, Any, Completion]]]) -> list[Completion]:
    """All at once; the first that fails ends the others, so that nothing is asked on for nobody."""
    tasks = [asyncio.create_task(question()) for question in questions]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
