"""SIGTERM ends a command as Ctrl-C does, within two seconds, whatever it does at the moment."""

import asyncio
import os
import signal
import threading
import time
from contextlib import suppress

import pytest
from calling import call_here
from killing import count_done
from mini_bench import write_bench
from mini_coco import write_coco
from scripted_server import scripted_server
from stopping import TOLD, stop_command
from tiny_run import fork, wait, write_run, write_tiny_folders

from tools.terminal.signals import answer_signals

LIMIT = 2.0 + 1.5 * (os.getloadavg()[0] > 2)
"""Seconds; more where other work takes the processors away."""
TERM = pytest.mark.parametrize("number", [signal.SIGTERM])


def check(stopped):
    assert stopped.code == 130, stopped.printed
    assert stopped.printed.count(TOLD) == 1 and "Traceback" not in stopped.printed, stopped.printed
    assert stopped.seconds < LIMIT


@TERM
def test_a_run_with_worker_processes(number, tmp_path):
    arguments, out = write_coco(tmp_path / "coco", 400), tmp_path / "run"
    run = ["run", *arguments, "--workers", "1", "--out", out]
    check(stop_command("agents", run, lambda: any(out.glob("images/??/*.png")), number))


@pytest.mark.parametrize(
    ("numbers", "is_deaf"),
    [((signal.SIGTERM,), True), ((signal.SIGINT, signal.SIGINT), False)],
    ids=["SIGTERM alone is heard", "SIGINT twice"],
)
def test_conversations_whose_endpoint_hangs(numbers, is_deaf, tmp_path):
    """They end without a word of AutoGen's, what was final stays, and the run goes on to its end."""
    arguments, out = write_coco(tmp_path / "coco", 3), tmp_path / "run"
    talks = ["run", *arguments, "--backend", "llm", "--model", "m", "--instructions", "all", "--mix", "each"]
    talks += ["--concurrency", "1", "--max-rounds", "1", "--out", out]
    with scripted_server() as well, scripted_server(faults={"hang": 1.0}, lasting=True) as hung:
        assert call_here("agents", *talks, "--base-url", well.url, "--limit", "1").returncode == 0
        hanging = [*talks, "--base-url", hung.url]
        is_ready = lambda: hung.read_log()["total"] > 0  # noqa: E731
        check(stop_command("agents", hanging, is_ready, *numbers, delay=0.5, is_deaf=is_deaf))
        assert count_done(out) == 1
        assert call_here("agents", *talks, "--base-url", well.url).returncode == 0
    assert count_done(out) == 3


@pytest.mark.parametrize("number", [signal.SIGINT])
def test_an_evaluation_whose_endpoint_hangs(number, tmp_path):
    bench = write_bench(tmp_path / "bench")
    with scripted_server(faults={"hang": 1.0}, lasting=True) as server:
        flags = ["--model", server.url, "--model-name", "m", "--out", tmp_path / "p.jsonl"]
        check(stop_command("itb", ["eval", bench, *flags], lambda: server.read_log()["total"] > 0, number, delay=0.5))
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".") and path.name.endswith(".tmp")]


@TERM
def test_a_build(number, tmp_path):
    scenes, out = tmp_path / "scenes", tmp_path / "bench"
    assert call_here("tools", "scenes", "--count", "10", "--out", scenes).returncode == 0
    build = ["build", "--source", f"flir={scenes / 'flir'}", "--out", out]
    check(stop_command("itb", build, (out / ".folder.json").is_file, number, delay=0))


@TERM
def test_training(number, tmp_path):
    folders, out = write_tiny_folders(), tmp_path / "out"
    recipe = tmp_path / "recipe.yaml"
    long = "{epochs: 500, global_batch: 2, device_batch: 1, save_every: 2}"
    recipe.write_text(f"model: {{llm: {folders.llm}, tower: {folders.tower}}}\nalign: {long}\n")
    arguments = ["--config", recipe, "--data", write_run(tmp_path, 4), "--out", out]
    check(stop_command("trainer.align", arguments, lambda: any(out.glob("checkpoint-*")), number))


def test_what_does_not_end_by_itself_is_ended_with_what_it_started():
    def work():
        with answer_signals():
            started = time.monotonic()
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
            while time.monotonic() < started + 20:
                try:
                    time.sleep(1)
                except KeyboardInterrupt:
                    continue

    started = time.monotonic()
    assert wait(fork(work)) == 130
    assert 0.9 < time.monotonic() - started < LIMIT + 0.5


def test_the_second_signal_ends_at_once(monkeypatch):
    monkeypatch.setattr("tools.terminal.signals.GRACE", 60.0)  # what the first signal alone would leave

    def work():
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it runs behind it ignore it
        with answer_signals():
            for seconds, number in ((0.1, signal.SIGTERM), (0.4, signal.SIGINT)):
                threading.Timer(seconds, os.kill, (os.getpid(), number)).start()
            while True:
                with suppress(KeyboardInterrupt):
                    time.sleep(20)

    started = time.monotonic()
    assert wait(fork(work)) == 130
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("is_deaf", [False, True])
def test_an_event_loop_is_asked_through_its_tasks(is_deaf, capfd):
    """What the others raise then is no news; what ends them in order is done."""

    async def fail():
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            raise ValueError("of a library") from None

    async def go():
        others = [asyncio.create_task(fail()) for _ in range(3)]
        try:
            await asyncio.sleep(20)
        finally:
            await asyncio.sleep(0.01)
            os.write(1, f"closed {len(others)}".encode())

    def work():
        signal.signal(signal.SIGINT, signal.SIG_IGN if is_deaf else signal.default_int_handler)
        with pytest.raises(SystemExit, match="130"), answer_signals():
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM if is_deaf else signal.SIGINT)).start()
            asyncio.run(go())

    assert wait(fork(work)) == 0
    assert capfd.readouterr() == ("closed 3", "")


def test_a_forked_process_is_not_its_parent():
    def work():
        with answer_signals():
            child = fork(lambda: time.sleep(20))
            time.sleep(0.3)
            os.kill(child, signal.SIGTERM)
            assert wait(child) == -signal.SIGTERM
            time.sleep(2)

    assert wait(fork(work)) == 0


def test_the_handlers_are_as_before_behind_the_block():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with answer_signals(), answer_signals():
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert signal.set_wakeup_fd(-1) == -1
