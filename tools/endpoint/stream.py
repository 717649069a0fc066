"""A reply that came as a stream of events, put together: some servers stream even when a whole one is wanted."""

import json
from typing import Any

END = "[DONE]"
OPENINGS = ("data:", "event:", "id:", "retry:", ":")
JOINED = ("content", "reasoning_content", "reasoning", "thinking", "refusal")


def is_stream(text: str) -> bool:
    """Whether a body is a stream of server-sent events."""
    return text.lstrip("\ufeff \t\r\n").startswith(OPENINGS)


def read_stream(text: str) -> Any:
    """The reply that the events of a stream make up, in the form of one that came whole; an error among them is all.

    Raises:
        ValueError: an event that cannot be read, or a stream that ends before its answers do.
    """
    choices: dict[int, dict[str, Any]] = {}
    reply: dict[str, Any] = {}
    is_whole = False
    for data in _list_events(text):
        if data == END:
            is_whole = True
            break
        event = json.loads(data)
        if not isinstance(event, dict) or event.get("error") or not isinstance(event.get("choices", []), list | None):
            return event
        reply |= {name: event[name] for name in ("usage", "model", "id") if event.get(name)}
        for choice in event.get("choices") or ():
            _add(choices, choice)
    if not is_whole and not (choices and all(choice["finish_reason"] for choice in choices.values())):
        raise ValueError("the stream ends before its answer does")
    return {**reply, "choices": [choices[index] for index in sorted(choices)]}


def _list_events(text: str) -> list[str]:
    """What stands behind `data:`, lines of one event joined."""
    blocks = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n\n")
    found = []
    for block in blocks:
        lines = [line[5:].strip() for line in block.split("\n") if line.startswith("data:")]
        # Servers that part their events by single line ends send one object a line.
        found += lines if all(line == END or line.endswith("}") for line in lines) else ["\n".join(lines)]
    return [data for data in found if data]


def _add(choices: dict[int, dict[str, Any]], choice: Any) -> None:
    if not isinstance(choice, dict):
        return
    index = choice.get("index")
    held = choices.setdefault(index if isinstance(index, int) else 0, {"message": {}, "finish_reason": None})
    delta = choice.get("delta") or choice.get("message")
    for name, value in delta.items() if isinstance(delta, dict) else [("content", choice.get("text"))]:
        if name in JOINED and value:
            parts = value if isinstance(value, list) else [value]
            held["message"].setdefault(name, []).extend(parts)
    held["finish_reason"] = choice.get("finish_reason") or held["finish_reason"]
    if choice.get("error"):
        held["error"] = choice["error"]
