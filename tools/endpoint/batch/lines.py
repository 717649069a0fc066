"""The lines of batch files, in the form of OpenAI's Batch API; vLLM's `run_batch` takes and gives the same.

A line asks one question and has a name (`custom_id`), by which its reply is found: replies come in any order, in two
files (answers and errors), and some lines may have none at all.
"""

import json
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

from tools.endpoint.answers import read_error
from tools.endpoint.faults import REJECTED, STOPPING, find_fault_inside, find_message, is_about_roles, make_excerpt
from tools.endpoint.messages import ChatRequest, Completion, read_completion
from tools.records import Record

PATH: Final = "/v1/chat/completions"
OWN_FAULTS = frozenset({500, 501})
UNTOLD = 0
"""Status of a line that ended without one: expired, cancelled, lost."""
Kind = Literal["answered", "refused", "unread", "failed", "stopping"]


class LineOutcome(Record):
    """What became of one line.

    Attributes:
        kind: `answered`; `refused`, this very question (HTTP 400, 413, 422); `unread`, a reply without answers;
            `failed`, may be asked again; `stopping`, no question can succeed (key, model, credit).
        status: as in HTTP, `UNTOLD` where none was told.
        reason: for people, empty for an answer.
        completion: of an answer.
    """

    kind: Kind
    status: int = UNTOLD
    reason: str = ""
    completion: Completion | None = None


class ReadLine(NamedTuple):
    """A line of a results file: its name and what became of it."""

    name: str
    outcome: LineOutcome


def make_body(request: ChatRequest, n: int) -> dict[str, Any]:
    """What a request for `n` answers sends, as the client that asks one by one sends it."""
    body = {"model": request.model, "messages": list(request.messages), **request.options}
    return body | {"n": n} if n > 1 else body


def write_line(name: str, body: dict[str, Any]) -> bytes:
    """One line of a batch file."""
    row = {"custom_id": name, "method": "POST", "url": PATH, "body": body}
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def say_size(size: int | float) -> str:
    """How large batch files are, for people: `3 kB`, `1.2 MB`."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3)):,} kB"


def read_line(line: bytes, longest: Callable[[str], int | None], key: str = "") -> ReadLine | None:
    """A line of a results file; None for one that says nothing: not JSON, no name, neither a reply nor an error.

    Args:
        longest: by name of a line the tokens that an answer was allowed, for servers that do not say how it ended.
        key: taken out of what is quoted.
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    name = row.get("custom_id") if isinstance(row, dict) else None
    if not isinstance(name, str):
        return None
    response, error = row.get("response"), row.get("error")
    if isinstance(response, dict):
        return ReadLine(name, _read_response(response, error, longest(name), key))
    if error:
        return ReadLine(name, LineOutcome(kind="failed", reason=make_excerpt(read_error(error), key)))
    return None


def _read_response(response: dict[str, Any], error: Any, longest: int | None, key: str) -> LineOutcome:
    status, body = response.get("status_code"), response.get("body")
    status = status if isinstance(status, int) and not isinstance(status, bool) else UNTOLD
    fault = find_fault_inside(body)
    if status >= 400 or fault is not None:
        told = fault[1] if fault else find_message(json.dumps(body)) if body else read_error(error)
        return _read_fault(status if status >= 400 or fault is None else fault[0], told, key)
    found = read_completion(body, longest)
    if found is None or not found.answers:
        return LineOutcome(
            kind="unread", status=status, reason=f"a reply without choices: {make_excerpt(str(body), key)}"
        )
    return LineOutcome(kind="answered", status=status, completion=found)


def _read_fault(status: int, told: str, key: str) -> LineOutcome:
    reason = f"HTTP {status}: {make_excerpt(told, key)}"
    if status in REJECTED or is_about_roles(status, told):
        return LineOutcome(kind="refused", status=status if status in REJECTED else 400, reason=reason)
    return LineOutcome(kind="stopping" if status in STOPPING else "failed", status=status, reason=reason)
