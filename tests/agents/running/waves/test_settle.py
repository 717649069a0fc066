"""What lines come to: answers that are missing are asked for as a client that asks one by one would."""

import json

import pytest

from agents.backends.asked.wants import Wanted, Wants
from agents.running.waves.settle import settle
from agents.store.waves import Asked, NewLine, split_lines
from tools.endpoint.batch.lines import LineOutcome, read_line
from tools.endpoint.messages import ChatRequest

REQUEST = ChatRequest(model="m", messages=({"role": "user", "content": "Hello"},), n=3)


def answered(count):
    choices = [{"message": {"content": f"a{place}"}, "finish_reason": "stop"} for place in range(count)]
    body = {"choices": choices, "usage": {"prompt_tokens": 2, "completion_tokens": count}}
    return read(200, body)


def read(status, body):
    line = json.dumps({"custom_id": "x", "response": {"status_code": status, "body": body}, "error": None})
    return read_line(line.encode(), lambda _: None).outcome


REFUSED, FELL = read(400, {"error": {"message": "n must be 1"}}), read(500, {"error": {"message": "oops"}})


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ([], (3,)),
        ([Asked(3, FELL)], (3,)),
        ([Asked(3, FELL), Asked(3, FELL)], (1, 1, 1)),
        ([Asked(3, answered(1))], (1, 1)),
        ([Asked(3, REFUSED)], (1, 1, 1)),
        ([Asked(3, REFUSED), Asked(1, answered(1)), Asked(1, FELL)], (1, 1)),
        ([Asked(3, None)], (3,)),
    ],
)
def test_what_is_missing_is_asked_for(asked, lines):
    found = settle(REQUEST, asked)
    assert found.reply is None and found.lines == lines


def test_a_reply_is_put_together_of_its_lines():
    found = settle(REQUEST, [Asked(3, answered(1)), Asked(1, answered(1)), Asked(1, answered(1))]).reply
    assert [item["content"] for item in found["answers"]] == ["a0"] * 3
    assert (found["requests"], found["prompt_tokens"], found["completion_tokens"]) == (3, 6, 3)
    refusal = settle(REQUEST, [Asked(3, REFUSED), Asked(1, REFUSED)]).reply
    assert refusal == {"code": "http_400", "reason": "HTTP 400: n must be 1"}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"error": {"message": "bad key"}}, "stopping"),
        (200, {"error": {"message": "Rate limit exceeded", "code": 429}}, "failed"),
        (200, {"choices": []}, "unread"),
        (200, "text", "unread"),
        (None, None, "unread"),
    ],
)
def test_a_line_that_is_no_answer_says_what_it_is(status, body, kind):
    found = settle(REQUEST, [Asked(3, read(status, body))])
    assert read(status, body).kind == kind
    assert (found.is_stopping, found.is_unread) == (kind == "stopping", kind == "unread")


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"{}", b'{"custom_id": 3}', b'{"custom_id": "x"}', b"\xff"])
def test_a_line_that_says_nothing_is_none(line):
    assert read_line(line, lambda _: None) is None


def test_waves_are_split_at_both_limits():
    lines = [NewLine("w1-k-0", "k", "1", "caption", "m", 1, size) for size in (4, 4, 4, 20, 1, 1, 1)]
    assert [[line.size for line in part] for part in split_lines(lines, 2, 10)] == [[4, 4], [4], [20], [1, 1], [1]]


def test_a_turn_may_hang_on_no_guess_but_the_next_does_not():
    wants = Wants()
    for _ in range(3):
        wants.begin_turn()
    wants.guess()
    wants.begin_turn()
    with pytest.raises(Wanted):
        wants.begin_turn()


def test_an_outcome_is_read_back_as_it_was():
    found = answered(2)
    assert LineOutcome.model_validate_json(found.model_dump_json()) == found
