"""A finished run under its final rule book: what breaks a rule is filtered again, everything else is as it was."""

import json

import pytest
from calling import call_here
from killing import read_exports
from mini_coco import write_coco

from agents.config import RunConfig
from agents.output.layouts import export_layout
from agents.running.derived.refilter import refilter_run
from agents.running.derived.refilter_plan import plan_refilter
from agents.running.run import run_synthesis
from agents.store.run_store import RunStore
from tools.errors import BudgetReached, UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.lexicon import load_lexicon

LEXICON = load_lexicon(DEFAULT_PACK)


def synthesise(root, name, **changes):
    given = {
        "captions": root / "captions.json", "instances": root / "instances.json", "images": root / "photos",
        "out": root / name, "block": 4, "lag": 1, "instructions": "all", "mix": "each", "workers": 0,
        "translator": "gray", "debate": "instructions",
    }  # fmt: skip
    run_synthesis(RunConfig(**given | changes))
    return root / name


def read(run, name):
    return [json.loads(line) for line in read_exports(run)[f"{name}.jsonl"].splitlines()]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("refilter")
    write_coco(root, 12)
    synthesise(root, "run")
    refilter_run(root / "run", root / "again")
    return root


def test_no_caption_breaks_a_rule_of_the_final_book_and_the_others_stay(root):
    before, after = read(root / "run", "pairs"), read(root / "again", "pairs")
    categories = {rule["category"] for rule in read(root / "again", "rules")}
    changed = 0
    for old, new in zip(before, after, strict=True):
        assert not LEXICON.find(new["caption"], categories)
        assert new["id"] == old["id"] and new["original"] == old["original"]
        if LEXICON.find(old["caption"], categories):
            changed += 1
            assert new["caption"] in [candidate["text"] for candidate in new["candidates"]]
        else:
            assert (new["caption"], new["candidates"]) == (old["caption"], old["candidates"])
    assert changed
    manifest = json.loads((root / "again/manifest.json").read_text())
    assert manifest["refiltered"]["captions"] == changed


def test_instructions_beside_changed_captions_are_flagged_and_no_others(root):
    pairs = zip(read(root / "run", "pairs"), read(root / "again", "pairs"), strict=True)
    images = {new["image_id"] for old, new in pairs if old["caption"] != new["caption"]}
    rows = read(root / "again", "instructions")
    assert {row["image_id"] for row in rows if row["captions_changed"]} == images != set()
    assert not all(row["captions_changed"] for row in rows)
    bare = [{name: value for name, value in row.items() if name not in ("captions_changed", "rules")} for row in rows]
    begun = read(root / "run", "instructions")
    assert bare == [{name: value for name, value in row.items() if name != "rules"} for row in begun]
    export_layout(root / "again", "llava", root / "llava")
    exported = json.loads((root / "llava/instruct.json").read_text())
    assert sum(row["captions_changed"] for row in exported) == sum(row["captions_changed"] for row in rows)
    assert read(root / "run", "rejected") == read(root / "again", "rejected")


def test_it_goes_on_and_is_told_apart_from_the_run(root, tmp_path):
    expected = read_exports(root / "again")
    refilter_run(root / "run", root / "again")
    assert read_exports(root / "again") == expected
    with pytest.raises(UsageError, match="filtered again already"):
        refilter_run(root / "again", tmp_path / "third")
    with pytest.raises(UsageError, match="is the run itself"):
        refilter_run(root / "run", root / "run")
    with pytest.raises(UsageError, match="there is a run already"):
        refilter_run(root / "run", synthesise(root, "other", limit=2))
    with pytest.raises(UsageError, match="begun with other settings"):
        synthesise(root, "again")


def test_a_debated_run_has_nothing_left_to_filter(root):
    synthesise(root, "debated", debate="captions,instructions")
    manifest = refilter_run(root / "debated", root / "debated-again")
    assert manifest["refiltered"]["captions"] == 0


def test_the_paper_s_run_says_nothing_of_captions_and_is_not_changed_into_another(root):
    run = root / "run"
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["config"]["debate"] == "instructions" and "captions_debated" not in manifest
    assert {len(pair["candidates"]) for pair in read(run, "pairs")} == {6}
    with pytest.raises(UsageError, match="debate: instructions -> captions,instructions"):
        synthesise(root, "run", debate="captions,instructions")


def test_the_ledger_has_the_second_filtering_and_sums_to_the_new_leak_rate(root):
    manifest = json.loads((root / "again/manifest.json").read_text())
    steps = manifest["ledger"]["captions"]
    assert steps["refilter"]["total"]["removed"] + steps["refilter"]["total"]["dropped"] > 0
    for category, row in steps["refilter"]["categories"].items():
        assert row["before"] == steps["debate"]["categories"][category]["after"]
        assert row["after"] == manifest["leaks"]["captions_after"].get(category, 0)


def test_asking_again_is_planned_kept_within_a_budget_and_goes_on(root, server, tmp_path):
    """No reply is asked for twice, and the run's own cost is no part of the budget."""
    asks = {"backend": "llm", "base_url": server.url, "model": "gpt-4o-mini", "breaches_may_win": True}
    run, out = synthesise(root, "asked", **asks), tmp_path / "again"
    before = server.read_log()["total"]
    plan = plan_refilter(run, out)
    assert plan.images == 12 and plan.asked >= 3 and not out.exists() and server.read_log()["total"] == before
    with pytest.raises(BudgetReached, match=r"--budget .* is reached: \$.*are spent"):
        refilter_run(run, out, {"budget": 1.2 * plan.usd[2] / plan.asked, "concurrency": 1})
    with RunStore(out) as store:
        done = store.list_done()
    assert done == list(range(len(done))) and 0 < plan_refilter(run, out).asked < plan.asked
    assert {int(pair["image_id"]) - 1 for pair in read(out, "pairs")} <= set(done)
    refilter_run(run, out, {"budget": 1})
    assert server.read_log()["total"] - before == plan.captions == plan.workloads[0].requests
    refilter_run(run, tmp_path / "whole")
    assert read_exports(out) == read_exports(tmp_path / "whole")
    shown = call_here("agents", "refilter", run, "--out", tmp_path / "third", "--plan").stdout
    assert f"{plan.workloads[2].requests} (most)" in shown and not (tmp_path / "third").exists()


def test_what_no_budget_can_be_kept_of_is_refused(root, server, tmp_path):
    with pytest.raises(UsageError, match="--budget needs a backend"):
        refilter_run(root / "run", tmp_path / "again", {"budget": 1})
    shown = call_here("agents", "refilter", root / "run", "--out", tmp_path / "again", "--plan")
    assert "asks no model" in shown.stdout and not (tmp_path / "again").exists()
    asks = {"backend": "llm", "base_url": server.url, "model": "gpt-4o-mini", "limit": 1}
    with RunStore(synthesise(root, "old", **asks)) as store:
        store.write_meta("inputs", {})
    with pytest.raises(UsageError, match="does not say which endpoint it asked; name it with --base-url"):
        refilter_run(root / "old", tmp_path / "again")
