"""What is sent to an endpoint and what comes back: the question, the answers, and how a reply's body is read."""

from collections.abc import Mapping
from typing import Any

from tools.endpoint.tokens import estimate_tokens
from tools.records import Record

IMAGE_TOKENS = 1000
DEFAULT_ANSWER_TOKENS = 256


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


def read_completion(reply: Any) -> Completion | None:
    """The texts of a reply, or None when it has no choices.

    A missing content is an empty text, which the parsers reject; halves of surrogate pairs, which no file can hold,
    become question marks.
    """
    choices = reply.get("choices") if isinstance(reply, dict) else None
    if not isinstance(choices, list) or not choices:
        return None
    usage = reply.get("usage")
    counted = usage if isinstance(usage, dict) else {}
    prompt, answers = (_read_count(counted.get(name)) for name in ("prompt_tokens", "completion_tokens"))
    return Completion(
        texts=tuple(_read_content(choice) for choice in choices),
        prompt_tokens=prompt or 0,
        completion_tokens=answers or 0,
        requests=1,
        is_counted=prompt is not None and answers is not None,
    )


def _read_content(choice: Any) -> str:
    message = choice.get("message") if isinstance(choice, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    return content.encode("utf-8", "replace").decode() if isinstance(content, str) else ""


def _read_count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def join_completions(parts: list[Completion], n: int) -> Completion:
    """The answers of several requests as those of one; `n` of them."""
    return Completion(
        texts=tuple(text for part in parts for text in part.texts)[:n],
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        completion_tokens=sum(part.completion_tokens for part in parts),
        requests=len(parts),
        is_counted=all(part.is_counted for part in parts),
    )


def estimate_request(request: ChatRequest, n: int) -> int:
    """About how many tokens a request takes: its texts and images, and the longest answers allowed."""
    options = request.options
    longest = options.get("max_completion_tokens") or options.get("max_tokens") or DEFAULT_ANSWER_TOKENS
    return sum(_estimate_content(message.get("content")) for message in request.messages) + n * int(longest)


def _estimate_content(content: Any) -> int:
    if isinstance(content, str):
        return estimate_tokens(content)
    parts = content if isinstance(content, list | tuple) else ()
    return sum(estimate_tokens(part["text"]) if "text" in part else IMAGE_TOKENS for part in parts)
