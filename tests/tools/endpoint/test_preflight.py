"""What the doctor says of an endpoint: one real prompt of each role, asked and read as a run would."""

import pytest
from calling import call_here
from scripted_modes import FAULTS, REJECTED
from scripted_server import scripted_server

KEY = "test-key-0123456789"
ROLES = ("caption: caption_filter", "caption: caption_image", "task: conversation", "task: description",
         "task: reasoning", "task: sensor", "judge: debate", "judge: judge_captions", "rules: rule_mining")  # fmt: skip


def ask(url, *more, model="scripted"):
    done = call_here("tools", "doctor", "--base-url", url, "--model", model, *more)
    assert "Traceback" not in done.stdout + done.stderr
    return done, " ".join((done.stdout + done.stderr).split())


def test_every_role_is_asked_and_told_of():
    with scripted_server() as server:
        done, printed = ask(server.url)
        assert server.read_log()["total"] == len(ROLES)
    assert done.returncode == 0
    assert all(f"{role} ok content '" in printed for role in ROLES)
    assert "n 5 in 1 request; finish stop; system role taken;" in printed and "tokens/s" in printed


@pytest.mark.parametrize(("mode", "words"), [
    ("think", "thoughts, tokens or remarks around it are taken off"), ("nosystem", "system role folded"),
    ("n422", "5 candidates take 5 requests"), ("streamonly", "streamed"), ("parts", "finish stop"),
])  # fmt: skip
def test_what_a_run_copes_with_is_told(mode, words):
    with scripted_server(mode=mode) as server:
        done, printed = ask(server.url)
    assert done.returncode == 0 and words in printed


@pytest.mark.parametrize("mode", [*REJECTED, *FAULTS, "temp"])
def test_what_a_run_fails_at_is_missing_here(mode):
    with scripted_server(mode=mode) as server:
        done, printed = ask(server.url)
    assert done.returncode == 3
    assert f"cannot be used: {REJECTED[mode]}" in printed if mode in REJECTED else "no answer: " in printed
    assert mode != "null" or "finish_reason `length`), only 88 characters of reasoning" in printed


def test_a_refused_key_and_an_unknown_model_are_told_without_the_key(monkeypatch):
    monkeypatch.setenv("TOOLKIT_TEST_KEY", KEY)
    with scripted_server(faults={"401": 1.0}, lasting=True, echo_key=True) as server:
        done, printed = ask(server.url, "--key-variable", "TOOLKIT_TEST_KEY", model="another")
    assert done.returncode == 3
    assert "does not list another; it has scripted" in printed and "HTTP 401" in printed and KEY not in printed


def test_the_settings_are_those_of_a_run(tmp_path):
    config = tmp_path / "run.yaml"
    with scripted_server() as server:
        config.write_text(
            f"base_url: {server.url}\nmodel: scripted\nout: elsewhere\n"
            "roles: {judge: {options: {temperature: null}}}\n"
        )
        done = call_here("tools", "doctor", "--config", config)
        assert done.returncode == 0 and server.read_log()["total"] == len(ROLES)
        config.write_text(f"base_url: {server.url}\nmodel: scripted\nroles: {{judge: {{temprature: 0}}}}\n")
        wrong = call_here("tools", "doctor", "--config", config)
    assert wrong.returncode == 2 and "roles.judge.temprature" in wrong.stderr


@pytest.mark.parametrize(
    "url", ["http://me:hunter2@localhost/v1", "me:hunter2@localhost/v1", "http://h/v1?key=hunter2"]
)
def test_a_password_in_an_address_is_refused_and_never_printed(url):
    done, printed = ask(url)
    assert done.returncode == 2 and "would be written down" in printed and "hunter2" not in printed
    half = call_here("tools", "doctor", "--base-url", "http://localhost/v1")
    assert half.returncode == 2 and "--base-url and --model go together" in half.stderr
