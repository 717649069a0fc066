import asyncio
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from plugging import PLUGINS, forget_plugins  # noqa: F401

from agents.backends import FilterReply, FilterRequest, JudgeRequest, MineReply, MineRequest, WriteReply, WriteRequest
from agents.backends import parts as backend_parts
from agents.backends.parts import BackendParts, make_backend
from agents.backends.reply_store import ReplayingBackend, ReplyStore, set_damaged_aside
from agents.conversation.results import Result
from agents.store.run_store import RunStore
from tools.errors import MissingError, ToolkitError, UsageError
from tools.prompts.lexicon import load_lexicon
from tools.records import Debate, DebateRound, MinedRule, Objection, Verdict
from tools.registry import EntrySpec

PROJECT = Path(__file__).resolve().parents[3]
PACK = PROJECT / "prompts/infrared"
JUDGE = """
import asyncio, sys
from pathlib import Path
from agents.backends import JudgeRequest
from agents.backends.parts import BackendParts, make_backend
from agents.backends.reply_store import ReplyStore
from tools.prompts.lexicon import load_lexicon
from tools.records import Message
from tools.registry import EntrySpec

pack, folder = Path("prompts/infrared"), Path(sys.argv[1])
said = (Message(role="user", content="What is there?"), Message(role="assistant", content="A red car."))
request = JudgeRequest(seed=0, image_id="1", kind="description", messages=said, captions=("A car.",), boxes=(),
                       image=None, round=1)
with ReplyStore(folder / "replies.sqlite") as replies:
    parts = BackendParts(pack, load_lexicon(pack), folder, replies, 1)
    backend = make_backend(EntrySpec("template", {}, ()), parts)
    verdict = asyncio.run(backend.judge(request))
print(backend.asked, *[objection.quote for objection in verdict.objections])
"""

OBJECTION = Objection(check="lexicon", category="colour", quote="red", reason="no colour")


def result(index: int, texts=("a",)) -> Result:
    mined = tuple(MinedRule(text=text, category="c", objection="x") for text in texts)
    attempt = DebateRound(
        round=1, messages=(), verdict=Verdict(is_accepted=False, objections=(OBJECTION,)), mined=mined
    )
    debate = Debate(id=f"{index}-description", kind="description", rounds=(attempt, attempt))
    return Result(index=index, image_id=str(index), photo="p.jpg", status="failed", debates=(debate,))


def test_results_come_back_as_they_were_with_their_mined_rules_in_order(tmp_path):
    with RunStore(tmp_path, create=True) as store:
        for index in (2, 0, 1):
            store.commit_result(result(index, ("a", "b")))
    with RunStore(tmp_path) as store:
        assert list(store.read_results()) == [result(index, ("a", "b")) for index in range(3)]
        found = [(index, item.place, item.text) for index, item in store.list_mined()]
        assert found == [(index, place, "abab"[place]) for index in range(3) for place in range(4)]
        assert store.read_progress() == (0, 3, 0)
        assert store.find_result("1") == result(1, ("a", "b"))
        assert store.find_result("7") is None


def test_a_full_disk_keeps_nothing_of_the_image_and_says_so(tmp_path):
    with RunStore(tmp_path, create=True) as store:
        store.commit_result(result(0))
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(ToolkitError, match=r"disk is full.*run the same command again"):
            for index in range(1, 999):
                store.commit_result(result(index, ("long " * 200,)))
        store._db.execute("PRAGMA max_page_count = 99999")
        done = store.list_done()
        assert {index for index, _ in store.list_mined()} == set(done)
        store.commit_result(result(len(done)))
        assert store.list_done() == list(range(len(done) + 1))


def test_a_store_of_another_schema_is_refused(tmp_path):
    with RunStore(tmp_path, create=True) as store:
        store.write_meta("schema_version", 0)
    with pytest.raises(UsageError, match=r"schema is version 0.*version 2.*--fresh"):
        RunStore(tmp_path)


def test_another_database_and_no_database_are_refused(tmp_path):
    with pytest.raises(MissingError, match="no run there"):
        RunStore(tmp_path)
    (tmp_path / "run.sqlite").write_bytes(b"not a database, but long enough to be read as one" * 50)
    with pytest.raises(ToolkitError, match=r"is damaged .file is not a database. and was not changed"):
        RunStore(tmp_path)
    (tmp_path / "run.sqlite").unlink()
    other = sqlite3.connect(tmp_path / "run.sqlite")
    other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(ToolkitError, match=r"is damaged .it has no table meta, mined, results"):
        RunStore(tmp_path)


