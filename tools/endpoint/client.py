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
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, Self

from tools.endpoint.answers import Answer
from tools.endpoint.connection import NO_KEY, EndpointConfig, find_key, find_proxy, make_ssl_context
from tools.endpoint.faults import (
    LONGEST_WAIT_SECONDS,
    OVERLOAD,
    REJECTED,
    STOPPING,
    STOPPING_OTHERWISE,
    Refusal,
    SeveralFailed,
    TransportError,
    Trouble,
    find_fault_inside,
    find_message,
    hide_secret,
    is_about_roles,
    is_retried,
    make_excerpt,
    read_retry_after,
)
from tools.endpoint.limits import AdaptiveLimit, RateLimit
from tools.endpoint.messages import (
    ChatRequest,
    Completion,
    encode_body,
    estimate_request,
    find_longest,
    join_completions,
    read_completion,
)
from tools.endpoint.quirks import REFUSED_SETTINGS, ModelQuirks, Remedy, shape
from tools.endpoint.servers import Server, Servers
from tools.endpoint.stats import Stats
from tools.endpoint.stream import is_stream, read_stream
from tools.errors import RejectError, ToolkitError
from tools.terminal.cli import tell_note

__all__ = ["ChatRequest", "Completion", "Endpoint", "EndpointConfig", "TransportError"]

FAILURES_AT_ONCE = 2
"""So often a server may fail at a question for several answers before it is asked for one."""
OWN_FAULTS = frozenset({"500", "501"})
GREETING = ({"role": "user", "content": "Hello"},)


