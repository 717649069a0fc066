"""`python -m agents rules revert`: a rule goes into the pack's `reverted.yaml`, and no run with the pack has it."""

import json
import shutil

import pytest
from calling import call_here
from mini_coco import write_coco

from agents.config import RunConfig
from agents.conversation.book.reverted import RevertedRule, drop_reverted, find_reverted, load_reverted
from agents.conversation.rules import Mined, fold_rules, list_reverted, read_rules
from agents.output.rule_tables import read_rule_rows
from agents.running.run import run_synthesis
from agents.store.run_store import RunStore
from tools.errors import UsageError
from tools.manifest import hash_prompts
from tools.prompts import DEFAULT_PACK
from tools.records import Rule

WOOD = RevertedRule(id="mined-1-0", category="material", text="Remove wood and steel.", reason="too much went")
COLOURS = RevertedRule(id="seed-1", category="colour", text="Drop the colour words.")


@pytest.fixture
def pack(tmp_path):
    return shutil.copytree(DEFAULT_PACK, tmp_path / "pack")


@pytest.fixture(scope="module")
def coco(tmp_path_factory):
    root = tmp_path_factory.mktemp("coco")
    write_coco(root, 12)
    return root


def run(coco, out, pack):
    return run_synthesis(
        RunConfig(
            captions=coco / "captions.json", instances=coco / "instances.json", images=coco / "photos", out=out,
            pack=pack, block=2, instructions="all", mix="each", translator="none", workers=0,
        )
    )  # fmt: skip


def revert(name, book, pack, *more):
    return call_here("agents", "rules", "revert", name, "--run", book, "--pack", pack, *more)


def write_rules(path, *rules):
    path.write_text("".join(json.dumps(rule) + "\n" for rule in rules), encoding="utf-8")
    return path


def make_row(name, text, category="material"):
    return {"id": name, "category": category, "text": text, "origin": "mined", "image": "1", "round": 1}


def test_a_rule_is_written_down_once_and_the_file_stays_readable(pack, tmp_path):
    quoted = 'Remove "wood": oak, pine.'
    book = write_rules(tmp_path / "rules.jsonl", make_row("mined-1-0", quoted), make_row("mined-2-1", "Drop tiles."))
    before = hash_prompts(pack)
    done = revert("mined-1-0", book, pack, "--reason", "it took\nthe tables too")
    assert done.returncode == 0 and "mined-1-0 was added" in done.stdout
    path = pack / "reverted.yaml"
    assert path.read_text().startswith("# Rules that were taken back")
    assert hash_prompts(pack).keys() - before.keys() == {"reverted.yaml"}
    first = path.read_bytes()
    again = revert("mined-1-0", book, pack)
    assert again.returncode == 0 and "nothing was changed" in again.stdout and path.read_bytes() == first
    path.write_bytes(first + b"  # mine\n")
    assert revert("mined-2-1", book, pack).returncode == 0
    assert "# mine" in path.read_text()
    told = "it took the tables too"
    assert load_reverted(pack) == (
        RevertedRule(id="mined-1-0", category="material", text=quoted, reason=told),
        RevertedRule(id="mined-2-1", category="material", text="Drop tiles.", reason=""),
    )


def test_entries_written_in_another_way_are_kept(pack, tmp_path):
    (pack / "reverted.yaml").write_text("rules: [{id: mine, category: colour, text: Drop red.}]\n")
    book = write_rules(tmp_path / "rules.jsonl", make_row("mined-1-0", "Remove wood."))
    assert revert("mined-1-0", book, pack).returncode == 0
    assert [rule.id for rule in load_reverted(pack)] == ["mine", "mined-1-0"]


def test_what_cannot_be_reverted_is_one_sentence(pack, tmp_path):
    book = write_rules(tmp_path / "rules.jsonl", make_row("mined-1-0", "Remove wood."))
    done = revert("mined-9-9", book, pack)
    assert done.returncode == 2 and "has no rule `mined-9-9`; it has mined-1-0" in " ".join(done.stderr.split())
    assert revert("mined-1-0", tmp_path / "none", pack).returncode == 3
    assert revert("mined-1-0", book, tmp_path).returncode == 3
    assert not (pack / "reverted.yaml").exists()


