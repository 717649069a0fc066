import base64
import hashlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tolerances import written_tolerance

from agents.output.report import write_report
from agents.output.report.charts import MAX_POINTS, Series, Value, draw_bars, draw_dots, draw_steps, thin_out
from agents.output.report.rows import iterate_lines
from agents.output.report.sample import EXPORTS, SmallestHashes, choose_sample
from agents.output.report.summary import format_share, summarise
from agents.output.report.views import _make_badges, view_image
from agents.output.report.words import clip_text, diff_words, mark_quotes
from tools.errors import MissingError, ToolkitError, UsageError

ROOT = Path(__file__).resolve().parents[3]
TEXTS = st.text(alphabet=st.sampled_from("aAbB ,.'-红\n"), max_size=40)


class Page(HTMLParser):
    """What a browser would make of the page: tags, attributes, and text outside of script and style."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self._raw = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._raw = tag in {"script", "style"}

    def handle_endtag(self, tag):
        self._raw = False

    def handle_data(self, data):
        if not self._raw:
            self.text += data

    def find(self, tag, **attrs):
        return [found for name, found in self.tags if name == tag and attrs.items() <= found.items()]


@pytest.fixture
def page(fake_run, tmp_path):
    return Page(write_report(fake_run.write(tmp_path / "run")))


def list_cards(page):
    return {card["id"]: card["data-status"].split() for card in page.find("article")}


def join(segments):
    return "".join(segment.text for segment in segments)


def list_marked(segments):
    return [segment.text for segment in segments if segment.mark]


def test_every_image_has_a_card_with_its_statuses(page):
    assert list_cards(page) == {
        "image-1": ["accepted"],
        "image-2": ["revised"],
        "image-3": ["failed"],
        "image-4": ["rejected"],
        "image-5": ["captions"],
        "image-6": ["rejected", "revised"],
    }
    assert "6 of 6 images shown" in page.text


def make_instructions(*rounds):
    return [{"rounds": number} for number in rounds]


@pytest.mark.parametrize(
    ("instructions", "codes", "badges"),
    [
        (make_instructions(1), [], [("accepted", "Accepted in round 1")]),
        (make_instructions(2), [], [("revised", "Accepted in round 2")]),
        (make_instructions(1, 3, 1), [], [("revised", "2 accepted in round 1, 1 in round 3")]),
        ([], ["generation_failed"], [("failed", "Generation failed")]),
        (make_instructions(2), ["generation_failed"], [("revised", "1 accepted in round 2"), ("failed", "1 failed")]),
        ([], ["bad_box"], [("rejected", "Row rejected")]),
        ([], [], [("captions", "Captions only")]),
    ],
)
def test_one_badge_says_in_which_round_an_image_was_accepted(instructions, codes, badges):
    view = view_image("1", {"instructions.jsonl": [], "rejected.jsonl": []})
    assert view.badges == (("captions", "Captions only"),)
    assert list(_make_badges(instructions, [{"code": code} for code in codes])) == badges


def test_no_badge_contradicts_another(page):
    """An image whose instruction was accepted in the end does not say that it was rejected."""
    assert "Rejected at first" not in page.text
    shown = re.findall(r"Accepted in round \d|\d accepted in round \d[^#]*?|Generation failed", page.text)
    assert any(text == "Accepted in round 2" for text in shown)


def test_page_says_what_made_it(page):
    assert "template backend, which is not an LLM" in page.text
    assert "embedded prior, not a trained translator" in page.text
    assert "lexical scorer, which is blind to the image" in page.text


def test_page_says_so_when_there_was_no_translator(fake_run, tmp_path):
    page = Page(write_report(fake_run.write(tmp_path, translator=None)))
    assert "No infrared images: the run was made without a translator." in page.text


def test_pictures_are_embedded_small_and_have_texts(page):
    images = page.find("img")
    assert len(images) == 10
    assert all(image["src"].startswith("data:image/jpeg;base64,") for image in images)
    assert {(image["width"], image["height"]) for image in images} == {("384", "288")}
    assert all(image["alt"] for image in images)


def test_missing_photograph_leaves_its_name_and_reason(page):
    assert "000000000004.jpg: missing file" in page.text


def test_photographs_are_found_where_images_says(fake_run, tmp_path):
    run = fake_run.write(tmp_path / "run", photo_root="elsewhere")
    assert len(Page(write_report(run)).find("img")) == 5
    assert len(Page(write_report(run, images=run / "photos")).find("img")) == 10


def test_photograph_outside_its_folder_is_not_read(fake_run, tmp_path):
    run = fake_run.write(tmp_path / "run")
    fake_run.write_jsonl(run / "pairs.jsonl", [fake_run.make_pair(1, 0, "a", "a", photo="../photos/000000000001.jpg")])
    run.joinpath("instructions.jsonl").unlink()
    page = Page(write_report(run, images=run / "images"))
    assert "leads out of its folder" in page.text


def test_page_loads_nothing_and_runs_one_script(page, fake_run):
    assert len(page.find("script")) == 1
    assert not page.find("link") and not page.find("iframe")
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    urls = [attrs[name] for _, attrs in page.tags for name in ("src", "href") if name in attrs]
    assert all(url.startswith(("data:image/jpeg;base64,", "#")) for url in urls)
    policy = page.find("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert "default-src 'none'" in policy and "unsafe" not in policy


@pytest.mark.parametrize("tag", ["script", "style"])
def test_policy_admits_the_page_s_own_script_and_style(fake_run, tmp_path, tag):
    text = write_report(fake_run.write(tmp_path)).read_text(encoding="utf-8")
    body = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    assert len(body) == 1
    digest = base64.b64encode(hashlib.sha256(body[0].encode()).digest()).decode()
    assert f"{tag}-src 'sha256-{digest}'" in text


def test_hostile_texts_stay_text(page, fake_run):
    assert len(page.find("h1")) == 1
    for text in fake_run.nasty:
        shown = text.replace("\x00", "\ufffd")
        assert shown in page.text.replace("\x00", "\ufffd"), text


def test_marks_what_was_removed_and_what_was_objected_to(fake_run, tmp_path):
    text = write_report(fake_run.write(tmp_path)).read_text(encoding="utf-8")
    assert "A <del>red</del> bus parked next to a tree." in text
    assert '<mark>wooden<sup aria-label="objection 1">1</sup></mark> bus.' in text
    assert text.count("✓ chosen") == 15
    assert text.count('<span class="tag">kept</span>Two people wait.') == 4


def test_rules_link_to_the_image_they_were_mined_from(page):
    assert page.find("a", href="#image-2")
    assert "mined-2-1-0" in page.text


def test_equal_runs_give_equal_bytes_wherever_they_stand(fake_run, tmp_path):
    one, other = (write_report(fake_run.write(tmp_path / name)) for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()
    assert str(tmp_path).encode() not in one.read_bytes()
    assert not list(one.parent.glob("*.part"))


def write_long_run(fake_run, folder, n_images):
    run = fake_run.write(folder, counts={"images": n_images, "pairs": 2 * n_images})
    pairs = [fake_run.make_pair(number, index, "A bus.", "A bus.") for number in range(n_images) for index in (0, 1)]
    fake_run.write_jsonl(run / "pairs.jsonl", pairs)
    debate = [fake_run.make_round(1, "A wooden bus.", "wooden")]
    fake_run.write_jsonl(
        run / "rejected.jsonl",
        [fake_run.make_rejected(7, "instruction", "generation_failed", "no", "reasoning", debate)],
    )
    fake_run.write_jsonl(run / "instructions.jsonl", [])
    return run


def test_a_long_run_is_sampled_and_says_so(fake_run, tmp_path):
    page = Page(write_report(write_long_run(fake_run, tmp_path, 1200), limit_images=25))
    cards = list_cards(page)
    assert len(cards) == 25
    assert cards["image-7"] == ["failed"]
    assert "25 of 1,200 images shown" in page.text


def test_sample_does_not_depend_on_row_order_but_on_the_seed(fake_run, tmp_path):
    run = write_long_run(fake_run, tmp_path, 300)
    chosen = choose_sample(run, 20, seed=0)
    lines = run.joinpath("pairs.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    run.joinpath("pairs.jsonl").write_text("".join(reversed(lines)), encoding="utf-8")
    assert choose_sample(run, 20, seed=0).image_ids == chosen.image_ids
    assert choose_sample(run, 20, seed=1).image_ids != chosen.image_ids
    assert chosen.n_with_pairs == 300


@given(st.lists(st.integers(-5, 60), max_size=80), st.integers(0, 20))
def test_smallest_hashes_equal_a_full_sort(numbers, limit):
    bounded, full = SmallestHashes(limit, 3), SmallestHashes(1000, 3)
    for number in numbers:
        bounded.add(str(number))
        full.add(str(number))
    assert bounded.ids == full.ids[:limit]
    assert len(full.ids) == len(set(numbers))


def test_a_caption_cannot_pose_as_a_field(fake_run, tmp_path):
    text = '"image_id": 5, \\"image_id\\": 6 "image_id":7'
    pair = fake_run.make_pair(42, 0, text, text)
    fake_run.write_jsonl(tmp_path / EXPORTS[0], [dict(sorted(pair.items()))])
    assert [line.image_id for line in iterate_lines(tmp_path / EXPORTS[0])] == ["42"]


def test_unpaired_surrogates_do_not_stop_the_report(fake_run, tmp_path):
    run = fake_run.write(tmp_path)
    fake_run.write_jsonl(run / "pairs.jsonl", [fake_run.make_pair(1, 0, "a \ud800 bus", "a \udfff bus")])
    assert "a <del>?</del> bus" in write_report(run).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ('{"id": "1-0", "image_id": 1, "cap', r"pairs\.jsonl, line 1: not valid JSON"),
        ('{"id": "1-0"}', r"pairs\.jsonl, line 1: no image_id"),
        ('{"id": "1-0", "image_id": 1}', r"pairs\.jsonl, row '1-0': cannot be shown \(KeyError: 'original'\)"),
    ],
)
def test_a_damaged_export_is_named_with_its_line(fake_run, tmp_path, damage, message):
    run = fake_run.write(tmp_path)
    run.joinpath("pairs.jsonl").write_text(damage + "\n", encoding="utf-8")
    with pytest.raises(ToolkitError, match=message + r".*python -m agents run"):
        write_report(run)
    assert not run.joinpath("report.html").exists()


def test_a_folder_that_is_no_run_and_a_useless_limit_are_refused(fake_run, tmp_path):
    with pytest.raises(MissingError, match=r"manifest\.json does not exist.*python -m agents run --out"):
        write_report(tmp_path)
    with pytest.raises(UsageError, match="--limit-images 0"):
        write_report(fake_run.write(tmp_path), limit_images=0)


def test_a_report_that_cannot_be_written_is_one_clear_error(fake_run, tmp_path):
    run = fake_run.write(tmp_path)
    run.joinpath("report.html").mkdir()
    with pytest.raises(ToolkitError, match=r"report\.html: cannot be written"):
        write_report(run)


def test_an_empty_manifest_and_no_rows_still_give_a_page(tmp_path):
    tmp_path.joinpath("manifest.json").write_text("{}", encoding="utf-8")
    assert "The run holds no images." in Page(write_report(tmp_path)).text


@given(TEXTS, TEXTS)
def test_word_diff_keeps_both_texts_and_every_word(before, after):
    diff = diff_words(before, after)
    assert (join(diff.before), join(diff.after)) == (before, after)
    kept = [re.sub(r"\s", "", "".join(part.text for part in side if not part.mark)).casefold() for side in diff]
    assert kept[0] == kept[1]


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [
        ("A red and blue bus.", "A bus.", ["red and blue"], []),
        ("Red bus", "Bus", ["Red"], []),
        ("An orange cat", "A cat", ["An orange"], ["A"]),
        ("A red-brown dog", "A dog", ["red-brown"], []),
        ("Same.", "Same.", [], []),
    ],
)
def test_word_diff_marks_whole_words(before, after, gone, come):
    diff = diff_words(before, after)
    assert (list_marked(diff.before), list_marked(diff.after)) == (gone, come)


def test_word_diff_of_ten_thousand_characters_takes_no_minutes():
    diff = diff_words("red a " * 1700, "a " * 1700)
    assert join(diff.after) == "a " * 1700


@given(TEXTS, st.lists(TEXTS, max_size=4))
def test_marking_quotes_keeps_the_text(text, quotes):
    assert join(mark_quotes(text, quotes)) == text


def test_quotes_are_marked_as_whole_words_with_their_number():
    segments = mark_quotes("A covered red bus is red.", ["bus", "red"])
    assert [(part.text, part.mark) for part in segments if part.mark] == [("red", 2), ("bus", 1), ("red", 2)]
    assert list_marked(mark_quotes("Überrot", ["rot"])) == ["rot"]


def test_long_texts_are_clipped_with_a_count():
    assert clip_text("x" * 2500) == "x" * 1500 + " … (1,000 more characters)"
    assert clip_text("x" * 1500) == "x" * 1500


@pytest.mark.parametrize(
    ("count", "total", "text"),
    [(0, 0, "–"), (0, 5, "0 %"), (1, 2, "50 %"), (1, 40, "2.5 %"), (1, 3000, "0.033 %"), (5, 5, "100 %")],
)
def test_shares_have_the_digits_they_need(count, total, text):
    assert format_share(count, total) == text


def test_bars_and_dots_share_one_scale_and_are_told_in_words():
    bars = draw_bars("Objections", "", [("colour", Value(50, "50")), ("count", Value(5, "5"))])
    assert [bar.width for bar in bars.bars] == [290, 29]
    assert bars.description == "Objections. colour: 50; count: 5"
    rows = [("colour", [Value(50, "50 %"), Value(5, "5 %")]), ("material", [Value(0, "0 %"), Value(25, "25 %")])]
    dots = draw_dots("Leaks", "", rows, [Series("before", "before"), Series("after", "after")])
    places = [[(dot.x - dots.left) / (dots.right - dots.left) for dot in row.dots] for row in dots.rows]
    close = written_tolerance(1) / (dots.right - dots.left)
    assert places == [pytest.approx([1, 0.1], abs=close), pytest.approx([0, 0.5], abs=close)]
    assert dots.description == "Leaks. colour: before 50 %, after 5 %; material: before 0 %, after 25 %"


def test_leaks_tell_captions_under_a_rule_apart():
    leaks = {
        "captions": 200,
        "captions_before": {"material": 20},
        "captions_after": {"material": 10},
        "captions_after_with_rule": {"material": 1},
        "captions_with_rule": {"material": 100},
    }
    assert summarise({"leaks": leaks}, 40, (2, 1)).leaks.description == (
        "Leak rate by attribute. material: before 10 %, after 5.0 %, under a rule 1.0 %, answers –"
    )


def test_steps_reach_the_last_image_and_stay_few():
    points = [(number, number) for number in range(100_000)]
    kept = thin_out(points)
    assert kept[0] == (0, 0) and kept[-1] == (99_999, 99_999)
    assert len(kept) <= MAX_POINTS + 2
    assert thin_out([(1, 2), (2, 2), (3, 5), (9, 5)]) == [(1, 2), (3, 5), (9, 5)]
    assert draw_steps("Rules", "", [(1, 2), (3, 4), (9, 4)]).description == "Rules: 2 at image 1, 4 at image 9."


def test_importing_the_report_is_cheap():
    code = "import sys, agents.output.report; print(sorted({'jinja2', 'PIL', 'numpy', 'yaml'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
