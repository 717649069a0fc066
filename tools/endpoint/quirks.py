"""What the server of a model turned out not to take, and how it is asked since: found once, remembered, told."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tools.endpoint.messages import ChatRequest
from tools.errors import RejectError

SHORT_REPLIES = 2
"""So many single answers in a row to a question for several, and it is asked for one at a time."""
GUESSES = 3
REFUSED_SETTINGS = frozenset({"http_400", "http_422"})
SYSTEM_WORDS = re.compile(
    r"\bsystem\b.{0,40}\b(?:role|message|prompt|instruction)|\bsystem role\b|\broles? must alternate|\bmust alternate\b"
    r"|only user and assistant|developer instruction|\brole\b.{0,40}\bsystem\b",
    re.IGNORECASE | re.DOTALL,
)
STREAM_WORDS = re.compile(r"\bstream(?:ing)?\b", re.IGNORECASE)


class Remedy(NamedTuple):
    """Another way to ask the same.

    Attributes:
        name: what is remembered.
        note: what is told, once.
        apply: the question in that way.
    """

    name: str
    note: str
    apply: Callable[[ChatRequest], ChatRequest]


class ModelQuirks:
    """How each model is asked.

    Args:
        tell: hears what was found, once a model.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._short: Counter[str] = Counter()
        self._learnt: dict[str, list[Remedy]] = {}
        self._takes_system: set[str] = set()
        self._guesses: Counter[tuple[str, str]] = Counter()

    def asks_singly(self, model: str) -> bool:
        """Whether several answers are asked for one at a time."""
        return self._short[model] >= SHORT_REPLIES

    def hear_count(self, model: str, count: int) -> None:
        """So many answers came to a question for several."""
        self._short[model] = self._short[model] + 1 if count == 1 else 0
        if self._short[model] == SHORT_REPLIES:
            self._tell(f"{model}: gives one reply a request whatever `n` says, so it is asked for one at a time")

    def list_learnt(self, model: str) -> tuple[Remedy, ...]:
        """The ways in which a model is asked."""
        return tuple(self._learnt.get(model, ()))

    def hear_answer(self, request: ChatRequest) -> None:
        """A question was answered as it stood."""
        if has_system(request):
            self._takes_system.add(request.model)

    def find_remedy(self, request: ChatRequest, error: RejectError, applied: Sequence[Remedy]) -> Remedy | None:
        """What else can be tried with a question that was refused with these already; None when nothing can."""
        if error.code not in REFUSED_SETTINGS:
            return None
        if STREAM_WORDS.search(str(error)) and STREAM not in applied:
            return STREAM
        if FOLD in applied or not has_system(request):
            return None
        is_open = FOLD in self.list_learnt(request.model) or request.model not in self._takes_system
        return FOLD if is_open or SYSTEM_WORDS.search(str(error)) else None

    def learn(self, model: str, remedy: Remedy, error: RejectError) -> None:
        """It helped; where the refusal did not say what it was about, it has to help several times to be remembered."""
        known = self._learnt.setdefault(model, [])
        self._guesses[model, remedy.name] += 1
        is_sure = bool(SYSTEM_WORDS.search(str(error)) or STREAM_WORDS.search(str(error)))
        if remedy not in known and (is_sure or self._guesses[model, remedy.name] >= GUESSES):
            known.append(remedy)
            self._tell(f"{model}: {remedy.note}")

    def list_names(self, model: str) -> tuple[str, ...]:
        """What was learnt of a model, by name."""
        return tuple(remedy.name for remedy in self._learnt.get(model, ()))


def shape(request: ChatRequest, remedies: Iterable[Remedy]) -> ChatRequest:
    """The question asked in these ways."""
    for remedy in remedies:
        request = remedy.apply(request)
    return request


def has_system(request: ChatRequest) -> bool:
    """Whether a question has a system message."""
    return any(message.get("role") == "system" for message in request.messages)


def fold_system(request: ChatRequest) -> ChatRequest:
    """The question with its system message at the head of the first turn of the user."""
    words = "\n\n".join(str(message["content"]) for message in request.messages if message.get("role") == "system")
    rest: list[Mapping[str, Any]] = [message for message in request.messages if message.get("role") != "system"]
    if not words:
        return request
    if not rest or rest[0].get("role") != "user":
        return request.model_copy(update={"messages": ({"role": "user", "content": words}, *rest)})
    content = rest[0]["content"]
    joined = f"{words}\n\n{content}" if isinstance(content, str) else [{"type": "text", "text": words}, *content]
    return request.model_copy(update={"messages": ({**rest[0], "content": joined}, *rest[1:])})


def ask_for_stream(request: ChatRequest) -> ChatRequest:
    """The question, its answer wanted as a stream."""
    return request.model_copy(update={"options": {**request.options, "stream": True}})


FOLD = Remedy("folded", "takes no system role, so the system text stands at the head of the user's turn", fold_system)
STREAM = Remedy("streamed", "only streams its replies, so they are asked for as streams", ask_for_stream)
