"""A text as people edit it: in one field, whatever it is. A caption as it is, an instruction with a line before each
message that says whose it is."""

from agents.review.texts import Body
from tools.errors import UsageError
from tools.records import Message

SPEAKERS = {"user": "question", "assistant": "answer"}


def write_draft(body: Body) -> str:
    """The field's text."""
    if isinstance(body, str):
        return body
    heads = _write_heads(body)
    return "\n".join(f"{head}\n{message.content}" for head, message in zip(heads, body, strict=True))


def read_draft(body: Body, draft: str) -> Body:
    """What the field says now.

    Args:
        body: the text that the draft was written from.

    Raises:
        UsageError: the lines before the messages are not as they were.
    """
    text = draft.replace("\r\n", "\n")
    if isinstance(body, str):
        return text.strip()
    heads = _write_heads(body)
    lines = text.strip().split("\n")
    places = [place for place, line in enumerate(lines) if line.strip() in heads]
    if [lines[place].strip() for place in places] != heads or places[:1] != [0]:
        raise UsageError(f"leave the lines `{heads[0]}` to `{heads[-1]}` as they were, and write between them")
    ends = [*places[1:], len(lines)]
    return tuple(
        Message(role=message.role, content="\n".join(lines[start + 1 : end]).strip())
        for message, start, end in zip(body, places, ends, strict=True)
    )


def _write_heads(body: tuple[Message, ...]) -> list[str]:
    """The lines before the messages: such that no message has one of them."""
    said = {line.strip() for message in body for line in message.content.split("\n")}
    dashes = "--"
    while True:
        heads = [f"{dashes} {SPEAKERS[message.role]} {place // 2 + 1} {dashes}" for place, message in enumerate(body)]
        if not said & set(heads):
            return heads
        dashes += "-"
