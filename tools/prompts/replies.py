"""From what a model wrote to a record: one pure function for each `output` that a prompt file may name.

    PARSERS["verdict"]("ACCEPT")        # Verdict(is_accepted=True, objections=())

Each returns a record or raises `ReplyError` with an excerpt and what was expected; nothing is guessed.
"""

import re
from collections.abc import Callable, Sequence

from tools.prompts.reply_text import (
    ReplyError,
    clean_reply,
    has_words,
    strip_label,
    strip_numbering,
    strip_quotes,
)
from tools.records import Message, Objection, Record, Verdict

__all__ = ["PARSERS", "CaptionReply", "DialogueReply", "ReplyError", "RuleLine", "RulesReply", "TextReply"]

CAPTION_LABELS = (
    "caption",
    *(
        f"{what} caption"
        for what in ("filtered", "edited", "rewritten", "revised", "final", "new", "updated", "corrected")
    ),
    "output",
)
TURNS = {"Question": ("Question", "Q"), "Answer": ("Answer", "A")}
LISTED = re.compile(r"(?:\d{1,2}[.)]|[-*•]|#+)\s")
SEPARATOR = re.compile(r"^[ \t]*(?:={3,}|-{3,}|\*{3,}|_{3,}|[—–]{2,}|═{3,}|─{3,})[ \t]*$", re.MULTILINE)
COLON = re.compile("[:：]")
TURN_LABEL = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*)?[*_]{0,2}(?:\d{1,2}[.)][ \t]*)?"
    r"(?:(?:question|answer)(?:[ \t]*#?\d{1,2})?|[qa][ \t]?\d{0,2})[*_]{0,2}[ \t]*[:：]",
    re.IGNORECASE | re.MULTILINE,
)
BLANK_LINE = re.compile(r"\n[ \t]*\n")
QUOTE_ENDS = {'"': re.compile(r'"[ \t*]{0,4}[:：]'), "“": re.compile(r"”[ \t*]{0,4}[:：]")}
ENDS = ".:! ：。"
CATEGORY = re.compile(r"[^\W\d][\w \-/]{0,39}")
SHORTEST_CONVERSATION = 2


class CaptionReply(Record):
    """One filtered caption."""

    caption: str


class DialogueReply(Record):
    """Messages of an instruction: questions and answers in turn, or one assistant message for a description."""

    messages: tuple[Message, ...]


class RuleLine(Record):
    """One mined rule, before it is joined with the objection that gave rise to it."""

    category: str
    text: str


class RulesReply(Record):
    """Mined rules; none when the model answered NONE."""

    rules: tuple[RuleLine, ...]


class TextReply(Record):
    """Any text."""

    text: str


def parse_caption(reply: str, more_labels: Sequence[str] = ()) -> CaptionReply:
    """One caption on one line; quotes, a label or a number around it are taken off.

    Args:
        more_labels: what a model may write before a caption besides `CAPTION_LABELS`, e.g. the modality's own.

    Raises:
        ReplyError: empty, a refusal, or more than one line.
    """
    expected = "one caption on one line"
    labels = (*CAPTION_LABELS, *more_labels)
    text = clean_reply(reply, expected)
    for _ in range(4):
        bare = strip_quotes(strip_numbering(text))
        text = strip_label(bare, *labels) or bare
    if "\n" in text or not has_words(text) or strip_label(text, *labels) == "":
        raise ReplyError(expected, text)
    return CaptionReply(caption=" ".join(text.split()))


def parse_conversation(reply: str) -> DialogueReply:
    """Several question/answer pairs, each part after its label and parted from the next by a `===` line (paper, C).

    Raises:
        ReplyError: a part without its label, an empty one, two in one, a question without answer, or a single pair.
    """
    messages = _parse_pairs(reply, "question/answer pairs parted by lines of ===")
    if len(messages) < 2 * SHORTEST_CONVERSATION:
        raise ReplyError(f"at least {SHORTEST_CONVERSATION} question/answer pairs parted by lines of ===", reply)
    return DialogueReply(messages=messages)


def parse_reasoning(reply: str) -> DialogueReply:
    """One question and its answer, in the form of a conversation.

    Raises:
        ReplyError: as for a conversation, or more than one pair.
    """
    expected = "one question and one answer parted by a line of ==="
    messages = _parse_pairs(reply, expected)
    if len(messages) != 2:
        raise ReplyError(expected, reply)
    return DialogueReply(messages=messages)


def _parse_pairs(reply: str, expected: str) -> tuple[Message, ...]:
    blocks = [block.strip() for block in SEPARATOR.split(clean_reply(reply, expected))]
    blocks = blocks[1 if not blocks[0] else 0 : -1 if not blocks[-1] else None]
    if not blocks or len(blocks) % 2:
        raise ReplyError(expected, reply)
    return tuple(_parse_turn(block, place) for place, block in enumerate(blocks))


