"""What stands before a page: a password, no other page's requests, no routes that nobody needs, no other host asked."""

import base64
import binascii
import hmac
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
"""What a browser may load: only what this server sends, whatever stands in the page."""
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
REFUSED = re.compile(
    r"/(gradio_api/(proxy=|dev/|runs|run-history|vibe|undo-vibe|openapi|info|call|api/|monitoring|deep_link|"
    r"file=https?:|custom_component)|monitoring|svelte/|custom_component|pwa_icon|docs|redoc|openapi\.json)"
)
"""Routes of Gradio that no section uses: other servers' pages through this one, its API pages, its code editor."""
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


class Guard:
    """An application with a check before each request.

    Args:
        app: what answers when nothing is wrong.
        password: has to come with each request, as HTTP Basic; None where none is asked.
        is_local: the page is for this machine: a request has to name it by one of its own names, as a page of somebody
            else whose name was made to lead here does not.
    """

    def __init__(self, app: Application, *, password: str | None, is_local: bool) -> None:
        self._app = app
        self._password = password
        self._is_local = is_local

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._find_refusal(scope)
        if refusal is not None:
            await _refuse(scope, send, *refusal)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self._app(scope, receive, send_guarded)

    def _find_refusal(self, scope: Message) -> tuple[int, str] | None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if self._is_local and _find_host(f"//{host}") not in LOCAL_HOSTS:
            return 421, "this page is for the machine that serves it"
        origin = headers.get("origin")
        if origin is not None and scope.get("method") not in ("GET", "HEAD") and origin.partition("://")[2] != host:
            return 403, "another page may not ask this one"
        if self._password is not None and not is_password(headers.get("authorization", ""), self._password):
            return 401, "a password is needed"
        return (404, "there is no such page") if REFUSED.match(scope["path"]) else None


def _find_host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def is_password(header: str, password: str) -> bool:
    """Whether a request's `Authorization` brings the password; the name before it may be any."""
    kind, _, value = header.partition(" ")
    try:
        given = base64.b64decode(value, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return False
    return kind.lower() == "basic" and hmac.compare_digest(given, password.encode())


async def _refuse(scope: Message, send: Send, code: int, text: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": text})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS]
    if code == 401:
        headers.append((b"www-authenticate", b'Basic realm="studio", charset="UTF-8"'))
    await send({"type": "http.response.start", "status": code, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
