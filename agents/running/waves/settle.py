"""What the lines that were asked for a question come to: a reply, or further lines; a pure function."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from agents.backends.replay import pack_completion, pack_refusal
from agents.store.waves import Asked
from tools.endpoint.batch.lines import OWN_FAULTS
from tools.endpoint.messages import ChatRequest, join_completions

FAILURES_AT_ONCE = 2
"""So often a server may fail at a question for several answers before it is asked for one."""


class Settled(NamedTuple):
    """How a question stands.

    Attributes:
        reply: as it is stored, None while answers are missing.
        lines: the answers that each further line asks for.
        trouble: why there is no reply yet, empty while nothing was asked.
        is_stopping: no question can succeed.
        is_unread: every reply so far was none that can be read.
    """

    reply: dict[str, Any] | None = None
    lines: tuple[int, ...] = ()
    trouble: str = ""
    is_stopping: bool = False
    is_unread: bool = False


def settle(request: ChatRequest, asked: Sequence[Asked]) -> Settled:
    """The reply to a question, put together as the client that asks one by one does it.

    A server that gives fewer answers than were wanted, refuses to give several or falls over is asked one by one.
    """
    found = [(item.n, item.outcome) for item in asked if item.outcome is not None]
    parts = [outcome.completion for _, outcome in found if outcome.completion is not None]
    missing = request.n - sum(len(part.answers) for part in parts)
    if missing <= 0:
        return Settled(pack_completion(request, join_completions(parts, request.n)))
    refusal = next((outcome for n, outcome in found if outcome.kind == "refused" and n == 1), None)
    if refusal is not None:
        return Settled(pack_refusal(f"http_{refusal.status}", refusal.reason))
    failed = [outcome for _, outcome in found if outcome.kind != "answered"]
    several = [outcome for n, outcome in found if n > 1]
    fell = sum(outcome.status in OWN_FAULTS for outcome in several)
    is_singly = fell >= FAILURES_AT_ONCE or any(outcome.kind in ("answered", "refused") for outcome in several)
    return Settled(
        lines=(1,) * missing if is_singly else (missing,),
        trouble=failed[-1].reason if failed else "fewer answers than were wanted" if found else "",
        is_stopping=bool(failed) and failed[-1].kind == "stopping",
        is_unread=bool(failed) and all(outcome.kind == "unread" for outcome in failed),
    )
