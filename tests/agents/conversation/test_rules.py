import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.conversation.rules import Mined, fold_rules, normalise, read_rules
from tools.errors import MissingError, UsageError
from tools.records import Rule

SEEDS = (
    Rule(id="seed-1", text="Drop colours.", category="colour", origin="seed"),
    Rule(id="seed-2", text="Drop what is see-through.", category="transparency", origin="seed"),
)


def mined(image: int, place: int, text: str, category: str) -> Mined:
    return Mined(str(image), place, 1, text, category, f"quote {image}")


def test_a_rule_mined_twice_keeps_its_first_id_and_gains_support():
    book = fold_rules(SEEDS, [mined(7, 0, "Drop materials.", "material"), mined(9, 2, "drop  MATERIALS", "material")])
    last = book.entries[-1]
    assert (last.rule.id, last.rule.image, last.rule.objection, last.support) == ("mined-7-0", "7", "quote 7", 2)
    assert len(book.entries) == 3


def test_a_mined_rule_that_equals_a_seed_rule_supports_it():
    book = fold_rules(SEEDS, [mined(7, 0, "drop colours", "colour")])
    assert [(entry.rule.id, entry.support) for entry in book.entries] == [("seed-1", 1), ("seed-2", 0)]


def test_same_text_in_another_category_is_another_rule():
    book = fold_rules(SEEDS, [mined(1, 0, "Drop it.", "material"), mined(2, 0, "Drop it.", "brand")])
    assert [rule.category for rule in book.rules[2:]] == ["material", "brand"]


def test_the_cap_keeps_the_best_supported_then_the_first_seen_and_never_drops_seeds():
    found = [mined(1, 0, "a", "x"), mined(2, 0, "b", "x"), mined(3, 0, "c", "x"), mined(4, 0, "c", "x")]
    book = fold_rules(SEEDS, found, cap=2)
    assert [rule.text for rule in book.rules] == ["Drop colours.", "Drop what is see-through.", "a", "c"]
    assert fold_rules(SEEDS, found, cap=0).rules == SEEDS


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("xy")), max_size=30), st.integers(0, 6))
def test_fold_counts_every_mined_rule_once(items, cap):
    found = [mined(place, 0, text, category) for place, (text, category) in enumerate(items)]
    whole = fold_rules(SEEDS, found, cap=len(found))
    assert sum(entry.support for entry in whole.entries) == len(found)
    capped = fold_rules(SEEDS, found, cap=cap)
    assert len(capped.entries) <= len(SEEDS) + cap
    assert [entry for entry in whole.entries if entry in capped.entries] == list(capped.entries)


@given(st.text())
def test_normalise_is_idempotent(text):
    assert normalise(normalise(text)) == normalise(text)


def test_rules_of_another_run_are_read_without_its_figures(tmp_path):
    path = tmp_path / "rules.jsonl"
    row = {**SEEDS[0].model_dump(), "support": 3, "used": 8}
    path.write_text(json.dumps(row) + "\n\n")
    assert read_rules(path) == SEEDS[:1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"id": "a"', "line 1: not a rule"),
        ('{"id": "a", "text": "b", "category": "c", "origin": "guess"}', "line 1: not a rule"),
        ("[1]", "line 1: not a rule"),
        ('{"id":"a","text":"b","category":"c","origin":"seed"}\n' * 2, "stand twice: a"),
    ],
)
def test_a_broken_rules_file_is_named_with_its_line(tmp_path, text, message):
    path = tmp_path / "rules.jsonl"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_rules(path)
    with pytest.raises(MissingError, match=r"is missing; name the rules\.jsonl of a run"):
        read_rules(tmp_path / "absent.jsonl")
