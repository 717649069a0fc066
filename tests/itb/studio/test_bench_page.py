"""A benchmark in a real browser: from a cell of the grid to a question, filters, keys, permalink."""

import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import click, find_all, list_errors, list_hosts, require_browser, showing, wait_for, wait_until
from calling import call_here
from mini_bench import write_bench

from itb.report import make_report
from itb.studio.answers import Answers

require_browser()


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    from itb.studio.tab import make_page

    root = tmp_path_factory.mktemp("bench")
    write_bench(root / "bench", tasks=("locate", "scene"), images=45)
    for model in ("chance", "majority"):
        assert (
            call_here("itb", "eval", root / "bench", "--model", model, "--out", root / f"{model}.jsonl").returncode == 0
        )
    report = make_report([root / "chance.jsonl", root / "majority.jsonl"], root / "bench")
    with (
        tempfile.TemporaryDirectory() as folder,
        showing(make_page(Answers(report, report.bench)), Path(folder)) as page,
    ):
        yield page


def read_query(driver):
    return {name: values[0] for name, values in parse_qs(urlsplit(driver.current_url).query).items()}


def read_item(driver):
    return wait_for(driver, "#bench-question code").text


def test_from_the_grid_to_a_question_and_back_by_its_address(shown, driver):
    driver.get(shown.url)
    wait_for(driver, "#bench-state", "30 questions, page 1 of 2")
    click(driver, "#bench-grid tbody tr:nth-child(2) td:nth-child(2) a")
    wait_until(driver, lambda it: read_query(it).get("outcome") == "wrong", "the address says nothing")
    assert (read_query(driver)["task"], read_query(driver)["model"]) == ("scene", "chance")
    wait_until(driver, lambda it: all("chance: wrong" in one.text for one in find_all(it, "#bench-list li")))
    first = read_item(driver)
    assert read_query(driver)["item"] == first and "scene" in first
    assert wait_for(driver, "#bench-question .evidence img").get_attribute("src").startswith("data:image/jpeg")
    assert [one.text for one in find_all(driver, "#bench-question h4")] == ["chance", "majority"]
    wait_for(driver, "body").send_keys("j")
    wait_until(driver, lambda it: read_item(it) != first, "the key does nothing")
    second, address = read_item(driver), driver.current_url
    driver.get(address)
    wait_until(driver, lambda it: read_item(it) == second, "the address leads elsewhere")
    field = wait_for(driver, "#bench-text textarea, #bench-text input")
    field.send_keys("left")
    wait_until(driver, lambda it: "0 questions" in wait_for(it, "#bench-state").text, "the text finds others")
    driver.get(f"{shown.url}/?section=questions&task=locate")
    wait_until(driver, lambda it: find_all(it, "#bench-question .box"), "no box is drawn")
    click(driver, "#studio-sections [role=tab]", "Tables")
    wait_for(driver, "#bench-tables h3", "Paired comparison")
    assert list_hosts(driver) == {shown.host} and list_errors(driver) == []
