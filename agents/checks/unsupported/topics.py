"""Words that only name what an image does not show: "the colour", "any text", "the word 'orange'".

They claim something where it is said to be there ("the text is easy to read"), and nothing in a sentence that denies
it, leaves it open, or explains it at large.
"""

import re
from collections.abc import Collection

FIRST = re.compile(r"(?:the |an? |any |all )*(\w+)")
DENYING = re.compile(
    r"\b(?:no|not|nothing|nobody|none|neither|nor|never|cannot|\w+n['’]t|without|absence|absent|lack(?:s|ing)?|los(?:t"
    r"|ing|es)"
    r"|unknown"
    r"|unclear|undetermined|whether|if(?! you| one| we)|any|hardly|barely|rarely|scarcely|impossible|unable|invisible"
    r"|irrelevant|independent|regardless|instead of|rather than)\b"
    r"(?! (?:hard|difficult|hidden|blurred|faded|covered|obscured|doubt|problem|trouble|difficulty|effort|only|just)\b)"
)
"""Behind "not" such a word says that it can be read after all."""
QUOTED = re.compile(r"[\"“][^\"”]*[\"”]")
OF_NONE = re.compile(r"\b(?:no|any)\s+(\w+)(?:\s+(\w+))?")
OF_WORDS = re.compile(
    r"\bwords?\b.{0,25}?\b(?:names?|(?:can |may )?means?|(?:can |may )?refers?|stands? for|comes? from|goes back to"
    r"|derives?"
    r"|has (?:two|several))\b"
)
"""What is said of a word and not of an image."""


def is_topic(text: str, topics: Collection[str]) -> bool:
    """Whether a hit is such a word, or begins with one: "logos and brand names"."""
    first = FIRST.match(text.lower())
    return first is not None and first[1] in topics


def is_topic_denied(own: str) -> bool:
    """Whether a sentence denies or leaves open what it names, or speaks of a word.

    Args:
        own: the sentence, lower case.
    """
    return DENYING.search(QUOTED.sub("", own)) is not None or OF_WORDS.search(own) is not None


def is_read_of_none(before: str, topics: Collection[str]) -> bool:
    """Whether what follows is said of no such thing: "no text | can be read".

    Args:
        before: the sentence up to there, lower case.
    """
    return any(match[1] in topics or match[2] in topics for match in OF_NONE.finditer(before))
