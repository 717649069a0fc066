"""Where the answers stand in the text that a chat template makes of a dialogue, whatever the template.

Templates rarely mark the answers, and some cut or move them. So each answer is replaced by a word that stands nowhere
else, and what the template puts in the word's place must be the answer itself, or the dialogue is refused. A span
begins where the template asks for an answer, so that what it writes in between is learned as it will be needed, and
ends behind the token that ends the turn, so that the model learns to stop.
"""

import re
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Literal, NamedTuple

from tools.errors import RejectError, UsageError
from trainer.data.encode import Span

SHOWN = 24
NO_END = (
    "the chat template writes no end-of-turn token behind an answer, so that a model trained on it would never learn "
    "to stop; choose a template of ours (--set model.template=NAME; vicuna is LLaVA-1.5's), or correct the folder's"
)
SPLIT = "--set data.turns=split makes a sample of each answer, exactly as it is asked"


class Message(NamedTuple):
    """One message of a dialogue; `tools.conversations.Turn` is one too."""

    role: Literal["system", "user", "assistant"]
    text: str


Render = Callable[[Sequence[Message], bool], str]
"""Messages, and whether the next answer is asked for, to the template's text."""


class Written(NamedTuple):
    """A dialogue as the template writes it.

    Attributes:
        text: with a placeholder where the image stands.
        spans: of the answers, each with its end of turn.
        notes: for each span how its answer is learned behind another text than the one it will be asked with; empty
            where the two are one.
    """

    text: str
    spans: tuple[Span, ...]
    notes: tuple[str, ...]


def write_dialogue(messages: Sequence[Message], render: Render, ends: Sequence[str]) -> Written:
    """Render a dialogue and find its answers.

    Args:
        ends: the tokens that may end a turn, as text.

    Raises:
        RejectError: `answer_changed` or `answer_not_found`, the template does not show an answer as it is.
        UsageError: no end of turn stands behind an answer.
    """
    text = render(messages, False)
    spans: list[Span] = []
    notes: list[str] = []
    for place, first in _find_answers(messages, text, render).items():
        end = first + len(messages[place].text)
        head = render(messages[:place], True)
        is_same = text.startswith(head) and len(head) <= first and not text[len(head) : first].strip()
        notes.append("" if is_same else _tell_apart(text[:first], head))
        found = re.match(rf"\s*({'|'.join(map(re.escape, ends))})", text[end:])
        if found is None or not ends:
            raise UsageError(NO_END)
        spans.append(Span(len(head) if is_same else first, end + found.end()))
    return Written(text, tuple(spans), tuple(notes))


def _tell_apart(learned: str, asked: str) -> str:
    """What an answer is learned and asked behind: the line where the two part, so that no sample's own text shows."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(learned, asked, strict=False)))
    start = learned.rfind("\n", 0, max(0, same - 1)) + 1
    shown = [text[start:] if len(text) - start <= 2 * SHOWN else text[-SHOWN:] for text in (learned, asked)]
    return f"learned behind {shown[0]!r}, but asked behind {shown[1]!r}"


def _find_answers(messages: Sequence[Message], text: str, render: Render) -> dict[int, int]:
    """Where each answer begins in `text`, by its place in the dialogue."""
    words = _choose_words(messages)
    marked = [Message(each.role, words.get(place, each.text)) for place, each in enumerate(messages)]
    shown = render(marked, False)
    found: dict[int, int] = {}
    shift = 0
    for place, word in words.items():
        answer = messages[place].text
        if shown.count(word) != 1:
            reason = f"the chat template shows the answer of turn {place + 1} {shown.count(word)} times"
            raise RejectError("answer_not_found", f"{reason}; one is expected")
        start = shown.index(word) + shift
        if text[start : start + len(answer)] != answer:
            reason = f"the chat template changes the answer of turn {place + 1}"
            raise RejectError("answer_changed", f"{reason}: it begins {text[start : start + SHOWN]!r}")
        found[place] = start
        shift += len(answer) - len(word)
    return found


def _choose_words(messages: Sequence[Message]) -> dict[int, str]:
    """A word for each answer that stands nowhere in the dialogue, by the answer's place."""
    everything = " ".join(message.text for message in messages)
    stem = next(stem for number in range(len(everything) + 2) if (stem := f"zqx{number}n") not in everything)
    return {place: f"{stem}{place}qz" for place, each in enumerate(messages) if each.role == "assistant"}
