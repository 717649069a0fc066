"""Model-free checks of captions: words for what the modality cannot show, and what they state of measured brightness.

Counts, places and objects are not held against a caption: people wrote it of the photograph, in which they saw more
than anybody drew boxes around.
"""

from collections.abc import Iterator, Sequence

from agents.checks.brightness import is_brightness_word
from agents.checks.verify import verify
from tools.evidence import CLAIM_CHECK, Evidence
from tools.prompts.lexicon import Lexicon
from tools.records import Box, Message, Objection


def find_caption_faults(
    captions: Sequence[str], boxes: Sequence[Box], evidence: Evidence | None, lexicon: Lexicon
) -> tuple[tuple[Objection, ...], ...]:
    """What can be said without a model against each of some captions.

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
