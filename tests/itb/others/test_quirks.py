"""Where upstream's reading and ours differ: each quirk once, on made questions; and what ours never minds."""

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itb.others.scoring import UPSTREAM, Asked, read_by_meaning
from itb.others.scoring.fusionrs import CLASSES, REGIONS

COLOURS = ("Blue kites", "Red boats", "Green cars", "Dark roofs")
THINGS = ("scooter", "motor", "car", "hydrant")


def option(label: str = "C", options: tuple[str, ...] = COLOURS) -> Asked:
    return Asked("kind", label, "option", (options["ABCD".index(label)],), options, "Which is it?")


def yes_no(label: str = "yes", question: str = "Is a bicycle visible in this picture?", task: str = "kind") -> Asked:
    return Asked(task, label, "yes_no", (label.lower(),), question=question)


def letter(label: str) -> Asked:
    """Letters whose texts are not known, as in VS-TDX."""
    return Asked("kind", label, "option", (label,), ("A", "B", "C", "D"))


def hit(task: str, label: str) -> Asked:
    forms: dict[str, Any] = {
        "object_presence": ("yes_no", ()), "object_count": ("number", ()), "group_location": ("word", REGIONS),
        "dominant_object_class": ("word", CLASSES),
    }  # fmt: skip
    form, options = forms[task]
    return Asked(task, label, form, (label,), options, "How many car objects are visible?" if form == "number" else "")


def ir_td(task: str, label: str, form: str, *answers: str, options: tuple[str, ...] = (), question: str = "") -> Asked:
    return Asked(task, label, form, answers, options, question)


CARS = ir_td("AerialCounting", "<num>21</num>", "number", "21", question="Calculate the number of cars.")
ABSENT = ir_td(
    "Security", "(A) scooter (B) motor (D) hydrant", "several", "scooter", "motor", "hydrant", options=THINGS,
    question="What object does not appear in the picture?",
)  # fmt: skip
BOX = ir_td("Detection", "<box>[[0, 0, 10, 10]]</box>", "boxes", "[[0, 0, 10, 10]]")
POINT = ir_td("Location", "<pos>[(48, 628)]</pos>", "points", "[[48, 628]]")
FIRE = Asked("c", "High", "word", ("High",), ("Low", "Moderate", "High"))
SMOKE = Asked("c", "No", "word", ("No",), ("Yes", "No"))
BAND = Asked("t", "Thermal", "word", ("Thermal",), ("Thermal", "RGB"))
AS_SAID = "the reply itself"


class Quirk(NamedTuple):
    name: str
    asked: Asked
    reply: str
    upstream: str | None
    ours: str | None


