"""The talk in a real browser: two tiny models side by side, an image that is handed over, two people at once."""

import base64
import json
import tempfile
from pathlib import Path

import pytest
from browser import click, find_all, list_errors, list_hosts, require_browser, showing, wait_for, wait_until
from PIL import Image
from tiny_families import build_family

from tools.prompts import DEFAULT_PACK
from trainer.model.assembled import Assembled
from trainer.output.talk.local import LocalModel
from trainer.output.talk.prompting import Context
from trainer.output.talk.talk import Opening

require_browser()
WORDS = 12


@pytest.fixture(scope="module")
def shown():
    from trainer.output.talk.web import make_page

    models = tuple(LocalModel(Assembled(*build_family(name)), name, WORDS) for name in ("llava", "qwen3_vl"))
    with (
        tempfile.TemporaryDirectory() as folder,
        showing(make_page(Opening(models, Context(DEFAULT_PACK), None, False)), Path(folder)) as page,
    ):
        yield page


def ask(driver, text):
    wait_for(driver, "#question textarea").send_keys(f"{text}\n")


def test_two_models_answer_side_by_side_in_two_browsers(shown, tmp_path, driver, other_driver):
    image = tmp_path / "warm & <b>cold<b>.png"
    Image.linear_gradient("L").resize((90, 60)).save(image)
    for each in (driver, other_driver):
        each.get(shown.url)
    ask(driver, "What is warm?")
    wait_for(driver, "#talk .error", "choose an image first")
    driver.find_element("css selector", "#image input[type=file]").send_keys(str(image))
    wait_for(driver, "#seen figcaption", "cold")  # Gradio keeps letters and digits of a name
    assert len(find_all(driver, "#seen .sights figure")) == 2
    click(driver, "#ask")
    wait_for(other_driver, "#talk .none", "Choose an image")
    wait_for(driver, "#save-talk")
    assert [one.text for one in find_all(driver, "#talk h5")] == ["llava", "qwen3_vl"]
    click(driver, "#context input")
    ask(driver, "And <i>what</i> is cold?")
    wait_until(driver, lambda it: len(find_all(it, "#talk .turn")) == 2 and find_all(it, "#save-talk"))
    link = driver.find_element("id", "save-talk").get_attribute("href")
    rows = [json.loads(line) for line in base64.b64decode(link.partition(",")[2]).decode().splitlines()]
    assert [(row["question"], row["context"]) for row in rows] == [
        ("What is warm?", False), ("And <i>what</i> is cold?", True),
    ]  # fmt: skip
    assert all(said["answer"] for row in rows for said in row["said"]) and "cold" in rows[0]["image"]
    answers = [one.text for one in find_all(driver, "#talk .answer p")]
    assert answers[0].split() == rows[0]["said"][0]["answer"].split()
    assert find_all(other_driver, "#talk .turn") == [], "the other person sees this talk"
    click(driver, "#anew")
    wait_for(driver, "#talk .none", "Choose an image")
    assert list_hosts(driver) == {shown.host} and list_errors(driver) == []
