import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.conversation.rules import Mined, fold_rules, normalise, read_rules
from tools.errors import MissingError, UsageError
from tools.prompts.lexicon import load_seed_rules
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


LIGHT = (
    "Remove mentions of sunlight, shadows and reflections; the things themselves stay.",
    "Remove words about the time of day that is known by its light, such as sunset, twilight or at night.",
    "Remove words about visible light, such as sunny, bright or shadow.",
)
MATERIAL = ("Remove words about what things are made of.", "Remove material words such as wooden, metal")
APPEARANCE = (
    "Remove words about how worn or shiny a surface looks, such as rusty, faded or polished.",
    "Remove details of fine appearance such as make-up, tattoos or stains. Names of things may stay.",
)


@pytest.mark.parametrize(
    ("category", "texts", "winner"),
    [("lighting", LIGHT, 2), ("material", MATERIAL, 0), ("appearance", APPEARANCE, 1)],
)
def test_rules_that_say_the_same_are_one_with_the_first_id_and_the_more_general_text(category, texts, winner):
    found = [mined(place + 1, 0, text, category) for place, text in enumerate(texts)]
    (entry,) = fold_rules((), found).entries
    assert (entry.rule.id, entry.rule.text, entry.support) == ("mined-1-0", texts[winner], len(texts))
    (backwards,) = fold_rules((), found[::-1]).entries
    assert backwards.support == len(texts) and backwards.rule.id == f"mined-{len(texts)}-0"


@pytest.mark.parametrize(
    ("category", "texts"),
    [
        ("printed_text", ("Remove writing on signs.", "Remove logos on clothes.")),
        ("unseen", ("Remove words of praise such as beautiful.", "Remove words of newness such as brand new.")),
        ("appearance", ("Remove tattoos and make-up.", "Remove rust, stains and scratches.")),
        ("lighting", ("Remove shadows.", "Remove reflections in mirrors.")),
    ],
)
def test_rules_of_one_category_that_name_different_things_stay_two(category, texts):
    found = [mined(place, 0, text, category) for place, text in enumerate(texts)]
    assert [rule.text for rule in fold_rules((), found).rules] == list(texts)


def test_a_list_is_more_general_than_its_items_and_a_place_less():
    logos, both, signs = "Remove logos.", "Remove logos and writing.", "Remove writing on signs."
    found = [mined(place, 0, text, "printed_text") for place, text in enumerate((logos, signs, both))]
    (entry,) = fold_rules((), found).entries
    assert (entry.rule.id, entry.rule.text, entry.support) == ("mined-0-0", both, 3)
    listed = fold_rules((), found, keeps_covered=True).entries
    assert [(each.rule.id, each.support) for each in listed] == [("mined-0-0", 2), ("mined-1-0", 1)]


def test_a_seed_rule_keeps_its_text_and_takes_in_only_what_it_covers():
    seeds = load_seed_rules(Path("prompts/infrared"))
    found = [mined(1, 0, "Remove colour words such as red.", "colour"), mined(2, 0, "Drop hair colours.", "colour")]
    book = fold_rules(seeds, found)
    assert book.rules == seeds and [entry.support for entry in book.entries] == [2, 0]
    narrow = (Rule(id="seed-1", text="Remove colours of hair.", category="colour", origin="seed"),)
    assert [rule.id for rule in fold_rules(narrow, found).rules] == ["seed-1", "mined-1-0"]


@given(st.lists(st.sampled_from((*LIGHT, "Remove shadows.", "Remove lamps and their glow.")), max_size=12))
def test_a_longer_list_keeps_the_ids_of_a_shorter_one(texts):
    found = [mined(place, 0, text, "lighting") for place, text in enumerate(texts)]
    ids = [{rule.id for rule in fold_rules((), found[:end], keeps_covered=True).rules} for end in range(len(texts) + 1)]
    assert all(fewer <= more for fewer, more in itertools.pairwise(ids))
    assert sum(entry.support for entry in fold_rules((), found).entries) == len(texts)


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