class Endpoint:
    """Asks a model. Safe to use from many tasks of one event loop; an async context manager.

    Attributes:
        stats: counters over all requests.
        quirks: how each model turned out to want to be asked.

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
        self.quirks = ModelQuirks(self._tell)
        self._accepted: set[str] = set()
        self.stats = Stats()

    def _tell(self, note: str) -> None:
        self.stats.notes.append(note)
        tell_note(note)

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
            if error.code in REFUSED_SETTINGS and settings not in self._accepted:
                await self._prove_settings(request, error)
                self._accepted.add(settings)
            raise
        self._accepted.add(settings)
        return found

    async def list_models(self, url: str) -> tuple[str, ...]:
        """Names of the models of one of the servers.

        Raises:
            ToolkitError: it does not list them.
        """
        try:
            async with self._session.get(f"{url}/models", proxy=self._proxies[url]) as response:
                text = (await response.read()).decode("utf-8", "replace")
            if response.status >= 400:
                raise ToolkitError(f"HTTP {response.status}: {make_excerpt(find_message(text), self._key)}")
            found = json.loads(text)
        except TimeoutError:
            raise ToolkitError(f"no answer within {self._config.timeout_seconds:g} s") from None
        except (ValueError, RecursionError, *self._failures) as error:
            raise ToolkitError(make_excerpt(str(error), self._key)) from None
        rows = found.get("data") if isinstance(found, dict) else None
        listed = rows if isinstance(rows, list) else ()
        return tuple(sorted(str(row["id"]) for row in listed if isinstance(row, dict) and "id" in row))

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
        is_alone = request.n == 1 or self.quirks.asks_singly(request.model)
        parts = [await self._ask(request, 1) if is_alone else await self._ask_at_once(request)]
        missing = request.n - len(parts[0].answers)
        if missing > 0:
            parts += await ask_together([lambda: self._ask(request, 1)] * missing)
        return join_completions(parts, request.n)

    async def _ask_at_once(self, request: ChatRequest) -> Completion:
        """All answers in one request, or as many as the endpoint gives; after a single one twice, it is asked singly.

        HTTP 400, 422 or 500 may be about `n` or about the text: only a single request that is answered tells.
        """
        try:
            found = await self._ask(request, request.n)
        except SeveralFailed:
            found = await self._ask(request, 1)
        except RejectError as error:
            if error.code not in REFUSED_SETTINGS:
                raise
            found = await self._ask(request, 1)
        self.quirks.hear_count(request.model, len(found.answers))
        return found

    async def _ask(self, request: ChatRequest, n: int) -> Completion:
        """Ask as the model takes it; when it refuses, in other ways, which are remembered if they help.

        What was found meanwhile by a question beside this one was not yet in this one, so it is tried too.
        """
        applied, refusals = self.quirks.list_learnt(request.model), dict[Remedy, RejectError]()
        while True:
            shaped = shape(request, applied)
            try:
                found = await self._ask_as_it_stands(shaped, n)
            except RejectError as error:
                remedy = self.quirks.find_remedy(shaped, error, applied)
                if remedy is None:
                    raise next(iter(refusals.values()), error) from None
                applied, refusals[remedy] = (*applied, remedy), error
                continue
            for remedy, refusal in refusals.items():
                self.quirks.learn(request.model, remedy, refusal)
            self.quirks.hear_answer(shaped)
            return found

    async def _ask_as_it_stands(self, request: ChatRequest, n: int) -> Completion:
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
            if n > 1 and self._fails_at_once(troubles):
                raise SeveralFailed(outcome.what)
            if attempt + 1 < self._config.attempts:
                self.stats.retries += 1
                await self._pause(self._choose_wait(outcome, attempt))
        self._give_up(troubles)

    def _fails_at_once(self, troubles: list[Trouble]) -> bool:
        enough = min(FAILURES_AT_ONCE, self._config.attempts)
        return len(troubles) >= enough and all(trouble.status in OWN_FAULTS for trouble in troubles)

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
            outcome = reply if isinstance(reply, Trouble) else self._read(reply, find_longest(body))
            if isinstance(outcome, Trouble):
                self.stats.statuses[outcome.status] += 1
                return self._hear_failure(server, outcome)
            self._hear_success(server, outcome, estimate)
            return outcome

    async def _post(self, server: Server, body: dict[str, Any]) -> Any:
        """The decoded body, a Refusal, or a Trouble; what aiohttp raises ends here, for its texts may hold the key."""
        try:
            data = encode_body(body)
            url, proxy = f"{server.url}/chat/completions", self._proxies[server.url]
            async with self._session.post(url, data=data, proxy=proxy) as response:
                text = (await response.read()).decode("utf-8", "replace")
                if response.status >= 400:
                    return Refusal(response.status, response.headers, text)
                found = read_stream(text) if is_stream(text) else json.loads(text)
                fault = find_fault_inside(found)
                return Refusal(fault[0], response.headers, fault[1]) if fault else found
        except TimeoutError:
            return Trouble("timeout", f"no answer within {self._config.timeout_seconds:g} s")
        except (ValueError, RecursionError) as error:
            return Trouble("bad_response", f"a body that cannot be read: {make_excerpt(str(error), self._key)}")
        except self._failures as error:
            return Trouble("connection", f"a broken connection: {make_excerpt(str(error), self._key)}")

    def _read(self, reply: Any, longest: int | None = None) -> Completion | Trouble:
        found = read_completion(reply, longest)
        if found is None:
            return Trouble("bad_response", f"a reply without choices: {make_excerpt(str(reply), self._key)}")
        shown = tuple(map(self._hide_key, found.answers))
        return found if shown == found.answers else found.model_copy(update={"answers": shown})

    def _hide_key(self, answer: Answer) -> Answer:
        hidden = {name: hide_secret(text, self._key) for name, text in answer if self._key and self._key in text}
        return answer.model_copy(update=hidden) if hidden else answer

    def _hear_success(self, server: Server, found: Completion, estimate: int) -> None:
        self.stats.statuses["200"] += 1
        self._servers.hear_success(server)
        self._limit.hear_success()
        if found.is_counted:
            self._rate.correct(estimate, found.prompt_tokens + found.completion_tokens)

    def _hear_refusal(self, server: Server, refusal: Refusal) -> Trouble:
        status = refusal.status
        self.stats.statuses[str(status)] += 1
        message = find_message(refusal.text)
        what = f"HTTP {status}: {make_excerpt(message, self._key)}"
        if status in REJECTED or is_about_roles(status, message):
            self._servers.hear_success(server)
            raise RejectError(f"http_{status if status in REJECTED else 400}", what)
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
