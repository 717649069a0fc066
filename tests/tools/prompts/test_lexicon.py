"""The lexicon: what it finds and keeps, and what a broken file gets."""

import hashlib
import shutil
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.errors import MissingError, UsageError
from tools.prompts.lexicon import Lexicon, load_lexicon, load_seed_rules
from tools.prompts.lexicon_notation import EntryPattern, Notation, NotationError

PROMPTS = Path(__file__).resolve().parents[3] / "prompts" / "infrared"
LEXICON = load_lexicon(PROMPTS)


def found(text: str, *categories: str) -> list[str]:
    return [hit.text for hit in LEXICON.find(text, categories or None)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("lexicon.yaml", "seed_rules.yaml", "modality.yaml"):
        shutil.copy(PROMPTS / name, tmp_path / name)
    return tmp_path


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_categories_cover_what_the_paper_and_the_issue_name_and_each_says_why() -> None:
    assert {"colour", "transparency", "material", "printed_text", "texture", "lighting", "brand"} <= set(
        LEXICON.categories
    )
    for category in LEXICON.categories.values():
        assert len(category.why) > 60 and len(category.rule) > 40 and (category.words or category.phrases)


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("an orange and a banana on a plate", []),
        ("an orange cat sits beside an orange", ["orange"]),
        ("two oranges and orange slices", []),
        ("apples and oranges in a bowl", []),
        ("a banana and an orange", []),
        ("a glass of orange juice", []),
        ("a man in orange", ["orange"]),
        ("An orange, blue and yellow bus", ["orange", "blue", "yellow"]),
        ("Two apples, an orange, some grapes", []),
        ("an orange and white bus", ["orange", "white"]),
        ("The sign is orange", ["orange"]),
        ("a brown bear near brown rocks", ["brown"]),
        ("a golden retriever", []),
        ("A LIGHT BLUE CAR", ["LIGHT BLUE"]),
        ("a blue-eyed cat and a dark-haired man", ["blue-eyed", "dark-haired"]),
        ("a brightly colored kite", ["brightly colored"]),
        ("multi-colored and multicoloured kites", ["multi-colored", "multicoloured"]),
        ("a greyish wall, a reddish roof", ["greyish", "reddish"]),
        ("a fir tree, evergreen, with greenery", []),
        ("the scarlett family hired a butler", []),
        ("blackboard, whiteboard, blueberries", []),
        ("red_car red", ["red"]),
    ],
)
def test_colour_is_told_from_what_only_sounds_like_it(text: str, hits: list[str]) -> None:
    assert found(text, "colour") == hits


@pytest.mark.parametrize(
    ("text", "category", "hits"),
    [
        ("A black and white photo of nuts", "photo_style", ["black and white"]),
        ("A black and white photo of nuts", "colour", ["black", "white"]),
        ("a clear vase under a clear sky", "transparency", ["clear"]),
        ("a glass of wine on a glass table", "material", ["glass"]),
        ("a man with glasses holds a wine glass", "material", []),
        ("a pile of wood by a wooden bench", "material", ["wooden"]),
        ("a walk in the woods", "material", []),
        ('a sign that says "NO EXIT" on a pole', "printed_text", ['that says "NO EXIT"']),
        ("a girl reading a book", "printed_text", []),
        ("a stop sign on a street", "printed_text", []),
        ("a number of people with two letters of advice", "printed_text", []),
        ("a striped shirt and a floral arrangement", "texture", ["striped"]),
        ("a dark room with traffic lights and a lit candle", "lighting", ["dark"]),
        ("a dog on a sunny day", "lighting", ["on a sunny day"]),
        ("an apple beside an Apple laptop", "brand", ["Apple"]),
        ("a monitor showing two men in hats", "screen_content", ["showing two men in hats"]),
        ("a wall covered in graffiti", "artwork", ["covered in graffiti"]),
        ("a woman with a tattoo on her arm", "appearance", ["with a tattoo on her arm"]),
    ],
)
def test_other_categories(text: str, category: str, hits: list[str]) -> None:
    assert found(text, category) == hits