def _parse_turn(block: str, place: int) -> Message:
    label = "Answer" if place % 2 else "Question"
    text = strip_label(block, *TURNS[label])
    if not text or not has_words(text) or TURN_LABEL.search(text):
        raise ReplyError(f"`{label}: ...` and nothing else", block, place=f"part {place + 1} of the reply")
    return Message(role="assistant" if place % 2 else "user", content=text)


def parse_description(reply: str) -> DialogueReply:
    """One paragraph, as one assistant message; a label before it is taken off, lines are joined.

    Raises:
        ReplyError: empty, a refusal, several paragraphs, or a list.
    """
    expected = "one paragraph of prose"
    text = clean_reply(reply, expected)
    text = strip_quotes(strip_label(text, "description", "detailed description", "answer") or text)
    is_list = sum(bool(LISTED.match(line)) for line in text.split("\n")) > 1 or text.startswith("#")
    if BLANK_LINE.search(text) or is_list or not has_words(text):
        raise ReplyError(expected, text)
    return DialogueReply(messages=(Message(role="assistant", content=" ".join(text.split())),))


def parse_verdict(reply: str) -> Verdict:
    """ACCEPT alone, or REJECT and its reasons, one a line as `- "quote": reason [category]`.

    The whole normalised reply decides: neither UNACCEPTABLE nor "I cannot ACCEPT this" accepts anything.

    Raises:
        ReplyError: anything else, such as a rejection without reasons or an acceptance with some.
    """
    expected = 'ACCEPT alone, or REJECT and lines of `- "quote": reason [category]`'
    head, *lines = [line for line in clean_reply(reply, expected).split("\n") if line.strip()]
    verdict = _normalise_verdict(head)
    if verdict == "ACCEPT" and not lines:
        return Verdict(is_accepted=True)
    if verdict == "REJECT" and lines:
        return Verdict(is_accepted=False, objections=tuple(_parse_objection(line) for line in lines))
    raise ReplyError(expected, reply)


def _normalise_verdict(line: str) -> str:
    bare = strip_quotes(line.strip())
    return strip_quotes((strip_label(bare, "verdict") or bare).rstrip(ENDS)).rstrip(ENDS).upper()


def _parse_objection(line: str) -> Objection:
    row = strip_numbering(line.strip()).lstrip("*")
    end = QUOTE_ENDS[row[0]].search(row, 1) if row[:1] in QUOTE_ENDS else None
    rest = row[end.end() :].rstrip(" .") if end else ""
    reason, _, category = rest.removesuffix("]").rpartition("[")
    quote = row[1 : end.start()] if end else ""
    if not rest.endswith("]") or not (has_words(quote) and has_words(reason)):
        raise ReplyError('`- "quote": reason [category]`', line, place="a line of the reply")
    return Objection(
        check="llm", category=_read_category(category, line), quote=quote.strip(), reason=" ".join(reason.split())
    )


def _read_category(text: str, line: str) -> str:
    if not CATEGORY.fullmatch(text.strip()):
        raise ReplyError("a category such as colour or printed_text", line, place="a line of the reply")
    return re.sub(r"[\s\-/]+", "_", text.strip().lower())


def parse_rules(reply: str) -> RulesReply:
    """Mined rules, one a line as `- category: rule`, or NONE alone.

    Raises:
        ReplyError: any line of another form.
    """
    expected = "lines of `- category: rule`, or NONE alone"
    text = clean_reply(reply, expected)
    if strip_quotes(text).rstrip(". ").upper() == "NONE":
        return RulesReply(rules=())
    return RulesReply(rules=tuple(_parse_rule(line) for line in text.split("\n") if line.strip()))


def _parse_rule(line: str) -> RuleLine:
    bare = strip_numbering(line.strip())
    category, *rest = COLON.split(bare, maxsplit=1)
    rule = "".join(rest)
    if bare == line.strip() or not has_words(rule):
        raise ReplyError("`- category: rule`", line, place="a line of the reply")
    return RuleLine(
        category=_read_category(category.strip(" *`_[]"), line), text=" ".join(strip_quotes(rule.lstrip("*")).split())
    )


def parse_text(reply: str) -> TextReply:
    """Any text that is not empty and not a refusal.

    Raises:
        ReplyError: it is.
    """
    return TextReply(text=clean_reply(reply, "a text"))


PARSERS: dict[str, Callable[[str], Record]] = {
    "caption": parse_caption,
    "conversation": parse_conversation,
    "reasoning": parse_reasoning,
    "description": parse_description,
    "verdict": parse_verdict,
    "rules": parse_rules,
    "text": parse_text,
}
"""What a prompt file may name as `output`."""
