"""Any right answer, said in many ways, is read as that answer; what could mean two things is read as none."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itb.answers import read_reply
from itb.benchmark.ask import Question
from tests.itb.answers.test_answers import WORDS, make_item

CASES = Path(__file__).parents[4] / "shared" / "cases" / "answers" / "replies.json"
LETTERS = "ABCD"
OPTIONS = ("car", "person", "bicycle", "dog")
MARKS = ("A", "B")
TASKS = {
    "option": ("option", "recognition", "What is in the middle of the image?"),
    "polarity": ("option", "modality", "Which polarity has the image?"),
    "absent": ("option", "security", "Which of these is not in the image?"),
    "warmer": ("option", "temperature", "Two places are marked A and B. Which one is warmer?"),
    "count": ("number", "pedestrian_count", "How many pedestrians are in this infrared image?"),
    "yes_no": ("yes_no", "locate", "Is the person to the left of the car?"),
    "measure": ("measure", "temperature", "What is the temperature at the mark, in degrees Celsius?"),
}
SAID = (
    "{0}", "{0}.", "**{0}**", "`{0}`", "Answer: {0}", "**Answer:** {0}", "### Answer\n{0}", "The answer is {0}.",
    "Final answer: {0}", "The final answer is **{0}**.", "So the answer is {0}.", "Therefore, the answer is {0}.",
    "\\boxed{{{0}}}", "$\\boxed{{\\text{{{0}}}}}$", "<answer>{0}</answer>", "<|begin_of_box|>{0}<|end_of_box|>",
    '{{"answer": "{0}"}}', '```json\n{{"answer": "{0}"}}\n```', '{{"reasoning": "{1}, or {1}?", "answer": "{0}"}}',
    "<think>Is it {1}? No, {1}...</think>{0}", "It could be {1}.\n</think>\n\n{0}", "{0}<|im_end|>", "Assistant: {0}",
    "At first I thought of {1}. Final answer: {0}", "答案是{0}", "答案:{0}。", "正确答案是{0}", "I would say {0}.",
)  # fmt: skip
"""Every form's answers can be said so: {0} is the answer, {1} another one."""
OPTION_SAID = (
    "{2}", "({2})", "{2}.", "{2}) {0}", "{2}. {0}", "{2}: {0}", "({2}) {0}", "Option {2}", "Choice: {2}", "选{2}",
    "I would go with {2}, the {0}.", "It is the {0}, not the {1}.", "The {0}.", "The correct option is {2}: {0}",
    "{3} is not right, so {2}", "I considered ({3}), but it is incorrect. The answer is {2}.", "{2}、{0}",
    "The answer is {2}. Note that {3} is a common distractor.", "The answer is {2}, not {3}.", "({2}) is correct.",
    "Option {3}: no {1} is visible. Option {2}: a {0} is visible. Answer: {2}", "The {1} is not there; it is the {0}.",
    "The correct option is {2}.\n- Option {3}: no {1} is visible.", "the correct answer is {2} because of its shape",
)  # fmt: skip
"""{0} is the option's text and {2} its letter; {1} and {3} are another's."""
ABSENT_SAID = (
    "There is no {0}.", "The {0} is absent; {1} are visible.", "I can see {1}, so the answer is {0}.", "no {0}",
    "The image contains {1}. There isn't a {0}.", "I see {1}, but no {0}.", "The {0} is missing.",
)  # fmt: skip
"""{0} is not there; {1} are the other three."""
WARMER_SAID = (
    "{0} is warmer than {1}.", "{1} is cooler than {0}.", "Mark {0} is hotter than mark {1}.", "{0} > {1}", "{1} < {0}",
    "{0} has a higher temperature than {1}.", "The warmer place is {0}.", "({0}) is warmer than ({1})",
    "Mark {0} appears brighter than mark {1}, so {0} is warmer.", "Compared to {1}, {0} is warmer.",
    "It is warmer at {0} than at {1}.", "{1} is not as warm as {0}", "{1} is less warm than {0}",
    "{0} is the hotter one",
    "The temperature at {0} is higher than at {1}.", "{1} is darker, so {0} is warmer.", "{0} is warmer",
    "{0}, because {0} is hotter than {1}.", "The answer is {0} because {1} is colder.", "The hottest mark is {0}",
)  # fmt: skip
COUNT_SAID = (
    "There are {0} people.", "I count {0} people: {2} on one side and {3} on the other.", "{0}人", "共有{0}个人",
    "{0} people ({2} near, {3} far)", "{2} on the left and {3} on the right. Total: {0}", "{2} + {3} = {0}",
    "{2} on the left, {3} on the right, {0} in total", "A total of {0} people", "1. There are {0} people.", "about {0}",
    "The image, taken at 10 pm, shows {0} people.", "There are {0} people and 77 cars.", "not {1} but {0}", "~{0}",
    "{2} adults and {3} children, so {0} people.", "The number of cars is 77. There are {0} people.", "图中有{0}个行人",
    "There are {0} people in the 2nd row.", "The number of pedestrians is {0}.", '{{"count": {0}}}',
)  # fmt: skip
YES_NO_SAID = (
    "{0}, it seems so to me, although it is dark.", "It is dark, so {0}.", "{0}. I see a person; no other objects.",
    "Yes or no? {0}.", "Yes/No: {0}", "Most likely {0}", "I cannot be certain, but likely {0}", "{0}!", "No doubt: {0}",
    "The image is dark, but the answer is {0}",
)  # fmt: skip
MEASURE_SAID = (
    "{0} °C", "about {0} °C", "It is {0} degrees Celsius.", "The temperature is {0} °C.", "{0}摄氏度", "≈ {0} °C",
    "The scale goes from -70 °C to 900 °C. The temperature at the mark is {0} °C.", "{0} Celsius",
    "Between -70 and 900, I would say {0}", "The value is {0} degrees.",
)  # fmt: skip


