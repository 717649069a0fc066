"""A judge behind an endpoint: asked once a reply, what it says is kept, and a report tells what waits for it."""

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from itb.commands.report import prepare_judge
from itb.others.judging import JUDGED_FILE
from itb.others.scoring import UPSTREAM, Asked, Row
from tools.errors import MissingError, ToolkitError, UsageError

PACK = Path("prompts/infrared")


class Answering(BaseHTTPRequestHandler):
    """Says C where the reply speaks of cars, F of all else, and refuses what it is told to refuse."""

    asked: list[str] = []  # noqa: RUF012  # of the class: each request is an object of its own

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = body["messages"][-1]["content"]
        self.asked.append(said)
        status = 400 if "refuse" in said else 200
        message = {"role": "assistant", "content": "C" if "cars" in said else "F"}
        content: Any = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
        sent = json.dumps(content if status == 200 else {"error": {"message": "refused"}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def address() -> Iterator[str]:
    Answering.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_each_reply_is_asked_about_once_and_its_verdict_kept(tmp_path: Path, address: str) -> None:
    ask = prepare_judge(address, "judge", PACK, tmp_path / "report")
    assert ask is not None
    judge = ask(["green cars", "no idea", "green cars"])
    assert (judge("green cars"), judge("no idea"), len(Answering.asked)) == ("C", "F", 2)
    ask(["green cars"])
    assert len(Answering.asked) == 2
    other = prepare_judge(address, "another", PACK, tmp_path / "report")
    assert other is not None
    other(["green cars"])
    assert len(Answering.asked) == 3
    asked = Asked("kind", "C", "option", ("c",), ("a", "b", "c", "d"), item="i")
    rules = UPSTREAM["if-bench"]
    assert rules.read(asked, "green cars", judge).score == 1.0
    (figure,) = [one for one in rules.add_up([Row(asked, rules.read(asked, "no cars"))]) if one.name == "avg"]
    assert figure.note == "at least so much; replies that wait for the judge: 1"


def test_what_was_said_before_a_refusal_is_kept(tmp_path: Path, address: str) -> None:
    ask = prepare_judge(address, "judge", PACK, tmp_path / "report")
    assert ask is not None
    with pytest.raises(ToolkitError):
        ask(["green cars", "refuse"])
    kept = (tmp_path / "report" / JUDGED_FILE).read_text().splitlines()
    assert [json.loads(line)["verdict"] for line in kept] == ["C"]


def test_what_a_judge_needs(tmp_path: Path) -> None:
    assert prepare_judge(None, None, None, tmp_path) is None
    with pytest.raises(UsageError, match="--judge-name"):
        prepare_judge("http://localhost/v1", None, PACK, tmp_path)
    (tmp_path / "itb").mkdir()
    shutil.copy(PACK / "itb/ask.md", tmp_path / "itb")
    with pytest.raises(MissingError, match=r"judge\.md"):
        prepare_judge("http://localhost/v1", "m", tmp_path, tmp_path)
