"""Two people review a run in real browsers: texts stay texts, a killed server loses nothing, and it is exported."""

import json
import shutil
from urllib.parse import urlsplit

import pytest
from browser import (
    click,
    find_all,
    find_scripts,
    leave,
    list_hosts,
    require_browser,
    serving,
    showing,
    wait_for,
    wait_until,
)
from calling import call_here

from agents.review.book import ReviewBook
from agents.review.plan import PlanSettings, draw_plan, read_population, write_plan
from agents.store.run_store import RunStore
from agents.studio.page import open_page

require_browser()
HOSTILE = '<img src=x onerror="window.__pwned = 1"><script>window.__pwned = 2</script> {{ 7 * 7 }}'
REPLACED = "A person </textarea><script>window.__pwned = 3</script> by a wall."


@pytest.fixture
def run(reviewable, tmp_path):
    """A run whose first caption is hostile."""
    made = shutil.copytree(reviewable, tmp_path / "run")
    with RunStore(made, create=True) as store:
        result = store.find_result("1")
        pairs = (result.pairs[0].model_copy(update={"caption": HOSTILE}), *result.pairs[1:])
        with store.write_together() as db:
            row = (result.model_copy(update={"pairs": pairs}).write(), result.index)
            db.execute("UPDATE results SET result = ? WHERE position = ?", row)
    return made


def open_review(driver, served, name):
    driver.get(f"{served.url}/?section=review")
    field = wait_for(driver, "#review-name textarea, #review-name input")
    wait_for(driver, "#review-item .review-text")
    if field.get_attribute("value") != name:
        field.send_keys(name + "\n")
    wait_until(driver, lambda it: read_name(it) == name, "the name")


def read_name(driver):
    return wait_for(driver, "#review-name textarea, #review-name input").get_attribute("value")


def read_id(driver):
    return wait_for(driver, "#review-item header code").text


def press(driver, key):
    """A key of the page, with nothing in focus."""
    driver.execute_script("document.activeElement && document.activeElement.blur()")
    find_all(driver, "body")[0].send_keys(key)


def choose(driver, label):
    click(driver, "#review-queue input")
    click(driver, "[role=option]", label)


def test_two_people_review_and_what_they_say_is_exported(run, tmp_path, driver, other_driver):
    ann, ben = driver, other_driver
    with serving("agents", "serve", run, "--keep", tmp_path / "keep", log=tmp_path / "log") as served:
        open_review(ann, served, "Ann")
        open_review(ben, served, "Ben")
        assert wait_for(ann, "#review-item .review-text").text == HOSTILE
        press(ann, "r")
        wait_for(ann, "#review-note .notice", "needs a category")
        press(ann, "1")
        wait_until(ann, lambda it: find_all(it, "#review-categories input:checked"), "no category is chosen")
        press(ann, "r")
        wait_for(ann, "#review-note", "Saved: 1-0 rejected by Ann.")
        assert not find_all(ann, "#review-categories input:checked")
        assert read_id(ann) == "1-1" and read_id(ben) == "1-0"
        press(ann, "e")
        field = wait_for(ann, "#review-draft textarea")
        assert field.get_attribute("value") == "Two cars on a street."
        field.clear()
        field.send_keys(REPLACED)
        click(ann, "#review-save")
        wait_for(ann, "#review-note", "Saved: 1-1 edited by Ann.")
        press(ben, "a")
        wait_for(ben, "#review-note", "Saved: 1-0 accepted by Ben.")
        wait_for(ben, "#review-progress", "1 texts reviewed by you, 2 by anybody · conflicts: 1")
        served.kill()
    assert (find_scripts(ann), find_scripts(ben)) == ("", "")
    hosts = list_hosts(ann) | list_hosts(ben)
    leave(ann), leave(ben)
    book = ReviewBook(run)
    assert {key.id for key in book.list_keys()} == {"1-0", "1-1"} and len(book.list_conflicts()) == 1
    with RunStore(run) as store:
        write_plan(run, draw_plan(read_population(store), PlanSettings(error=0.5)))
    (tmp_path / "uploads").mkdir()
    port = urlsplit(served.url).port
    with open_page(run, {}, tmp_path / "keep") as page, showing(page, tmp_path / "uploads", port) as again:
        ann.get(f"{again.url}/?section=review")
        wait_until(ann, lambda it: read_name(it) == "Ann", "the browser has forgotten the name")
        wait_for(ann, "#review-progress", "of the plan's")
        choose(ann, "Conflicts")
        opinions = wait_for(ann, "#review-item .opinions")
        assert "Ann" in opinions.text and "Ben" in opinions.text
        click(ann, "#review-settles input")
        press(ann, "a")
        wait_for(ann, "#review-note", "Saved: 1-0 accepted by Ann.")
        wait_for(ann, "#review-item", "People do not differ about any text.")
        hosts |= list_hosts(ann)
        assert find_scripts(ann) == ""
        leave(ann)
    assert hosts == {served.host}
    done = call_here(
        "agents", "export", str(run), "--format", "llava", "--reviewed", "only", "--out", str(tmp_path / "out")
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "out/pretrain.json").read_text())
    assert [(row["id"], row["conversations"][1]["value"]) for row in rows] == [("1-0", HOSTILE), ("1-1", REPLACED)]
