"""What every reply of a model goes through before it is parsed: bounds, refusals, and the wrapping that models add."""

import functools
import re

from tools.errors import RejectError
from tools.prompts.wrapping import unwrap_reply

LONGEST_REPLY = 20_000
LONGEST_THOUGHTS = 400_000
EXCERPT = 80
QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "`": "`"}
NUMBERING = re.compile(r"(?:\d{1,2}[.)]|[-*•])\s+")
LABEL = (
    r"(?:\#{{1,6}}[ \t]*)?[*_]{{0,2}}(?:\d{{1,2}}[.)][ \t]*)?(?:{names})(?:[ \t]*\#?\d{{1,2}})?[*_]{{0,2}}[ \t]*"
    r"(?::[*_]{{0,2}}(?:\s+|$)|：[*_]{{0,2}}\s*)"
)
REFUSAL = re.compile(
    r"(?:(?:i['’]?m|i am) (?:sorry|afraid|unable|not able)|sorry,|i apologi[sz]e|unfortunately,"
    r"|i (?:can(?:no|['’])t|can not|won['’]t)\b|as an? (?:ai|large language|language) )",
    re.IGNORECASE,
)


class ReplyError(RejectError):
    """A reply that is not what was asked for.

    Attributes:
        code: `refusal` when the model declined, `unparseable` otherwise.
    """

    def __init__(self, expected: str, reply: str, code: str = "unparseable", place: str = "the reply") -> None:
        """Say what was expected and quote what came.

        Args:
            expected: what would have been right, as a noun phrase.
            reply: what came; only its beginning is quoted.
            code: `refusal` or `unparseable`.
            place: which part of the reply `reply` is.
        """
        super().__init__(code, f"expected {expected}, but {place} is {quote_excerpt(reply)}")


def quote_excerpt(text: str) -> str:
    """The beginning of a text on one line, quoted; never more than a line of a terminal."""
    flat = " ".join(text[: EXCERPT * 4].split()).encode("utf-8", "replace").decode()
    if not flat:
        return "empty"
    return repr(flat if len(flat) <= EXCERPT and len(text) <= EXCERPT * 4 else flat[:EXCERPT] + "…")


def clean_reply(reply: str, expected: str) -> str:
    """The reply without wrapping (see `unwrap_reply`) and surrounding space, and with `\\n` line ends.

    Raises:
        ReplyError: empty, longer than any answer can be, a refusal, or not valid Unicode.
    """
    try:
        reply.encode()
    except UnicodeEncodeError:
        raise ReplyError(f"{expected} in valid Unicode", reply) from None
    text = reply[:LONGEST_THOUGHTS]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unwrap_reply(text).strip()
    if len(text) > LONGEST_REPLY:
        raise ReplyError(f"{expected} of at most {LONGEST_REPLY} characters", text)
    if not has_words(text) and has_words(reply):
        raise ReplyError(expected, reply, place="nothing stands beside the model's thoughts, the reply")
    if not has_words(text):
        raise ReplyError(expected, text)
    if REFUSAL.match(text):
        raise ReplyError(expected, text, "refusal")
    return text


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit in it, of any script."""
    return any(character.isalnum() for character in text)


def strip_label(text: str, *labels: str) -> str | None:
    """The rest behind `Label:` at the beginning, None without it.

    The label may be in any case, bold, a heading, numbered (`Question 1:`) and end with a full-width colon.
    """
    match = _compile_label(labels).match(text)
    return text[match.end() :].strip() if match else None


@functools.lru_cache
def _compile_label(labels: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(label) for label in labels)
    return re.compile(LABEL.format(names=names), re.IGNORECASE)


def strip_quotes(text: str) -> str:
    """Without a pair of quotation or bold marks around the whole; marks inside the text stay."""
    text = text.strip()
    if len(text) > 4 and text.startswith("**") and text.endswith("**") and text.count("**") == 2:
        return text[2:-2].strip()
    closing = QUOTES.get(text[:1])
    if closing is None or len(text) < 2 or not text.endswith(closing):
        return text
    inner = text[1:-1]
    return text if closing in inner or text[0] in inner else inner.strip()


def strip_numbering(text: str) -> str:
    """Without `1.`, `2)` or a bullet before it."""
    match = NUMBERING.match(text)
    return text[match.end() :].strip() if match else text
