"""The checks find faults planted by kind, and let right texts pass that look like faults (development half)."""

from itertools import combinations
from pathlib import Path

import pytest
from claim_cases import FAULTY_OF_A_KIND, HALVES, NAMES, load_half, make_cases
from claim_scores import score_cases

from tools.prompts.lexicon import load_lexicon

PRECISION, RECALL = 0.97, 0.9
MOST_ALARMS = 0.01


def test_the_development_half_meets_the_targets_in_every_kind() -> None:
    scores = score_cases(make_cases("development"), load_lexicon(Path("prompts/infrared")))
    mistakes = "\n".join(scores.mistakes)
    for kind, score in scores.kinds.items():
        assert score.faulty == FAULTY_OF_A_KIND
        assert score.precision >= PRECISION, f"{kind}: {score}\n{mistakes}"
        assert score.recall >= RECALL, f"{kind}: {score}\n{mistakes}"
    assert scores.right_texts >= 400
    assert scores.alarms <= MOST_ALARMS * scores.right_texts, mistakes


@pytest.mark.parametrize("halves", list(combinations(HALVES[:4], 2)))
def test_the_halves_share_no_noun_sentence_or_right_text(halves: tuple[str, str]) -> None:
    one, other = (load_half(half) for half in halves)
    assert set(one["nouns"]).isdisjoint(other["nouns"])
    assert set(one["plain"]).isdisjoint(other["plain"])
    assert set(one["real"]).isdisjoint(other["real"])
    near = [{entry["text"] if isinstance(entry, dict) else entry for entry in half["near"]} for half in (one, other)]
    assert near[0].isdisjoint(near[1])
    for kind in one["faults"]:
        assert set(one["faults"][kind]).isdisjoint(other["faults"][kind])


@pytest.mark.parametrize("half", HALVES)
def test_every_case_is_whole_and_planted_words_stand_in_it_once(half: str) -> None:
    cases = make_cases(half)
    assert cases == make_cases(half)
    faulty = [case for case in cases if case.kind]
    assert {case.kind for case in faulty} == set(NAMES)
    assert len(faulty) >= 400
    assert len(cases) - len(faulty) >= 400
    for case in cases:
        text = "\n".join(message.content for message in case.messages)
        assert not set("{}[]") & set(text)
        assert case.planted in text and bool(case.planted) == bool(case.kind)
