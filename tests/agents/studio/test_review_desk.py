"""The review section without a browser: what comes next, what is kept, and texts that stay texts."""

import re
import shutil

import pytest
from killing import ROOT
from reviewing import say, write

from agents.review.book import ReviewBook
from agents.review.draft import read_draft, write_draft
from agents.review.plan import PlanSettings, draw_plan, read_population, write_plan
from agents.review.record import read_categories
from agents.store.run_store import RunStore
from agents.studio.opened import OpenRun
from agents.studio.review.desk import Desk
from agents.studio.review.views import show_item, show_note, show_progress
from tools.errors import UsageError
from tools.records import Message

HOSTILE = (
    "<script>window.__pwned = 1</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea></style>--><h1>out</h1>",
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% for x in y %} ${1}",
    "&lt;b&gt; & \u2028 \u202e",
)
PACK = ROOT / "prompts/infrared"


@pytest.fixture
def run(reviewable, tmp_path):
    return shutil.copytree(reviewable, tmp_path / "run")


def change_captions(run, texts):
    """Give the captions of the run's images other words."""
    with RunStore(run, create=True) as store:
        results = list(store.read_results())
        with store.write_together() as db:
            for result, text in zip(results, texts, strict=False):
                pairs = (result.pairs[0].model_copy(update={"caption": text}), *result.pairs[1:])
                row = (result.model_copy(update={"pairs": pairs}).write(), result.index)
                db.execute("UPDATE results SET result = ? WHERE position = ?", row)


def save(desk, spot, name, verdict="accept", **more):
    return desk.save(spot, name, verdict, **{"categories": [], "draft": "", "settles": False, **more})


def test_each_reviewer_goes_through_all_texts_once_and_others_do_not_matter(run):
    desk = Desk(OpenRun(run), PACK)
    with RunStore(run) as store:
        ids = [text.key for text in read_population(store).accepted]
    seen, spot = [], desk.begin("accepted", "Ann")
    while spot.place is not None:
        seen.append(spot.place.key)
        spot = save(desk, spot, "Ann")
    assert seen == ids
    assert desk.begin("accepted", "ann ").place is None
    assert desk.begin("accepted", "Ben").place.key == ids[0]
    assert desk.measure("accepted", "Ben")[:2] == (0, len(ids))
    assert desk.begin("objected", "Ann").place is not None


def test_what_is_left_for_later_comes_again_and_one_can_go_back(run):
    desk = Desk(OpenRun(run), PACK)
    first = desk.begin("accepted", "Ann")
    second = desk.skip(first, "Ann")
    third = save(desk, second, "Ann")
    assert desk.go_back(third).place == second.place and desk.go_back(desk.go_back(third)).place == first.place
    spot = third
    for _ in range(100):
        spot = save(desk, spot, "Ann")
        if spot.place == first.place:
            break
    assert spot.place == first.place, "what was skipped comes at the end"


def test_the_plan_is_followed_in_its_order(run):
    with RunStore(run) as store:
        plan = draw_plan(read_population(store), PlanSettings(error=0.2, objected=2))
    write_plan(run, plan)
    desk = Desk(OpenRun(run), PACK)
    assert desk.choose_queue() == "plan"
    spot = desk.begin("plan", "Ann")
    for number, entry in enumerate(plan.entries):
        assert spot.place.key == entry.key and desk.measure("plan", "Ann")[:3] == (number, number, len(plan.entries))
        spot = save(desk, spot, "Ann")
    assert spot.place is None and "No text of a plan is left" in show_item(desk, spot)


def test_a_conflict_is_shown_with_who_said_what_and_settled_on_purpose_only(run):
    desk = Desk(OpenRun(run), PACK)
    spot = desk.begin("accepted", "Ann")
    save(desk, spot, "Ann")
    assert "Ann" not in show_item(desk, desk.begin("accepted", "Ben")), "nobody is led by what others said"
    save(desk, desk.begin("accepted", "Ben"), "Ben", "reject", categories=["colour"])
    open_one = desk.begin("conflicts", "Cy")
    page = show_item(desk, open_one)
    assert open_one.place == spot.place and "Ann" in page and "Ben" in page and "colour" in page
    still = save(desk, open_one, "Cy")
    assert still.place == spot.place and desk.measure("conflicts", "Cy").conflicts == 1
    assert save(desk, still, "Cy", settles=True).place is None
    assert ReviewBook(run).decide(spot.place.key) == "accept"


