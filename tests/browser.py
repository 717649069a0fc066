"""A real browser against a real server, for tests of the pages that `--web` and `serve` show.

    require_browser()                                            # skips, with the reason, where a part is absent
    def test_a_page(run, tmp_path, driver):                      # one browser for all tests: tests/conftest.py
        with serving("agents", "serve", run, log=tmp_path / "log") as served:
            driver.get(served.url)
            wait_for(driver, "#caption")                         # until it can be seen
            shoot(driver, tmp_path / "page.png", width=390, is_dark=True)
            assert find_scripts(driver) == "" and list_hosts(driver) <= {served.host}

Chromium is Debian's, headless, asks nobody but 127.0.0.1, and leaves nothing outside of the folder it is given.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from killing import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("selenium", "gradio")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
WIDE, NARROW, HEIGHT = 1280, 390, 900
START_SECONDS, WAIT_SECONDS = 240.0, 90.0
WATCH = "window.__pwned = undefined; for (const name of ['alert', 'confirm', 'prompt', 'print']) "
WATCH += "window[name] = () => { window.__pwned = name };"
"""Before any script of a page: what a hostile text would call leaves a trace instead of a dialogue."""
STATUS = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Served(NamedTuple):
    """A server that answers.

    Attributes:
        log: what it printed.
    """

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`."""
        return urlsplit(self.url).netloc

    def kill(self) -> None:
        """SIGKILL to it and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)


class Shown(NamedTuple):
    """A page that a thread serves."""

    url: str

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`."""
        return urlsplit(self.url).netloc


def find_obstacle() -> str:
    """What a browser test needs and is not here; empty where all is."""
    for package in PACKAGES:
        if find_spec(package) is None:
            return f"needs the package {package}"
    if not any(map(shutil.which, BROWSERS)):
        return "needs Chromium (apt install chromium)"
    return "" if shutil.which("chromedriver") else "needs chromedriver (apt install chromium-driver)"


def require_browser() -> None:
    """Skip the test where a part is absent."""
    obstacle = find_obstacle()
    if obstacle:
        pytest.skip(f"a browser test {obstacle}", allow_module_level=True)


def find_port() -> int:
    """A port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def serving(
    module: str, *arguments: object, log: Path, environment: Mapping[str, str] | None = None, path: str = "/"
) -> Iterator[Served]:
    """`python -m MODULE ARGUMENTS --port N`, waited for until it answers, and ended with all that it started.

    Args:
        log: file for what it prints.
        environment: on top of this process's.
        path: asked for until it answers with anything at all.
    """
    port = find_port()
    command = [sys.executable, "-m", module, *map(str, arguments), "--port", str(port)]
    variables = {**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})}
    with log.open("wb") as printed:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=printed, stderr=subprocess.STDOUT, env=variables, start_new_session=True
        )
    served = Served(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_for_answer(served, path)
        yield served
    finally:
        served.kill()


def _wait_for_answer(served: Served, path: str) -> None:
    end = time.monotonic() + START_SECONDS
    while served.process.poll() is None and time.monotonic() < end:
        if ask_status(served.url + path):
            return
        time.sleep(0.1)
    raise RuntimeError(f"no server ({served.process.poll()}): {served.log.read_text(errors='replace')[-3000:]}")


def ask_status(url: str, **headers: str) -> int:
    """The status of a GET, 0 where nobody answers; the path goes out as it is written, `..` and all."""
    return fetch(url, **headers)[0]


def fetch(url: str, **headers: str) -> tuple[int, bytes]:
    """Status and body of a GET, (0, b"") where nobody answers."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with STATUS.open(request, timeout=20) as reply:
            return int(reply.status), reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError:
        return 0, b""