def test_hits_are_sorted_quote_the_text_and_name_their_category() -> None:
    text = "A red wooden bench by a glass vase."
    hits = LEXICON.find(text)
    assert [(hit.category, hit.text) for hit in hits] == [
        ("colour", "red"),
        ("material", "wooden"),
        ("material", "glass"),
    ]
    assert all(text[hit.start : hit.end] == hit.text for hit in hits)
    assert found(text, "colour") == ["red"]
    assert LEXICON.find(text, ()) == []


def test_digest_is_the_hash_of_the_file() -> None:
    assert LEXICON.digest == hashlib.sha256((PROMPTS / "lexicon.yaml").read_bytes()).hexdigest()


def test_a_word_added_to_the_file_is_found(folder: Path) -> None:
    edit(folder, "lexicon.yaml", "words: [red(", "words: [zorgish, red(")
    changed = load_lexicon(folder)
    assert [hit.text for hit in changed.find("a zorgish car")] == ["zorgish"]
    assert changed.digest != LEXICON.digest


def test_words_that_yaml_takes_for_truth_values_stay_words(folder: Path) -> None:
    edit(folder, "lexicon.yaml", "words: [red(", "words: [no, on, red(")
    assert [hit.text for hit in load_lexicon(folder).find("no car on", {"colour"})] == ["no", "on"]


def test_unknown_key_names_file_key_and_nearest(folder: Path) -> None:
    edit(folder, "lexicon.yaml", "    title: Colour", "    titel: Colour")
    with pytest.raises(UsageError, match=r"lexicon\.yaml: unknown key 'categories\.colour\.titel'.*'title'") as caught:
        load_lexicon(folder)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("words: [red(", 'words: ["in {fruits}", red(', "no set 'fruits'"),
        ("words: [red(", 'words: ["(a|b", red(', "not closed"),
        ("words: [red(", 'words: ["a > b <", red(', "do not match"),
        ("    title: Colour\n", "", r"categories\.colour\.title'.*required"),
        ("categories:\n", "categories: [\n", "not valid YAML"),
    ],
)
def test_a_broken_lexicon_is_refused_with_its_place(folder: Path, old: str, new: str, message: str) -> None:
    edit(folder, "lexicon.yaml", old, new)
    with pytest.raises(UsageError, match=message):
        load_lexicon(folder)


def test_a_missing_lexicon_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"lexicon\.yaml is missing.*--pack") as caught:
        load_lexicon(tmp_path)
    assert caught.value.exit_code == 3


def test_seed_rules_are_colour_and_transparency() -> None:
    rules = load_seed_rules(PROMPTS)
    assert [(rule.id, rule.category, rule.origin) for rule in rules] == [
        ("seed-1", "colour", "seed"),
        ("seed-2", "transparency", "seed"),
    ]
    assert all(len(rule.text) > 40 for rule in rules)


def test_a_seed_rule_of_an_unknown_category_is_refused(folder: Path) -> None:
    edit(folder, "seed_rules.yaml", "category: colour", "category: color")
    with pytest.raises(UsageError, match=r"rule 1 has the category 'color'.*Did you mean 'colour'"):
        load_seed_rules(folder)


@pytest.mark.parametrize(
    ("entry", "text", "hit"),
    [
        ("stripe(s|d)", "two striped cats", "striped"),
        ("(light|dark)? {paint}", "a dark teal wall", "dark teal"),
        ("made <of> ash", "made of ash", "of"),
        ("spotted !(cat|dog)", "a spotted cat", None),
        ("spotted !(cat|dog)", "a spotted cow", "spotted"),
        ("pattern .", "a pattern, then", "pattern"),
        ("pattern .", "a pattern here", None),
        ("says ...", "it says go slow on a pole", "says go slow"),
        ("says QUOTE", 'it says "a, b" here', 'says "a, b"'),
        ("=White House", "a white house", None),
        ("see-through", "a see through cup", "see through"),
        ("one (big|red)+ dot", "one big red dot", "one big red dot"),
    ],
)
def test_notation(entry: str, text: str, hit: str | None) -> None:
    matches = []
    for keys, pattern in Notation({"paint": ["teal"], "stop": ["on"]}).read_entry(entry):
        for start in (k for k in range(len(text)) if any(text.lower().startswith(key, k) for key in keys)):
            if pattern is None:
                matches += [key for key in keys if text.startswith(key, start)]
            elif match := pattern.compiled.match(text, start):
                matches.append(match["hit"])
    assert (max(matches, key=len) if matches else None) == hit


