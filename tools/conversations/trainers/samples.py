"""A dialogue about an image, and the two forms of row that trainers made elsewhere read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.conversations.dialogue import Turn
from tools.conversations.pictures import IMAGE_MARK

Row = dict[str, Any]
MARKS = (IMAGE_MARK, "<video>", "<audio>")
"""What ms-swift and LLaMA-Factory take for a picture, a film or a sound wherever it stands in a text."""


class Sample(NamedTuple):
    """A dialogue.

    Attributes:
        name: its id.
        picture: relative to the export's folder; None without an image.
        file: where the picture lies now.
        turns: of user and assistant in turn; the image stands before the first and has no mark in the text.
    """

    name: str
    picture: str | None
    file: Path | None
    turns: tuple[Turn, ...]


def tidy_turns(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Turns as every chat template leaves them: some cut blanks at the ends of a text, the others would learn them."""
    return tuple(Turn(turn.role, turn.text.replace("\r\n", "\n").strip()) for turn in turns)


def find_fault(sample: Sample) -> tuple[str, str] | None:
    """Why a dialogue cannot be said in these rows: a code and a reason; None when it can."""
    for place, turn in enumerate(sample.turns, start=1):
        if not turn.text:
            return "empty_turn", f"turn {place} is empty"
        if mark := next((mark for mark in MARKS if mark in turn.text), None):
            return "image_mark", f"turn {place} holds {mark}, which a trainer would take for a picture"
    roles = [turn.role for turn in sample.turns]
    if not roles or roles != ["user", "assistant"] * (len(roles) // 2):
        return "broken_conversation", f"user and assistant do not take turns: {', '.join(roles) or 'no turn'}"
    return None


def build_messages_row(sample: Sample) -> Row:
    """The row of ms-swift and LLaMA-Factory: all turns, the image's mark before the first."""
    mark = "" if sample.picture is None else IMAGE_MARK
    messages = [
        {"role": turn.role, "content": turn.text if place else mark + turn.text}
        for place, turn in enumerate(sample.turns)
    ]
    return {"id": sample.name, "messages": messages, **_list_pictures(sample)}


def build_completion_rows(sample: Sample) -> Iterator[Row]:
    """TRL's rows, one an answer: what was said before is the prompt, for TRL learns the whole completion.

    The history of a later answer is context only, exactly as the chat template writes it when the model is asked.
    """
    told = [{"role": turn.role, "content": turn.text} for turn in sample.turns]
    for place in range(1, len(told), 2):
        name = sample.name if len(told) == 2 else f"{sample.name}-{place // 2 + 1}"
        yield {"id": name, "prompt": told[:place], "completion": [told[place]], **_list_pictures(sample)}


def _list_pictures(sample: Sample) -> Row:
    return {} if sample.picture is None else {"images": [sample.picture]}
