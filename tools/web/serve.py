"""Serving a page until it is interrupted."""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tools.registry.extras import is_there
from tools.web.address import Address
from tools.web.app import import_gradio, make_app
from tools.web.page import Page

UPLOADS = "GRADIO_TEMP_DIR"
MOST_WAIT = 1
"""Seconds in which requests under way may end once the server is told to stop."""


def say_opening(what: object, tell: Callable[[str], None] = print) -> None:
    """Say that a page is on its way, before what takes long is imported; where it cannot be, the error says all."""
    if is_there("gradio"):
        tell(f"opening {what} ...")


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
        with _ending_quietly(server):
            server.run(sockets=[listener])


@contextmanager
def _ending_quietly(server: Any) -> Iterator[None]:
    """Once it is told to stop, nothing is logged: open pages are cut off, and each would be told as an error."""
    log = logging.getLogger("uvicorn.error")

    def is_told(_: logging.LogRecord) -> bool:
        return not server.should_exit

    log.addFilter(is_told)
    try:
        yield
    finally:
        log.removeFilter(is_told)


def _make_server(app: Any) -> Any:
    import uvicorn

    settings = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=MOST_WAIT
    )
    return uvicorn.Server(settings)
