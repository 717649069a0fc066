"""The breaker: when image after image ends in one reject that the endpoint causes, none of them is final.

A reject is final, and a model that answers nothing of use would make one of every image. So results that end alike in a
code of `ENDPOINT_CODES` are held back, uncommitted, until another result shows that the endpoint can do better; when as
many as `FIRST` (of the run's first images, or all if there are fewer) or `IN_A_ROW` (later) have come, the run stops.
They are looked at in the order of the index, so that concurrency and executor change nothing. `--skip-failed` is about
single images and does not keep a run from stopping here.
"""

from collections.abc import Iterator

from agents.conversation.results import ENDPOINT_CODES, Result
from tools.errors import ToolkitError, shorten

FIRST = 20
IN_A_ROW = 50
SHOWN_CHARS = 300


class EndpointFault(ToolkitError):
    """So many images end alike in a reject that it is the endpoint's; the run can go on later."""


class Breaker:
    """Takes results in the order of the index, and gives those that may be committed.

    Args:
        total: images of the run.
        is_first: nothing of the run is final yet.
        advice: what to look at, for people.
    """

    def __init__(self, total: int, is_first: bool, advice: str = "look at the endpoint") -> None:
        self._most = min(FIRST, total) if is_first else IN_A_ROW
        self._advice = advice
        self._held: list[Result] = []

    def take(self, result: Result) -> Iterator[Result]:
        """What may be committed now that this result is there, in order.

        Raises:
            EndpointFault: too many have ended alike.
        """
        code = _find_code(result)
        if self._held and code != _find_code(self._held[0]):
            yield from self.release()
        if code is None:
            self._most = IN_A_ROW
            yield result
            return
        self._held.append(result)
        if len(self._held) >= self._most:
            raise EndpointFault(self._explain(code))

    def release(self) -> Iterator[Result]:
        """What is held back, to be committed: no more results come, or another one came."""
        held, self._held, self._most = self._held, [], IN_A_ROW
        yield from held

    def _explain(self, code: str) -> str:
        example = self._held[0]
        reason = " ".join((example.reject.reason if example.reject else "").split())
        return (
            f"{len(self._held)} images in a row ended in the reject `{code}`, which is the endpoint's doing, not the "
            f"images'; e.g. image {example.image_id}: {shorten(reason, SHOWN_CHARS)}. None of them is final: "
            f"{self._advice}, then run the same command again: it goes on, and asks again what was refused"
        )


def _find_code(result: Result) -> str | None:
    """The code of a result's reject where the endpoint causes such."""
    return result.reject.code if result.reject is not None and result.reject.code in ENDPOINT_CODES else None