QUIRKS = [
    Quirk("if-bench", option(), "Based on the image, C", "B", "Green cars"),
    Quirk("if-bench", option(), "Answer: C", "A", "Green cars"),
    Quirk("if-bench", option(), "Considering all, D", "C", "Dark roofs"),
    Quirk("if-bench", option(), "Dont know", "D", None),
    Quirk("if-bench", option(), "Green cars", "G", "Green cars"),
    Quirk("if-bench", option(), "c", "c", "Green cars"),
    Quirk("if-bench", option(), "<think>A?</think> C", "C", "Green cars"),
    Quirk("vs-tdx", letter("C"), "Answer: C", "A", "C"),
    Quirk("vs-tdx", letter("C"), "the answer is c", None, "C"),
    Quirk("vs-tdx", letter("C"), "Based on this, the answer is C", "B", "C"),
    Quirk("vs-tdx", yes_no(), "Absolutely, yes", "A", "yes"),
    Quirk("vs-tdx", yes_no(), "Correct", "C", "yes"),
    Quirk("vs-tdx", yes_no(), "\nyes", None, "yes"),
    Quirk("vs-tdx", yes_no("no"), "Not sure", "no", None),
    Quirk("rgb-th-bench", yes_no("Yes"), "Unknown", "No", None),
    Quirk("rgb-th-bench", yes_no("Yes"), "I cannot tell", "No", None),
    Quirk("rgb-th-bench", yes_no("Yes"), "Eyes are there", "Yes", None),
    Quirk("rgb-th-bench", yes_no("Yes"), "The annotation is there", "No", None),
    Quirk("rgb-th-bench", yes_no("Yes"), "A bicycle is visible", None, "yes"),
    Quirk("wildfire-vqa", FIRE, "The fire is below the ridge", "Low", None),
    Quirk("wildfire-vqa", FIRE, "Not low but high", "High", "High"),
    Quirk("wildfire-vqa", SMOKE, "Nothing is known", "No", None),
    Quirk("wildfire-vqa", SMOKE, "B", None, None),
    Quirk("hit-uav-vqa", hit("group_location", "center"), "middle", None, "center"),
    Quirk("hit-uav-vqa", hit("group_location", "upper"), "upper center", "center", "upper"),
    Quirk("hit-uav-vqa", hit("group_location", "right"), "stop sign on the right", "upper", "right"),
    Quirk("hit-uav-vqa", hit("object_count", "21"), "twenty one", "1", "21"),
    Quirk("hit-uav-vqa", hit("object_count", "12"), "a dozen", None, "12"),
    Quirk("hit-uav-vqa", hit("object_count", "4"), "-4", "4", None),
    Quirk("hit-uav-vqa", hit("dominant_object_class", "none"), "scarce", "car", None),
    Quirk("hit-uav-vqa", hit("dominant_object_class", "person"), "person and bicycle", "bicycle", None),
    Quirk("hit-uav-vqa", hit("dominant_object_class", "other vehicle"), "othervehicle", None, "other vehicle"),
    Quirk("hit-uav-vqa", hit("object_presence", "yes"), "There is no bicycle, yes", "no", None),
    Quirk("ir-td", CARS, "21", None, "21"),
    Quirk("ir-td", CARS, "<num>3</num> or <num>21</num>", "3", None),
    Quirk("ir-td", CARS, "There are twenty-one cars.", None, "21"),
    Quirk("ir-td", ABSENT, "(D) hydrant (A) scooter (B) motor", AS_SAID, "scooter, motor, hydrant"),
    Quirk("ir-td", ABSENT, "There is no scooter, motor or hydrant.", AS_SAID, "scooter, motor, hydrant"),
    Quirk("ir-td", BOX, "The box [car] is [[0, 0, 10, 10]]", None, "[[0, 0, 10, 10]]"),
    Quirk("ir-td", BOX, "nothing", None, None),
    Quirk("ir-td", POINT, "<pos>[[48, 628]]</pos>", AS_SAID, "[[48, 628]]"),
    Quirk("thermeval", BAND, "It is a thermal image.", None, "Thermal"),
    Quirk("thermeval", Asked("t", "31.0", "measure", ("31.0",), unit="°C"), "About 31 °C", None, "31"),
]  # fmt: skip


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: f"{quirk.name}: {quirk.reply.strip()[:30]}")
def test_quirk(quirk: Quirk) -> None:
    assert UPSTREAM[quirk.name].read(quirk.asked, quirk.reply).answer == (
        quirk.reply if quirk.upstream == AS_SAID else quirk.upstream
    )
    assert read_by_meaning(quirk.asked, quirk.reply).answer == quirk.ours


def test_a_judge_is_asked_where_no_letter_stands_first() -> None:
    rules, told = UPSTREAM["if-bench"], []

    def judge(reply: str) -> str:
        told.append(reply)
        return "C"

    assert rules.read(option(), "Based on it, C", judge).answer == "B" and told == []
    assert rules.read(option(), "  <think>x</think> it is green ", judge).score == 1.0 and told == ["it is green"]
    assert rules.read(option(), "", judge).score == 0.0 and len(told) == 1
    assert rules.read(option(), "it is green", lambda _: "F")[:2] == ("i", 0.0)
    assert rules.read(option(), "it is green").why == "not judged"


@pytest.mark.parametrize(
    ("reply", "error"),
    [("nothing", "TypeError"), ("[0, 0, 1, 1]", "TypeError"), ("[[1, 2]]", "IndexError"), ("[[0, 0, 0, 0]]", "")],
)
def test_what_stops_the_script_of_boxes_is_said(reply: str, error: str) -> None:
    read = UPSTREAM["ir-td"].read(BOX, reply)
    assert read.why == (f"stops: {error}" if error else "") and read.score == 0.0
    empty = ir_td("Detection", "[[0, 0, 0, 0]]", "boxes", "[[0, 0, 0, 0]]")
    assert UPSTREAM["ir-td"].read(empty, "[[0, 0, 0, 0]]").why == "stops: ZeroDivisionError"


