"""SIGTERM ends a command as Ctrl-C does, within two seconds, whatever it does at the moment."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from calling import call_here
from mini_bench import write_bench
from mini_coco import write_coco
from scripted_server import scripted_server
from stopping import ROOT, TOLD, stop_command
from tiny_run import fork, wait, write_run, write_tiny_folders

from tools.terminal.signals import answer_signals, hurry

LIMIT = 2.0 + 1.5 * (os.getloadavg()[0] > 2)
"""Seconds; more where other work takes the processors away."""
TERM = pytest.mark.parametrize("number", [signal.SIGTERM])
BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


def check(stopped):
    assert stopped.code == 130, stopped.printed
    assert stopped.printed.count(TOLD) == 1 and "Traceback" not in stopped.printed, stopped.printed
    assert stopped.seconds < LIMIT


@BOTH
def test_a_run_with_worker_processes(number, tmp_path):
    arguments, out = write_coco(tmp_path / "coco", 400), tmp_path / "run"
    run = ["run", *arguments, "--workers", "1", "--out", out]
    check(stop_command("agents", run, lambda: any(out.glob("images/??/*.png")), number))


@TERM
def test_a_run_whose_endpoint_hangs(number, tmp_path):
    arguments = write_coco(tmp_path / "coco", 3)
    with scripted_server(faults={"hang": 1.0}, lasting=True) as server:
        flags = ["--backend", "llm", "--base-url", server.url, "--model", "m", "--out", tmp_path / "run"]
        check(stop_command("agents", ["run", *arguments, *flags], lambda: server.read_log()["total"] > 0, number, 0.5))


@BOTH
def test_an_evaluation_whose_endpoint_hangs(number, tmp_path):
    bench = write_bench(tmp_path / "bench")
    with scripted_server(faults={"hang": 1.0}, lasting=True) as server:
        flags = ["--model", server.url, "--model-name", "m", "--out", tmp_path / "p.jsonl"]
        check(stop_command("itb", ["eval", bench, *flags], lambda: server.read_log()["total"] > 0, number, 0.5))
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".") and path.name.endswith(".tmp")]


@TERM
def test_a_build(number, tmp_path):
    scenes, out = tmp_path / "scenes", tmp_path / "bench"
    subprocess.run([sys.executable, "-m", "tools", "scenes", "--count", "10", "--out", scenes], cwd=ROOT, check=True)
    build = ["build", "--source", f"flir={scenes / 'flir'}", "--out", out]
    check(stop_command("itb", build, (out / ".folder.json").is_file, number, 0))


@TERM
@pytest.mark.parametrize("stage", ["align", "sft"])
def test_training(stage, number, tmp_path):
    folders, out = write_tiny_folders(), tmp_path / "out"
    long = "{epochs: 500, global_batch: 2, device_batch: 1, save_every: 2}"
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"model: {{llm: {folders.llm}, tower: {folders.tower}}}\nalign: {long}\nsft: {long}\n")
    arguments = ["--config", recipe, "--data", write_run(tmp_path, 4)]
    if stage == "sft":
        aligned = tmp_path / "aligned"
        done = call_here("trainer.align", *arguments, "--set", "align.max_steps=1", "--out", aligned)
        assert done.returncode == 0, done.stderr
        arguments += ["--align", aligned]
    arguments += ["--out", out]
    check(stop_command(f"trainer.{stage}", arguments, lambda: any(out.glob("checkpoint-*")), number))


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


def test_a_loop_that_keeps_signals_to_itself_says_so():
    def work():
        with answer_signals():
            hurry()
            time.sleep(20)

    assert wait(fork(work), 10) == 130


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
