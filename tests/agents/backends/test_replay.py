"""Replies that come close together are committed together, whatever goes wrong meanwhile."""

import asyncio
import hashlib
import json

import pytest

from agents.backends import replay
from agents.backends.asked.billing import Billing
from agents.backends.asked.ledger import REQUESTS, Ledger
from agents.backends.replay import Replies, RequestOrigin, make_key
from agents.backends.reply_store import ReplyStore
from tools.endpoint.answers import Answer
from tools.endpoint.client import ChatRequest, Completion
from tools.endpoint.prices import load_prices
from tools.errors import RejectError, ToolkitError

REQUEST = ChatRequest(model="m", messages=({"role": "user", "content": "Wärme?"},), options={"temperature": 0.8})


class Prompted:
    """An endpoint whose replies come when they are let go."""

    def __init__(self):
        self.gates = {}

    async def complete(self, request):
        name = request.messages[-1]["content"]
        gate = self.gates[name] = asyncio.get_running_loop().create_future()
        text = await gate
        return Completion(answers=(Answer(content=text),), prompt_tokens=3, completion_tokens=2, requests=1)

    def say(self, names):
        for name in names:
            self.gates[name].set_result(name.upper())


class CountedStore(ReplyStore):
    """Counts commits; fails when it is told to."""

    commits, fault = 0, None

    def together(self):
        self.commits += 1
        if self.fault:
            raise self.fault
        return super().together()


async def ask_all(replies, endpoint, names):
    tasks = {}
    for name in names:
        request = REQUEST.model_copy(update={"messages": ({"role": "user", "content": name},)})
        origin = RequestOrigin("caption", name, 0, 0, 1)
        tasks[name] = asyncio.create_task(replies.ask(request, make_key(request, origin), origin, endpoint))
    while len(endpoint.gates) < len(names):
        await asyncio.sleep(0)
    return tasks


@pytest.fixture
def store(tmp_path):
    with CountedStore(tmp_path / "replies.sqlite") as opened:
        yield opened


def run(conversation):
    """Its outcome; one that hangs fails."""
    return asyncio.run(asyncio.wait_for(conversation, 30))


@pytest.fixture
def patient(monkeypatch):
    """Nothing is committed because time has passed."""
    monkeypatch.setattr(replay, "TOGETHER_SECONDS", 600)


def make_replies(store, tmp_path):
    return Replies(store, Billing(tmp_path, load_prices()))


def test_replies_wait_until_as_many_wait_as_are_under_way(store, tmp_path, patient):
    async def converse():
        endpoint, replies = Prompted(), make_replies(store, tmp_path)
        tasks = await ask_all(replies, endpoint, "abcdef")
        endpoint.say("ab")
        for _ in range(20):
            await asyncio.sleep(0)
        assert not tasks["a"].done() and not tasks["b"].done() and store.commits == 0, "two of six wait"
        endpoint.say("c")
        assert [(await tasks[name])[0].content for name in "abc"] == ["A", "B", "C"]
        assert store.commits == 1
        endpoint.say("def")
        assert [(await tasks[name])[0].content for name in "def"] == ["D", "E", "F"]
        endpoint.gates.clear()
        alone = await ask_all(replies, endpoint, "g")
        endpoint.say("g")
        assert (await alone["g"])[0].content == "G", "with no other under way nothing is waited for"

    run(converse())
    with Ledger(tmp_path) as ledger:
        assert len(list(ledger.read_charges())) == 7


def test_a_reply_waits_no_longer_than_it_may(store, tmp_path, monkeypatch):
    monkeypatch.setattr(replay, "TOGETHER_SECONDS", 0)

    async def converse():
        endpoint = Prompted()
        tasks = await ask_all(make_replies(store, tmp_path), endpoint, "abcdef")
        endpoint.say("a")
        assert (await tasks["a"])[0].content == "A"
        for task in tasks.values():
            task.cancel()

    run(converse())


def test_what_waited_for_one_that_fails_waits_no_longer(store, tmp_path, patient):
    async def converse():
        endpoint = Prompted()
        tasks = await ask_all(make_replies(store, tmp_path), endpoint, "abcd")
        endpoint.say("a")
        for name in "bcd":
            endpoint.gates[name].set_exception(ToolkitError("gone"))
        found = await asyncio.gather(*tasks.values(), return_exceptions=True)
        return found[0][0].content, [str(error) for error in found[1:]]

    assert run(converse()) == ("A", ["gone"] * 3)


def test_where_nothing_can_be_committed_each_that_waits_hears_why(store, tmp_path):
    store.fault = ToolkitError("the disk is full")

    async def converse():
        endpoint = Prompted()
        tasks = await ask_all(make_replies(store, tmp_path), endpoint, "ab")
        endpoint.say("ab")
        return await asyncio.gather(*tasks.values(), return_exceptions=True)

    assert [str(error) for error in run(converse())] == ["the disk is full"] * 2
    with Ledger(tmp_path) as ledger:
        assert len(list(ledger.read_charges())) == 2, "what was spent is on the bill all the same"


def test_a_refusal_is_kept_and_costs_nothing(store, tmp_path):
    class Refusing:
        async def complete(self, request):
            raise RejectError("http_400", "no")

    async def converse():
        replies, origin = make_replies(store, tmp_path), RequestOrigin("caption", "1", 0, 0, 1)
        key = make_key(REQUEST, origin)
        with pytest.raises(RejectError, match="no"):
            await replies.ask(REQUEST, key, origin, Refusing())
        with pytest.raises(RejectError, match="no"):
            replies.find(REQUEST, key)
        replies.keep_all()

    run(converse())
    assert not (tmp_path / REQUESTS).exists()


def test_one_that_gives_up_waiting_leaves_its_reply_to_the_store(store, tmp_path, patient):
    async def converse():
        endpoint, replies = Prompted(), make_replies(store, tmp_path)
        tasks = await ask_all(replies, endpoint, "abcdef")
        endpoint.say("a")
        for _ in range(20):
            await asyncio.sleep(0)
        tasks["a"].cancel()
        await asyncio.sleep(0)
        replies.keep_all()
        for task in tasks.values():
            task.cancel()

    run(converse())
    assert len(store.list_of("a")) == 1


def test_a_key_is_the_hash_of_what_it_always_was():
    origin = RequestOrigin("caption", "12", 1, 0, 2)
    parts = ("m", [("temperature", 0.8)], [{"role": "user", "content": "Wärme?"}], 1, ("caption", 12, 1, 0, 2))
    assert make_key(REQUEST, origin) == hashlib.sha256(json.dumps(parts).encode()).hexdigest()
