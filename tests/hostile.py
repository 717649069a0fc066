"""Texts that a page may show and never run, file names of the same kind, and addresses that ask for other files."""

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

NASTY = (
    "<script>alert(1)</script>",
    "</script></style>--><h1>out</h1>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% for x in y %} {# gone #} ${1}",
    '"image_id": 999999, "code": "generation_failed"',
    "&lt;b&gt; & \u2028 \x00 \u202e",
)
"""Captions and replies."""
NASTY_NAMES = ('"><img src=x onerror=alert(1)>.png', "' onmouseover='alert(1).png", "{{ 7 * 7 }} ${1} &lt;b&gt;.png")
"""Names of files: without the slash that none can have."""
SECRET = b"this file is nobody's business"


def list_escapes(secret: Path) -> Iterator[str]:
    """Paths of requests, as they go out, that ask for a file outside of what a page serves."""
    up = "../" * 12 + str(secret).lstrip("/")
    for way in (str(secret), up, quote(up, safe=""), quote(quote(up, safe=""), safe=""), f"/proc/self/root{secret}"):
        yield f"/gradio_api/file={way}"
        yield f"/file={way}"
        yield f"/gradio_api/proxy=file://{way}"
        yield f"/static/{way}"
        yield f"/assets/{way}"
        yield f"/{way}"
        yield f"/picture/image?id={quote(way, safe='')}"
        yield f"/picture/photo?id={quote(way, safe='')}"
        yield f"/picture/{quote(way, safe='')}?id=1"


def find_leaks(url: str, secret: Path) -> list[str]:
    """Requests that were answered with the file, or with anything but a refusal where Gradio serves files by path."""
    parts = urlsplit(url)
    leaks = []
    for path in list_escapes(secret):
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        connection.putrequest("GET", path, skip_host=False)
        connection.endheaders()
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        if SECRET in body or ("file=" in path and reply.status < 400):
            leaks.append(f"{reply.status} {path}")
    return leaks
