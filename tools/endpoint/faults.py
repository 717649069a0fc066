"""What can go wrong between a question and its answer, and what follows from it."""

import email.utils
import json
import math
import re
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from tools.endpoint.answers import ERROR, read_answer, read_error
from tools.errors import ToolkitError

RETRIED = frozenset({408, 409, 425, 429})
OVERLOAD = frozenset({429, 503, 529})
REJECTED = frozenset({400, 413, 422})
STOPPING = {
    401: "the key was refused; set the right one in the environment variable {key}",
    402: "the account has no credit left; top it up, then run the same command again: it goes on",
    403: "this key may not use the model; choose another --model or key",
    404: "there is no such model or path; check --model and --base-url, which ends before /chat/completions",
}
STOPPING_OTHERWISE = "the endpoint does not take such requests; check --model and --base-url"
UNNAMED = 502
NAMED_PASSING = tuple(
    (re.compile(words, re.IGNORECASE), status)
    for words, status in (
        (r"rate.?limit|too.?many|throttl|quota", 429),
        (r"overload|unavailable|capacity|busy", 503),
        (r"time.?out|timed out", 504),
    )
)
NAMED_LASTING = tuple(
    (re.compile(words, re.IGNORECASE), status)
    for words, status in (
        (r"api.?key|authenticat|unauthori[sz]ed", 401),
        (r"billing|credit|balance|payment", 402),
        (r"permission|forbidden", 403),
        (r"not.?found", 404),
        (r"invalid|bad.?request|unsupported|context.?length|validation", 400),
    )
)
NO_SYSTEM = re.compile(
    r"system role not supported|roles must alternate|only user and assistant roles|system.{0,20}not supported",
    re.IGNORECASE,
)
LONGEST_WAIT_SECONDS = 60.0
EXCERPT_CHARS = 200
SHORTEST_SECRET = 16


class TransportError(ToolkitError):
    """An endpoint that no attempt could reach. Not final: the run can go on later."""


class SeveralFailed(TransportError):
    """The server fails, and the question was for several answers at once: it may take one."""


class Refusal(NamedTuple):
    """An answer with an HTTP error status, or with an error in its body that names one."""

    status: int
    headers: Mapping[str, str]
    text: str


class Trouble(NamedTuple):
    """An attempt that may be repeated.

    Attributes:
        status: as `Stats.statuses` counts it.
        what: for people.
        wait_seconds: how long the endpoint asked to wait; 0 when it did not say.
        can_move: another server can be asked at once.
    """

    status: str
    what: str
    wait_seconds: float = 0.0
    can_move: bool = False


def find_fault_inside(reply: Any) -> tuple[int, str] | None:
    """Status and words of an error that a body holds although its HTTP status is 200; None when it holds none.

    Proxies answer so when a provider behind them fails, with `error` in the body or in every choice.
    """
    if not isinstance(reply, dict):
        return None
    choices = reply.get("choices")
    choices = choices if isinstance(choices, list) else []
    error = reply.get("error")
    if not error and not choices and (reply.get("object") == "error" or _names_error(reply)):
        error = reply
    if not error and choices and all(_is_broken(choice) for choice in choices):
        error = choices[0].get("error") or {"message": f"the answer ended with {choices[0].get('finish_reason')}"}
    return (_find_status(error), read_error(error)) if error else None


def _names_error(reply: Mapping[str, Any]) -> bool:
    return any(name in reply for name in ("code", "status", "detail")) and bool(
        reply.get("message") or reply.get("detail")
    )


def _is_broken(choice: Any) -> bool:
    if not isinstance(choice, dict):
        return False
    return bool(choice.get("error")) or read_answer(choice).finish == ERROR


def _find_status(error: Any) -> int:
    """The HTTP status that an error names by number or word; 502 where it names none."""
    if not isinstance(error, dict):
        return next((status for words, status in NAMED_PASSING if words.search(str(error))), UNNAMED)
    values = [error.get(name) for name in ("code", "status", "status_code", "type")]
    for value in values:
        if isinstance(value, int | str) and str(value).isdecimal() and 400 <= int(str(value)[:9]) <= 599:
            return int(value)
    words = " ".join(value for value in values if isinstance(value, str))
    return next((status for pattern, status in (*NAMED_PASSING, *NAMED_LASTING) if pattern.search(words)), UNNAMED)


def is_about_roles(status: int, text: str) -> bool:
    """Whether a server's own fault is a chat template that knows no system role: no repetition helps against that."""
    return status == 500 and bool(NO_SYSTEM.search(text))


def is_retried(status: int) -> bool:
    """Whether another attempt may help: overload, time-outs, and everything the server blames on itself."""
    return status in RETRIED or status >= 500


def read_retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the endpoint asks to wait, at most a minute; 0 when it does not say."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        seconds = _read_seconds_until(value)
    return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def _read_seconds_until(date: str) -> float:
    try:
        return email.utils.parsedate_to_datetime(date).timestamp() - time.time()
    except (TypeError, ValueError, OverflowError):
        return 0.0


def find_message(body: str) -> str:
    """The sentence in an error body: `{"error": {"message": ...}}` and its kin, else the body as it is."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return body
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and found.get(name):
            found = found[name]
    return found if isinstance(found, str) else body


def make_excerpt(text: str, key: str) -> str:
    """The beginning of a server's words on one line, printable, without the key that some servers repeat."""
    text = " ".join(hide_key(text, key).split())
    return "".join(char if char.isprintable() else "?" for char in text)[:EXCERPT_CHARS]


def hide_key(text: str, key: str) -> str:
    """`text` without the key."""
    return text.replace(key, "[key]") if key else text


def hide_secret(text: str, key: str) -> str:
    """A model's answer without the key; a short word is no secret but what local servers take for one."""
    return hide_key(text, key) if len(key) >= SHORTEST_SECRET else text