class CountingBackend:
    """Answers with a number that goes up, so that a second answer to one question would show."""

    name, is_embedded, identity = "counting", True, "counting 1"

    def __init__(self):
        self.count = 0

    def next(self):
        self.count += 1
        return str(self.count)

    async def filter_caption(self, request):
        return FilterReply(captions=(self.next(),))

    async def write_instruction(self, request):
        return WriteReply(messages=({"role": "user", "content": self.next()},))

    async def judge(self, request):
        objection = OBJECTION.model_copy(update={"reason": self.next()})
        return Verdict(is_accepted=False, objections=(objection,))

    async def mine_rule(self, request):
        return MineReply(rules=(MinedRule(text=self.next(), category="c", objection="x"),))


def ask_all(backend, round_number=1):
    common = {"seed": 0, "image_id": "1"}
    write = WriteRequest(**common, kind="description", captions=(), boxes=(), rules=(), round=round_number)
    judge = JudgeRequest(
        **common, kind="description", messages=(), captions=(), boxes=(), image=None, round=round_number
    )

    async def ask():
        return [
            await backend.filter_caption(FilterRequest(**common, sample=round_number, caption="a", rules=())),
            await backend.write_instruction(write),
            await backend.judge(judge),
            await backend.mine_rule(MineRequest(**common, round=round_number, objections=())),
        ]

    return asyncio.run(ask())


def test_a_replay_asks_for_no_reply_that_was_committed(tmp_path):
    path = tmp_path / "replies.sqlite"
    with ReplyStore(path) as replies:
        first = ask_all(ReplayingBackend(CountingBackend(), replies))
    with ReplyStore(path) as replies:
        again = ReplayingBackend(CountingBackend(), replies)
        assert ask_all(again) == first
        assert again.asked == 0
        ask_all(again, round_number=2)
        assert again.asked == 4


def test_another_model_or_prompt_has_other_replies_and_the_first_write_wins(tmp_path):
    with ReplyStore(tmp_path / "replies.sqlite") as replies:
        ask_all(ReplayingBackend(CountingBackend(), replies))
        other = CountingBackend()
        other.identity = "counting 2"
        ask_all(ReplayingBackend(other, replies))
        assert other.count == 4
        replies.keep("key", "first", "1")
        replies.keep("key", "second", "1")
        assert replies.find("key") == "first"


def test_after_a_change_of_the_checks_no_verdict_of_before_is_replayed(tmp_path):
    for name in ("agents", "tools", "prompts/infrared"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))

    def judge():
        command = [sys.executable, "-c", JUDGE, str(tmp_path)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()

    assert judge() == ["1", "red"]
    assert judge() == ["0", "red"], "the same code finds its verdict"
    checks = tmp_path / "agents/checks/verify.py"
    before = checks.read_text()
    checks.write_text(before + "\n\ndef verify(*_, **__):\n    return ()\n")
    assert judge() == ["1"]
    checks.write_text(before)
    assert judge() == ["0", "red"]


def test_replies_of_a_model_outlive_the_code(tmp_path, forget_plugins, monkeypatch):  # noqa: F811
    spec = EntrySpec("parrot", {"words": "Polly"}, (str(PLUGINS / "dummy_backend.py"),))
    with ReplyStore(tmp_path / "replies.sqlite") as replies:
        parts = BackendParts(PACK, load_lexicon(PACK), tmp_path, replies, 1)
        first = ask_all(make_backend(spec, parts))
        monkeypatch.setattr(backend_parts, "hash_code", lambda *_: "another version")
        again = make_backend(spec, parts)
        assert ask_all(again) == first
        assert again.asked == 0


def test_a_broken_store_of_replies_is_set_aside(tmp_path):
    path = tmp_path / "replies.sqlite"
    path.write_bytes(b"nonsense " * 500)
    with pytest.raises(ToolkitError, match=r"is damaged"):
        ReplyStore(path)
    aside = set_damaged_aside(path)
    assert aside is not None
    assert aside.read_bytes() == b"nonsense " * 500
    with ReplyStore(path) as replies:
        replies.keep("key", "{}", "1")
    assert set_damaged_aside(path) is None
    path.write_bytes(b"nonsense again " * 500)
    assert set_damaged_aside(path) not in (None, aside)