EVERY = [
    option(), letter("B"), yes_no(), CARS, ABSENT, BOX, POINT, FIRE, SMOKE, hit("group_location", "upper-left"),
    hit("dominant_object_class", "car"), hit("object_count", "3"),
    Asked("t5_single", "x", "order", ("Nose", "Chest"), ("Chest", "Nose")),
    Asked("t6", "31.0", "measure", ("31.0",), unit="°C"),
    Asked("v", "Airport", "text", ("Airport", "An airport")),
    Asked("caption", "", "text", ("A road.",), facts={"kind": "caption"}),
]  # fmt: skip
SAID = {
    "option": ["C", "Green cars", "C. Green cars"],
    "yes_no": ["yes", "no"],
    "number": ["21", "twenty-one", "3"],
    "several": ["(A) scooter (D) hydrant", "A, B and D", "scooter, motor"],
    "word": ["High", "Moderate"],
    "boxes": ["[[0, 0, 10, 10]]", "[[1, 2, 3, 4], [5, 6, 7, 8]]"],
    "points": ["[(48, 628)]"],
    "order": ["Nose, Chest", "chest > nose"],
    "measure": ["31.5", "31.5 °C"],
    "text": ["Airport"],
}
WRAPPINGS = [
    "{}",
    "  {}\n",
    "\n\n{}",
    "**{}**",
    '"{}"',
    "Answer: {}",
    "The answer is {}.",
    "<think>hm</think>{}",
    "Final answer: {}",
]
ASKED = {one.form: one for one in reversed(EVERY)} | {"word": FIRE}


@given(data=st.data())
def test_wrapping_changes_nothing_that_ours_reads(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(sorted(SAID)))
    said = data.draw(st.sampled_from(SAID[form]))
    wrapping = data.draw(st.sampled_from(WRAPPINGS))
    plain, wrapped = (read_by_meaning(ASKED[form], text) for text in (said, wrapping.format(said)))
    assert plain.answer is not None
    assert wrapped.score == plain.score, (form, said, wrapping)
    if form != "text":  # a text is kept with what is around it
        assert (wrapped.answer, wrapped.parts) == (plain.answer, plain.parts)


@given(data=st.data())
def test_case_changes_nothing_that_ours_reads(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(sorted(SAID)))
    said = data.draw(st.sampled_from([said for said in SAID[form] if not said.startswith(("A, B", "(A)"))]))
    case = data.draw(st.sampled_from([str.upper, str.lower, str.title]))
    assert read_by_meaning(ASKED[form], case(said)).score == read_by_meaning(ASKED[form], said).score


FRAGMENTS = st.sampled_from(
    ["(A)", "B", "[[", "]]", "(", ")", "<num>", "</num>", "21", "999999999999", "-", ",", "yes", "no", "not",
     "</think>",
     "upper left", "car", "<pos>[(", "1e999", "[[0,0,1,1]]", "{'a': 1}",
     "\\", "\x00", "°C", "scooter", "nose >", "²", "٣"]
)  # fmt: skip
REPLIES = st.one_of(
    st.text(max_size=60), st.lists(FRAGMENTS, max_size=12).map(" ".join), st.lists(FRAGMENTS, max_size=12).map("".join)
)


@given(reply=REPLIES, asked=st.sampled_from(EVERY))
def test_no_reader_fails_on_any_reply(reply: str, asked: Asked) -> None:
    read = read_by_meaning(asked, reply)
    assert read.score is not None and 0 <= read.score <= 1
    assert (read.answer is None) == bool(read.why) or asked.form == "text"
    for rules in UPSTREAM.values():
        theirs = rules.read(asked, reply, lambda _: "A")
        assert theirs.score is None or 0 <= theirs.score <= 1


@pytest.mark.parametrize(
    "reply",
    [
        "[" * 5000,
        "<pos>" + "[" * 5000 + "</pos>",
        "<num>" + "9" * 5000 + "</num>",
        "[" + "1," * 20000,
        "[1" + "0" * 5000 + "]",
    ],
)
def test_long_replies_fail_no_reader(reply: str) -> None:
    for asked in (BOX, POINT, CARS):
        read_by_meaning(asked, reply)
        UPSTREAM["ir-td"].read(asked, reply)
