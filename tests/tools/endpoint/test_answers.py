"""How an answer ended, what is content, and which faults stand inside a reply that says 200."""

import json

import pytest

from itb.models.endpoint import read_spoken
from tools.endpoint.answers import read_answer
from tools.endpoint.faults import find_fault_inside, is_about_roles
from tools.endpoint.messages import ChatRequest, read_completion
from tools.endpoint.quirks import FOLD, STREAM, ModelQuirks, fold_system, shape
from tools.endpoint.stream import is_stream, read_stream
from tools.errors import RejectError


def read(content, finish="stop", **more):
    return read_answer({"message": {"content": content, **more}, "finish_reason": finish})


@pytest.mark.parametrize("finish", ["stop", "STOP", "eos_token", "end_turn", "stop_sequence", "COMPLETE"])
def test_a_whole_answer_is_content(finish):
    assert read("A car.", finish).read() == "A car."


@pytest.mark.parametrize(("finish", "code"), [
    ("length", "cut"), ("max_tokens", "cut"), ("MAX_TOKENS", "cut"), ("model_length", "cut"),
    ("content_filter", "content_filter"), ("content_filter: PROHIBITED_CONTENT", "content_filter"),
    ("SAFETY", "content_filter"), ("sensitive", "content_filter"), ("tool_calls", "no_content"), ("odd", "no_content"),
])  # fmt: skip
def test_what_did_not_end_well_is_none(finish, code):
    with pytest.raises(RejectError, match="finish_reason") as caught:
        read("A man stands besi", finish).read()
    assert caught.value.code == code


def test_silence_says_how_it_ended_and_that_the_model_thought():
    for name in ("reasoning_content", "reasoning", "thinking"):
        with pytest.raises(RejectError, match=r"finish_reason `length`\), only 3 characters of reasoning") as caught:
            read(None, "length", **{name: "hm."}).read()
        assert caught.value.code == "no_content"
    with pytest.raises(RejectError, match=r"the model refuses.*I can't") as caught:
        read(None, refusal="I can't.").read()
    assert caught.value.code == "refusal"
    assert read("A car.", refusal=None, reasoning_content="hm.").read() == "A car."


@pytest.mark.parametrize("content", [
    [{"type": "text", "text": "A car."}], [{"type": "output_text", "text": "A "}, {"type": "text", "text": "car."}],
    ["A ", "car."], {"type": "text", "text": "A car."},
    [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "A car."}],
    [{"type": "reasoning", "reasoning": "hm"}, {"text": "A car."}],
])  # fmt: skip
def test_parts_are_read_and_thoughts_stand_apart(content):
    assert read(content).read() == "A car."
    assert read(content).reasoning in ("", "hm")


def test_an_untold_ending_is_whole_unless_all_tokens_were_used():
    for choice in ({"message": {"content": "a"}}, {"message": {"content": "a"}, "finish_reason": None}, {"text": "a"}):
        for used, finish in ((9, "stop"), (10, "length")):
            reply = {"choices": [choice], "usage": {"prompt_tokens": 1, "completion_tokens": used}}
            assert read_completion(reply, 10).answers[0].finish == finish
        assert read_completion({"choices": [choice]}, 10).answers[0].finish == "stop"


@pytest.mark.parametrize(("reply", "status"), [
    ({"error": {"code": 429, "message": "slow"}}, 429), ({"error": {"code": "503"}, "choices": None}, 503),
    ({"error": {"type": "rate_limit_exceeded"}}, 429), ({"error": {"type": "overloaded_error"}}, 503),
    ({"error": {"code": "context_length_exceeded"}}, 400), ({"error": {"code": "invalid_api_key"}}, 401),
    ({"error": "Too many requests"}, 429), ({"error": "odd"}, 502), ({"error": {"code": 40303, "message": "x"}}, 502),
    ({"object": "error", "message": "no", "code": 400}, 400), ({"detail": "no"}, 502),
    ({"choices": [{"error": {"code": 502, "message": "x"}, "finish_reason": "error"}]}, 502),
    ({"choices": [{"finish_reason": "network_error", "message": {"content": "A man"}}]}, 502),
])  # fmt: skip
def test_a_fault_inside_a_reply_is_one_of_its_status(reply, status):
    assert find_fault_inside(reply)[0] == status


@pytest.mark.parametrize("reply", [
    {"choices": [{"message": {"content": "a"}}], "error": None}, {"oops": 1}, [], "text",
    {"choices": None}, {"choices": [1]},
])  # fmt: skip
def test_other_replies_hold_no_fault(reply):
    assert find_fault_inside(reply) is None


