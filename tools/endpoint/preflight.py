"""Asks an endpoint what a run will ask it, through the run's own client: is it there, is what it answers readable?"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple

from tools.endpoint.client import ChatRequest, Completion, Endpoint, EndpointConfig
from tools.endpoint.findings import Finding
from tools.endpoint.quirks import FOLD, STREAM, has_system
from tools.errors import RejectError, ToolkitError
from tools.prompts.wrapping import unwrap_reply

LONGEST_LIST = 10
EXCERPT_CHARS = 50


class Trial(NamedTuple):
    """A question as a run asks it.

    Attributes:
        name: of the role and its prompt.
        read: reads a reply as the run does; raises `RejectError` when it cannot.
    """

    name: str
    request: ChatRequest
    read: Callable[[str], object]


def examine_endpoint(config: EndpointConfig, model: str, trials: Sequence[Trial]) -> list[Finding]:
    """For each server: whether it lists the model, and how it answers each trial.

    Raises:
        MissingError: the environment has no key, and a server wants one.
    """

    async def gather() -> list[Finding]:
        return [found for url in config.base_urls async for found in _examine_server(config, url, model, trials)]

    return asyncio.run(gather())


async def _examine_server(
    config: EndpointConfig, url: str, model: str, trials: Sequence[Trial]
) -> AsyncIterator[Finding]:
    async with Endpoint(config.model_copy(update={"base_urls": (url,)})) as endpoint:
        yield await _examine_models(endpoint, url, model)
        for trial in trials:
            try:
                yield await _examine_trial(endpoint, trial)
            except ToolkitError as error:
                yield Finding(trial.name, "missing", f"no answer: {error}")
                return  # no other question would get one


async def _examine_models(endpoint: Endpoint, url: str, model: str) -> Finding:
    try:
        names = await endpoint.list_models(url)
    except ToolkitError as error:
        return Finding(url, "absent", f"does not list its models: {error}")
    if model in names:
        return Finding(url, "ok", f"lists {model}")
    return Finding(url, "absent", f"does not list {model}; it has {', '.join(names[:LONGEST_LIST]) or 'none'}")


async def _examine_trial(endpoint: Endpoint, trial: Trial) -> Finding:
    start = time.monotonic()
    try:
        found = await endpoint.complete(trial.request)
    except RejectError as error:
        return Finding(trial.name, "missing", f"refused: {error}")
    seconds = time.monotonic() - start
    details = "; ".join(_describe(endpoint, trial, found, seconds))
    unread = []
    for answer in found.answers:
        try:
            trial.read(answer.read())
        except RejectError as error:
            unread.append(error)
    if unread:
        part = "" if len(found.answers) == 1 else f"{len(unread)} of {len(found.answers)} "
        return Finding(trial.name, "missing", f"{part}cannot be used: {unread[0].code}: {unread[0]}; {details}")
    if found.requests > 1:
        return Finding(trial.name, "absent", f"{details}: {trial.request.n} candidates take {found.requests} requests")
    return Finding(trial.name, "ok", details)


def _describe(endpoint: Endpoint, trial: Trial, found: Completion, seconds: float) -> list[str]:
    """What was found in content, n, finish, system role and speed."""
    first = found.answers[0]
    quirks = endpoint.quirks.list_names(trial.request.model)
    bare = unwrap_reply(first.content)
    content = " ".join(bare.split()) or first.content.strip()
    wrapping = "" if bare.strip() == first.content.strip() else " (thoughts, tokens or remarks around it are taken off)"
    thoughts = f" and {len(first.reasoning)} characters of reasoning apart" if first.reasoning else ""
    speed = f", {found.completion_tokens / seconds:.0f} tokens/s" if found.is_counted and seconds else ", not counted"
    finishes = ", ".join(sorted({answer.finish for answer in found.answers}))
    return [
        f"content {content[:EXCERPT_CHARS]!r}{wrapping}{thoughts}" if content else f"no content{thoughts}",
        f"n {len(found.answers)} in {found.requests} request{'s' if found.requests > 1 else ''}",
        f"finish {finishes}",
        *(["system role folded into the user's turn" if FOLD.name in quirks else "system role taken"]
          if has_system(trial.request) else []),
        *(["streamed"] if STREAM.name in quirks else []),
        f"{seconds:.1f} s{speed}",
    ]  # fmt: skip
