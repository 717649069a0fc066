"""What is said of the modality and not of one image: that it shows no colour, that what is warm is brighter in it."""

import functools
import re

from agents.checks.brightness import is_brightness_word
from tools.prompts.lexicon import Hit
from tools.prompts.pack import Pack

ENDS = ".!?\n"
DENIED = re.compile(
    r"\b(?:cannot|can not|not|no|never|nor|neither|invisible|whether|vanish\w*|disappear\w*|lost|blind|\w+n['’]t)\b"
)
POINTED = re.compile(r"\b(?:the|this|that|these|those|his|her|its|their)\s+(?:\w+\s+)?$")
SPECIFIC = re.compile(r"\s*(?:the|this|that|these|those|it|he|she|they|there)\b|[^,]*,\s*(?:the|this|that|it|he|she)\b")


def is_general_statement(text: str, hit: Hit, pack: Pack) -> bool:
    """Whether an attribute stands in a statement about the modality.

    Such a statement denies that the modality shows it, or says what is bright in its images at large.
    """
    start = max(text.rfind(mark, 0, hit.start) for mark in ENDS) + 1
    ends = (text.find(mark, hit.end) for mark in ENDS)
    end = min((place for place in ends if place >= 0), default=len(text))
    own, before = text[start:end].lower(), text[start : hit.start].lower()
    named = _name_modality(pack).search(own)
    if named is None:
        return False
    denied = [match.start() for match in DENIED.finditer(own)]
    if any(named.end() <= place < hit.start - start for place in denied):
        return True
    if named["of"] is not None or POINTED.search(before):
        return False
    return bool(denied) or (is_brightness_word(hit.text, pack.words) and SPECIFIC.match(own) is None)


@functools.lru_cache(maxsize=8)
def _name_modality(pack: Pack) -> re.Pattern[str]:
    """Where the modality is named; group `of` tells that one image is meant."""
    words = {*pack.words.qualifiers, pack.nouns.adjective.lower()}
    return re.compile(rf"\b(?P<of>(?:the|this)\s+)?(?:{'|'.join(sorted(map(re.escape, words)))})\b")