def test_of_several_answers_the_one_that_broke_off_is_left_out():
    whole, broken = (
        {"message": {"content": "a"}, "finish_reason": "stop"},
        {"error": {"code": 502}, "finish_reason": "error"},
    )
    assert find_fault_inside({"choices": [whole, broken]}) is None
    assert read_completion({"choices": [whole, broken]}).texts == ("a",)


def test_a_stream_is_put_together_and_one_that_breaks_off_is_none():
    events = [
        {"choices": [{"index": 0, "delta": {"role": "assistant", "reasoning_content": "hm"}}]},
        {"choices": [{"index": 0, "delta": {"content": "A "}}, {"index": 1, "delta": {"content": "The "}}]},
        {"choices": [{"index": 0, "delta": {"content": "car."}}, {"index": 1, "delta": {"content": "bus."}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"},
                     {"index": 1, "delta": {}, "finish_reason": "length"}]},
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}},
    ]  # fmt: skip
    for gap in ("\n\n", "\r\n\r\n", "\n"):
        text = ": hello" + gap + "".join(f"data: {json.dumps(event)}{gap}" for event in events) + "data: [DONE]" + gap
        assert is_stream(text)
        found = read_completion(read_stream(text))
        assert [(item.content, item.finish) for item in found.answers] == [("A car.", "stop"), ("The bus.", "length")]
        assert found.answers[0].reasoning == "hm" and found.completion_tokens == 4
    with pytest.raises(ValueError, match="ends before its answer"):
        read_stream(f"data: {json.dumps(events[1])}\n\n")
    fault = read_stream('data: {"error": {"code": 429, "message": "slow"}}\n\n')
    assert find_fault_inside(fault) == (429, "slow")
    assert not is_stream('{"choices": []}')


SYSTEM = {"role": "system", "content": "You edit."}


def test_the_system_text_is_folded_into_the_first_turn():
    user = {"role": "user", "content": "Do."}
    request = ChatRequest(model="m", messages=(SYSTEM, user, {"role": "assistant", "content": "Done."}, user))
    assert [item["content"] for item in fold_system(request).messages] == ["You edit.\n\nDo.", "Done.", "Do."]
    seeing = ChatRequest(model="m", messages=(SYSTEM, {"role": "user", "content": [{"type": "image_url"}]}))
    assert fold_system(seeing).messages[0]["content"][0] == {"type": "text", "text": "You edit."}
    assert fold_system(fold_system(request)) == fold_system(request)


def test_a_remedy_is_learnt_and_told_once_and_a_guess_has_to_help_several_times():
    printed = []
    quirks = ModelQuirks(printed.append)
    request = ChatRequest(model="m", messages=(SYSTEM,))
    clear, vague = RejectError("http_400", "System role not supported"), RejectError("http_400", "bad request")
    assert quirks.find_remedy(request, clear, ()) is FOLD and quirks.find_remedy(request, vague, ()) is FOLD
    for count in (0, 0, 0, 1):
        assert len(printed) == count
        quirks.learn("m", FOLD, vague)
    learnt = quirks.list_learnt("m")
    assert shape(request, learnt).messages[0]["role"] == "user" and len(printed) == 1
    assert quirks.find_remedy(request, clear, learnt) is None
    assert quirks.find_remedy(request, vague, ()) is FOLD, "it was asked before that was learnt"
    quirks.hear_answer(request.model_copy(update={"model": "n"}))
    other = request.model_copy(update={"model": "n"})
    assert quirks.find_remedy(other, vague, ()) is None and quirks.find_remedy(other, clear, ()) is FOLD
    assert quirks.find_remedy(other, RejectError("http_400", "only supports stream mode"), ()) is STREAM
    assert quirks.find_remedy(other, RejectError("http_413", "System role not supported"), ()) is None


def test_a_template_without_a_system_role_is_no_passing_fault():
    assert is_about_roles(500, "Jinja Exception: System role not supported")
    assert is_about_roles(500, "Conversation roles must alternate user/assistant/user/assistant/...")
    assert not is_about_roles(500, "system overloaded") and not is_about_roles(503, "System role not supported")


def test_what_is_said_to_a_question_of_the_benchmark():
    for answer, said in ((read("B, for", "length"), "B, for"), (read(None), ""), (read(None, refusal="No."), "No.")):
        assert read_spoken(answer) == said
    for answer in (read("B", "content_filter"), read(None, "length", reasoning_content="hm")):
        with pytest.raises(RejectError, match="finish_reason"):
            read_spoken(answer)
