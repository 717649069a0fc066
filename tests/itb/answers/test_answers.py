"""Replies of every kind, and what is read from them."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itb.answers import is_right, read_reply
from itb.benchmark.ask import Question
from itb.records import Item
from tools.registry import REPLY_READERS

OPTIONS = ("car", "person", "freight car", "dog")
# fmt: off
WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)
# fmt: on

OFFERING = ("option", "several", "word", "order")


def make_item(form, task="recognition", **changes):
    answers = {
        "yes_no": "yes", "number": "3", "measure": "25.0", "option": "car", "several": "car, dog", "word": "car",
        "order": ", ".join(OPTIONS), "points": "[[1, 2]]", "boxes": "[[1, 2, 3, 4]]", "text": "car",
    }  # fmt: skip
    values = {
        "id": "x",
        "task": task,
        "source": "flir",
        "band": "lwir",
        "polarity": "white-hot",
        "image": "x.png",
        "width": 8,
        "height": 8,
        "question": "?",
        "options": OPTIONS if form in OFFERING else (),
        "answer": answers[form],
        "form": form,
        "tolerance": 2.0 if form == "measure" else None,
        "unit": "°C" if form == "measure" else None,
        "wording": "x/0",
        "group": "g",
        "split": "test",
    }
    return Item(**(values | changes))


def read(form, reply, parsing="lenient", task="recognition", count_range=(0, 200), options=OPTIONS, unit="°C"):
    item = make_item(form, task, **({"unit": unit} if form == "measure" else {}))
    question = Question(item, "", None, "", options if form in OFFERING else (), Path("x.png"), count_range=count_range)
    reading = read_reply(question, reply, parsing)
    assert (reading.answer is None) != (reading.failure is None)
    return reading.answer or reading.failure


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("Yes", "yes"),
        ("no.", "no"),
        ("**No**", "no"),
        ("YES!", "yes"),
        ("Yes, the car is to the left.", "yes"),
        ("No, the car is right of the person.", "no"),
        ("No, there is no car.", "no"),
        ("The answer is no", "no"),
        ("Answer: Yes", "yes"),
        ("Yes or no: yes", "yes"),
        ("True", "yes"),
        ("That is not correct.", "no"),
        ("It is.", "yes"),
        ("It isn't.", "no"),
        ("It isn’t.", "no"),
        ("Yes, no doubt.", "yes"),
        ("<think>no? no.</think> Yes", "yes"),
        ("Yes, there is no car.", "ambiguous"),
        ("yes and no", "ambiguous"),
        ("Yes. The answer is no.", "ambiguous"),
        ("It is on the right side.", "no_answer"),
        ("Ｙｅｓ", "yes"),
        ("", "empty"),
        (" ... \n", "empty"),
        ("I'm sorry, but I can't help with that request.", "refusal"),
        ("I cannot determine this.", "refusal"),
        ("I cannot tell for sure, but yes", "yes"),
    ],
)
def test_yes_or_no(reply, expected):
    assert read("yes_no", reply) == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("3", "3"),
        ("**4**", "4"),
        ("3.0", "3"),
        ("Three pedestrians.", "3"),
        ("twenty-one", "21"),
        ("one hundred", "100"),
        ("a hundred and five", "105"),
        ("a dozen", "12"),
        ("two dozen", "24"),
        ("half a dozen", "6"),
        ("a couple of people", "2"),
        ("a single person", "1"),
        ("no pedestrians", "0"),
        ("There are no people.", "0"),
        ("There aren't any people", "0"),
        ("I cannot see any pedestrians.", "0"),
        ("none", "0"),
        ("No one", "0"),
        ("no, there are 3", "3"),
        ("There are 2 (two).", "2"),
        ("The 2nd row has 3", "3"),
        ("3 cars and 2 trucks. Total: 5", "5"),
        ("I count 1, 2, 3. The total number of pedestrians is 3.", "3"),
        ("The answer is 7, not 8", "7"),
        ("٣", "3"),
        ("3 to 5", "ambiguous"),
        ("3-5", "ambiguous"),
        ("3 or 4", "ambiguous"),
        ("at least 4", "ambiguous"),
        ("10+", "ambiguous"),
        ("3 cars and 2 trucks", "ambiguous"),
        ("-3", "out_of_range"),
        ("2.5", "out_of_range"),
        ("7000", "out_of_range"),
        ("several", "no_answer"),
        ("one of the people", "no_answer"),
        ("", "empty"),
        ("I can't determine the number.", "refusal"),
    ],
)
def test_counts(reply, expected):
    assert read("number", reply) == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("A", "car"),
        ("b", "person"),
        ("(b)", "person"),
        ("B.", "person"),
        ("B. person", "person"),
        ("C) freight car", "freight car"),
        ("the answer is B: person", "person"),
        ("option D", "dog"),
        ("I think it is C", "freight car"),
        ("I pick A.", "car"),
        ("\\boxed{B}", "person"),
        ("car", "car"),
        ("Cars", "car"),
        ("A car is visible", "car"),
        ("A dog", "dog"),
        ("It is a freight car", "freight car"),
        ("The answer is a dog", "dog"),
        ("Not a car but a dog", "dog"),
        ("It's dog, not car", "dog"),
        ("The image shows a person and a dog. The answer is dog.", "dog"),
        ("A. car\nB. person\nC. freight car\nD. dog\nAnswer: B", "person"),
        ("B: car", "ambiguous"),
        ("the answer is B: car", "ambiguous"),
        ("car or dog", "ambiguous"),
        ("B or C", "ambiguous"),
        ("A or B", "ambiguous"),
        ("B. Actually the answer is C", "ambiguous"),
        ("E", "out_of_range"),
        ("E. horse", "out_of_range"),
        ("Not B", "no_answer"),
        ("horse", "no_answer"),
        ("\u200b", "empty"),
        ("As an AI I have no eyes", "refusal"),
    ],
)
def test_options(reply, expected):
    assert read("option", reply) == expected


@pytest.mark.parametrize(
    "reply",
    [
        "There is no dog in the image.",
        "The dog is not in the image; car and person are.",
        "dog is missing",
        "There are a car and a person but no dog.",
        "The image does not contain a dog",
        "D",
        "dog",
    ],
)
def test_what_is_not_there_is_the_answer_of_a_security_question(reply):
    assert read("option", reply, task="security") == "dog"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("23.5", "23.5"),
        ("23.5 °C", "23.5"),
        ("about 31,5 Celsius", "31.5"),
        ("-3 C", "-3"),
        ("minus 3 degrees", "-3"),
        ("77 °F", "25"),
        ("77 degrees Fahrenheit", "25"),
        ("300 K", "26.85"),
        ("25 °C (77 °F)", "25"),
        ("twenty degrees", "20"),
        ("The temperature is 30 at 2 m", "30"),
        ("77", "77"),
        ("20-25 °C", "ambiguous"),
        ("above 30", "ambiguous"),
        ("20 °C or 30 °C", "ambiguous"),
        ("-400", "out_of_range"),
        ("warm", "no_answer"),
    ],
)
def test_measured_values(reply, expected):
    assert read("measure", reply) == expected


def test_a_unit_is_converted_only_when_it_is_named():
    assert read("measure", "25 °C", unit="°F") == "77"
    assert read("measure", "25", unit="°F") == "25"


@pytest.mark.parametrize(
    ("form", "reply", "expected"),
    [
        ("yes_no", "Yes.", "yes"),
        ("yes_no", "Yes, it is.", "no_answer"),
        ("number", "3", "3"),
        ("number", "three", "3"),
        ("number", "3 cars", "no_answer"),
        ("number", "201", "out_of_range"),
        ("option", "b)", "person"),
        ("option", "B. person", "person"),
        ("option", "freight car", "freight car"),
        ("option", "It is B", "no_answer"),
        ("option", "B: car", "no_answer"),
        ("option", "F", "out_of_range"),
        ("measure", "77 °F", "25"),
        ("measure", "about 25", "no_answer"),
    ],
)
def test_strict_takes_the_form_alone(form, reply, expected):
    assert read(form, reply, "strict") == expected


def test_a_measured_value_may_be_off_by_its_tolerance_and_no_answer_is_never_right():
    item = make_item("measure")
    assert is_right(item, "27") and is_right(item, "23.0")
    assert not is_right(item, "27.01")
    assert not is_right(item, None)
    assert is_right(make_item("number"), "03")


# Properties.

texts = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                *"ABCDE",
                *OPTIONS,
                *WORDS,
                "yes",
                "no",
                "not",
                "3",
                "12",
                ".",
                ",",
                ":",
                "(",
                ")",
                "answer is",
                "\n",
                "-",
                "°F",
            ]
        ),
        max_size=12,
    ).map(" ".join),
)


@given(
    form=st.sampled_from(REPLY_READERS.names()),
    reply=texts,
    parsing=st.sampled_from(["strict", "lenient"]),
)
def test_every_text_is_an_answer_of_the_form_or_a_typed_failure(form, reply, parsing):
    found = read(form, reply, parsing)
    failures = {"empty", "refusal", "ambiguous", "out_of_range", "no_answer"}
    legal = {"yes_no": {"yes", "no"}, "option": set(OPTIONS), "number": {str(count) for count in range(201)}}
    if found in failures | legal.get(form, set()):
        return
    if form == "measure":
        assert -274 <= float(found) <= 3000
    elif form in ("several", "word", "order"):
        assert set(found.split(", ")) <= set(OPTIONS)
    else:
        assert form == "text" or (form in ("points", "boxes") and found.startswith("["))


@given(form=st.sampled_from(REPLY_READERS.names()), reply=texts)
def test_what_is_read_strictly_is_read_leniently_the_same(form, reply):
    strict = read(form, reply, "strict")
    failures = {"empty", "refusal", "ambiguous", "out_of_range", "no_answer"}
    if strict not in failures:
        assert read(form, reply, "lenient") == strict


@given(
    place=st.integers(0, 3),
    shape=st.sampled_from(
        [
            "{0}",
            "({0})",
            "{0}.",
            "**{0}**",
            "{0}) {1}",
            "{0}. {1}.",
            "{1}",
            "Answer: {0}",
            "The answer is {0}: {1}.",
            "It is a {1}.",
        ]
    ),
)
def test_letter_text_or_both_choose_the_same_option(place, shape):
    reply = shape.format(string.ascii_uppercase[place], OPTIONS[place])
    assert read("option", reply) == OPTIONS[place]


@given(
    count=st.integers(0, 20),
    shape=st.sampled_from(["{}", "{}.", "There are {} people.", "Answer: {}", "I see {} of a kind", "**{}**"]),
)
def test_a_count_in_digits_and_in_words_is_the_same(count, shape):
    assert read("number", shape.format(count)) == read("number", shape.format(WORDS[count])) == str(count)


@given(
    options=st.lists(
        st.text("abc (.*+?", min_size=1, max_size=6).filter(str.strip),
        min_size=2,
        max_size=5,
        unique_by=lambda text: text.strip().lower(),
    ),
    reply=st.text(max_size=40),
)
def test_option_texts_may_hold_any_sign(options, reply):
    found = read("option", reply, options=tuple(options))
    assert found in {*options, "empty", "refusal", "ambiguous", "out_of_range", "no_answer"}


def test_a_long_reply_is_read_quickly_and_only_at_its_beginning():
    assert read("number", "the " * 50_000 + "5") == "no_answer"
    assert read("option", "not a " * 20_000) == "no_answer"
    assert read("yes_no", "it is " * 20_000) == "no_answer"
