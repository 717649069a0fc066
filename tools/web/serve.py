"""Serving a page until it is interrupted."""

import os
import tempfile
from collections.abc import Callable
from typing import Any

from tools.web.address import Address
from tools.web.app import import_gradio, make_app
from tools.web.page import Page

UPLOADS = "GRADIO_TEMP_DIR"
MOST_WAIT = 1
"""Seconds in which requests under way may end once the server is told to stop."""


def serve(page: Page, address: Address, tell: Callable[[str], None] = print) -> None:
    """Serve a page until Ctrl-C.

    Args:
        tell: is given the page's address once it can be opened.

    Raises:
        MissingError: the extra `studio`, or a password that the address needs.
        UsageError: the port is taken.
    """
    password = address.read_password()
    import_gradio()
    listener = address.listen()
    host, port = listener.getsockname()[:2]
    with listener, tempfile.TemporaryDirectory(prefix="studio-") as uploads:
        os.environ[UPLOADS] = uploads  # what is handed to the page is nobody else's to read, and goes with it
        server = _make_server(make_app(page, password=password, is_local=address.is_local))
        tell(f"{page.title}: http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C ends it)")
        server.run(sockets=[listener])


def _make_server(app: Any) -> Any:
    import uvicorn

    settings = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=MOST_WAIT
    )
    return uvicorn.Server(settings)
