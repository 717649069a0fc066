"""What pagers of all studios share: names of keys and buttons, and the page that an address names."""

import pytest

from tools.web.pager import PagerNames, read_page

NAMES = PagerNames("questions", "bench", "question", 160)


def test_keys_press_the_buttons_that_name_them():
    buttons = dict(NAMES.list_buttons())
    assert buttons["next"] == "Question after (j)" and buttons["page-back"] == "Page back (p)"
    keys = NAMES.write_keys()
    for end, text in buttons.items():
        assert f'studio.key("questions", "{text[-2]}", "bench-{end}");' in keys
    assert keys.count("studio.key") == 6, "and the two arrows"
    assert "1,234 questions, page 2 of 52" in NAMES.write_state(1234, 2, 52)


@pytest.mark.parametrize(
    ("text", "page"), [("7", 7), ("", 1), ("0", 1), ("-3", 1), ("²", 1), ("x", 1), ("9" * 5000, 999_999_999)]
)
def test_an_address_names_a_page_or_the_first(text, page):
    assert read_page({"page": text}) == page


def test_an_address_without_a_page():
    assert read_page({}) == 1
