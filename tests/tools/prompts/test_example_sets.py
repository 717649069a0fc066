"""Sets of worked examples, of which a request shows one, and directives, of which an image gets its own."""

from collections import Counter

import pytest

from tools.errors import UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.folder import load_prompts
from tools.prompts.requests import load_directives
from tools.records import SENSOR_KINDS

HEAD = """---
id: probe
version: 1
description: a prompt with sets
inputs: {topic: what it is about}
output: text
sampling: {temperature: 0, n: 1, max_tokens: 5}
---
"""
BODY = """# system

Say something.

# user

always

# assistant

yes

# user 1

one

# assistant 1

first

# user 2

two

# assistant 2

second

# user

{{ topic }}
"""


def write(folder, body):
    (folder / "probe.md").write_text(HEAD + body, encoding="utf-8")
    return load_prompts(folder)["probe"]


def test_a_request_shows_what_has_no_number_and_one_set(tmp_path):
    prompt = write(tmp_path, BODY)
    assert prompt.example_sets == (1, 2)
    shown = {
        point: [message.content for message in prompt.render(point, topic="cats")] for point in (0.0, 0.49, 0.5, 0.99)
    }
    assert shown[0.0] == shown[0.49] == ["Say something.", "always", "yes", "one", "first", "cats"]
    assert shown[0.5] == shown[0.99] == ["Say something.", "always", "yes", "two", "second", "cats"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("# assistant 2", "# assistant 1", "not of the set of its question"),
        ("# user\n\n{{", "# user 3\n\n{{", "the request itself belongs to no set"),
        ("# system", "# system 1", "the system message belongs to no set"),
        ("# user 2", "# user zwei", "is no section"),
    ],
)
def test_a_wrong_number_is_told_with_its_line(tmp_path, old, new, told):
    with pytest.raises(UsageError, match=told):
        write(tmp_path, BODY.replace(old, new))


def test_every_writer_of_the_pack_has_four_sets_and_all_are_shown():
    prompts = load_prompts(DEFAULT_PACK)
    for kind in SENSOR_KINDS:
        assert len(prompts[kind].example_sets) >= 4, kind


def test_directives_differ_between_images_and_stay_with_theirs():
    directives = load_directives(DEFAULT_PACK)
    for kind in SENSOR_KINDS:
        drawn = [directives.draw(kind, 0, str(number)) for number in range(200)]
        assert drawn == [directives.draw(kind, 0, str(number)) for number in range(200)]
        assert drawn != [directives.draw(kind, 1, str(number)) for number in range(200)]
        commonest = Counter(lines[0] for lines in drawn).most_common(1)[0][1]
        assert len(set(drawn)) > 60 and commonest < 100, kind


def test_an_empty_line_asks_for_nothing_and_a_pack_needs_no_directives(tmp_path):
    assert load_directives(tmp_path).draw("description", 0, "1") == ()
    (tmp_path / "directives.yaml").write_text('description:\n  opening: ["", Begin on the left.]\n')
    drawn = {load_directives(tmp_path).draw("description", 0, str(number)) for number in range(20)}
    assert drawn == {(), ("Begin on the left.",)}


@pytest.mark.parametrize(
    "text", ["poem: {}", "description: [a]", "description: {opening: []}", "description: {opening: [1]}"]
)
def test_what_is_no_list_of_directives_is_refused(tmp_path, text):
    (tmp_path / "directives.yaml").write_text(text)
    with pytest.raises(UsageError, match=r"directives\.yaml"):
        load_directives(tmp_path)
