"""What every reply goes through before its answer is looked for: marks taken off, refusals and silence recognised."""

import re
import unicodedata

from tools.prompts.wrapping import unwrap_reply

LONGEST_READ = 4000
"""Characters of a reply that are looked at: an answer that has not come by then is none."""

_BOXED = re.compile(r"\\(?:boxed|text|mathrm|mathbf)\s*\{([^{}]*)\}")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARKS = re.compile(r"[*`$]+|(?<!\w)_+|_+(?!\w)|^\s*(?:#+|>+)\s+", re.MULTILINE)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "−": "-"})
_SENTENCE_OF_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am) (?:sorry|afraid|unable|not able)|sorry|i apologi[sz]e|as an? (?:ai|large language|language)\b"
    r"|i (?:cannot|can't|can not|could not|couldn't|won't|will not|do not|don't)"
    r" (?:help|assist|answer|determine|tell|say|know|identify|provide|comply|analy[sz]e|process|access|view|open"
    r"|see (?:the|any|an|your|that|this) (?:image|picture|photo)|make (?:it|that) out)"
    r"|(?:it is|it's) (?:impossible|not possible) to (?:tell|say|determine|answer|know|see)"
    r"|(?:cannot|can't|can not|could not) be (?:determined|answered|seen|told))",
    re.IGNORECASE,
)
_REFUSAL_REACH = 40
_TURN = re.compile(r"\b(?:but|however)\b", re.IGNORECASE)


def tidy_reply(reply: str) -> str:
    """The reply as plain text on any number of lines: NFKC, without wrapping, Markdown and invisible signs."""
    text = unwrap_reply(reply)[: LONGEST_READ * 4]
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_QUOTES)
    text = _BOXED.sub(r"\1", _BOXED.sub(r"\1", text))
    return _MARKS.sub("", text).strip()[:LONGEST_READ]


def is_silent(text: str) -> bool:
    """Whether there is neither letter nor digit in it."""
    return not any(character.isalnum() for character in text)


def is_refusal(text: str) -> bool:
    """Whether the reply begins by declining to answer; "I cannot tell for sure, but it is B" does not."""
    found = _SENTENCE_OF_REFUSAL.search(text)
    if found is None or found.start() > _REFUSAL_REACH:
        return False
    turn = _TURN.search(text, found.end())
    return turn is None or is_refusal(text[turn.end() :])


def strip_ends(text: str) -> str:
    """Without brackets, quotes and full stops around the whole."""
    return text.strip().strip("\"'()[]{}.,;:! \n\t")