@contextlib.contextmanager
def showing(page: Any, folder: Path, port: int = 0) -> Iterator[Shown]:
    """A page (tools.web), served by a thread of this process: no second import of what is heavy.

    Args:
        folder: an empty one, for what is handed to the page.
        port: 0 for any that is free.
    """
    import uvicorn

    from tools.web.app import import_gradio, make_app

    import_gradio()
    before = os.environ.get("GRADIO_TEMP_DIR")
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    port = port or find_port()
    app = make_app(page)
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{port}"
        end = time.monotonic() + START_SECONDS
        while not ask_status(url) and time.monotonic() < end:
            time.sleep(0.05)
        yield Shown(url)
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        os.environ.pop("GRADIO_TEMP_DIR")
        os.environ.update({"GRADIO_TEMP_DIR": before} if before else {})


@contextlib.contextmanager
def browsing(folder: Path) -> Iterator[Any]:
    """A driver of selenium; its profile is a new folder below `folder`.

    A second one in the same test is a second person: nothing is shared with the first.
    """
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    profile = folder / f"profile-{time.monotonic_ns()}"
    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, BROWSERS)))
    for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={WIDE},{HEIGHT}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.add_experimental_option("perfLoggingPrefs", {"enableNetwork": True, "enablePage": False})
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver"), log_output=subprocess.DEVNULL))
    try:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


def leave(driver: Any) -> Any:
    """The driver on an empty page: nothing asks a server that goes, and what came before counts for no later test."""
    driver.get("about:blank")
    for name in ("browser", "performance"):
        driver.get_log(name)
    return driver


def wait_until(driver: Any, check: Callable[[Any], Any], what: str = "", seconds: float = WAIT_SECONDS) -> Any:
    """What `check` gives, once it gives something; elements that the page has replaced meanwhile are looked up anew."""
    from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, TimeoutException
    from selenium.webdriver.support.wait import WebDriverWait

    passing = (NoSuchElementException, StaleElementReferenceException)
    try:
        return WebDriverWait(driver, seconds, 0.15, passing).until(check)
    except TimeoutException as error:
        raise AssertionError(f"{what}: {read_text(driver)[:1500]}") from error


def find_all(driver: Any, selector: str) -> list[Any]:
    """The elements of a CSS selector."""
    return list(driver.find_elements("css selector", selector))


def wait_for(driver: Any, selector: str, text: str = "", seconds: float = WAIT_SECONDS) -> Any:
    """The first element of a CSS selector that can be seen, and holds a text, once there is one."""
    return wait_until(
        driver,
        lambda it: next((one for one in find_all(it, selector) if one.is_displayed() and text in one.text), None),
        f"no {selector} {text!r} on the page",
        seconds,
    )


def click(driver: Any, selector: str, text: str = "") -> None:
    """Click the first element of a CSS selector that can be seen, and holds a text, once it takes the click."""
    from selenium.common.exceptions import ElementClickInterceptedException, ElementNotInteractableException

    def press(it: Any) -> bool:
        element = wait_for(it, selector, text)
        it.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        try:
            element.click()
        except (ElementClickInterceptedException, ElementNotInteractableException):
            return False
        return True

    wait_until(driver, press, f"{selector} {text!r} takes no click")


def read_text(driver: Any) -> str:
    """All that the page shows, as text."""
    return str(driver.execute_script("return document.body ? document.body.innerText : ''"))


def find_scripts(driver: Any) -> str:
    """Which dialogue a hostile text opened, or what else it left in `window.__pwned`; empty where none ran."""
    return str(driver.execute_script("return window.__pwned === undefined ? '' : String(window.__pwned)"))


def list_hosts(driver: Any) -> set[str]:
    """`host:port` of everything that the browser asked the network for since this was called last."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    sent = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
    return {urlsplit(url).netloc for url in sent if url.startswith(("http", "ws"))}


def list_errors(driver: Any) -> list[str]:
    """What the page's scripts complained about since this was called last."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]


def show_as(driver: Any, width: int = WIDE, height: int = HEIGHT, is_dark: bool = False) -> None:
    """The size of the window and the colours that the person prefers."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    colours = [{"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": colours})


def shoot(driver: Any, path: Path, width: int = WIDE, height: int = HEIGHT, is_dark: bool = False) -> Path:
    """A picture of the window."""
    show_as(driver, width, height, is_dark)
    time.sleep(0.5)
    driver.save_screenshot(str(path))
    return path
