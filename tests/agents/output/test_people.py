"""Words that give people a gender or an age, stage by stage."""

import pytest

from agents.conversation.results import Result
from agents.english.people import find_people
from agents.output.people import PeopleTally
from tools.records import CaptionCandidate, Debate, DebateRound, Message, Objection, Pair, Verdict

OBJECTION = Objection(check="llm", category="unsupported", quote="old", reason="Nothing tells the age.")


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("A person rides a horse.", {"person"}),
        ("An old man feeds the birds.", {"male", "old"}),
        ("An old bench stands near a tree.", set()),
        ("A young girl holds a kite.", {"female", "young"}),
        ("Two young dogs play.", set()),
        ("She waits while the players run.", {"female", "person"}),
        ("The manual lies on the table.", set()),
        ("Several children and their grandmother sit down.", {"young", "old"}),
    ],
)
def test_groups_are_found_by_whole_words_and_ages_only_beside_people(text, groups):
    assert find_people(text) == groups


def make_debate(*attempts: tuple[str, bool]) -> Debate:
    rounds = tuple(
        DebateRound(
            round=number,
            messages=(Message(role="user", content="Who is she?"), Message(role="assistant", content=text)),
            verdict=Verdict(is_accepted=is_accepted, objections=() if is_accepted else (OBJECTION,)),
        )
        for number, (text, is_accepted) in enumerate(attempts, start=1)
    )
    return Debate(id="1-description", kind="description", rounds=rounds)


def make_pair(original: str, caption: str) -> Pair:
    return Pair(
        id="1-0",
        original=original,
        caption=caption,
        candidates=(CaptionCandidate(text=caption, score=1.0),),
        applied=(),
    )


def test_every_stage_is_counted_with_its_own_texts():
    tally = PeopleTally()
    results = [
        Result(
            index=0, image_id="1", photo="1.jpg", status="accepted",
            pairs=(make_pair("A man sits.", "A person sits."),),
            debates=(make_debate(("An old man sits.", False), ("A person sits.", True)),),
        ),
        Result(
            index=1, image_id="2", photo="2.jpg", status="failed", pairs=(make_pair("", "A man runs."),),
            debates=(make_debate(("A man runs.", False)),),
        ),
    ]  # fmt: skip
    for result in results:
        tally.add(result)
    found = tally.describe()
    assert [found[stage]["texts"] for stage in ("dataset", "caption", "task", "debate")] == [1, 2, 2, 1]
    assert [found[stage]["male"] for stage in ("dataset", "caption", "task", "debate")] == [1, 0.5, 1, 0]
    assert found["task"]["old"] == 0.5 and found["task"]["female"] == 0, "questions are not what the agents state"


def test_a_run_without_texts_has_no_stages():
    assert PeopleTally().describe() == {}
