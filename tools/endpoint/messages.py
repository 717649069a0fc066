"""What is sent to an endpoint and what comes back: the question, the answers, and how a reply's body is read."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from tools.endpoint.answers import ERROR, LENGTH, STOP, Answer, read_answer
from tools.endpoint.tokens import estimate_tokens
from tools.records import Record

IMAGE_TOKENS = 1000
DEFAULT_ANSWER_TOKENS = 256

ENCODER = msgspec.json.Encoder()
MOST_TOKENS = 1 << 31
"""No reply has so many."""


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
        answers: exactly as many as were wanted.
        prompt_tokens, completion_tokens: as the endpoint counted them, else 0.
        is_counted: whether the endpoint counted.
        requests: that were answered; a repeated attempt counts once.
    """

    answers: tuple[Answer, ...]
    prompt_tokens: int
    completion_tokens: int
    requests: int
    is_counted: bool = True

    @property
    def texts(self) -> tuple[str, ...]:
        """The content of each answer, empty where it has none that may be used."""
        return tuple(answer.content if answer.finish == STOP else "" for answer in self.answers)


def encode_body(body: Mapping[str, Any]) -> bytes:
    """The body of a request, as JSON."""
    try:
        return ENCODER.encode(body)
    except (UnicodeEncodeError, TypeError):  # half of a surrogate pair; a key of YAML that is no text
        return json.dumps(body, separators=(",", ":")).encode()


def read_completion(reply: Any, longest: int | None = None) -> Completion | None:
    """The answers of a reply, or None when it has no choices; those that the server says went wrong are left out.

    `finish_reason` is required by the API, but some servers and proxies leave it out or send null with a whole answer.
    Such an answer is taken for whole, unless the reply took as many tokens as were allowed: then it was cut.

    Args:
        longest: tokens that each answer was allowed.
    """
    choices = reply.get("choices") if isinstance(reply, dict) else None
    if not isinstance(choices, list) or not choices:
        return None
    usage = reply.get("usage")
    counted = usage if isinstance(usage, dict) else {}
    prompt, answers = (_read_count(counted.get(name)) for name in ("prompt_tokens", "completion_tokens"))
    untold = LENGTH if longest and answers is not None and answers >= longest * len(choices) else STOP
    found = [read_answer(choice) for choice in choices]
    found = [answer if answer.finish else answer.model_copy(update={"finish": untold}) for answer in found]
    return Completion(
        answers=tuple(answer for answer in found if not answer.error and answer.finish != ERROR),
        prompt_tokens=prompt or 0,
        completion_tokens=answers or 0,
        requests=1,
        is_counted=prompt is not None and answers is not None,
    )


def _read_count(value: Any) -> int | None:
    """A number of tokens that a reply may have; what cannot be one was not counted."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_TOKENS else None


def join_completions(parts: list[Completion], n: int) -> Completion:
    """The answers of several requests as those of one; `n` of them."""
    if len(parts) == 1 and len(parts[0].answers) == n:
        return parts[0]
    return Completion(
        answers=tuple(answer for part in parts for answer in part.answers)[:n],
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        completion_tokens=sum(part.completion_tokens for part in parts),
        requests=len(parts),
        is_counted=all(part.is_counted for part in parts),
    )


def estimate_request(request: ChatRequest, n: int) -> int:
    """About how many tokens a request takes: its texts and images, and the longest answers allowed."""
    longest = find_longest(request.options) or DEFAULT_ANSWER_TOKENS
    return sum(_estimate_content(message.get("content")) for message in request.messages) + n * longest


def find_longest(options: Mapping[str, Any]) -> int | None:
    """The tokens that one answer is allowed; None where the options do not say."""
    longest = options.get("max_completion_tokens") or options.get("max_tokens")
    return int(longest) if isinstance(longest, int | float) else None


def _estimate_content(content: Any) -> int:
    if isinstance(content, str):
        return estimate_tokens(content)
    parts = content if isinstance(content, list | tuple) else ()
    return sum(estimate_tokens(part["text"]) if "text" in part else IMAGE_TOKENS for part in parts)
