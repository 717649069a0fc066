"""Trying a prompt: what was asked is not asked again, what it costs is known before, an edited pack can be saved."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from scripted_server import Server, scripted_server
from studio_runs import configure

from agents.backends import parts as parts_module
from agents.running.address import show_address
from agents.running.run import run_synthesis
from agents.store.run_store import RunStore
from agents.studio.opened import OpenRun
from agents.studio.trial import base as base_module
from agents.studio.trial.base import TrialBase
from agents.studio.trial.edits import MINED, list_files, read_file, write_mined
from agents.studio.trial.run import list_mined
from agents.studio.trial.tab import Desk, Tab
from agents.studio.trial.views import show_comparison, show_estimate
from agents.studio.trial.workshop import Workshop
from tools.errors import UsageError
from tools.prompts.lexicon import load_seed_rules

IMAGES = ("1", "2", "4", "5")
KEY = "sk-of-the-run-alone-4711"


def open_workshop(run: Path, keep: Path, **given: object) -> Workshop:
    return Workshop(TrialBase(OpenRun(run), given), keep / "trials")


def test_without_an_edit_nothing_changes_and_nothing_is_written_into_the_run(finished: Path, tmp_path: Path):
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*")}
    found = open_workshop(finished, tmp_path).compare(IMAGES, {}, "template")
    assert found.is_stored and found.before == found.after
    assert not any(change.is_changed for change in found.images)
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*")} == before


def test_after_an_upgrade_both_sides_are_of_the_code_that_is_there(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for module in (base_module, parts_module):
        monkeypatch.setattr(module, "describe_code", lambda: "another code", raising=False)
    found = open_workshop(finished, tmp_path).compare(IMAGES, {}, "template")
    assert not found.is_stored and found.before == found.after


def test_rules_that_are_gone_leave_the_words_in_until_the_debate_finds_them(finished: Path, tmp_path: Path):
    workshop = open_workshop(finished, tmp_path)
    edits = {"seed_rules.yaml": "rules:\n  - category: transparency\n    text: Remove glass.\n"}
    found = workshop.compare(IMAGES, edits, "template")
    assert found.after.objections > found.before.objections
    assert "objections" in show_comparison(found, "template")
    mined = list_mined(workshop.base)
    assert workshop.compare(["6"], {MINED: write_mined(mined)}, "template").images[0].is_changed is False


def test_a_lexicon_without_colour_changes_a_caption(finished: Path, tmp_path: Path):
    workshop = open_workshop(finished, tmp_path)
    text = read_file(workshop.base.pack, {}, "lexicon.yaml")
    for words in ("words: [red(s|dish|der), ", "dye: [red, "):
        text = text.replace(words, words.partition("[")[0] + "[")
    found = workshop.compare(["6"], {"lexicon.yaml": text}, "template")
    changed = [pair for change in found.images for pair in change.captions if pair.is_changed]
    assert [part.text for pair in changed for part in pair.after if part.mark][:1] == ["red"]
    assert found.after.leaks > found.before.leaks


def test_the_fault_of_an_edit_is_told_by_file_and_line(finished: Path, tmp_path: Path):
    workshop = open_workshop(finished, tmp_path)
    with pytest.raises(UsageError, match=r"^lexicon\.yaml is not valid YAML \(line 2"):
        workshop.estimate(IMAGES, {"lexicon.yaml": "x: ["}, "template")
    prompt = read_file(workshop.base.pack, {}, "debate.md") + "\n{{ nothing }}\n"
    with pytest.raises(UsageError, match=r"debate\.md:\d+: "):
        workshop.estimate(IMAGES, {"debate.md": prompt}, "template")
    for images, edits, why in (([], {}, "0 are chosen"), (["1"], {"../x.md": ""}, "no file of the pack"),
                               (["1"], {MINED: "rules: 3"}, "mined rules")):  # fmt: skip
        with pytest.raises(UsageError, match=why):
            workshop.compare(images, edits, "template")


def test_an_edited_pack_is_saved(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    workshop = open_workshop(finished, tmp_path)
    first, *others = list_mined(workshop.base)
    changed = first.model_copy(update={"text": "Remove all that is painted."})
    target = tmp_path / "mine"
    assert workshop.save({MINED: write_mined([changed, *others])}, str(target)) == target
    rules = load_seed_rules(target)
    assert rules[-1].text == changed.text and len(rules) == len(load_seed_rules(workshop.base.pack)) + 1
    assert first.text[:20] in (target / "reverted.yaml").read_text()
    assert {path.name for path in target.iterdir()} >= {path.name for path in workshop.base.pack.iterdir()}
    with pytest.raises(UsageError, match="is there already"):
        workshop.save({}, str(target))
    confined = Workshop(workshop.base, tmp_path / "trials", is_confined=True)
    monkeypatch.chdir(tmp_path / "mine")
    with pytest.raises(UsageError, match="only below"):
        confined.save({}, "../other")
    assert confined.save({}, "below") == Path("below") and not list(tmp_path.glob(".*.part"))


def test_data_that_moved_or_are_others_are_told(finished: Path, coco: Path, tmp_path: Path):
    with pytest.raises(UsageError, match="are not those that the run was made from"):
        other = tmp_path / "other.json"
        other.write_text((coco / "captions.json").read_text().replace("red", "blue"))
        open_workshop(finished, tmp_path, captions=other).compare(IMAGES, {}, "template")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with scripted_server(wants_key=KEY) as found:
        yield found


@pytest.fixture
def asked_run(coco: Path, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of one image, whose endpoint wants the key of a variable of its own."""
    monkeypatch.setenv("OWN_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    asks = {"backend": "llm", "model": "gpt-4o-mini", "base_url": server.url, "key_variable": "OWN_KEY"}
    run_synthesis(configure(coco, tmp_path / "run", **asks, limit=1))
    return tmp_path / "run"


def test_a_model_is_asked_only_what_it_was_never_asked(asked_run: Path, tmp_path: Path, server: Server):
    """By the run's own endpoint, with its key, unless another is named."""
    run, asked = asked_run, server.read_log()["total"]
    workshop = open_workshop(run, tmp_path)
    images = ("1",)
    assert workshop.estimate(images, {}, "llm").is_free
    same = workshop.compare(images, {}, "llm")
    assert same.before == same.after and same.asked == () and server.read_log()["total"] == asked
    text = read_file(workshop.base.pack, {}, "judge_captions.md")
    edits = {"judge_captions.md": text.rstrip() + "\n\nBe strict.\n"}
    price = workshop.estimate(images, edits, "llm")
    assert server.read_log()["total"] == asked
    assert price.images == 1 and price.requests >= 1 and price.prompt_tokens > 100
    assert price.bill is not None and 0 < price.bill.likely_usd < price.bill.most_usd
    assert "US dollars" in show_estimate(price, "llm")
    found = workshop.compare(images, edits, "llm")
    new = server.read_log()["total"] - asked
    assert new == sum(used.requests for used in found.asked) >= 2 and found.asked_usd > 0
    assert new < sum(used.requests for result in OpenRun(run).store.read_results() for used in result.usage)
    again = workshop.compare(images, edits, "llm")
    assert again.after == found.after and again.asked == () and server.read_log()["total"] == asked + new
    shutil.rmtree(tmp_path / "trials")
    assert not workshop.estimate(images, edits, "llm").is_free


def test_who_is_asked_is_told_before_and_no_key_is(asked_run: Path, tmp_path: Path, server: Server):
    own = Tab(open_workshop(asked_run, tmp_path)).tell_asked("llm")
    assert f"Asks gpt-4o-mini at {server.url}, as the run did." in own
    assert "asks no endpoint" in Tab(open_workshop(asked_run, tmp_path)).tell_asked("template")
    named = open_workshop(asked_run, tmp_path, base_url="http://localhost:9/v1")
    assert "Asks gpt-4o-mini at http://localhost:9/v1, named with --base-url." in Tab(named).tell_asked("llm")
    config = named.base.make_config(named.base.pack)
    assert config.choose("backend").read().key_variable == "OPENAI_API_KEY", "a key goes to its own endpoint alone"
    assert KEY not in own and not [
        path for path in asked_run.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()
    ]
    assert show_address("https://me:secret@host:8/v1?key=1, http://b/v1") == "https://host:8/v1, http://b/v1"


def test_a_run_that_does_not_say_whom_it_asked_asks_nobody_unbidden(asked_run: Path, tmp_path: Path, server: Server):
    with RunStore(asked_run) as store:
        kept = store.read_meta("inputs")
        store.write_meta("inputs", {name: kept[name] for name in kept if name not in ("base_url", "key_variable")})
    workshop = open_workshop(asked_run, tmp_path)
    assert "name it with --base-url" in Tab(workshop).tell_asked("llm")
    with pytest.raises(UsageError, match="does not say which endpoint it asked; name it with --base-url"):
        workshop.estimate(("1",), {}, "llm")
    assert workshop.compare(("1",), {}, "template").asked == ()


def test_the_files_of_a_pack_are_offered_without_what_is_for_people(finished: Path, tmp_path: Path):
    files = list_files(open_workshop(finished, tmp_path).base.pack)
    assert {"debate.md", "lexicon.yaml", "seed_rules.yaml"} <= set(files) and "README.md" not in files


def test_a_second_event_before_the_first_is_answered_takes_no_text_for_another_files(finished: Path, tmp_path: Path):
    tab = Tab(open_workshop(finished, tmp_path))
    first, other = "caption_filter.md", "lexicon.yaml"
    text = tab._read(Desk(file=first))
    desk, *_ = tab.turn_to(Desk(file=first), first, text, other)
    again, opened, shown, told = tab.turn_to(desk, first, text, other)
    assert (again.edits, opened, shown) == ({}, other, tab._read(Desk(file=other))) and "Nothing is edited" in told
    edited, *_ = tab.turn_to(again, other, f"{shown}# mine\n", first)
    assert edited.edits == {other: f"{shown}# mine\n"}
    kept, *_ = tab.go(replace(desk, file=other), first, text, [], "template")
    assert kept.edits == {}
