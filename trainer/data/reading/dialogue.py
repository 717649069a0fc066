"""From the messages of a row to turns, whatever the layout calls its speakers."""

from collections.abc import Sequence
from typing import Any

from tools.errors import RejectError, shorten
from trainer.data.samples import Speaker, Turn

IMAGE_TOKEN = "<image>"
SPEAKERS: dict[str, Speaker] = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"}


def parse_turns(messages: Any, speaker_key: str, text_key: str) -> tuple[Turn, ...]:
    """Check a dialogue and give its turns; the image token of the first question is taken out.

    Args:
        messages: list of objects, e.g. `[{"from": "human", "value": "<image>\\nWhat is this?"}, ...]`.
        speaker_key, text_key: names of the two fields, `from` and `value` or `role` and `content`.

    Raises:
        RejectError: `broken_conversation`, `empty_turn` or `image_token`.
    """
    if not isinstance(messages, list) or not messages:
        raise RejectError("broken_conversation", f"expected a list of turns, found {shorten(repr(messages))}")
    turns = tuple(_parse_turn(message, speaker_key, text_key, place) for place, message in enumerate(messages))
    _check_order(turns)
    _check_image_tokens(turns)
    first = turns[0].text.replace(IMAGE_TOKEN, "").strip()
    if not first:
        raise RejectError("empty_turn", "turn 1 asks nothing beside the image")
    return (Turn("user", first), *turns[1:])


def _parse_turn(message: Any, speaker_key: str, text_key: str, place: int) -> Turn:
    where = f"turn {place + 1}"
    if not isinstance(message, dict) or not isinstance(message.get(text_key), str):
        raise RejectError("broken_conversation", f"{where} has no text `{text_key}`: {shorten(repr(message))}")
    speaker = SPEAKERS.get(str(message.get(speaker_key)))
    if speaker is None:
        legal = ", ".join(SPEAKERS)
        raise RejectError(
            "broken_conversation", f"{where}: `{speaker_key}` is {message.get(speaker_key)!r}, not {legal}"
        )
    if not message[text_key].strip():
        raise RejectError("empty_turn", f"{where} is empty")
    return Turn(speaker, message[text_key].strip())


def _check_order(turns: Sequence[Turn]) -> None:
    for place, turn in enumerate(turns):
        expected = "user" if place % 2 == 0 else "assistant"
        if turn.role != expected:
            raise RejectError("broken_conversation", f"turn {place + 1} is of the {turn.role}, not of the {expected}")
    if turns[-1].role != "assistant":
        raise RejectError("broken_conversation", f"the last question (turn {len(turns)}) has no answer")


def _check_image_tokens(turns: Sequence[Turn]) -> None:
    found = [place for place, turn in enumerate(turns) for _ in range(turn.text.count(IMAGE_TOKEN))]
    if found not in ([], [0]):
        places = ", ".join(str(place + 1) for place in found)
        text = f"{IMAGE_TOKEN} stands in turn {places}; one is allowed, in the first question"
        raise RejectError("image_token", text)
