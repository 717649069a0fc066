"""The studio in a real browser: a filter, a key, a permalink, and a prompt try-out that changes a caption."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import click, find_all, list_errors, list_hosts, require_browser, showing, wait_for, wait_until

from agents.studio.page import open_page

require_browser()
WRITE = """
const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
set.call(arguments[0], arguments[1]);
arguments[0].dispatchEvent(new Event('input', { bubbles: true }));
"""


@pytest.fixture(scope="module")
def shown(finished: Path, tmp_path_factory: pytest.TempPathFactory):
    root = tmp_path_factory.mktemp("studio-page")
    (root / "uploads").mkdir()
    with open_page(finished, {}, root / "keep") as page, showing(page, root / "uploads") as found:
        yield found


def read_query(driver) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(driver.current_url).query).items()}


def count_rows(driver) -> int:
    return len(find_all(driver, "#browse-list a[data-image]"))


def test_a_filter_a_key_and_the_address(shown, driver):
    driver.get(shown.url)
    wait_until(driver, lambda it: count_rows(it) == 6, "not all images are listed")
    wait_for(driver, "#browse-text textarea, #browse-text input").send_keys("cars")
    wait_until(driver, lambda it: count_rows(it) == 1, "the filter finds others")
    assert read_query(driver)["text"] == "cars" and "cars" in wait_for(driver, "#browse-image").text
    driver.get(f"{shown.url}/?section=browse&image=3")
    wait_until(driver, lambda it: find_all(it, "#browse-list li.open a[data-image='3']"), "the address opens another")
    wait_for(driver, "body").send_keys("j")
    wait_until(driver, lambda it: read_query(it).get("image") == "4", "the key does nothing")
    address = driver.current_url
    driver.get(address)
    wait_until(driver, lambda it: find_all(it, "#browse-list li.open a[data-image='4']"), "the address leads elsewhere")
    assert list_hosts(driver) == {shown.host} and list_errors(driver) == []


def test_a_prompt_that_is_tried_changes_a_caption(shown, driver):
    driver.get(f"{shown.url}/?section=try")
    wait_for(driver, "#try-text textarea")
    click(driver, "#try-file input")
    click(driver, "[role=option]", "lexicon.yaml")
    wait_until(driver, lambda it: "blue(s|ish)" in read_text_of_file(it), "the lexicon is not open")
    lexicon = re.sub(r"\bblue\w*(\([^)]*\))?, ?", "", read_text_of_file(driver))
    driver.execute_script(WRITE, wait_for(driver, "#try-text textarea"), lexicon)
    click(driver, "#try-go")
    wait_for(driver, "#try-found .badge.revised", "changed")
    assert "A blue car and a car" in wait_for(driver, "#try-found").text
    assert "lexicon.yaml" in wait_for(driver, "#try-edited").text
    assert list_hosts(driver) == {shown.host} and list_errors(driver) == []


def read_text_of_file(driver) -> str:
    return str(wait_for(driver, "#try-text textarea").get_attribute("value"))
