"""The client against a scripted server in a process of its own."""

import asyncio
import time

import pytest
from scripted_server import scripted_server

from tools.endpoint import AdaptiveLimit, ChatRequest, Endpoint, EndpointConfig, RateLimit, TransportError
from tools.endpoint.client import read_retry_after
from tools.errors import MissingError, RejectError, ToolkitError

KEY = "test-key-0123456789"


def ask(url, *, n=1, count=1, **changes):
    """`count` different questions at once; completions (or errors), and the client."""
    urls = url if isinstance(url, tuple) else (url,)
    config = EndpointConfig(
        **{"base_urls": urls, "first_wait_seconds": 0.01, "attempts": 4, "timeout_seconds": 5, **changes}
    )

    async def go():
        async with Endpoint(config) as endpoint:
            requests = [
                ChatRequest(model="m", messages=({"role": "user", "content": f"question {k}"},), n=n)
                for k in range(count)
            ]
            found = await asyncio.gather(*(endpoint.complete(item) for item in requests), return_exceptions=True)
            return found, endpoint

    return asyncio.run(go())


def test_five_answers_are_five_whether_the_endpoint_honours_n_ignores_it_or_refuses_it():
    for options, requests in (({}, 1), ({"honours_n": False}, 5), ({"refuses_n": True}, 6)):
        with scripted_server(**options) as server:
            (completion,), _ = ask(server.url, n=5)
            assert len(completion.texts) == 5
            assert completion.completion_tokens > 0 and completion.is_counted
            assert server.read_log()["total"] == requests


@pytest.mark.parametrize("fault", ["429", "500", "503", "reset", "bad_json", "no_choices"])
def test_a_passing_fault_is_tried_again(fault):
    with scripted_server(faults={fault: 1.0}) as server:
        (completion,), endpoint = ask(server.url)
        assert completion.texts == ("answer 0",)
        assert server.read_log()["total"] == 2
        assert endpoint.statuses["200"] == 1 and endpoint.statuses.total() == 2


def test_a_server_that_hangs_half_way_is_given_up_and_tried_again():
    with scripted_server(faults={"hang": 1.0}) as server:
        (completion,), endpoint = ask(server.url, timeout_seconds=0.3)
        assert completion.texts == ("answer 0",)
        assert endpoint.statuses["timeout"] + endpoint.statuses["connection"] == 1


def test_a_lasting_fault_ends_with_a_sentence_that_says_how_to_go_on():
    with scripted_server(faults={"500": 1.0}, lasting=True) as server:
        (error,), _ = ask(server.url, attempts=3)
        assert isinstance(error, TransportError)
        assert "after 3 attempts" in str(error) and "HTTP 500" in str(error) and "same command" in str(error)
        assert server.read_log()["total"] == 3
    (error,), _ = ask(server.url, attempts=2)
    assert isinstance(error, TransportError) and "connection" in str(error)


@pytest.mark.parametrize(("fault", "kind", "words"), [
    ("400", RejectError, "HTTP 400"), ("401", ToolkitError, "TOOLKIT_TEST_KEY"), ("404", ToolkitError, "--model"),
])  # fmt: skip
def test_what_no_repetition_helps_is_not_repeated(fault, kind, words, monkeypatch):
    monkeypatch.setenv("TOOLKIT_TEST_KEY", KEY)
    with scripted_server(faults={fault: 1.0}, lasting=True, echo_key=True) as server:
        (error,), _ = ask(server.url, key_variable="TOOLKIT_TEST_KEY")
        assert type(error) is kind and words in str(error)
        assert KEY not in str(error) and "[key]" in str(error)
        assert server.read_log()["total"] == 1


def test_a_reply_that_is_never_a_completion_is_a_reject():
    with scripted_server(faults={"no_choices": 1.0}, lasting=True) as server:
        (error,), _ = ask(server.url, attempts=2)
        assert isinstance(error, RejectError) and error.code == "bad_response"


def test_retry_after_is_obeyed():
    with scripted_server(faults={"429": 1.0}, retry_after=0.4) as server:
        start = time.monotonic()
        ask(server.url)
        assert 0.4 <= time.monotonic() - start < 3
    assert read_retry_after({"retry-after": "9999"}) == 60
    assert read_retry_after({"retry-after": "soon"}) == read_retry_after({}) == 0
    assert read_retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


def test_a_dead_server_is_passed_over_for_a_living_one():
    with scripted_server() as dead:
        gone = dead.url
    with scripted_server() as server:
        found, _ = ask((gone, server.url), count=6)
        assert [completion.texts for completion in found] == [("answer 0",)] * 6


def test_never_more_at_once_than_allowed():
    with scripted_server(latency=0.02) as server:
        ask(server.url, count=30, concurrency=4)
        log = server.read_log()
        assert log["most"] == 4 and log["total"] == 30


def test_requests_a_minute_are_respected():
    with scripted_server() as server:
        start = time.monotonic()
        ask(server.url, count=10, requests_per_minute=1200)
        assert 0.4 <= time.monotonic() - start < 3


def test_a_key_is_wanted_only_elsewhere(monkeypatch):
    monkeypatch.delenv("TOOLKIT_TEST_KEY", raising=False)
    config = EndpointConfig(base_urls=("https://models.example/v1",), key_variable="TOOLKIT_TEST_KEY")
    with pytest.raises(MissingError, match="export TOOLKIT_TEST_KEY="):
        Endpoint(config)
    Endpoint(config.model_copy(update={"base_urls": ("http://localhost:8000/v1",)}))
    monkeypatch.setenv("TOOLKIT_TEST_KEY", KEY)
    endpoint = Endpoint(config)
    assert KEY not in repr(endpoint) + repr(config)


def test_overload_shrinks_the_limit_once_a_second_and_success_lets_it_grow():
    now = [0.0]
    limit = AdaptiveLimit(10, lambda: now[0])
    for _ in range(5):
        limit.hear_overload()
    assert limit.allowed == 7
    now[0] = 2.0
    limit.hear_overload()
    assert limit.allowed == pytest.approx(4.9)
    for _ in range(200):
        limit.hear_success()
    assert limit.allowed == 10


def test_rates_space_requests_and_tokens_evenly():
    rate = RateLimit(60, None, lambda: 0.0)
    assert [rate.reserve(5) for _ in range(3)] == [0, 1, 2]
    rate = RateLimit(None, 600, lambda: 0.0)
    assert [rate.reserve(10) for _ in range(2)] == [0, 1]
    rate.correct(10, 30)
    assert rate.reserve(10) == 4
