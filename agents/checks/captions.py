"""What a caption may not be, whatever the model that edited it meant, and what it may not say of the modality."""

import functools
import re
from collections.abc import Iterator, Sequence

from agents.checks.brightness import is_brightness_word
from agents.checks.verify import verify
from tools.errors import RejectError
from tools.evidence import CLAIM_CHECK, Evidence
from tools.prompts.lexicon import Lexicon
from tools.records import Box, Message, Objection

NOT_A_CAPTION = "not_a_caption"

_MARKUP = re.compile(
    r"</?[a-zA-Z!][^<>]*>|<[|｜]|\[/?[A-Z]{3,}\]|```|\*\*|^\s*(?:#{1,6}\s|>\s|\||[{\[]\s*[\"'{\[])|\]\(|\\[a-z]+\{"
)
_FIRST_PERSON = re.compile(
    r"(?:i|we|i['’](?:m|ve|ll|d)|we['’](?:re|ve|ll|d)|let me|let['’]s|as an ai|the user|my (?:edit|answer|version))\b"
    r"(?![-/.])",
    re.IGNORECASE,
)
_LIST = re.compile(r"(?:^|\s)1[.)]\s.*\s2[.)]\s|^[-*•]\s.*\s[-*•]\s", re.DOTALL)
_SENTENCE_END = re.compile(r"[.!?…。！？।؟][\"'”’»)\]]*$")
_DANGLING = re.compile(r"(?:[,;:(\[\-–—]|\b(?:a|an|the|and|or|of|with|from|his|her|its|their))$", re.IGNORECASE)
LONGEST_SHARE, LONGEST_MORE = 1.5, 40
FEWEST_WORDS = 4
LONGEST_NEW = 400
REMEMBERED = 4096
"""Captions whose faults are kept at hand: a backend looks for them, and whoever asked it does again."""


def require_caption(caption: str, original: str) -> None:
    """Refuse an edited caption that is no caption.

    Raises:
        RejectError: `not_a_caption`, and why.
    """
    fault = find_caption_fault(caption, original)
    if fault:
        raise RejectError(NOT_A_CAPTION, f"the reply is no caption: it {fault}")


def require_new_caption(caption: str) -> None:
    """Refuse what a model wrote of an image that came without a caption when it is none.

    Raises:
        RejectError: `not_a_caption`, and why.
    """
    fault = _find_fault_of_form(caption, "") or _find_fault_of_end(caption.rstrip(), "A sentence.")
    if not fault and len(caption) > LONGEST_NEW:
        fault = f"is far longer than a caption ({len(caption)} characters)"
    if fault:
        raise RejectError(NOT_A_CAPTION, f"the reply is no caption: it {fault}")


@functools.lru_cache(maxsize=REMEMBERED)
def find_caption_fault(caption: str, original: str) -> str:
    """What is wrong with an edited caption, as a predicate; empty when it can be one.

    What the original has itself is not held against its edit: people write "I see a dog" and leave out full stops.
    """
    if caption == original:
        return ""
    return (
        _find_fault_of_form(caption, original)
        or _find_fault_of_size(caption, original)
        or _find_fault_of_end(caption.rstrip(), original.rstrip())
    )


def _find_fault_of_form(caption: str, original: str) -> str:
    if "\n" in caption.strip():
        return "has several lines"
    markup = _MARKUP.search(caption)
    if markup and markup[0] not in original:
        return f"has markup ({markup[0][:20]!r})"
    if _FIRST_PERSON.match(caption) and not _FIRST_PERSON.match(original):
        return f"speaks in the first person ({caption[:20]!r})"
    return "is a list" if _LIST.search(caption) and not _LIST.search(original) else ""


def _find_fault_of_size(caption: str, original: str) -> str:
    if len(caption) > LONGEST_SHARE * len(original) + LONGEST_MORE:
        return f"is far longer than the original ({len(caption)} characters, {len(original)})"
    is_word = caption.isascii() and len(caption.split()) < 2 and len(original.split()) >= FEWEST_WORDS
    return f"is a single word ({caption[:20]!r})" if is_word else ""


def _find_fault_of_end(caption: str, original: str) -> str:
    if _SENTENCE_END.search(caption):
        return ""
    dangling = _DANGLING.search(caption)
    if not _SENTENCE_END.search(original) and not (dangling and not original.lower().endswith(dangling[0].lower())):
        return ""
    return f"does not end like a sentence, nor like the original (…{caption[-20:]!r})"


def find_caption_faults(
    captions: Sequence[str], boxes: Sequence[Box], evidence: Evidence | None, lexicon: Lexicon
) -> tuple[tuple[Objection, ...], ...]:
    """What can be said without a model against each of some captions.

    Counts, places and objects are not held against them: people wrote a caption of the photograph, in which they saw
    more than anybody drew boxes around.

    Args:
        boxes: what the evidence counts.
        evidence: what was measured; words for bright and dark are then judged by it, and not by the lexicon.
        lexicon: what the modality cannot show, all categories.
    """
    return tuple(
        (*_find_words(caption, evidence, lexicon), *_find_claims(caption, boxes, evidence, lexicon))
        for caption in captions
    )


def _find_words(caption: str, evidence: Evidence | None, lexicon: Lexicon) -> Iterator[Objection]:
    seen: set[tuple[str, str]] = set()
    for hit in lexicon.find(caption):
        if (hit.category, hit.text.lower()) in seen:
            continue
        seen.add((hit.category, hit.text.lower()))
        if evidence is not None and is_brightness_word(hit.text, lexicon.pack.words):
            continue
        title = lexicon.categories[hit.category].title.lower()
        reason = lexicon.pack.objections.lexicon.format(hit=hit.text, category=title)
        yield Objection(check="lexicon", category=hit.category, quote=hit.text, reason=reason)


def _find_claims(
    caption: str, boxes: Sequence[Box], evidence: Evidence | None, lexicon: Lexicon
) -> Iterator[Objection]:
    if evidence is None:
        return
    messages = (Message(role="assistant", content=caption),)
    found = verify(messages, boxes, (caption,), lexicon, "description", measured=evidence)
    yield from (objection for objection in found if objection.check == CLAIM_CHECK)
