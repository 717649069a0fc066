"""Gradio's page without what names other hosts: cards for social networks, and connections made in advance."""

import re

from tools.web.guard import Application, Message, Receive, Send

NAMES_HOSTS = re.compile(
    rb"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]*>\s*|<link\s+rel=\"(?:preconnect|dns-prefetch)\"[^>]*>\s*"
)


class PlainPage:
    """An application whose first page is sent without them; everything else passes as it is."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] not in ("", "/"):
            await self._app(scope, receive, send)
            return
        start: Message = {}
        parts: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    await _send_whole(start, NAMES_HOSTS.sub(b"", b"".join(parts)), send)

        await self._app({**scope, "headers": _without_coding(scope["headers"])}, receive, collect)


def _without_coding(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What was asked for, so that the answer is not packed."""
    return [(name, value) for name, value in headers if name.lower() != b"accept-encoding"]


async def _send_whole(start: Message, body: bytes, send: Send) -> None:
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})
