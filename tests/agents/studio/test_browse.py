"""The studio's list, filters and pages, on a run that is only read; hostile texts and paths are inert."""

import itertools
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agents.studio.browse import library as library_module
from agents.studio.browse.library import Library, Spot
from agents.studio.browse.tab import Tab
from agents.studio.browse.turns import list_turns
from agents.studio.browse.views import show_image, show_list, write_address
from agents.studio.index import build as build_module
from agents.studio.index.build import INDEX_FILE, IndexBuilder
from agents.studio.index.filters import Filters, read_filters
from agents.studio.index.find import write_match
from agents.studio.index.rows import count
from agents.studio.opened import OpenRun
from agents.studio.rules.history import read_histories
from agents.studio.rules.tab import show_rules
from tools.web.pictures import Absent, read_picture

NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% for x in y %} ${alert(1)}",
    "&lt;b&gt; \u2028 \u202e",
)
TAGS = {
    "div", "ol", "ul", "li", "a", "img", "span", "strong", "p", "article", "header", "h3", "h4", "h5", "code", "figure",
    "figcaption", "section", "details", "summary", "ins", "del", "mark", "sup", "q", "svg", "rect",
}  # fmt: skip


@pytest.fixture
def library(finished: Path, tmp_path: Path) -> Iterator[Library]:
    yield from open_library(finished, tmp_path)


def open_library(run: Path, keep: Path) -> Iterator[Library]:
    builder = IndexBuilder(run, keep)
    builder.begin()
    builder.wait()
    assert builder.is_done and builder.fault is None
    yield Library(OpenRun(run), builder)


def find(library: Library, **filters: str) -> list[str]:
    return [str(slim.image_id) for slim in library.list(Spot(read_filters(filters))).images]


def read_leaks(folder: Path) -> set[int]:
    with closing(sqlite3.connect(folder / INDEX_FILE)) as index:
        return {leaks for (leaks,) in index.execute("SELECT leaks FROM images")}


def test_an_index_that_other_code_built_is_built_anew(finished: Path, tmp_path: Path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_module, "hash_code", lambda *_: "before an upgrade", raising=False)
        patch.setattr(build_module, "count", lambda slim: count(slim)._replace(leaks=99))
        next(open_library(finished, tmp_path))
    assert read_leaks(tmp_path) == {99}
    next(open_library(finished, tmp_path))
    assert 99 not in read_leaks(tmp_path)


@pytest.mark.parametrize("page", ["²", "9" * 5000])
def test_an_address_with_a_page_that_is_none_opens(library: Library, page: str):
    *_, spot, address = Tab(library).open({"page": page, "image": "2"})
    assert spot.page == 1 and spot.image == "2" and "image=2" in address


def test_filters_find_what_the_results_say(library: Library):
    results = list(library.run.store.read_results())
    assert find(library) == [result.image_id for result in results]
    for category in {one.category for result in results for made in result.caption_rounds for item in made.objected
                     for one in item.objections}:  # fmt: skip
        wanted = [
            result.image_id for result in results
            if any(one.category == category for made in result.caption_rounds for item in made.objected
                   for one in item.objections)
            or any(one.category == category for debate in result.debates for made in debate.rounds
                   for one in made.verdict.objections)
        ]  # fmt: skip
        assert find(library, category=category) == wanted != []
    rule = next(rule for result in results for pair in result.pairs for rule in pair.applied)
    changed = [result.image_id for result in results if any(rule in pair.applied for pair in result.pairs)]
    assert set(find(library, rule=rule)) >= set(changed) != set()
    assert find(library, verdict="rejected") == []
    named = [result.image_id for result in results if any("bench in a park" in pair.original for pair in result.pairs)]
    assert find(library, kind="reasoning", round="1", text="bench park") == named != []
    assert find(library, text='bench") OR ("cup') == [] and write_match('"*') == '""'


def test_an_order_sorts_all_images(library: Library):
    results = {result.image_id: result for result in library.run.store.read_results()}
    named = find(library, sort="edits")
    edits = [sum(pair.caption != pair.original for pair in results[name].pairs) for name in named]
    assert edits == sorted(edits, reverse=True) and len(named) == len(results) and edits[0] > 0


