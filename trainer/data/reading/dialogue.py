"""Whether a dialogue can be trained on: question and answer in turn, about one image."""

from collections.abc import Sequence

from tools.conversations import IMAGE_MARK, Turn
from tools.errors import RejectError


def check_dialogue(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns, stripped, the image's mark of the first question taken out.

    Raises:
        RejectError: `broken_conversation`, `empty_turn` or `image_token`.
    """
    stripped = tuple(Turn(turn.role, turn.text.strip()) for turn in turns)
    empty = next((place for place, turn in enumerate(stripped, 1) if not turn.text), None)
    if empty is not None:
        raise RejectError("empty_turn", f"turn {empty} is empty")
    _check_order(stripped)
    _check_image_marks(stripped)
    first = stripped[0].text.replace(IMAGE_MARK, "").strip()
    if not first:
        raise RejectError("empty_turn", "turn 1 asks nothing beside the image")
    return (Turn("user", first), *stripped[1:])


def _check_order(turns: Sequence[Turn]) -> None:
    for place, turn in enumerate(turns):
        expected = "user" if place % 2 == 0 else "assistant"
        if turn.role != expected:
            raise RejectError("broken_conversation", f"turn {place + 1} is of the {turn.role}, not of the {expected}")
    if turns[-1].role != "assistant":
        raise RejectError("broken_conversation", f"the last question (turn {len(turns)}) has no answer")


def _check_image_marks(turns: Sequence[Turn]) -> None:
    found = [place for place, turn in enumerate(turns) for _ in range(turn.text.count(IMAGE_MARK))]
    if found not in ([], [0]):
        places = ", ".join(str(place + 1) for place in found)
        text = f"{IMAGE_MARK} stands in turn {places}; one is allowed, in the first question"
        raise RejectError("image_token", text)
