"""What stands before a page: the password, the host, other pages, routes that nobody needs; and the address."""

import asyncio
import base64
import socket
from typing import Any

import pytest

from tools.errors import MissingError, UsageError
from tools.web.address import PASSWORD, Address
from tools.web.guard import POLICY, Guard
from tools.web.plain import PlainPage
from tools.web.texts import escape

PAGE = b'<head><meta property="og:image" content="https://a.example/x" />\n<title>a</title></head>'


async def answer(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-length", str(len(PAGE)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE[:20], "more_body": True})
    await send({"type": "http.response.body", "body": PAGE[20:]})


def ask(app: Any, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body."""
    given = {"host": "127.0.0.1:7860", **headers}
    scope = {
        "type": "http", "path": path, "method": method,
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, None, send))
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:])


def sign(password: str) -> str:
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


def test_a_page_names_no_other_host_and_may_load_nothing_from_one():
    status, headers, body = ask(Guard(PlainPage(answer), password=None, is_local=True))
    assert status == 200 and body == b"<head><title>a</title></head>" and headers["content-length"] == str(len(body))
    assert headers["content-security-policy"] == POLICY and "http" not in POLICY


def test_a_password_has_to_come_with_each_request():
    app = Guard(answer, password="geheim ü", is_local=False)
    for path in ("/", "/picture/image", "/gradio_api/queue/join", "/config"):
        assert ask(app, path)[0] == ask(app, path, authorization=sign("wrong"))[0] == 401
        assert ask(app, path, authorization=sign("geheim ü"))[0] == 200
    assert ask(app, authorization="Basic ?")[0] == ask(app, authorization="Bearer x")[0] == 401
    assert "www-authenticate" in ask(app)[1]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "", "[::1"])
def test_a_name_that_was_made_to_lead_here_is_refused(host: str):
    assert ask(Guard(answer, password=None, is_local=True), host=host)[0] == 421


@pytest.mark.parametrize("host", ["127.0.0.1:80", "localhost:7860", "[::1]:7860", "localhost"])
def test_this_machine_is_let_in(host: str):
    assert ask(Guard(answer, password=None, is_local=True), host=host)[0] == 200


def test_another_page_may_not_ask():
    app = Guard(answer, password=None, is_local=True)
    for origin in ("http://evil.example", "null", "http://127.0.0.1:9999"):
        assert ask(app, "/gradio_api/run/predict", "POST", origin=origin)[0] == 403
    assert ask(app, "/gradio_api/run/predict", "POST", origin="http://127.0.0.1:7860")[0] == 200


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/proxy=https://a.example", "/gradio_api/vibe-edit/", "/gradio_api/file=https://a.example/x", "/docs",
     "/gradio_api/openapi.json", "/monitoring", "/gradio_api/run-history/records"],
)  # fmt: skip
def test_routes_that_nobody_needs_are_not_there(path: str):
    assert ask(Guard(answer, password=None, is_local=True), path)[0] == 404


def test_a_port_that_is_taken_and_a_host_without_a_password_are_one_sentence(monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="something else listens"):
        Address(port=taken.getsockname()[1]).listen()
    with pytest.raises(UsageError, match="no address of this machine"):
        Address("203.0.113.9", 0).listen()
    monkeypatch.delenv(PASSWORD, raising=False)
    assert Address().read_password() is None
    with pytest.raises(MissingError, match=PASSWORD):
        Address("0.0.0.0").read_password()
    monkeypatch.setenv(PASSWORD, "x")
    assert Address("0.0.0.0").read_password() == "x"


def test_a_text_stays_a_text():
    assert escape("<b a='\"'>\ud800 ${x}") == "&lt;b a=&#39;&#34;&#39;&gt;? ${x}"
