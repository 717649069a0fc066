"""Every reply of an endpoint, stored as it arrives and read back when the same question is asked again.

A question's key is the model, its options, the rendered messages, the number of replies, and which of the equal
questions it is: role, image and sample, debate round, content attempt. It is never the transport's retry: that is the
endpoint's own affair. The first reply to a key wins, so a replay is the conversation that was. How each answer ended is
stored with it, so that a replay decides alike; stores of older versions hold texts alone, which were taken for whole.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from agents.backends.asked.billing import Billing
from agents.backends.reply_store import KeepsReplies, explain_reply
from agents.backends.usage import Usage, count
from tools.endpoint.answers import Answer
from tools.endpoint.client import ChatRequest, Completion
from tools.endpoint.tokens import estimate_tokens
from tools.errors import RejectError
from tools.files.json_text import decode_object
from tools.files.text import TextFault
from tools.ids import read_number

TOGETHER_SECONDS = 0.02
"""So long a reply waits for others to be committed with it, until as many wait as are still under way.

A commit costs more than all else about a reply, and conversations that go on together cost less than one by one.
"""


class Asker(Protocol):
    """What is needed of `tools.endpoint.client.Endpoint`."""

    async def complete(self, request: ChatRequest) -> Completion:
        """The replies."""


class RequestOrigin(NamedTuple):
    """Which of the questions with equal words one is.

    Attributes:
        role: who asks, with the kind of instruction.
        image_id: so that images never share a draw, whichever comes first.
        sample: the caption within its image, 0 elsewhere.
        round: of the debate, 0 before it.
        attempt: content attempt, from 1.
    """

    role: str
    image_id: str
    sample: int
    round: int
    attempt: int


def make_key(request: ChatRequest, origin: RequestOrigin) -> str:
    """The key of a question: 64 hex digits. An id that is a number stands in it as one, as in older stores."""
    number = read_number(origin.image_id)
    where = (origin.role, origin.image_id if number is None else number, *origin[2:])
    parts = (request.model, sorted(request.options.items()), request.messages, request.n, where)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class Replies:
    """Asks, stores, replays and meters.

    Args:
        store: None stores nothing.
        billing: None keeps no bill.
    """

    def __init__(self, store: KeepsReplies | None, billing: Billing | None = None) -> None:
        self._store = store
        self._billing = billing
        self._waiting: list[_Unkept] = []
        self._under_way = 0
        self.asked = 0

    def find(self, request: ChatRequest, key: str) -> tuple[Answer, ...] | None:
        """The stored answers, counted as if they came now.

        Raises:
            RejectError: what is stored is the endpoint's refusal of this question.
        """
        text = self._store.find(key) if self._store else None
        if text is None or self._store is None:
            return None
        try:
            return _open_reply(request.model, decode_object(text))
        except (TextFault, LookupError, TypeError) as error:
            raise explain_reply(self._store.path, error) from error

    async def ask(self, request: ChatRequest, key: str, origin: RequestOrigin, endpoint: Asker) -> tuple[Answer, ...]:
        """Ask the endpoint and commit what it says, a refusal too, before anything uses it.

        Raises:
            RejectError: the endpoint refuses this question.
            ToolkitError: see `Endpoint.complete`; nothing is stored.
        """
        self.asked += 1
        self._under_way += 1
        completion: Completion | None = None
        usage: Usage | None = None
        try:
            completion = await endpoint.complete(request)
            reply = pack_completion(request, completion)
            usage = read_usage(request.model, reply)
        except RejectError as error:
            reply = pack_refusal(error.code, str(error))
        except BaseException:
            self._under_way -= 1
            self._keep_when_enough()  # those that waited for this one may wait for nobody now
            raise
        self._under_way -= 1
        text = json.dumps(reply)
        kept = await self._keep(key, text, origin, usage)
        if kept != text or completion is None or usage is None:
            return _open_reply(request.model, json.loads(kept))
        count(usage)
        return completion.answers

    async def _keep(self, key: str, text: str, origin: RequestOrigin, usage: Usage | None) -> str:
        """Commit a reply together with the others that come soon after it; the one that is there now."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_later(TOGETHER_SECONDS, self.keep_all)
        item = _Unkept(key, text, origin, usage, loop.create_future())
        self._waiting.append(item)
        self._keep_when_enough()
        return await item.kept

    def _keep_when_enough(self) -> None:
        if len(self._waiting) >= self._under_way:
            self.keep_all()

    def keep_all(self) -> None:
        """Commit the replies that wait for it; what they cost comes first, so that no reply is used that is not billed.

        A kill meanwhile loses them as it loses those that are under way: they are asked for, and paid for, again.
        """
        waiting, self._waiting = self._waiting, []
        try:
            self._bill(waiting)
            texts = self._store_together(waiting)
        except Exception as error:  # noqa: BLE001 - raised by each that waits
            for item in waiting:
                if not item.kept.done():
                    item.kept.set_exception(error)
            return
        for item, text in zip(waiting, texts, strict=True):
            if not item.kept.done():
                item.kept.set_result(text)

    def _bill(self, items: Sequence["_Unkept"]) -> None:
        used = [(item, item.usage) for item in items if item.usage is not None]
        if self._billing and used:
            with self._billing.together():
                for item, usage in used:
                    self._billing.add(item.key, item.origin.role, item.origin.image_id, usage)

    def _store_together(self, items: Sequence["_Unkept"]) -> list[str]:
        """What is in the store now."""
        if not self._store or not items:
            return [item.text for item in items]
        with self._store.together():
            return [self._store.keep(item.key, item.text, item.origin.image_id) for item in items]


