"""Which kinds of questions an arm's own texts state the answer of: counted in the texts, by words fixed beforehand."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

NUMBER = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
MANY = r"(?:people|men|women|children|(?!(?:degrees|kelvins|pixels|points|levels|times|percent)\b)\w+s)"
"""Things that are counted, units left out."""
PLACE = r"(?:left|right|top|bottom|upper|lower|centre|center|middle)"
STATING: Mapping[str, str] = {
    "count": rf"\b(?:how many|number of|{NUMBER} (?:\w+ ){{0,2}}{MANY})\b",
    "place": rf"\b(?:on|at|in|to|towards?) the (?:\w+ ){{0,2}}{PLACE}\b",
    "presence": r"\b(?:is|are) there (?:a|an|any|some|no)\b|\bthere (?:is|are) (?:a|an|no|some|" + NUMBER + r")\b",
    "warmth": r"\b(?:bright|dark|warm|hot|cool|cold)(?:er|est)?\b|\bheat\b",
}
KINDS = {
    "aerial_count": "count", "pedestrian_count": "count", "locate": "place", "security": "presence",
    "recognition": "presence", "temperature": "warmth", "object_count": "count", "object_presence": "presence",
    "group_location": "place", "dominant_object_class": "count",
}  # fmt: skip
"""Task, or kind of a question, -> what a text must say to state its answer; others are stated by none."""
LEAST = 0.05
"""Share of an arm's samples that must say such a thing for a kind to count as stated."""


def measure_stating(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Share of samples that say a number, a place, what is there, or what is warm."""
    texts = [" ".join(turn["value"] for turn in row["conversations"]).lower() for row in rows]
    return {
        name: sum(bool(re.search(pattern, text)) for text in texts) / max(1, len(texts))
        for name, pattern in STATING.items()
    }


def is_stated(kind: str, shares: Mapping[str, float]) -> bool:
    """Whether an arm's texts state the answers of a kind of question."""
    return shares.get(KINDS.get(kind.rpartition("/")[2], ""), 0.0) >= LEAST
