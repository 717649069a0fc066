"""The client against a scripted server in a process of its own."""

import asyncio
import subprocess
import sys
import time
import traceback

import pytest
from scripted_server import scripted_server

from tools.endpoint.answers import Answer
from tools.endpoint.client import Endpoint
from tools.endpoint.connection import EndpointConfig
from tools.endpoint.faults import TransportError, find_message, make_excerpt, read_retry_after
from tools.endpoint.limits import AdaptiveLimit, RateLimit
from tools.endpoint.messages import ChatRequest, Completion, estimate_request, read_completion
from tools.endpoint.servers import Servers
from tools.errors import MissingError, RejectError, ToolkitError, UsageError

KEY = "test-key-0123456789"


def ask(url, *, n=1, count=1, gather=True, options=None, **changes):
    """`count` different questions, at once or one by one; completions (or errors), and the client."""
    urls = url if isinstance(url, tuple) else (url,)
    config = EndpointConfig(
        **{"base_urls": urls, "first_wait_seconds": 0.01, "attempts": 4, "timeout_seconds": 5, **changes}
    )

    async def go():
        async with Endpoint(config) as endpoint:
            requests = [
                ChatRequest(
                    model="m", messages=({"role": "user", "content": f"question {k}"},), n=n, options=options or {}
                )
                for k in range(count)
            ]
            found = []
            for some in [requests] if gather else [[item] for item in requests]:
                found += await asyncio.gather(*(endpoint.complete(item) for item in some), return_exceptions=True)
            return found, endpoint

    return asyncio.run(go())


def test_five_answers_are_five_whether_the_endpoint_honours_n_ignores_it_or_refuses_it():
    for options, requests in (({}, 1), ({"honours_n": False}, 5), ({"refuses_n": True}, 6)):
        with scripted_server(**options) as server:
            (completion,), _ = ask(server.url, n=5)
            assert completion.texts[0] == "answer 0" and len(completion.texts) == 5
            assert completion.completion_tokens > 0 and completion.is_counted
            assert server.read_log()["total"] == requests