@pytest.mark.parametrize(
    "content", ["rules: [{id: a, category: colour}]", "rules: [{id: a, category: '', text: x}]", "rule: []", "{", "[]"]
)
def test_a_damaged_file_is_named_by_prompts_check(pack, content):
    (pack / "reverted.yaml").write_text(content)
    with pytest.raises(UsageError, match=r"reverted\.yaml"):
        load_reverted(pack)
    done = call_here("agents", "prompts", "check", "--pack", pack)
    assert done.returncode == 2 and "reverted.yaml" in done.stderr


def test_mined_rules_that_the_book_would_merge_with_it_are_not_taken_and_counted():
    texts = ("Remove wood and steel.", "Drop tiles.", "Remove wood.", "Remove wood, steel and brick.")
    mined = [Mined("7", place, 1, text, "material", "wooden") for place, text in enumerate(texts)]
    mined.append(Mined("7", 4, 1, "Remove wood.", "texture", "wooden"))
    assert [entry.rule.text for entry in fold_rules((), mined, reverted=(WOOD,)).entries] == [
        "Drop tiles.", "Remove wood.",
    ]  # fmt: skip
    (entry,) = list_reverted(mined, (WOOD, COLOURS))
    assert (entry.rule.id, entry.support, entry.reason) == ("mined-7-0", 3, "too much went")
    assert find_reverted("material", "Drop tiles.", (WOOD,)) is None


def test_a_seed_rule_is_dropped_where_it_says_as_much_and_not_where_it_says_more():
    seeds = (
        Rule(id="seed-1", text="Remove colour words.", category="colour", origin="seed"),
        Rule(id="seed-2", text="Remove all material words.", category="material", origin="seed"),
        Rule(id="mined-3-0", text="Remove wood.", category="material", origin="mined"),
    )
    assert [rule.id for rule in drop_reverted(seeds, (WOOD, COLOURS))] == ["seed-2"]


def test_a_run_never_has_a_reverted_rule_in_force_and_says_where_it_was_mined_again(coco, pack, tmp_path):
    run(coco, tmp_path / "before", pack)
    rows = [row for row in read_rule_rows(tmp_path / "before") if row["origin"] == "mined"]
    gone = max(rows, key=lambda row: row["used"])
    assert gone["used"]
    assert revert(gone["id"], tmp_path / "before", pack, "--reason", "a trial").returncode == 0
    assert revert("seed-1", tmp_path / "before", pack).returncode == 0
    with pytest.raises(UsageError, match=r"reverted\.yaml"):
        run(coco, tmp_path / "before", pack)
    run(coco, tmp_path / "after", pack)
    found = [row for row in read_rule_rows(tmp_path / "after") if row["category"] == gone["category"]]
    assert [(row["reverted"], row["used"]) for row in found] == [("a trial", 0)] and found[0]["support"] > 0
    pairs = [json.loads(line) for line in (tmp_path / "after/pairs.jsonl").read_text().splitlines()]
    assert pairs and not {found[0]["id"], "seed-1"} & {name for row in pairs for name in row["rules"]}
    with RunStore(tmp_path / "after") as store:
        assert [rule["id"] for rule in store.require_meta("reverted_rules")] == [gone["id"], "seed-1"]
    assert "reverted: a trial" in call_here("agents", "rules", "list", tmp_path / "after").stdout
    told = " ".join(call_here("agents", "why", tmp_path / "after", found[0]["id"]).stdout.split())
    assert "reverted in the pack, never in force: a trial" in told
    assert "reverted in the pack and never in force" in (tmp_path / "after/report.html").read_text()
    assert found[0]["id"] not in {rule.id for rule in read_rules(tmp_path / "after/rules.jsonl")}


def test_a_run_from_before_packs_could_take_rules_back_goes_on(coco, pack, tmp_path):
    run(coco, tmp_path / "run", pack)
    with RunStore(tmp_path / "run", create=True) as store:
        store.write_meta("reverted_rules", None)
        store.write_meta("exported", None)
    assert run(coco, tmp_path / "run", pack)["counts"]["images"] == 12
