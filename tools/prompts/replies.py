"""From what a model wrote to a record: one pure function for each `output` that a prompt file may name.

    PARSERS["verdict"]("ACCEPT")        # Verdict(is_accepted=True, objections=())

Each returns a record or raises `ReplyError` with an excerpt and what was expected; nothing is guessed.
"""

import re
from collections.abc import Callable, Sequence
from typing import Literal

from tools.prompts.reply_text import (
    ReplyError,
    clean_reply,
    has_words,
    strip_label,
    strip_numbering,
    strip_quotes,
)
from tools.records import BoxXyxyNorm, Message, Objection, Record, Verdict

__all__ = [
    "PARSERS", "CaptionReply", "CaptionVerdictsReply", "ClaimLine", "DialogueReply", "ImageCaptionReply",
    "NumberedObjection", "ReplyError", "RuleLine", "RulesReply", "TextReply", "require_numbers",
]  # fmt: skip

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
NUMBERED = re.compile(
    r"(?:[-*•+][ \t]*)?\*{0,2}(?:captions?[ \t]*)?[#\[(]?(\d{1,3})[\])]?\*{0,2}[ \t]*[.:)：–—-]?[ \t]*(?=[\"“*])",
    re.IGNORECASE,
)
"""The number of a caption before the quotation, as models write it: `- 2 "`, `2. "`, `- Caption 2: "`, `- [2] "`."""
ENDS = ".:! ：。"
CATEGORY = re.compile(r"[^\W\d][\w \-/]{0,39}")
SHORTEST_CONVERSATION = 2
CLAIM = re.compile(
    r"\s*([^|\n]{1,60}?)\s*\|\s*[\[(]?([\d.,\s]+?)[\])]?\s*\|\s*(brighter|darker)\s*\.?\s*", re.IGNORECASE
)
CLAIM_FORM = "`Claim: THING | LEFT TOP RIGHT BOTTOM | brighter` (or darker), with numbers from 0 to 1000"
FULL_SCALE = 1000
MOST_CLAIMS = 12


class CaptionReply(Record):
    """One filtered caption."""

    caption: str


class ClaimLine(Record):
    """Where a model sees something of which it says that it is brighter or darker than what surrounds it."""

    thing: str
    box_xyxy_norm: BoxXyxyNorm
    relation: Literal["brighter", "darker"]


class ImageCaptionReply(Record):
    """The caption of an image, and a line for each thing of which it states the brightness."""

    caption: str
    claims: tuple[ClaimLine, ...] = ()


class DialogueReply(Record):
    """Messages of an instruction: questions and answers in turn, or one assistant message for a description."""

    messages: tuple[Message, ...]


class NumberedObjection(Objection):
    """An objection to one of several captions; `number` counts them from 1."""

    number: int


class CaptionVerdictsReply(Record):
    """What is objected to in the captions of an image; nothing when the model answered ACCEPT."""

    objections: tuple[NumberedObjection, ...] = ()


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
        before, bare = text, strip_quotes(strip_numbering(text))
        text = strip_label(bare, *labels) or bare
        if text == before:
            break
    if "\n" in text or not has_words(text) or strip_label(text, *labels) == "":
        raise ReplyError(expected, text)
    return CaptionReply(caption=" ".join(text.split()))


def parse_image_caption(reply: str, more_labels: Sequence[str] = ()) -> ImageCaptionReply:
    """One caption on one line, and any number of lines `Claim: THING | LEFT TOP RIGHT BOTTOM | brighter`.

    Raises:
        ReplyError: no caption, several of them, or a claim that is not of this form.
    """
    rows = [row for row in clean_reply(reply, "one caption on one line").split("\n") if row.strip()]
    claims = {row: strip_label(strip_numbering(row.strip()), "claim") for row in rows}
    caption = parse_caption("\n".join(row for row in rows if claims[row] is None), more_labels).caption
    lines = dict.fromkeys(_parse_claim(text, row) for row, text in claims.items() if text is not None)
    if len(lines) > MOST_CLAIMS:
        raise ReplyError(f"at most {MOST_CLAIMS} lines of {CLAIM_FORM}", reply)
    return ImageCaptionReply(caption=caption, claims=tuple(lines))


def _parse_claim(text: str, row: str) -> ClaimLine:
    match = CLAIM.fullmatch(text)
    numbers = [_read_share(number) for number in re.split(r"[\s,]+", match[2].strip(" ,"))] if match else []
    if match is None or len(numbers) != 4 or not has_words(match[1]):
        raise ReplyError(CLAIM_FORM, row, place="a line of the reply")
    left, top, right, bottom = numbers
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ReplyError(f"{CLAIM_FORM}, left before right and top before bottom", row, place="a line of the reply")
    relation: Literal["brighter", "darker"] = "brighter" if match[3].lower() == "brighter" else "darker"
    return ClaimLine(thing=" ".join(match[1].split()), box_xyxy_norm=(left, top, right, bottom), relation=relation)


def _read_share(number: str) -> float:
    try:
        return float(number) / FULL_SCALE
    except ValueError:
        return -1.0


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
    lines = _split_verdict(reply, expected)
    return Verdict(is_accepted=not lines, objections=tuple(_parse_objection(line) for line in lines))


def parse_caption_verdicts(reply: str) -> CaptionVerdictsReply:
    """ACCEPT alone, or REJECT and its reasons, one a line as `- NUMBER "quote": reason [category]`.

    Raises:
        ReplyError: anything else.
    """
    expected = 'ACCEPT alone, or REJECT and lines of `- NUMBER "quote": reason [category]`'
    return CaptionVerdictsReply(objections=tuple(map(_parse_numbered, _split_verdict(reply, expected))))


def require_numbers(reply: CaptionVerdictsReply, count: int) -> None:
    """Refuse verdicts on captions that were not shown.

    Raises:
        ReplyError: naming the number.
    """
    for item in reply.objections:
        if not 1 <= item.number <= count:
            raise ReplyError(f"numbers of captions from 1 to {count}", f'{item.number} "{item.quote}"')


def _parse_numbered(line: str) -> NumberedObjection:
    match = NUMBERED.match(line.strip())
    if match is None:
        raise ReplyError('`- NUMBER "quote": reason [category]`', line, place="a line of the reply")
    objection = _parse_objection(line.strip()[match.end() :])
    return NumberedObjection(number=int(match[1]), **objection.model_dump())


def _split_verdict(reply: str, expected: str) -> list[str]:
    """The lines of reasons of a rejection; none of an acceptance."""
    head, *lines = [line for line in clean_reply(reply, expected).split("\n") if line.strip()]
    verdict = _normalise_verdict(head)
    if (verdict == "ACCEPT" and not lines) or (verdict == "REJECT" and lines):
        return lines
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
    "image_caption": parse_image_caption,
    "conversation": parse_conversation,
    "reasoning": parse_reasoning,
    "description": parse_description,
    "verdict": parse_verdict,
    "caption_verdicts": parse_caption_verdicts,
    "rules": parse_rules,
    "text": parse_text,
}
"""What a prompt file may name as `output`."""
