"""How well the checks find the planted faults of tests/claim_cases.py: precision and recall by kind of fault."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from claim_cases import NAMES, Case

from agents.checks.verify import verify
from tools.prompts.lexicon import Lexicon


class Score(NamedTuple):
    """`found` of `faulty` texts have a finding at the words of their fault; `right` of `findings` name such words."""

    faulty: int
    found: int
    findings: int
    right: int

    @property
    def recall(self) -> float:
        """Share of the faulty texts in which the fault is named."""
        return self.found / self.faulty

    @property
    def precision(self) -> float:
        """Share of the findings of these categories that are at the words of such a fault."""
        return self.right / self.findings if self.findings else 0.0


class Scores(NamedTuple):
    """By kind, right texts with any finding, and a line for each mistake."""

    kinds: dict[str, Score]
    alarms: int
    right_texts: int
    mistakes: list[str]


def score_cases(cases: Iterable[Case], lexicon: Lexicon) -> Scores:
    """Let the checks read every case.

    A finding is right when its category names the kind of the planted fault and its words share some with it; any
    other finding counts against the kinds whose categories it has. Findings of other categories are mistakes too.
    """
    faulty, found, findings, right = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    alarms = right_texts = 0
    mistakes: list[str] = []
    for case in cases:
        objections = verify(case.messages, case.boxes, case.captions, lexicon, case.instruction)
        text = "\n".join(message.content for message in case.messages)
        hits = [_is_hit(text, o.quote, o.category, case) for o in objections]
        alarms += bool(objections) and not case.kind
        right_texts += not case.kind
        if case.kind:
            faulty[case.kind] += 1
            found[case.kind] += any(hits)
            if not any(hits):
                mistakes.append(f"missed {case.name}: [[{case.planted}]] in {case.messages[-1].content!r}")
        for objection, is_hit in zip(objections, hits, strict=True):
            own = [case.kind] if is_hit else [kind for kind, names in NAMES.items() if objection.category in names]
            for kind in own:
                findings[kind] += 1
                right[kind] += is_hit
            if not is_hit:
                mistakes.append(f"false {case.name}: {objection.category} {objection.quote!r} in {text!r}")
    kinds = {kind: Score(faulty[kind], found[kind], findings[kind], right[kind]) for kind in NAMES if faulty[kind]}
    return Scores(kinds, alarms, right_texts, mistakes)


def _is_hit(text: str, quote: str, category: str, case: Case) -> bool:
    if not case.kind or category not in NAMES[case.kind]:
        return False
    whole = list(re.finditer(rf"(?<!\w){re.escape(case.planted)}", text))  # not the "red" of "covered"
    start = whole[-1 if case.is_last else 0].start() if whole else text.index(case.planted)
    end = start + len(case.planted)
    spans = (match.span() for match in re.finditer(rf"(?<!\w){re.escape(quote)}(?!\w)", text))
    return any(first < end and start < last for first, last in spans)