def test_steps_lead_over_the_edges_of_pages(library: Library, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(library_module, "PAGE_SIZE", 2)
    spot, seen = Spot(image="1"), ["1"]
    for _ in range(6):
        spot = library.step(spot, 1)
        seen.append(spot.image)
    assert seen == ["1", "2", "3", "4", "5", "6", "6"] and spot.page == 3
    assert library.step(Spot(page=3, image="5"), -1) == Spot(page=2, image="4")
    spot = Spot(Filters(text="a <b>", category="colour"), 2, "x/y&z")
    assert write_address(spot) == "section=browse&category=colour&text=a+%3Cb%3E&page=2&image=x%2Fy%26z"
    assert library.list(Spot(page=99)).spot.page == 3


def test_nothing_is_written_into_the_run(finished: Path, tmp_path: Path):
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*")}
    (opened,) = open_library(finished, tmp_path)
    show_image(opened, "1", opened.rule_texts.read()), show_rules(opened)
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*")} == before


def test_an_index_grows_with_its_run_and_is_built_anew_for_another(finished: Path, tmp_path: Path):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    seen = OpenRun(run)
    assert seen.store.read_progress().done == 6
    with sqlite3.connect(run / "run.sqlite") as store:
        store.execute("CREATE TABLE aside AS SELECT * FROM results WHERE position > 3")
        store.execute("DELETE FROM results WHERE position > 3")
    (opened,) = open_library(run, tmp_path)
    assert opened.index.count() == 4 and seen.store.read_progress().done == 4
    with sqlite3.connect(run / "run.sqlite") as store:
        store.execute("INSERT INTO results SELECT * FROM aside")
    (opened,) = open_library(run, tmp_path)
    assert opened.index.count() == 6 and sum(opened.index.read_counts("verdict").values()) >= 6
    with sqlite3.connect(run / "run.sqlite") as store:
        store.execute("UPDATE meta SET value = '1' WHERE key = 'draw'")
        store.execute("DELETE FROM results WHERE position < 3")
    (opened,) = open_library(run, tmp_path)
    assert opened.index.count() == 3


def test_of_very_many_values_a_filter_lists_the_commonest(finished: Path, tmp_path: Path, monkeypatch):
    (opened,) = open_library(finished, tmp_path)
    numbers = opened.index.read_counts("rule")
    assert len(numbers) > 2
    few = opened.index.read_counts("rule", 2)
    assert len(few) == 2 and min(few.values()) >= max(number for name, number in numbers.items() if name not in few)
    monkeypatch.setattr("agents.studio.browse.tab.MOST_CHOICES", 2)
    assert {value for _, value in Tab(opened)._list_choices("rule")} == {"", *few}


class Parts(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}


def test_hostile_texts_are_inert_in_every_view(finished: Path, tmp_path: Path):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    with sqlite3.connect(run / "run.sqlite") as store:
        for table, column in (("results", "result"), ("mined", "text"), ("mined", "objection")):
            for position, text in store.execute(f"SELECT position, {column} FROM {table}").fetchall():
                nasty = NASTY[position % len(NASTY)]
                escaped = nasty.replace('"', '\\"') if column == "result" else nasty
                new = re.sub(r"\b(?:bench|cars?|dog|cup|people)\b", lambda _: escaped, text)  # noqa: B023
                store.execute(f"UPDATE {table} SET {column} = ? WHERE position = ?", (new, position))
    (opened,) = open_library(run, tmp_path)
    pages = [show_list(opened.list(Spot())), show_rules(opened), show_image(opened, "<script>", {})]
    pages += [show_image(opened, str(number), opened.rule_texts.read()) for number in range(1, 7)]
    found = "".join(pages)
    parts = Parts(found)
    assert parts.tags <= TAGS and not [name for name in parts.names if name.startswith("on")]
    assert not [link for link in parts.links if not link.startswith(("?", "picture/"))]
    assert "&lt;script&gt;alert(1)" in found and "{{ 7 * 7 }}" in found


def test_pictures_come_by_id_and_never_from_elsewhere(finished: Path, tmp_path: Path):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    opened = OpenRun(run)
    for kind in ("photo", "image"):
        assert read_picture(opened.pictures[kind]("1"), 160)[:2] == b"\xff\xd8"
        assert opened.pictures[kind]("../../etc/passwd") is None
    secret = tmp_path / "secret.png"
    shutil.copy(next(run.glob("images/*/1.png")), secret)
    place = next(run.glob("images/*/1.png"))
    place.unlink()
    place.symlink_to(secret)
    with pytest.raises(Absent, match="link that leads out"):
        read_picture(opened.pictures["image"]("1"), 160)
    with sqlite3.connect(run / "run.sqlite") as store:
        store.execute("UPDATE results SET result = json_set(result, '$.image', '../secret.png') WHERE position = 1")
    with pytest.raises(Absent, match="leads out of its folder"):
        read_picture(opened.pictures["image"]("2"), 160)


def test_the_talk_has_every_objection_with_its_words_marked(library: Library):
    for result in library.run.store.read_results():
        turns = list_turns(result)
        for before, turn in itertools.pairwise(turns):
            for number, objection in enumerate(turn.objections, 1):
                marked = {part.text for line in before.lines for part in line.text if part.mark == number}
                assert marked == {objection.quote}
        rounds = len(result.caption_rounds) + sum(len(debate.rounds) for debate in result.debates)
        assert sum(turn.agent == "debate" for turn in turns) == rounds


def test_a_rule_knows_where_it_was_mined_and_what_it_changed(library: Library):
    results = list(library.run.store.read_results())
    for history in read_histories(library.run.store, library.index):
        applied = sum(history.rule.id in pair.applied for result in results for pair in result.pairs)
        assert history.used == applied and len(history.mined) == history.support
        holders = [result.image_id for result in results if history.rule.id in result.rules]
        assert history.since == (holders[0] if holders else "")