class _Unkept(NamedTuple):
    """A reply that came and is not committed yet.

    Attributes:
        usage: None where nothing was used.
        kept: what is in the store when it is.
    """

    key: str
    text: str
    origin: RequestOrigin
    usage: Usage | None
    kept: asyncio.Future[str]


def pack_refusal(code: str, reason: str) -> dict[str, Any]:
    """The stored form of a question that the endpoint refused."""
    return {"code": code, "reason": reason}


def pack_completion(request: ChatRequest, completion: Completion) -> dict[str, Any]:
    """The stored form; where the endpoint counted no tokens, with an estimate that is marked as one."""
    reply: dict[str, Any] = {
        "answers": [answer.model_dump(exclude_defaults=True) for answer in completion.answers],
        "prompt_tokens": completion.prompt_tokens,
        "completion_tokens": completion.completion_tokens,
        "requests": completion.requests,
    }
    if not completion.is_counted:
        reply["prompt_tokens"] = sum(_estimate_content(message["content"]) for message in request.messages)
        reply["completion_tokens"] = sum(
            estimate_tokens(answer.content + answer.reasoning) for answer in completion.answers
        )
        reply["is_estimated"] = True
    return reply


def _estimate_content(content: Any) -> int:
    if isinstance(content, str):
        return estimate_tokens(content)
    return sum(estimate_tokens(part.get("text", "")) for part in content)


def _open_reply(model: str, reply: dict[str, Any]) -> tuple[Answer, ...]:
    if "code" in reply:
        raise RejectError(reply["code"], reply["reason"])
    count(read_usage(model, reply))
    if "answers" in reply:
        return tuple(Answer.model_validate(answer) for answer in reply["answers"])
    return tuple(Answer(content=text) for text in reply["texts"])


def read_usage(model: str, reply: dict[str, Any]) -> Usage:
    """What a stored reply used."""
    return Usage(
        model=model,
        requests=reply["requests"],
        prompt_tokens=reply["prompt_tokens"],
        completion_tokens=reply["completion_tokens"],
        estimated=reply["requests"] if reply.get("is_estimated") else 0,
    )
