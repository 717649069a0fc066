"""What can go wrong between a question and its answer, and what follows from it."""

import email.utils
import json
import math
import time
from collections.abc import Mapping
from typing import NamedTuple

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
LONGEST_WAIT_SECONDS = 60.0
EXCERPT_CHARS = 200
SHORTEST_SECRET = 16


class TransportError(ToolkitError):
    """An endpoint that no attempt could reach. Not final: the run can go on later."""


class Refusal(NamedTuple):
    """An answer with an HTTP error status."""

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