def test_the_proxy_of_the_environment_is_used_unless_the_host_is_excepted(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", "")
    with scripted_server() as server:
        monkeypatch.setenv("http_proxy", server.url.removesuffix("/v1"))
        (completion,), _ = ask("http://model.invalid/v1")
        assert completion.texts == ("answer 0",)
        monkeypatch.setenv("no_proxy", "model.invalid")
        (error,), _ = ask("http://model.invalid/v1", attempts=1)
        assert isinstance(error, TransportError)
        assert server.read_log()["total"] == 1


def test_a_proxy_that_cannot_be_spoken_to_is_named(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("http_proxy", "socks5://user:secret@127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(UsageError, match="of the kind 'socks5'") as raised:
        ask("http://model.invalid/v1")
    assert "secret" not in str(raised.value)


def test_a_question_that_was_under_way_when_a_remedy_was_found_is_asked_that_way_too():
    """Not one answer at a time and not as a guess: how it is asked must not hang on which reply came first."""
    slow = {"latency": 0.05, "slow_text": "question 1", "slow_factor": 6}
    with scripted_server(mode="streamonly", **slow) as server:
        found, endpoint = ask(server.url, n=5, count=2)
        assert server.read_log()["total"] == 4
    assert [completion.texts for completion in found] == [tuple(f"answer {k}" for k in range(5))] * 2
    assert endpoint.quirks.list_names("m") == ("streamed",)


def test_a_server_that_wants_two_things_otherwise_is_asked_in_both_ways():
    error = {"nosystem": "System role not supported", "streamonly": "only supports stream mode"}

    async def answer(request, _):
        if any(message["role"] == "system" for message in request.messages):
            raise RejectError("http_400", error["nosystem"])
        if not request.options.get("stream"):
            raise RejectError("http_400", error["streamonly"])
        return Completion(
            answers=(Answer(content="Yes.", finish="stop"),), prompt_tokens=1, completion_tokens=1, requests=1
        )

    async def go():
        async with Endpoint(EndpointConfig(base_urls=("http://127.0.0.1:9/v1",))) as endpoint:
            endpoint._ask_as_it_stands = answer
            system, user = ({"role": role, "content": "Do."} for role in ("system", "user"))
            return await endpoint.complete(ChatRequest(model="m", messages=(system, user))), endpoint.quirks

    completion, quirks = asyncio.run(go())
    assert completion.texts == ("Yes.",) and set(quirks.list_names("m")) == {"folded", "streamed"}


def test_an_endpoint_that_twice_gave_one_answer_for_five_is_asked_singly_from_then_on():
    with scripted_server(refuses_n=True) as server:
        ask(server.url, n=5, count=4, concurrency=1)
        assert 4 * 5 < server.read_log()["total"] <= 4 * 6
    with scripted_server(refuses_n=True) as server:
        found, _ = ask(server.url, n=5, count=6, gather=False)
        assert [len(completion.texts) for completion in found] == [5] * 6
        assert server.read_log()["total"] == 2 * 6 + 4 * 5


def test_a_text_that_is_refused_does_not_make_all_later_requests_single_ones():
    with scripted_server(plan=["400", "400"]) as server:
        (error, *found), _ = ask(server.url, n=5, count=3, gather=False)
        assert isinstance(error, RejectError) and error.code == "http_400"
        assert [len(completion.texts) for completion in found] == [5, 5]
        assert server.read_log()["total"] == (2 + 1) + 1 + 1, "the first, refused with all and singly, and a greeting"


@pytest.mark.parametrize(("fault", "requests"), [("few_choices", 2), ("many_choices", 1)])
def test_a_wrong_number_of_choices_is_topped_up_or_cut(fault, requests):
    with scripted_server(plan=[fault]) as server:
        (first, second), _ = ask(server.url, n=5, count=2, gather=False)
        assert len(first.texts) == len(second.texts) == 5
        assert first.requests == requests and second.requests == 1


def test_a_passing_fault_is_tried_again():
    faults = ("408", "429", "500", "502", "503", "520", "529", "reset", "cut", "bad_json", "deep_json", "no_choices")
    with scripted_server(plan=[item for fault in faults for item in (fault, None)]) as server:
        found, endpoint = ask(server.url, count=len(faults), gather=False)
        assert [completion.texts for completion in found] == [("answer 0",)] * len(faults)
        stats = endpoint.stats
        assert (stats.requests, stats.retries) == (2 * len(faults), len(faults))
        assert server.read_log()["total"] == stats.statuses.total() == stats.requests
        assert stats.statuses == {
            **dict.fromkeys((fault for fault in faults if fault.isdigit()), 1),
            "200": len(faults), "connection": 2, "bad_response": 3,
        }  # fmt: skip
        assert 0.005 * len(faults) <= stats.waited_seconds <= 0.011 * len(faults)


@pytest.mark.parametrize("fault", ["timeout", "hang"])
def test_a_server_that_is_silent_or_hangs_half_way_is_given_up_and_tried_again(fault):
    with scripted_server(faults={fault: 1.0}) as server:
        (completion,), endpoint = ask(server.url, timeout_seconds=0.3)
        assert completion.texts == ("answer 0",)
        assert endpoint.stats.statuses["timeout"] + endpoint.stats.statuses["connection"] == 1


def test_a_lasting_fault_ends_with_a_sentence_that_says_how_to_go_on():
    with scripted_server(faults={"500": 1.0}, lasting=True) as server:
        (error,), _ = ask(server.url, attempts=3)
        assert isinstance(error, TransportError)
        assert "after 3 attempts" in str(error) and "HTTP 500" in str(error) and "same command" in str(error)
        assert server.read_log()["total"] == 3
    (error,), _ = ask(server.url, attempts=2)
    assert isinstance(error, TransportError) and "connection" in str(error)


@pytest.mark.parametrize(("fault", "kind", "words"), [
    ("413", RejectError, "HTTP 413"),
    ("401", ToolkitError, "TOOLKIT_TEST_KEY"), ("402", ToolkitError, "credit"), ("403", ToolkitError, "--model"),
    ("404", ToolkitError, "--model"),
])  # fmt: skip
def test_what_no_repetition_helps_is_not_repeated(fault, kind, words, monkeypatch):
    monkeypatch.setenv("TOOLKIT_TEST_KEY", KEY)
    with scripted_server(faults={fault: 1.0}, lasting=True, echo_key=True) as server:
        (error,), _ = ask(server.url, key_variable="TOOLKIT_TEST_KEY")
        assert type(error) is kind and words in str(error)
        assert KEY not in "".join(traceback.format_exception(error)) and "[key]" in str(error)
        assert kind is ToolkitError or error.code == f"http_{fault}"
        assert server.read_log()["total"] == 1


@pytest.mark.parametrize("fault", ["400", "422"])
def test_settings_that_no_request_gets_through_with_stop_the_run(fault):
    with scripted_server(faults={fault: 1.0}, lasting=True) as server:
        (error,), _ = ask(server.url, options={"max_tokens": 9})
        assert type(error) is ToolkitError and f"HTTP {fault}" in str(error)
        assert "model `m` or its options (max_tokens); change them with --model or `roles`" in str(error)
        assert server.read_log()["total"] == 2


def test_a_refused_text_is_a_reject_when_a_greeting_is_answered():
    with scripted_server(plan=["422"]) as server:
        found, _ = ask(server.url, count=3, gather=False)
        assert isinstance(found[0], RejectError) and found[0].code == "http_422"
        assert [len(completion.texts) for completion in found[1:]] == [1, 1]
        assert server.read_log()["total"] == 1 + 1 + 2


@pytest.mark.parametrize("fault", ["no_choices", "bad_json", "deep_json"])
def test_a_reply_that_is_never_a_completion_is_a_reject(fault, monkeypatch):
    monkeypatch.setenv("TOOLKIT_TEST_KEY", KEY)
    with scripted_server(faults={fault: 1.0}, lasting=True, echo_key=True) as server:
        (error,), _ = ask(server.url, attempts=2, key_variable="TOOLKIT_TEST_KEY")
        assert isinstance(error, RejectError) and error.code == "bad_response"
        assert KEY not in "".join(traceback.format_exception(error))


def test_a_server_that_also_fails_otherwise_rejects_nothing_for_good():
    with scripted_server(plan=["500", "no_choices"]) as server:
        (error,), _ = ask(server.url, attempts=2)
        assert isinstance(error, TransportError)


def test_what_a_model_says_is_handed_on_as_text_that_files_can_hold():
    faults = ("no_content", "empty", "half_json", "surrogate")
    with scripted_server(plan=faults) as server:
        found, _ = ask(server.url, count=4, gather=False)
        assert [completion.texts[0] for completion in found] == ["", "", '{"question": "What is', "half a ? pair"]


def test_a_key_that_a_model_repeats_is_taken_out_and_a_short_word_is_not(monkeypatch):
    for key, text in ((KEY, "[key]"), ("answer", "answer 0")):
        monkeypatch.setenv("TOOLKIT_TEST_KEY", key)
        endpoint = Endpoint(EndpointConfig(base_urls=("http://localhost/v1",), key_variable="TOOLKIT_TEST_KEY"))
        reply = {"choices": [{"message": {"content": KEY if key == KEY else "answer 0"}}]}
        assert endpoint._read(reply).texts == (text,)


def test_tokens_are_counted_only_where_the_endpoint_says_so():
    with scripted_server(counts=False) as server:
        (completion,), _ = ask(server.url)
        assert not completion.is_counted and completion.completion_tokens == 0
    choices = [{"message": {"content": "a"}}]
    for usage in (None, [], {}, {"prompt_tokens": None, "completion_tokens": -5}, {"prompt_tokens": 3}):
        found = read_completion({"choices": choices, "usage": usage})
        assert not found.is_counted and found.completion_tokens == 0
    assert read_completion({"choices": choices, "usage": {"prompt_tokens": 3, "completion_tokens": 0}}).is_counted


def test_a_server_s_words_are_quoted_briefly_and_printably():
    assert find_message('{"error": {"message": "too long"}}') == "too long"
    assert find_message('{"detail": "no"}') == "no"
    assert find_message("<html>") == "<html>" and find_message("[" * 200_000).startswith("[[")
    assert make_excerpt("\x1b[31mred\n " + "x" * 999, "") == "?[31mred " + "x" * 191


def test_retry_after_is_obeyed():
    with scripted_server(faults={"429": 1.0}, retry_after=0.4) as server:
        start = time.monotonic()
        _, endpoint = ask(server.url)
        assert time.monotonic() - start >= 0.4 and endpoint.stats.waited_seconds < 3
    assert read_retry_after({"retry-after": "9999"}) == 60
    assert [read_retry_after({"retry-after": value}) for value in ("soon", "nan", "-5", "")] == [0] * 4
    assert read_retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


def test_a_date_in_retry_after_is_obeyed():
    with scripted_server(faults={"429": 1.0}, retry_after="date+2") as server:
        start = time.monotonic()
        (completion,), endpoint = ask(server.url)
        assert completion.texts == ("answer 0",)
        assert 0.9 <= endpoint.stats.waited_seconds <= 2 and time.monotonic() - start >= 0.9


@pytest.mark.parametrize("fault", ["gone", "500", "no_choices"])
def test_a_failing_server_is_passed_over_while_another_works(fault):
    with scripted_server(faults={fault: 1.0}, lasting=True) as broken, scripted_server() as server:
        if fault == "gone":
            broken.process.kill()
            broken.process.join()
        found, endpoint = ask((broken.url, server.url), count=60, concurrency=4, attempts=2, first_wait_seconds=30)
        assert [completion.texts for completion in found] == [("answer 0",)] * 60
        assert endpoint.stats.retries <= 4 and endpoint.stats.waited_seconds == 0
        assert server.read_log()["total"] == 60


def test_a_failing_server_rests_longer_each_time_and_one_request_finds_out():
    now = [0.0]
    servers = Servers(["a", "b"], lambda: now[0])
    first = servers.choose()
    servers.hear_failure(first)
    servers.hear_failure(first)
    assert (first.url, first.failures, first.rests_until) == ("a", 1, 1.0)
    assert servers.has_other(first)
    assert [servers.choose().url for _ in range(4)] == ["b"] * 4
    now[0] = 1.5
    assert [servers.choose().url for _ in range(4)] == ["a", "b", "b", "b"]
    servers.hear_failure(first)
    assert (first.failures, first.rests_until) == (2, 3.5)
    now[0] = 4.0
    assert servers.choose() is first
    servers.hear_success(first)
    assert [servers.choose().url for _ in range(4)] == ["b", "a", "b", "a"]


def test_servers_that_all_fail_are_asked_in_turn():
    servers = Servers(["a", "b"], lambda: 0.0)
    for _ in range(2):
        servers.hear_failure(servers.choose())
    assert [servers.choose().url for _ in range(4)] == ["a", "b", "a", "b"]
    alone = Servers(["a"], lambda: 0.0)
    alone.hear_failure(alone.choose())
    assert alone.choose().url == "a" and not alone.has_other(alone.choose())


def test_never_more_at_once_than_allowed():
    with scripted_server(latency=0.02) as server:
        ask(server.url, count=30, concurrency=4)
        log = server.read_log()
        assert log["most"] == 4 and log["total"] == 30


def test_requests_a_minute_are_respected():
    with scripted_server() as server:
        start = time.monotonic()
        ask(server.url, count=10, requests_per_minute=1200)
        assert 0.4 <= time.monotonic() - start < 10


@pytest.mark.parametrize("counts", [True, False])
def test_tokens_a_minute_are_respected_whether_or_not_the_endpoint_counts(counts):
    with scripted_server(counts=counts) as server:
        _, endpoint = ask(server.url, count=3, tokens_per_minute=60 * 1000, concurrency=1)
        waited = endpoint.stats.waited_seconds
        assert waited < 0.2 if counts else 0.4 <= waited < 3


def test_an_image_is_not_counted_by_its_bytes():
    parts = [{"type": "text", "text": "four"}, {"type": "image_url", "image_url": {"url": "data:" + "A" * 400_000}}]
    request = ChatRequest(model="m", messages=({"role": "user", "content": parts},), options={"max_tokens": None})
    assert 1000 < estimate_request(request, 1) < 2000


def test_a_failed_answer_of_five_ends_the_other_questions():
    with scripted_server(plan=["few_choices", "401"], honours_n=False, latency=0.05) as server:
        (error,), endpoint = ask(server.url, n=5, concurrency=1)
        assert type(error) is ToolkitError
        assert 2 <= server.read_log()["total"] <= endpoint.stats.requests < 5


def test_overload_lowers_the_number_at_once():
    with scripted_server(faults={"429": 0.5}, retry_after=0.05, latency=0.01) as server:
        found, endpoint = ask(server.url, count=40, concurrency=20)
        assert all(completion.texts == ("answer 0",) for completion in found)
        assert endpoint._limit.allowed < 20


def test_a_key_is_wanted_only_elsewhere(monkeypatch):
    monkeypatch.delenv("TOOLKIT_TEST_KEY", raising=False)
    config = EndpointConfig(base_urls=("https://models.example/v1",), key_variable="TOOLKIT_TEST_KEY")
    with pytest.raises(MissingError, match="export TOOLKIT_TEST_KEY="):
        Endpoint(config)
    Endpoint(config.model_copy(update={"base_urls": ("http://localhost:8000/v1",)}))
    monkeypatch.setenv("TOOLKIT_TEST_KEY", KEY)
    endpoint = Endpoint(config)
    assert KEY not in repr(endpoint) + repr(config)
    monkeypatch.setenv("TOOLKIT_TEST_KEY", "two words")
    with pytest.raises(UsageError, match="TOOLKIT_TEST_KEY") as caught:
        Endpoint(config)
    assert "two words" not in str(caught.value)


def test_importing_the_client_brings_in_neither_openai_nor_aiohttp():
    code = "import sys, tools.endpoint; print([name for name in ('openai', 'aiohttp') if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


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
