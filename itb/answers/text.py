"""What every reply goes through before its answer is looked for: marks taken off, refusals and silence recognised."""

import json
import re
import unicodedata
from typing import Any

from tools.prompts.wrapping import strip_thoughts, unwrap_reply

LONGEST_READ = 4000
"""Characters of a reply that are looked at: an answer that has not come by then is none."""

_BOX = re.compile(r"\\f?boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_TAGGED = re.compile(r"(?:<\|begin_of_box\|>|<answer>)(.*?)(?:<\|end_of_box\|>|</answer>)", re.DOTALL | re.IGNORECASE)
_TEX = re.compile(r"\\(?:text|mathrm|mathbf|textbf|mathit)\s*\{([^{}]*)\}")
_SPEAKER = re.compile(r"\A\s*(?:assistant|model|ai|bot)\s*:\s*", re.IGNORECASE)
_OBJECT = re.compile(r"\{[^{}]*\}")
# fmt: off
_KEYS = (
    "final_answer", "answer", "choice", "option", "label", "result", "prediction", "response", "total", "count",
    "number", "value",
)
# fmt: on
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARKS = re.compile(r"[*`$]+|(?<!\w)_+|_+(?!\w)|^\s*(?:#+|>+)\s+", re.MULTILINE)
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "−": "-", "。": ".", "、": ","}
)
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
    """The reply as plain text on any number of lines: NFKC, without wrapping, Markdown and invisible signs.

    Of a reply that puts its answer into a box, a tag or a JSON object, only that is left.
    """
    said = strip_thoughts(reply)
    tagged = [content for content in _TAGGED.findall(said) if content.strip()]  # before tokens: the tags are such
    text = ("\n".join(tagged) or unwrap_reply(said))[: LONGEST_READ * 4]
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_QUOTES)
    text = _open_box(text)
    return _MARKS.sub("", _SPEAKER.sub("", text)).strip()[:LONGEST_READ]


def _open_box(text: str) -> str:
    """What the boxes hold, or what the JSON object gives as its answer; else the whole text."""
    boxed = [_TEX.sub(r"\1", content).strip() for content in _BOX.findall(text)]
    if any(boxed):
        text = "\n".join(dict.fromkeys(filter(None, boxed)))
    said = {answer for found in _OBJECT.findall(text) if (answer := _find_answer(found)) is not None}
    return "\n".join(sorted(said)) if said else _TEX.sub(r"\1", text)


def _find_answer(text: str) -> str | None:
    """The answer of a JSON object: under a key that names it, or its only value."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    named = {str(key).lower().replace(" ", "_"): value for key, value in found.items()}
    for key in _KEYS:
        if key in named:
            return _write(named[key])
    return _write(next(iter(named.values()))) if len(named) == 1 else None


def _write(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int | float) else None


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
