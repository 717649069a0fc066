"""Runs on endpoints that misbehave as real ones do: read right, rejected with the reason, or stopped."""

import importlib.util
import json
import re
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
import scripted_modes
from killing import ROOT, count_done, read_exports
from scripted_modes import ALL, READ, REJECTED, SINGLE, STOPPED, THOUGHT
from scripted_server import scripted_server

from agents.backends.replay import Replies
from agents.backends.reply_store import ReplyStore
from agents.config import RunConfig
from agents.conversation.results import ENDPOINT_CODES
from agents.running.run import run_synthesis
from tools.errors import ToolkitError

CASES = ROOT.parent / "shared/cases/endpoint"
COUNT = 3


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr("tools.endpoint.client.LONGEST_WAIT_SECONDS", 0.02)


def run(coco, out, url, *, photos="photos", **changes):
    settings = {
        "captions": coco / "captions.json", "instances": coco / "instances.json", "images": coco / photos, "out": out,
        "instructions": "all", "mix": "each", "translator": "none", "workers": 0,
        "backend": "llm", "model": "m", "base_url": url, "attempts": 2,
    }  # fmt: skip
    run_synthesis(RunConfig(**{**settings, **changes}))
    return read_exports(out)


def read_rows(exports, name):
    return [json.loads(line) for line in exports[name].splitlines()]


@pytest.fixture(scope="module")
def plain(coco, tmp_path_factory):
    with scripted_server() as server:
        return run(coco, tmp_path_factory.mktemp("plain") / "run", server.url)


@pytest.mark.parametrize("mode", READ)
def test_a_wrapped_reply_is_read_as_the_bare_one(mode, coco, plain, tmp_path):
    with scripted_server(mode=mode) as server:
        exports = run(coco, tmp_path / "run", server.url)
    for name in ("pairs.jsonl", "instructions.jsonl", "rejected.jsonl"):
        assert exports[name] == plain[name], name


@pytest.mark.parametrize("mode", SINGLE)
def test_a_server_that_refuses_n_is_asked_for_one_at_a_time(mode, coco, plain, tmp_path):
    with scripted_server(mode=mode) as server:
        exports = run(coco, tmp_path / "run", server.url)
    pairs = read_rows(exports, "pairs.jsonl")
    edited = [pair for pair in pairs if pair["original"] not in {item["text"] for item in pair["candidates"]}]
    assert len(edited) == json.loads(exports["manifest.json"])["captions_debated"]["edited"] > 0
    assert [len(pair["candidates"]) for pair in pairs] == [5 if pair in edited else 6 for pair in pairs]
    assert len(pairs) == len(read_rows(plain, "pairs.jsonl")) and not read_rows(exports, "rejected.jsonl")


def find_rejects(coco, out, url, **changes):
    """The codes that all images ended in, and a reason: of final rejects, or of a run that was stopped by them."""
    try:
        exports = run(coco, out, url, **changes)
    except ToolkitError as error:
        assert count_done(out) == 0
        return set(re.findall(r"reject `(\w+)`", str(error))), str(error)
    rejected = read_rows(exports, "rejected.jsonl")
    assert not read_rows(exports, "pairs.jsonl") and not read_rows(exports, "instructions.jsonl")
    check_no_thought(exports)
    return {row["code"] for row in rejected if row["id"].isdigit()}, rejected[0]["reason"]


@pytest.mark.parametrize(("mode", "code"), REJECTED.items())
def test_what_is_no_content_is_asked_for_once_more_and_then_a_reject_that_says_why(mode, code, coco, tmp_path):
    with scripted_server(mode=mode) as server:
        codes, printed = find_rejects(coco, tmp_path / "run", server.url)
        asked = server.read_log()["bodies"].values()
    assert codes == {code} and code in ENDPOINT_CODES and set(asked) == {2}
    assert "finish_reason" in printed
    assert mode not in ("null", "reasoning") or "characters of reasoning" in printed


@pytest.mark.parametrize("mode", STOPPED)
def test_a_fault_of_the_transport_or_the_settings_stops_a_run_that_goes_on_later(mode, coco, plain, tmp_path):
    with scripted_server(mode=mode) as server, pytest.raises(ToolkitError, match=r"HTTP (?:400|429|502|503)"):
        run(coco, tmp_path / "run", server.url)
    assert count_done(tmp_path / "run") == 0
    with scripted_server() as server:
        exports = run(coco, tmp_path / "run", server.url)
    assert exports["pairs.jsonl"] == plain["pairs.jsonl"]


def check_no_thought(exports):
    for name, content in exports.items():
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        assert THOUGHT[:30] not in text and "<think" not in text and "<|im_end" not in text, name


