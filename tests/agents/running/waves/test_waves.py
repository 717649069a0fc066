"""Waves: a Batch API and files bring a run to the bytes of one that asks one by one, whatever goes wrong on the way."""

import gc
import json
import os
import re
import runpy
import shutil
import sqlite3
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from calling import call_here
from killing import ROOT, read_exports
from mini_coco import write_coco
from pages import FENCE, list_steps, read_page
from parsing import split_words
from scripted_batches import answer_file, scripted_batches
from tiny_run import fork, wait

from agents.backends.asked.ledger import REQUESTS, Ledger
from agents.backends.reply_store import ReplyStore
from agents.config import RunConfig
from agents.running import drive
from agents.running.cost.bill import read_bill
from agents.running.listener import Silence
from agents.running.plan import make_plan
from agents.running.run import run_synthesis
from agents.running.waves.files import WaveWaits
from agents.store.run_store import RunStore
from agents.store.waves import WaveStore
from tools.endpoint.batch.api import BatchApi
from tools.errors import BudgetReached, ToolkitError, UsageError

COUNT = 3
MODEL = "gpt-4o-mini"
POLL = {"transport": {"poll": 0.01}}
SAID = re.compile(r"wave (\d+): ([\d,]+) requests? in")


class Heard(Silence):
    """Keeps what was said."""

    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    @property
    def waves(self):
        return [int(match[2].replace(",", "")) for line in self.lines if (match := SAID.match(line))]


def configure(coco, out, url, **changes):
    settings = {
        "captions": coco / "captions.json", "instances": coco / "instances.json", "images": coco / "photos", "out": out,
        "block": 2, "lag": 1, "instructions": "all", "translator": "none", "workers": 0, "backend": "llm",
        "model": MODEL, "base_url": url,
    }  # fmt: skip
    return RunConfig(**{**settings, **changes})


def by_batch(coco, out, url, **changes):
    return configure(coco, out, url, **{"transport": "batch", "set": POLL, **changes})


def read_moved(out):
    """The exports of a run that stands elsewhere, from where its photographs have another name."""
    exports = read_exports(out)
    return exports | {"manifest.json": json.loads(exports["manifest.json"]) | {"photo_root": ""}}


def count_replies(out):
    with sqlite3.connect(out / "replies.sqlite") as connection:
        return connection.execute("SELECT count(*) FROM replies").fetchone()[0]


@pytest.fixture(scope="module")
def chat(coco, server, tmp_path_factory):
    """A run that asked one by one."""
    out = tmp_path_factory.mktemp("chat") / "run"
    run_synthesis(configure(coco, out, server.url))
    return out


def test_a_batch_api_at_its_worst_gives_the_bytes_of_chat(coco, chat, tmp_path):
    """Out of order, broken lines, server's faults, a batch that expires, answers lost on the way, restarts."""
    faults = {"malformed": 0.1, "failed": 0.1, "ends": ["completed", "expired"], "drops": ["upload", "begin"]}
    heard = Heard()
    with scripted_batches(tmp_path / "api", **faults) as api:
        with pytest.raises(ToolkitError, match="no answer after 1 attempts"):
            run_synthesis(by_batch(coco, tmp_path / "run", api.url, attempts=1), heard)
        run_synthesis(by_batch(coco, tmp_path / "run", api.url, limit=2), heard)
    with scripted_batches(tmp_path / "api", **faults) as api:
        run_synthesis(by_batch(coco, tmp_path / "run", api.url), heard)
        log = api.read_log()
    assert read_exports(tmp_path / "run") == read_exports(chat)
    assert log["batches"] == len(heard.waves) and log["requests"] == heard.waves
    assert count_replies(tmp_path / "run") == count_replies(chat)