def test_a_text_that_changed_while_it_was_open_is_not_reviewed(run):
    desk = Desk(OpenRun(run), PACK)
    spot = desk.begin("accepted", "Ann")
    change_captions(run, ["Another text."])
    with pytest.raises(UsageError, match="says something else there now; nothing was saved"):
        save(desk, spot, "Ann")
    assert not (run / "reviews.jsonl").exists() and "says something else here now" in show_item(desk, spot)


@pytest.mark.parametrize(
    ("name", "verdict", "more", "words"),
    [
        ("", "accept", {}, "needs the name"),
        ("Ann", "reject", {}, "needs a category"),
        ("Ann", "reject", {"categories": ["<b>"]}, "is no category"),
        ("Ann", "edit", {"draft": " "}, "1 to 20,000"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_saved(run, name, verdict, more, words):
    desk = Desk(OpenRun(run), PACK)
    with pytest.raises(UsageError, match=words):
        save(desk, desk.begin("accepted", name), name, verdict, **more)
    assert not (run / "reviews.jsonl").exists()


def test_another_process_reviews_at_the_same_time(run):
    desk = Desk(OpenRun(run), PACK)
    spot = desk.begin("accepted", "Ann")
    write(run, desk.find(spot.place), "Ann", "accept")
    assert desk.begin("accepted", "Ann").place != spot.place


def list_tags(page):
    return set(re.findall(r"<\s*/?\s*([a-zA-Z]+)", page))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(run, text):
    plain = show_item(Desk(OpenRun(run), PACK), Desk(OpenRun(run), PACK).begin("accepted", "Ann"))
    change_captions(run, [text])
    desk = Desk(OpenRun(run), PACK)
    spot = desk.begin("accepted", "Ann")
    page = show_item(desk, spot)
    assert list_tags(page) == list_tags(plain) and not re.search(r"<[^>]*\son\w+=", page)
    save(desk, spot, "Ann")
    settled = desk.find(spot.place)
    desk.book.write(say(settled, text, "edit", edited=f"{text} {text}"))
    page = show_item(desk, desk.begin("conflicts", "Cy"))
    assert list_tags(page) <= list_tags(plain) | {"ul", "li", "strong", "span", "div", "section", "h"}
    assert not re.search(r"<[^>]*\son\w+=", page)
    assert "<script" not in show_note(text) + show_progress("plan", desk.measure("plan", text))


def test_categories_are_those_of_the_pack_and_of_the_rules(run, tmp_path):
    with RunStore(run) as store:
        known, without = read_categories(store, PACK), read_categories(store, tmp_path / "gone")
    assert list(known)[-1] == "other" and {"colour", "count"} <= set(known)
    assert "colour" in without and len(without) < len(known), "the seed rules name some of them"


TALK = tuple(
    Message(role=role, content=content)
    for role, content in (("user", "What?\nAnd where?"), ("assistant", "-- question 1 --\nA dog.\n\nThere."))
)


def test_a_draft_comes_back_as_it_was_whatever_it_says():
    assert read_draft("A dog.", " A dog. ") == "A dog."
    draft = write_draft(TALK)
    assert draft.startswith("--- question 1 ---\n") and read_draft(TALK, draft) == TALK
    assert read_draft(TALK, draft.replace("\n", "\r\n").replace("There", "Here"))[1].content.endswith("Here.")
    for text in HOSTILE:
        talk = (TALK[0], Message(role="assistant", content=text))
        assert read_draft(talk, write_draft(talk)) == talk


@pytest.mark.parametrize(
    "change", [("--- answer 1 ---\n", ""), ("--- answer 1 ---", "--- answer 1 ---\n--- answer 1 ---")]
)
def test_a_draft_without_its_lines_is_refused(change):
    with pytest.raises(UsageError, match="leave the lines"):
        read_draft(TALK, write_draft(TALK).replace(*change))