def test_all_modes_mixed_with_faults_lose_nothing_and_pass_nothing_on(coco, plain, tmp_path, monkeypatch):
    asked = Counter()
    ask = Replies.ask

    async def remember(self, request, key, origin, endpoint):
        found = self._store.find(key)
        assert found is None, "a committed reply was asked for again"
        reply = await ask(self, request, key, origin, endpoint)
        asked[key] += 1
        return reply

    monkeypatch.setattr(Replies, "ask", remember)
    faults = dict.fromkeys(("429", "500", "503", "reset", "cut", "bad_json"), 0.05)
    modes = [mode for mode in ALL if mode not in ("maxtok", "temp")]
    with scripted_server(mode=modes, faults=faults) as server:
        for _ in range(20):
            try:
                exports = run(coco, tmp_path / "run", server.url, attempts=3)
                break
            except ToolkitError as error:
                assert "the same command" in str(error)
        else:
            pytest.fail("the run never came to its end")
    assert count_done(tmp_path / "run") == COUNT and set(asked.values()) == {1}
    check_no_thought(exports)
    whole = {item["text"] for pair in read_rows(plain, "pairs.jsonl") for item in pair["candidates"]}
    bare = {text.partition(": ")[2] or text for text in whole} | whole
    for pair in read_rows(exports, "pairs.jsonl"):
        assert pair["caption"] in whole | bare, "a caption that nobody wrote"
    for row in read_rows(exports, "instructions.jsonl"):
        assert all(message["content"].rstrip()[-1] in ".?" for message in row["messages"])


def test_how_an_answer_ended_is_stored_and_older_stores_are_read(coco, plain, tmp_path):
    out = tmp_path / "run"
    with scripted_server(mode="length") as server:
        find_rejects(coco, out, server.url)
    with ReplyStore(out / "replies.sqlite") as store:
        rows = [json.loads(row[0]) for row in store._db.execute("SELECT reply FROM replies")]
        assert {answer["finish"] for row in rows for answer in row["answers"]} == {"length"}
    old = tmp_path / "old"
    with scripted_server() as server:
        run(coco, old, server.url)
    with ReplyStore(old / "replies.sqlite") as store:
        for key, text in store._db.execute("SELECT key, reply FROM replies").fetchall():
            reply = json.loads(text)
            texts = [answer.get("content", "") for answer in reply.pop("answers")]
            store._db.execute(
                "UPDATE replies SET reply = ? WHERE key = ?", (json.dumps({**reply, "texts": texts}), key)
            )
        store._db.commit()
    (tmp_path / "again").mkdir()
    (old / "replies.sqlite").rename(tmp_path / "again/replies.sqlite")
    assert run(coco, tmp_path / "again", "http://localhost:9/v1")["pairs.jsonl"] == plain["pairs.jsonl"]


def load_stub(path):
    spec = importlib.util.spec_from_file_location("endpoint_stub", path)
    stub = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(stub)
    return stub


@contextmanager
def serve_stub(stub):
    server = ThreadingHTTPServer(("127.0.0.1", 0), stub.H)
    server.log = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


STUB_READ = [
    "plain",
    "think",
    "thinkempty",
    "thinkline",
    "thinkclose",
    "thinkcloseline",
    "fence",
    "fencejson",
    "preamble",
    "preline",
    "zh",
    "bold",
    "num",
    "qa",
    "eos",
    "eot",
    "hr",
    "n422",
    "n400",
    "n500",
    "nosystem",
    "parts",
    "thinkparts",
    "ignoren",
]
STUB_REJECTED = {"lengthgen": "cut", "length": "cut", "filter": "content_filter", "null": "no_content",
                 "reasoning": "no_content", "refusalfield": "refusal"}  # fmt: skip
STUB_REJECTED["sse"] = "not_a_caption"  # its events lose the spaces between words
STUB_STOPPED = ("err200", "err200c", "errchoice", "maxtok", "temp")


@pytest.mark.parametrize("mode", [*STUB_READ, *STUB_REJECTED, *STUB_STOPPED])
def test_the_collected_cases(mode, tmp_path):
    if not (CASES / "stub.py").is_file():
        pytest.skip("the collected cases are not beside this checkout (../shared/cases/endpoint)")
    known = {"photos": "images", "debate": "instructions"}  # the stub judges instructions, and no captions
    stub = load_stub(CASES / "stub.py")
    with serve_stub(stub) as url:
        if mode in STUB_STOPPED:
            with pytest.raises(ToolkitError, match=r"HTTP (?:400|429|502)"):
                run(CASES, tmp_path / "run", f"{url}/{mode}/v1", **known)
            assert count_done(tmp_path / "run") == 0
            return
        if mode in STUB_REJECTED:
            codes, printed = find_rejects(CASES, tmp_path / "run", f"{url}/{mode}/v1", **known)
            assert codes == {STUB_REJECTED[mode]} and ("finish_reason" in printed or mode == "sse")
            return
        exports = run(CASES, tmp_path / "run", f"{url}/{mode}/v1", **known)
    check_no_thought(exports)
    assert not read_rows(exports, "rejected.jsonl") and len(read_rows(exports, "instructions.jsonl")) == 9
    pairs = read_rows(exports, "pairs.jsonl")
    assert {item["text"] for pair in pairs for item in pair["candidates"][:-1]} == {stub.CAP}


def test_the_own_server_has_each_mode_of_the_collected_cases():
    collected = {*STUB_READ, *STUB_REJECTED, *STUB_STOPPED} - {"plain", "lengthgen", "ignoren"}
    assert collected <= set(ALL), "lengthgen cuts less than length, and `honours_n` is an option of the server"
    assert Path(scripted_modes.__file__).is_file()
