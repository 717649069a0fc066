"""What `why` says of the debates: what was objected to, what was edited, and where a mined rule comes from."""

from agents.conversation.protocol import CaptionRound, ObjectedCaption
from agents.conversation.results import Result
from agents.output.mined import explain_edits, explain_objections
from tools.records import CaptionCandidate, Debate, DebateRound, Message, MinedRule, Objection, Pair, Verdict


def make_objection(quote, category="colour"):
    return Objection(check="judge", category=category, quote=quote, reason="is not shown")


def make_result():
    old, new = "A red car by the road.", "A car by the road."
    pair = Pair(id="7-0", original=old, caption=old, candidates=(CaptionCandidate(text=old, score=1.0),), applied=())
    rounds = CaptionRound(
        round=1, judged=1, objected=(ObjectedCaption(pair=pair, objections=(make_objection("red"),)),)
    )
    said = "There is a car. Its shiny hood is warm."
    rule = MinedRule(text="Delete shine.", category="lighting", objection="shiny")
    attempt = DebateRound(
        round=1,
        messages=(Message(role="user", content="What?"), Message(role="assistant", content=said)),
        verdict=Verdict(is_accepted=False, objections=(make_objection("shiny", "lighting"),)),
        mined=(rule,),
    )
    return Result(
        index=0,
        image_id="7",
        photo="7.jpg",
        status="failed",
        pairs=(pair.model_copy(update={"caption": new}),),
        caption_rounds=(rounds,),
        debates=(Debate(id="7-description", kind="description", rounds=(attempt,)),),
    )


def test_an_edited_caption_says_that_the_debate_edited_it():
    result = make_result()
    edits = dict(explain_edits(result, "7-0"))
    assert edits == dict(explain_edits(result, "7"))
    assert "“A red car by the road.” -> “A car by the road.”" in edits["edited 7-0"]
    assert not list(explain_edits(result, "7-description"))
    assert [key for key, _ in explain_objections(result, "7-0")] == ["objection to 7-0, round 1"]


def test_a_rule_mined_in_the_debate_on_instructions_leads_back_to_the_words():
    result = make_result()
    ((key, said),) = explain_objections(result, "mined-7-0")
    assert key == "objection to 7-description, round 1"
    assert said == "“shiny” in “Its shiny hood is warm.”: is not shown [lighting]"
    assert list(explain_objections(result, "7-description")) == [(key, said)]
    assert len(list(explain_objections(result, "7"))) == 2
