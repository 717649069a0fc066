"""`agents serve`: the page as it is sent, and what is told when it cannot be."""

import asyncio
import re
import sys
from pathlib import Path

import pytest
from calling import call_here

from agents.studio.page import open_page
from tools.web.app import make_app


def ask(app, path: str) -> tuple[int, str]:
    """Status and body of a GET."""
    import httpx

    async def go() -> tuple[int, str]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            reply = await client.get(path)
            return reply.status_code, reply.text

    return asyncio.run(go())


def test_the_page_names_no_host_and_serves_pictures_and_no_files(finished: Path, tmp_path: Path):
    pytest.importorskip("gradio", reason="the extra `studio` is not installed")
    with open_page(finished, {}, tmp_path / "keep") as page:
        app = make_app(page)
        for path in ("/", "/config", "/theme.css"):
            status, text = ask(app, path)
            hosts = set(re.findall(r"https?://([\w.-]+)", text)) - {"127.0.0.1", "www.w3.org"}
            assert status == 200 and hosts == set()
        assert '"analytics_enabled":false' in ask(app, "/")[1]
        assert ask(app, "/picture/image?id=1&side=160")[0] == 200
        for path in (
            "/picture/image?id=../../etc/passwd", "/picture/secret?id=1", "/gradio_api/file=/etc/passwd",
            f"/gradio_api/file={finished / 'run.sqlite'}", f"/gradio_api/file={finished}/images/../run.sqlite",
        ):  # fmt: skip
            assert ask(app, path)[0] in (403, 404)


def test_without_gradio_it_is_one_line(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    called = call_here("agents", "serve", finished, "--port", "0", "--out", tmp_path / "keep")
    assert called.returncode == 3 and len(called.stderr.strip().splitlines()) == 1
    assert "pip install -e '.[studio]' -c requirements.lock" in called.stderr


def test_a_folder_of_somebody_else_is_not_taken(finished: Path, tmp_path: Path):
    (tmp_path / "letter.txt").write_text("dear")
    called = call_here("agents", "serve", finished, "--out", tmp_path)
    assert called.returncode == 2 and "--out" in called.stderr and "Traceback" not in called.stderr
    called = call_here("agents", "serve", tmp_path / "nothing")
    assert called.returncode == 3 and "no run there" in called.stderr