def read_commands(title):
    """The commands of a section of the page, as words behind `python -m`."""
    section = read_page("many-machines.md").partition(f"## {title}\n")[2].partition("\n## ")[0]
    steps = (step.text for step in list_steps(section) if step.kind == "commands")
    lines = [line for text in steps for line in text.splitlines() if line.startswith("python -m ")]
    return [split_words(line)[2:] for line in lines]


def write_config(folder, coco, url, **more):
    """The page's coco.yaml, of the small dataset."""
    (folder / "prompts").symlink_to(ROOT / "prompts")
    config = configure(coco, Path("runs/coco"), url, **more)
    given = config.model_dump(mode="json", include=config.model_fields_set, exclude_none=True)
    (folder / "coco.yaml").write_text(json.dumps(given))


def test_the_files_of_the_page_give_the_bytes_of_chat_within_the_waves_of_the_plan(coco, chat, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_config(tmp_path, coco, "http://localhost:1/v1")
    begin, write, read, go_on = read_commands("Files, and any engine")
    assert begin == go_on
    waves = []
    while (done := call_here(*begin)).returncode == 3:
        assert f"wave {len(waves) + 1}: " in done.stderr and "agents batch write runs/coco" in done.stderr
        assert "error" not in done.stderr and re.search(r"of [\d,]+ kB", done.stderr)
        assert call_here(*write).returncode == 0
        waves.append(answer_file(Path("wave.jsonl"), Path("results.jsonl"), seed=len(waves)))
        assert f"{waves[-1]} new repl" in call_here(*read).stdout
    assert done.returncode == 0, done.stderr
    assert read_moved(Path("runs/coco")) == read_moved(chat)
    assert sum(waves) == count_replies(Path("runs/coco")), "each question once"
    plan = make_plan(configure(coco, tmp_path / "plan", "http://localhost:1/v1", transport="batch")).waves
    assert plan.an_image == 4 + 2 * 3 + 1 <= 4 + 3 * 3
    assert 1 < len(waves) <= plan.total == 2 * plan.an_image
    assert call_here(*read).returncode == 3, "no wave is out"


def test_the_try_out_of_the_page_ends(tmp_path, monkeypatch):
    """Its loop, in this process."""
    pytest.importorskip("skimage", reason="an extra that the page names is not installed")
    text = next(text for language, text in FENCE.findall(read_page("many-machines.md")) if "while " in text)
    photographs, run, write, answer, read = re.findall(r"python ([^;\n]+)", text)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prompts").symlink_to(ROOT / "prompts")
    assert call_here(*split_words(photographs)[1:]).returncode == 0
    waves = 0
    while (done := call_here(*split_words(run)[1:])).returncode == 3:
        assert call_here(*split_words(write)[1:]).returncode == 0
        script, *paths = split_words(answer)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", [script, *paths])
            runpy.run_path(str(ROOT / script), run_name="__main__")
        assert call_here(*split_words(read)[1:]).returncode == 0
        waves += 1
    assert done.returncode == 0, done.stderr
    assert 4 <= waves <= 11 and count_replies(Path("runs/machines-waves"))


def test_the_api_of_the_page_is_asked_within_its_budget_and_billed(coco, chat, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with scripted_batches(tmp_path / "api") as api:
        write_config(tmp_path, coco, api.url, set=POLL, transport="batch")
        plan, run, bill = (call_here(*words) for words in read_commands("An endpoint with a Batch API"))
    assert [done.returncode for done in (plan, run, bill)] == [0, 0, 0], run.stderr
    assert re.search(r"waves +at most 11 an image and 22 in all, likely about \d+ requests each", plan.stdout)
    assert "table of 2026-11-23, of batches" in plan.stdout and "python -m agents bill" in run.stdout
    assert read_moved(Path("runs/coco")) == read_moved(chat)
    assert f"{count_replies(Path('runs/coco'))}" in bill.stdout and "accepted instructions" in bill.stdout


def test_results_that_are_cut_broken_or_of_another_run_are_told_and_asked_again(coco, tmp_path):
    out, wave, results = tmp_path / "run", tmp_path / "wave.jsonl", tmp_path / "results.jsonl"
    config = configure(coco, out, "http://localhost:1/v1", transport="batch", carrier="files", limit=2)
    with pytest.raises(WaveWaits):
        run_synthesis(config)
    call_here("agents", "batch", "write", str(out), "--out", str(wave))
    assert answer_file(wave, results) == 6
    lines = results.read_text().splitlines()
    strange = json.dumps(json.loads(lines[0]) | {"custom_id": "w1-of-somebody-else-0"})
    lost = {"id": "", "custom_id": json.loads(lines[3])["custom_id"], "response": None, "error": {"code": "expired"}}
    results.write_text("\n".join([lines[0], lines[0], lines[1][:40], strange, json.dumps(lost), lines[2]]))
    read = call_here("agents", "batch", "read", str(out), str(results))
    assert read.stdout.splitlines() == [
        "2 new replies stored; 1 error; 1 line cut or no result; 1 line of other questions; "
        "3 requests without a result",
        "run the command that began the run again: it asks once more for what has no reply",
    ]
    with pytest.raises(WaveWaits, match="wave 2: 4 requests"):
        run_synthesis(config)
    other = call_here("agents", "batch", "read", str(out), str(wave))
    assert other.returncode == 2 and "no line is a result of wave 2" in other.stderr


def test_results_of_an_earlier_wave_or_read_before_close_nothing(coco, tmp_path):
    """Replies of the first wave that come late are kept: they are paid for."""
    out, wave, old, new = tmp_path / "run", tmp_path / "wave.jsonl", tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    config = configure(coco, out, "http://localhost:1/v1", transport="batch", carrier="files", limit=2)

    def read(*given):
        done = call_here("agents", "batch", "read", out, *given)
        return done.returncode, done.stdout + done.stderr

    def write(path):
        call_here("agents", "batch", "write", out, "--out", wave)
        answer_file(wave, path)

    with pytest.raises(WaveWaits, match="wave 1: 6 requests wait"):
        run_synthesis(config)
    write(old)
    lines = old.read_text().splitlines(keepends=True)
    new.write_text("".join(lines[:4]))
    assert "4 new replies stored; 2 requests without a result\nread the files that follow" in read(new, "--more")[1]
    assert "nothing new of wave 1, of which 2 requests wait; nothing was closed. Write" in read(new)[1]
    old.write_text("".join(lines[:5]))
    assert read(old)[1].startswith("1 new reply stored; 1 request without a result\n")
    assert read(old)[0] == 0 and "0 new replies stored\n" in read(old)[1], "a whole wave may be read twice"
    with pytest.raises(WaveWaits, match="wave 2: 2 requests wait"):
        run_synthesis(config)
    for words in ((old,), (old, "--more")):
        code, told = read(*words)
        assert code == 2 and "these are results of wave 1, and wave 2 is out; nothing was closed. Write" in told
    with pytest.raises(WaveWaits, match="wave 2: 2 requests wait"):
        run_synthesis(config)
    old.write_text("".join(lines))
    assert "nothing was closed (1 late reply was stored)" in read(old)[1]
    write(new)
    assert read(new, old)[1].startswith("2 new replies stored\n")
    with pytest.raises(WaveWaits, match="wave 3: "):
        run_synthesis(config)


def test_more_results_may_follow(coco, tmp_path):
    out, wave, results = tmp_path / "run", tmp_path / "wave.jsonl", tmp_path / "results.jsonl"
    config = configure(coco, out, "http://localhost:1/v1", carrier="files", transport="batch", limit=1)
    limits = config.model_copy(update={"set": {"transport": {"most_requests": 2}}})
    with pytest.raises(WaveWaits):
        run_synthesis(limits)
    assert call_here("agents", "batch", "write", str(out), "--out", str(wave), "--parts").returncode == 0
    parts = [tmp_path / f"wave-{number}.jsonl" for number in (1, 2)]
    assert [answer_file(part, results.with_name(f"r-{part.name}")) for part in parts] == [2, 1]
    assert call_here("agents", "batch", "read", str(out), str(tmp_path / "r-wave-1.jsonl"), "--more").returncode == 0
    with pytest.raises(WaveWaits, match="wave 1: 1 request waits for replies"):
        run_synthesis(limits)
    assert call_here("agents", "batch", "read", str(out), str(tmp_path / "r-wave-2.jsonl")).returncode == 0
    with pytest.raises(WaveWaits, match="wave 2: "):
        run_synthesis(limits)


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_batch_that_fails_or_is_cancelled_stops_the_run_which_goes_on(coco, tmp_path, end):
    with scripted_batches(tmp_path / "api", ends=[end], looks=2) as api:
        config = by_batch(coco, tmp_path / "run", api.url, limit=1)
        words = "queue is full" if end == "failed" else "batch-1 was cancelled"
        with pytest.raises(ToolkitError, match=f"{words}.*the same command asks for the rest"):
            run_synthesis(config)
        run_synthesis(config)
        assert set(api.read_log()["bodies"].values()) == {1}, "what a cancelled batch had answered is kept"


def test_a_batch_that_the_api_forgot_is_asked_again(coco, tmp_path):
    with scripted_batches(tmp_path / "api") as api:
        config = by_batch(coco, tmp_path / "run", api.url, limit=1)
        with pytest.raises(WaveWaits):
            run_synthesis(config.model_copy(update={"carrier": "files", "set": {}}))
        with Ledger(tmp_path / "run") as ledger, ledger.write_together() as db:
            db.execute("UPDATE parts SET state = 'out', batch = 'batch-99'")
        with pytest.raises(UsageError, match=r"wave 1 was sent to a Batch API \(batch-99\): go on with --carrier api"):
            run_synthesis(config.model_copy(update={"carrier": "files", "set": {}}))
        assert call_here("agents", "batch", "write", tmp_path / "run", "--out", tmp_path / "w.jsonl").returncode == 2
        with pytest.raises(ToolkitError, match=r"batch-99 is not there any more \(HTTP 404"):
            run_synthesis(config)
        run_synthesis(config)


def test_what_was_noted_and_not_sent_is_not_sent_for_a_run_that_begins_anew(coco, tmp_path, monkeypatch):
    """Nor for one that takes fewer images now."""
    with scripted_batches(tmp_path / "api") as api:
        with monkeypatch.context() as patch:
            patch.setattr(WaveStore, "begin", fail)
            with pytest.raises(ToolkitError, match="pulled the plug"):
                run_synthesis(by_batch(coco, tmp_path / "run", api.url))
        run_synthesis(by_batch(coco, tmp_path / "run", api.url, limit=1))
        assert api.read_log()["total"] == count_replies(tmp_path / "run")


def fail(*_):
    raise ToolkitError("somebody pulled the plug")


def test_a_key_that_is_refused_stops_the_run_after_what_came_is_stored(coco, tmp_path):
    out, wave, results = tmp_path / "run", tmp_path / "wave.jsonl", tmp_path / "results.jsonl"
    config = configure(coco, out, "http://localhost:1/v1", transport="batch", carrier="files", limit=1)
    with pytest.raises(WaveWaits):
        run_synthesis(config)
    call_here("agents", "batch", "write", str(out), "--out", str(wave))
    answer_file(wave, results)
    first, second, third = map(json.loads, results.read_text().splitlines())
    second["response"] = {"status_code": 401, "body": {"error": {"message": "bad key"}}}
    results.write_text("\n".join(json.dumps(row) for row in (first, second, third)))
    call_here("agents", "batch", "read", str(out), str(results))
    with pytest.raises(ToolkitError, match="1 questions were refused, as every one will be: HTTP 401: bad key"):
        run_synthesis(config)
    assert count_replies(out) == 2
    with pytest.raises(WaveWaits, match="wave 2: 1 request waits"):
        run_synthesis(config)


STEPS = (
    (WaveStore, "add_wants"), (WaveStore, "begin"), (WaveStore, "set_part"), (WaveStore, "record"),
    (ReplyStore, "keep"), (WaveStore, "drop_wants"), (WaveStore, "close"), (BatchApi, "upload"), (BatchApi, "begin"),
    (BatchApi, "look"), (RunStore, "commit_result"),
)  # fmt: skip
"""All that a wave consists of: what is committed here, and what is done elsewhere."""
LAST = 'WaveStore.set_part ["Part(wave=2'
"""Begins the step of the second wave with which the table ends: from there on the steps are those of the first."""


def die_after_new_steps(seen: Path):
    """From now on this process dies behind the first step that no process before it died behind, up to `LAST`."""
    import inspect

    def watch(kind, name):
        whole = getattr(kind, name)

        def end(values):
            label = f"{kind.__name__}.{name} {[str(value)[:200] for value in values]}"
            before = seen.read_text().splitlines()
            is_past = any(line.startswith(LAST) for line in before)
            if label not in before and (not is_past or kind is RunStore):
                with seen.open("a") as file:
                    file.write(f"{label}\n")
                os._exit(9)

        async def later(self, *values):
            found = await whole(self, *values)
            end(values)
            return found

        def at_once(self, *values):
            found = whole(self, *values)
            end(values)
            return found

        setattr(kind, name, later if inspect.iscoroutinefunction(whole) else at_once)

    for kind, name in STEPS:
        watch(kind, name)
    gc.disable()  # looking through all that the tests have imported takes longer than the run
    drive.calm_collector = nullcontext


def test_killed_between_any_two_steps_a_run_sends_nothing_twice(tmp_path, server):
    import openai  # noqa: F401 - so that the processes below need not

    write_coco(tmp_path / "coco", 1)
    more = {"max_rounds": 1, "candidates": 2}
    run_synthesis(configure(tmp_path / "coco", tmp_path / "chat", server.url, **more))
    seen = tmp_path / "seen"
    seen.touch()

    def work():
        die_after_new_steps(seen)
        run_synthesis(by_batch(tmp_path / "coco", tmp_path / "run", url, **more))

    with scripted_batches(tmp_path / "api") as api:
        url, ends = api.url, [9]
        while ends[-1] == 9:
            ends.append(wait(fork(work)))
        log = api.read_log()
    steps = seen.read_text().splitlines()
    assert ends[-1] == 0 and len(ends) == len(steps) + 2 > 20
    assert {step.split()[0] for step in steps} == {f"{kind.__name__}.{name}" for kind, name in STEPS}
    assert set(log["bodies"].values()) == {1}
    assert log["total"] == sum(log["requests"]) == count_replies(tmp_path / "run")
    names = [row["filename"] for row in json.loads((tmp_path / "api/state.json").read_text())["files"].values()]
    assert sum(name.startswith("wave-") for name in names) == log["batches"] == len(log["requests"])
    assert read_exports(tmp_path / "run") == read_exports(tmp_path / "chat")
    assert read_bill(tmp_path / "run").total.requests == log["total"]


def test_a_vision_judge_is_sent_pixels_and_the_store_keeps_names(coco, tmp_path):
    changes = {"translator": "gray", "judge": "vision", "limit": 1}
    with scripted_batches(tmp_path / "api") as api:
        config = by_batch(coco, tmp_path / "run", api.url, **changes)
        plan = make_plan(config).waves
        run_synthesis(config)
    sent = [path.read_text() for path in sorted((tmp_path / "api").glob("file-*"))]
    assert any("data:image/png;base64," in text for text in sent) and not any("run-image:" in text for text in sent)
    assert plan.image_bytes == pytest.approx(5 * 80 * 60 * 4 / 3, abs=1), "two judgements of captions, three of a text"
    with pytest.raises(WaveWaits):
        run_synthesis(configure(coco, tmp_path / "by-hand", api.url, transport="batch", carrier="files", **changes))
    shutil.copy(tmp_path / "run/replies.sqlite", tmp_path / "by-hand/replies.sqlite")
    assert b"base64" not in (tmp_path / "by-hand" / REQUESTS).read_bytes()


def test_the_bill_adds_up_ways_and_commands_each_by_its_own_price(coco, server, tmp_path):
    out = tmp_path / "run"
    run_synthesis(configure(coco, out, server.url, limit=2))
    first = read_bill(out).total
    with scripted_batches(tmp_path / "api") as api:
        run_synthesis(by_batch(coco, out, api.url))
    bill = read_bill(out)
    ways = {row.name: row for row in bill.groups["way"]}
    assert ways["chat"]._replace(name="all") == first
    for way, share in (("chat", 1.0), ("batch", 0.5)):
        tokens = 0.15 * ways[way].prompt_tokens + 0.60 * ways[way].completion_tokens
        assert ways[way].usd == pytest.approx(share * tokens / 1e6)
    usage = json.loads((out / "manifest.json").read_text())["usage"][0]
    assert bill.total[1:4] == (usage["requests"], usage["prompt_tokens"], usage["completion_tokens"])
    assert {row.name for row in bill.groups["role"]} >= {"caption", "judge-captions"}
    shown = call_here("agents", "bill", str(out)).stdout
    assert not re.search(r" 0\.0000$", shown, re.MULTILINE), "a little money is shown"
    assert "accepted instructions" in shown and "judge-captions" in shown and MODEL in shown


def test_a_bill_with_nothing_on_it_says_why(coco, tmp_path):
    out = tmp_path / "template"
    run_synthesis(configure(coco, out, None, backend="template", model=None, limit=1))
    assert "nothing to pay: the backend `template` asks no model" in call_here("agents", "bill", out).stdout
    with pytest.raises(WaveWaits):
        run_synthesis(
            configure(coco, tmp_path / "out", "http://localhost:1/v1", transport="batch", carrier="files", limit=1)
        )
    shown = call_here("agents", "bill", tmp_path / "out").stdout
    assert shown == "wave 1 is out: its requests without a reply (3) are not billed yet\n"


def test_a_budget_counts_what_batches_cost(coco, tmp_path):
    with scripted_batches(tmp_path / "api") as api:
        config = by_batch(coco, tmp_path / "run", api.url, limit=2)
        most = make_plan(config).bill.columns[-1].most_usd
        one_by_one = make_plan(configure(coco, tmp_path / "x", api.url, limit=2)).bill.columns[-1].most_usd
        assert one_by_one == pytest.approx(2 * most)
        with pytest.raises(BudgetReached):
            run_synthesis(config.model_copy(update={"budget": most / 6}))
        assert api.read_log()["total"] == 0, "no image was begun that did not fit"
        run_synthesis(config.model_copy(update={"budget": most}))
        assert 0 < read_bill(tmp_path / "run").total.usd < most
        with pytest.raises(UsageError, match="--budget with --transport batch needs the price of gpt-5"):
            run_synthesis(by_batch(coco, tmp_path / "other", api.url, model="gpt-5", budget=9))


def test_what_waits_for_waves_is_refused_where_nothing_could_come_of_it(coco, tmp_path):
    with pytest.raises(ValueError, match="`template` asks no model in waves; add --backend llm"):
        configure(coco, tmp_path, None, backend="template", model=None, base_url=None, transport="batch")
    with pytest.raises(ValueError, match="have to be stored"):
        configure(coco, tmp_path, "http://localhost:1/v1", transport="batch", replies=False)
    with pytest.raises(ValueError, match="transport `chat` has no setting `carrier`"):
        configure(coco, tmp_path, "http://localhost:1/v1", carrier="files")
