"""The halves of the measuring set hold what they say, and what each shares with the others.

No check runs here: what is held back to judge them must stay unread by them.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from claim_cases import FAULTY_OF_A_KIND, HALVES, MARKED, NAMES, RIGHT, load_half, make_cases

PAIRS = [("second", "development"), ("second", "scored")] + [("third", half) for half in HALVES[:3]]
NATURAL = HALVES[HALVES.index("fourth") :]
"""Written as models write, by hands that saw `development` alone: what earlier halves say was not taken out."""
MOST_SHARED = 0.05
"""Of their sentences, that any one earlier half happens to have."""
SLOT = re.compile(r"\{\w+\}")
ONE_WORD = ("colour", "material", "brand")


def _list_right(data: dict[str, Any]) -> list[Any]:
    return [*data["near"], *data.get("scenes", ())]


def _list_sentences(data: dict[str, Any]) -> set[str]:
    near = [entry["text"] if isinstance(entry, dict) else entry for entry in _list_right(data)]
    forms = [*data["plain"], *data["who"], *near, *(form for forms in data["faults"].values() for form in forms)]
    return {SLOT.sub("_", MARKED.sub(r"\1", form)).lower().rstrip(".") for form in forms}


def _list_planted(data: dict[str, Any]) -> set[str]:
    """What is planted without a slot, and the words for the slot."""
    forms = [MARKED.findall(form)[0] for forms in data["faults"].values() for form in forms]
    words = [word for words in data["words"].values() for word in words]
    return {word.lower() for word in (*forms, *words) if not SLOT.search(word)}


def _list_tokens(data: dict[str, Any]) -> Iterator[str]:
    for kind in ONE_WORD:
        forms = [MARKED.findall(form)[0] for form in data["faults"][kind]]
        for word in (*data["words"][kind], *(form for form in forms if not SLOT.search(form))):
            yield from re.findall(r"\w+", word.lower())


@pytest.mark.parametrize("half", HALVES)
def test_a_half_has_as_many_right_texts_as_faulty_ones(half: str) -> None:
    cases = make_cases(half)
    faulty = [case.kind for case in cases if case.kind]
    assert {kind: faulty.count(kind) for kind in NAMES} == dict.fromkeys(NAMES, FAULTY_OF_A_KIND)
    assert len(cases) - len(faulty) == RIGHT == len(faulty)


@pytest.mark.parametrize(("later", "earlier"), PAIRS)
def test_a_later_half_shares_nothing_with_an_earlier_one(later: str, earlier: str) -> None:
    own, other = load_half(later), load_half(earlier)
    assert not _list_sentences(own) & _list_sentences(other)
    assert not _list_planted(own) & _list_planted(other)
    assert not set(_list_tokens(own)) & set(_list_tokens(other))
    for key in ("nouns", "questions", "captions", "real"):
        assert not set(own[key]) & set(other[key]), key


@pytest.mark.parametrize("half", NATURAL)
def test_what_its_hand_had_seen_is_in_no_natural_half_and_others_by_chance_alone(half: str) -> None:
    own, seen = load_half(half), load_half("development")
    assert not set(own["nouns"]) & set(seen["nouns"])
    assert len(_list_sentences(own) & _list_sentences(seen)) <= 1  # "the one is to the left of the other"
    shared = {other: _list_sentences(own) & _list_sentences(load_half(other)) for other in HALVES[: HALVES.index(half)]}
    assert all(len(same) <= MOST_SHARED * len(_list_sentences(own)) for same in shared.values())


def test_what_is_planted_stands_once_in_its_text() -> None:
    for case in make_cases("second"):
        text = "\n".join(message.content for message in case.messages)
        assert bool(case.planted) == bool(case.kind), case.name
        assert not case.kind or len(re.findall(re.escape(case.planted), text)) == 1, (case.name, case.planted, text)


def test_what_an_image_has_more_is_not_counted_among_its_other_things() -> None:
    data = load_half("second")
    more = {label for entry in _list_right(data) if isinstance(entry, dict) for label in entry.get("has", ())}
    assert more
    assert not more & set(data["nouns"])