def read(kind, reply, options=()):
    form, task, question = TASKS[kind]
    item = make_item(form, task, question=question, options=OPTIONS if form == "option" else ())
    return read_reply(Question(item, "", None, "", tuple(options), Path("x.png")), reply).answer


def find_misread(kind, shapes, words, expected, options=()):
    replies = [shape.format(*words) for shape in shapes]
    return {reply: found for reply in replies if (found := read(kind, reply, options)) != expected}


@given(place=st.integers(0, 3), step=st.integers(1, 3))
def test_a_chosen_option_is_read_from_every_phrasing(place, step):
    other = (place + step) % 4
    words = OPTIONS[place], OPTIONS[other], LETTERS[place], LETTERS[other]
    assert find_misread("option", SAID + OPTION_SAID, words, OPTIONS[place], OPTIONS) == {}


@given(place=st.integers(0, 3), step=st.integers(1, 3))
def test_a_letter_is_read_from_every_phrasing(place, step):
    words = LETTERS[place], LETTERS[(place + step) % 4]
    assert find_misread("option", SAID, words, OPTIONS[place], OPTIONS) == {}


@given(place=st.integers(0, 3))
def test_what_is_absent_is_read_from_every_phrasing(place):
    first, second, third = (option for option in OPTIONS if option != OPTIONS[place])
    words = OPTIONS[place], f"a {first}, a {second} and a {third}"
    assert find_misread("absent", SAID + ABSENT_SAID, words, OPTIONS[place], OPTIONS) == {}


@given(place=st.integers(0, 1))
def test_the_warmer_mark_is_read_from_every_phrasing(place):
    assert find_misread("warmer", SAID + WARMER_SAID, (MARKS[place], MARKS[1 - place]), MARKS[place], MARKS) == {}


@given(count=st.integers(4, 18))
def test_a_count_is_read_from_every_phrasing(count):
    numbers = count, count + 1, count - 2, 2
    said = SAID + COUNT_SAID
    assert find_misread("count", said, numbers, str(count)) == {}
    in_english = [WORDS[number] for number in numbers]
    assert find_misread("count", filter(str.isascii, said), in_english, str(count)) == {}
    in_chinese = [say_in_chinese(number) for number in numbers]
    assert find_misread("count", (shape for shape in said if not shape.isascii()), in_chinese, str(count)) == {}


def say_in_chinese(count):
    signs = "零一二三四五六七八九"
    tens, ones = divmod(count, 10)
    return ("" if tens < 2 else signs[tens]) + "十" * (tens > 0) + (signs[ones] if ones or not tens else "")


@pytest.mark.parametrize("words", [("yes", "no"), ("no", "yes"), ("Yes", "No"), ("No", "Yes")])
def test_a_verdict_is_read_from_every_phrasing(words):
    assert find_misread("yes_no", SAID + YES_NO_SAID, words, words[0].lower()) == {}


@given(value=st.integers(-60, 800))
def test_a_measured_value_is_read_from_every_phrasing(value):
    assert find_misread("measure", SAID + MEASURE_SAID, (value / 2, value / 2 + 7), f"{value / 2:g}") == {}


@pytest.mark.parametrize(
    ("kind", "options", "replies"),
    [
        (
            "option",
            OPTIONS,
            ["A or B", "(A) or (B)", "car, person", "Either a car or a dog", "B: car", "horse"],
        ),
        ("warmer", MARKS, ["A is as warm as B", "B is not warmer than A", "A is warmer. B is warmer.", "a c a c a c"]),
        ("count", (), ["3-4", "3 to 5", "3到5人", "三四个人", "三到五个人", "at least 5", "5+", "several", "3 or 4"]),
        ("count", (), ["The answer is 3 to 5", "Total: 3-5", "The count is 3. The count is 4.", "a group of people"]),
        ("yes_no", (), ["yes and no", "Yes. No.", "The car is left of the person.", "Yes, there is no car.", "maybe"]),
        ("measure", (), ["20-30 °C", "above 25", "20 °C or 30 °C", "The temperature is 20 to 25", "warm"]),
    ],
)
def test_what_could_mean_two_things_is_no_answer(kind, options, replies):
    assert {reply: read(kind, reply, options) for reply in replies} == dict.fromkeys(replies)


def test_a_denial_of_another_direction_is_no_verdict():
    assert read("yes_no", "The person is not on the left.") == "no"
    assert read("yes_no", "The person is not on the right.") is None


def test_the_replies_of_the_shared_cases_are_read_as_stated():
    if not CASES.is_file():
        pytest.skip("the shared cases are not here")
    cases = json.loads(CASES.read_text(encoding="utf-8"))["replies"]
    wrong = []
    for case in cases:
        found = read(case["kind"], case["reply"], case.get("options") or OPTIONS)
        if found != (None if case["expected"] is None else str(case["expected"])):
            wrong.append((case, found))
    assert not wrong