@pytest.mark.parametrize(
    "entry", ["", "(a", "a)", "{nothing}", "a > b", "<a", "... a", "?", "(b|c<d) e", "(x|y) <a (b<c)", "x <(a|b)?> c"]
)
def test_entries_that_cannot_be_read_are_refused(entry: str) -> None:
    with pytest.raises(NotationError):
        Notation({}).read_entry(entry)


@pytest.mark.parametrize(
    ("entry", "key", "seconds"),
    [
        ("see-through (cup|bag)", "see", {"through"}),
        ("(big|red) (very|so)? dot(s)", "red", {"very", "so", "dot", "dots"}),
        ("(the (old|new)|a) !(big) dot", "the", {"old", "new"}),
        ("(the (old|new)|a) !(big) dot", "a", {"dot"}),
        ("(big|red)+ dot", "big", {"big", "red", "dot"}),
        ("for driver's", "for", {"driver", "drivers"}),
        ("dot .", "dot", None),
        ("says ...", "says", None),
        ("at (&)? dot", "at", None),
    ],
)
def test_an_entry_knows_which_words_may_stand_second(entry: str, key: str, seconds: set[str] | None) -> None:
    ((_, pattern),) = Notation({"stop": []}).read_entry(entry)
    assert pattern is not None
    assert pattern.list_seconds(key) == seconds


def test_no_hit_is_lost_by_looking_at_the_second_word(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [PROMPTS / "lexicon.yaml", *sorted((PROMPTS.parents[1] / "tests/benchmarks/checks").glob("*.yaml"))]
    texts = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    hits = [(LEXICON.find(text), LEXICON.find_names(text)) for text in texts]
    monkeypatch.setattr(EntryPattern, "list_seconds", lambda _pattern, _key: None)
    edit(folder, "lexicon.yaml", "sets:", "# another file, which is read anew\nsets:")
    whole = load_lexicon(folder)
    assert [(whole.find(text), whole.find_names(text)) for text in texts] == hits


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(["red", "Orange", "says", '"', "made", "of", "wood", "-", "clear", "ſ", "İ", "色", ",", "."])
    )
)
def test_hits_never_overlap_whatever_the_text(words: list[str]) -> None:
    text = " ".join(words)
    hits = LEXICON.find(text)
    assert all(first.end <= second.start for first, second in pairwise(hits))
    assert all(text[hit.start : hit.end] == hit.text and hit.text for hit in hits)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    assert all(0 <= hit.start < hit.end <= len(text) for hit in LEXICON.find(text))


@pytest.mark.parametrize(
    "piece",
    ["red ", "a-", '"red ', "sign that says ", "with the words ", "in the ", "made of ", "\t", "painted on ", "red-"],
)
def test_hostile_text_costs_little(piece: str) -> None:
    text = piece * (10_000 // len(piece))
    start = time.process_time()
    LEXICON.find(text)
    assert time.process_time() - start < 0.5


def test_a_search_costs_less_than_a_third_of_a_millisecond() -> None:
    captions = [
        "A man in a red shirt sits on a wooden bench next to a large dog.",
        "Two people riding on the back of an elephant through a river.",
        "A black and white photo of a street with a sign that says stop.",
    ] * 200
    start = time.process_time()
    for caption in captions:
        LEXICON.find(caption)
    assert (time.process_time() - start) / len(captions) < 0.0003


def test_neutral_nouns_are_free_of_their_own_category() -> None:
    def nouns(lexicon: Lexicon) -> list[tuple[str, str]]:
        pairs = [(own.id, noun) for own in lexicon.categories.values() for noun in own.instead.values()]
        return [(category, form) for category, noun in pairs for form in noun.split(" / ")]

    assert [(category, noun) for category, noun in nouns(LEXICON) if LEXICON.find(noun)] == []
