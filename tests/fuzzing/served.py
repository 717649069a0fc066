"""An endpoint in a thread whose replies are changed: their bytes, a field of them, their status or their headers."""

import json
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from scripted_server import answer

from fuzzing.values import TEXTS, mutate_value
from fuzzing.written import write_json

STATUSES = (100, 200, 204, 206, 301, 400, 401, 404, 408, 413, 422, 429, 500, 503, 599, 999)
REJECT = "wooden"


class Quiet(ThreadingHTTPServer):
    """A command that goes away is no fault."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


def serve(seed: int, share: float) -> str:
    """Start the endpoint; the same request meets the same change. Gives its address.

    Args:
        share: how many of the replies are changed.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            rng = random.Random(f"{seed} {body!r}")
            _reply(self, make_completion(body), rng, rng.random() < share)

        def do_GET(self) -> None:
            rng = random.Random(f"{seed} {self.path}")
            _reply(self, {"object": "list", "data": [{"id": "m", "object": "model"}]}, rng, rng.random() < share)

        def log_message(self, *values: Any) -> None:
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/v1"


def make_completion(body: bytes) -> dict[str, Any]:
    """What an endpoint would answer."""
    try:
        request = json.loads(body)
        texts = [_say(request, number) for number in range(int(request.get("n") or 1))]
    except (ValueError, KeyError, TypeError, IndexError):
        texts = ["A."]
    choices = [
        {"index": k, "message": {"role": "assistant", "content": text}, "finish_reason": "stop", "logprobs": None}
        for k, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}


def _say(request: dict[str, Any], number: int) -> str:
    if len(request["messages"]) < 2:
        return "ok"
    return answer(request, number, REJECT)


def _reply(handler: BaseHTTPRequestHandler, value: dict[str, Any], rng: random.Random, is_changed: bool) -> None:
    status, kind, text = 200, "application/json", write_json(value).encode()
    way = rng.random() if is_changed else 1.0
    if way < 0.45:
        text = write_json(mutate_value(value, rng)).encode("utf-8", "surrogatepass")
    elif way < 0.55:
        spoiled = bytearray(text)
        for _ in range(rng.choice((1, 3))):
            place = rng.randrange(len(spoiled))
            spoiled[place : place + rng.choice((1, 4))] = rng.choice((b"", b"\xff", b"\x00", b'"', b"}"))
        text = bytes(spoiled)
    elif way < 0.65:
        text = text[: rng.randrange(len(text))]
    elif way < 0.75 and isinstance(value.get("choices"), list):
        for choice in value["choices"]:
            said = choice["message"]["content"]
            choice["message"]["content"] = rng.choice(
                (rng.choice(TEXTS), said + rng.choice(TEXTS), said[: len(said) // 2])
            )
        text = write_json(value).encode("utf-8", "surrogatepass")
    elif way < 0.85:
        status = rng.choice(STATUSES[1:])
    elif way < 0.9:
        kind = rng.choice(("text/html", "text/event-stream", "application/json; charset=utf-16", "", "x" * 500))
    elif way < 1:
        text = rng.choice(
            (b"", b"null", b"[]", b"7", b'"x"', b"[" * 100_000, b'{"error": "busy"}', b'{"error": {"code": 503}}')
        )
    _send(handler, status, kind, text)


def _send(handler: BaseHTTPRequestHandler, status: int, kind: str, text: bytes) -> None:
    try:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(text)))
        if status == 429:
            handler.send_header("Retry-After", "0")
        handler.end_headers()
        if status not in (204, 304):
            handler.wfile.write(text)
    except OSError:
        pass  # the command has gone
