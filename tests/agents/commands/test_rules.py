"""`python -m agents rules`: books listed, compared, and tried on captions."""

import json

import pytest
from calling import call_here
from mini_coco import write_coco

from agents.output.rule_tables import compare_rules, explain_unused
from agents.running.rule_book.scores import count_removed
from tools.prompts import DEFAULT_PACK
from tools.prompts.lexicon import load_lexicon

COLOUR = {"id": "seed-1", "category": "colour", "text": "Remove colours.", "origin": "seed", "support": 0, "used": 4}
MINED = {
    "id": "mined-7-0", "category": "material", "text": "Remove materials.", "origin": "mined", "image": "7", "round": 1,
    "objection": "wooden", "support": 2, "used": 1,
}  # fmt: skip


def write_rules(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_book_is_listed_with_where_its_rules_come_from(tmp_path):
    done = call_here("agents", "rules", "list", write_rules(tmp_path / "rules.jsonl", COLOUR, MINED))
    assert done.returncode == 0
    flat = " ".join(done.stdout.replace("│", " ").split())
    assert "written by hand" in flat and "mined-7-0" in flat


def test_books_differ_by_category_and_text_and_not_by_id_or_case():
    other = MINED | {"id": "mined-9-1", "text": "remove  MATERIALS", "support": 5}
    light = MINED | {"id": "mined-9-2", "category": "lighting", "text": "Remove light."}
    found = compare_rules([COLOUR, MINED], [COLOUR, other, light])
    assert ([row["id"] for row in found.added], found.removed, found.same) == (["mined-9-2"], (), 1)
    assert [change.after["support"] for change in found.changed] == [5]


@pytest.mark.parametrize(
    ("content", "told"), [("{", "line 1"), ('{"id": "x"}', "id, text, category and origin"), (None, "no such file")]
)
def test_what_is_no_book_is_one_sentence(tmp_path, content, told):
    path = tmp_path / "rules.jsonl"
    if content is not None:
        path.write_text(content)
    done = call_here("agents", "rules", "list", path)
    assert done.returncode in (2, 3) and told in " ".join(done.stderr.split())


def test_words_that_went_are_told_apart_by_the_lexicon():
    before = ["A red bus beside two wooden benches.", "A dog on a blue bench."]
    after = ["A bus beside two benches.", "A dog."]
    found = count_removed(COLOUR, before, after, load_lexicon(DEFAULT_PACK))
    assert (found.changed, found.removed, found.right, found.named) == (2, 4, 2, 2)
    assert found.wrong == (("bench", 1), ("wooden", 1))
    assert (found.precision, found.recall) == (0.5, 1.0)
    unknown = count_removed(COLOUR | {"category": "praise"}, before, after, load_lexicon(DEFAULT_PACK))
    assert (unknown.is_known, unknown.precision) == (False, None)


def test_score_filters_under_each_rule_alone(tmp_path):
    book = write_rules(tmp_path / "rules.jsonl", COLOUR, MINED)
    captions = tmp_path / "captions.csv"
    captions.write_text("file_name,caption\na.jpg,A red bus beside a wooden bench.\nb.jpg,A dog runs.\n")
    done = call_here("agents", "rules", "score", book, "--on", captions)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("1 of 2") == 2 and done.stdout.count("100.0 %") == 4


def test_a_run_too_short_for_its_blocks_says_why_no_mined_rule_was_used(tmp_path):
    flags = (*write_coco(tmp_path / "coco", 6), "--instructions", "all", "--mix", "each", "--translator", "none")
    done = call_here("agents", "run", *flags, "--workers", "0", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    told = "too short for its blocks: the first 1024 images (--block 512 x --lag 2) read only the seed rules"
    assert '"origin":"mined"' in (tmp_path / "run/rules.jsonl").read_text()
    assert f"no mined rule was used: {told}" in done.stdout
    assert told in call_here("agents", "rules", "list", tmp_path / "run").stdout
    assert told in (tmp_path / "run/report.html").read_text()
    done = call_here("agents", "rules", "list", tmp_path / "run/rules.jsonl")
    assert done.returncode == 0 and "too short" not in done.stdout


def test_used_or_no_mined_rules_need_no_reason():
    manifest = {"config": {"block": 512, "lag": 2}, "counts": {"images": 9}}
    assert explain_unused(manifest, [COLOUR, MINED | {"used": 0}])
    assert not explain_unused(manifest, [COLOUR, MINED]) and not explain_unused(manifest, [COLOUR])
    assert not explain_unused(manifest | {"counts": {"images": 2000}}, [COLOUR, MINED | {"used": 0}])


def test_the_list_is_readable_in_eighty_columns(tmp_path):
    rows = write_rules(tmp_path / "rules.jsonl", COLOUR, MINED)
    lines = call_here("agents", "rules", "list", rows, columns=80).stdout.splitlines()
    assert any("Remove materials." in line for line in lines)
    assert any('mined in image 7, from "wooden"' in line for line in lines)


def test_a_rule_is_never_reverted_in_the_shipped_pack_by_oversight(tmp_path):
    rows = write_rules(tmp_path / "rules.jsonl", COLOUR, MINED)
    done = call_here("agents", "rules", "revert", "mined-7-0", "--run", rows)
    assert done.returncode == 2 and "cp -r" in done.stderr and "--pack" in done.stderr
    assert not (DEFAULT_PACK / "reverted.yaml").exists()
