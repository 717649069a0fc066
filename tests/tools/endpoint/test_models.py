"""What an endpoint lists as its models, whatever stands there."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools.endpoint.client import Endpoint, EndpointConfig


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ([{"id": "b"}, {"id": "a"}], ("a", "b")),
        (1.5, ()),
        ("text", ()),
        ({"id": "a"}, ()),
        ([1, "x", {"name": "n"}, {"id": "a"}], ("a",)),
        (None, ()),
    ],
)
def test_only_a_list_of_records_with_ids_lists_models(listed, names):
    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({"object": "list", "data": listed}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"

    async def ask():
        async with Endpoint(EndpointConfig(base_urls=(url,))) as endpoint:
            return await endpoint.list_models(url)

    try:
        assert asyncio.run(ask()) == names
    finally:
        server.shutdown()
