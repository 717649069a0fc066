"""The parsers of replies: a record or an error that says what was expected, never anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.prompts.replies import PARSERS, ReplyError, RuleLine, require_numbers
from tools.records import Message, Objection, Record, Verdict

REPLIES = st.one_of(
    st.text(st.characters()),
    st.lists(
        st.sampled_from(
            [
                "ACCEPT",
                "REJECT",
                "NONE",
                "\n",
                "===",
                "Question:",
                "Answer:",
                '- "',
                '": ',
                "[colour]",
                "- colour: ",
                "a dog",
                "1. ",
                "**",
                " ",
                "“",
                "”",
                "# ",
            ]
        )
    ).map("".join),
)


@pytest.mark.parametrize("parser", PARSERS)
@given(reply=REPLIES)
def test_a_parser_gives_a_record_or_a_reply_error(parser, reply):
    try:
        assert isinstance(PARSERS[parser](reply), Record)
    except ReplyError as error:
        assert error.code in ("unparseable", "refusal")
        assert str(error).startswith("expected ")
        assert len(str(error)) < 300


@given(REPLIES)
def test_only_the_single_word_accepts(reply):
    try:
        verdict = PARSERS["verdict"](reply)
    except ReplyError:
        return
    assert verdict.is_accepted == (not verdict.objections)
    if verdict.is_accepted:
        assert [part for part in reply.upper().split() if any(c.isalnum() for c in part)] == [
            part for part in reply.upper().split() if "ACCEPT" in part
        ]


@pytest.mark.parametrize(
    "reply", ["ACCEPT", " accept.\n", "**ACCEPT**", '"Accept"', "Verdict: ACCEPT", "**Verdict:** ACCEPT", "`ACCEPT`!"]
)
def test_accepted(reply):
    assert PARSERS["verdict"](reply) == Verdict(is_accepted=True)


@pytest.mark.parametrize(
    "reply",
    [
        "UNACCEPTABLE",
        "I cannot ACCEPT this",
        "NOT ACCEPT",
        "ACCEPT or REJECT",
        "ACCEPTED with changes",
        'ACCEPT\n- "red": A colour. [colour]',
        "REJECT",
        "REJECT\nbecause of the colour",
        'REJECT\n- "red": A colour.',
        'REJECT\n- "red": [colour]',
        'REJECT\n- "": A colour. [colour]',
        'REJECT\n- "red": A colour. []',
        '- "red": A colour. [colour]',
        "",
    ],
)
def test_no_verdict(reply):
    with pytest.raises(ReplyError, match="expected ") as caught:
        PARSERS["verdict"](reply)
    assert "[category]" in str(caught.value) or "category such as" in str(caught.value)


def test_reasons_are_read_with_their_quotes():
    reply = """REJECT:

- "red": A colour. [colour]
* “it says "Go": now”: Cannot be read. [Printed text].
1. "a [b]": See [1]. [fine-looks]"""
    assert PARSERS["verdict"](reply).objections == (
        Objection(check="llm", category="colour", quote="red", reason="A colour."),
        Objection(check="llm", category="printed_text", quote='it says "Go": now', reason="Cannot be read."),
        Objection(check="llm", category="fine_looks", quote="a [b]", reason="See [1]."),
    )


@pytest.mark.parametrize(
    ("reply", "caption"),
    [
        ("A dog sits.", "A dog sits."),
        ('  "A dog sits."\n', "A dog sits."),
        ("Caption: A dog sits.", "A dog sits."),
        ("**Filtered caption:**\nA dog sits.", "A dog sits."),
        ('1. "A dog sits."', "A dog sits."),
        ("- A dog sits.", "A dog sits."),
        ("2 dogs sit.", "2 dogs sit."),
        ('"Stop" and "go"', '"Stop" and "go"'),
        ("A  dog\tsits.", "A dog sits."),
        ("一只狗", "一只狗"),
        ("I can see a dog.", "I can see a dog."),
    ],
)
def test_captions_are_unwrapped(reply, caption):
    assert PARSERS["caption"](reply).caption == caption


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "unparseable"),
        ("\n ... \n", "unparseable"),
        ("Caption:", "unparseable"),
        ("A dog.\n\nA cat.", "unparseable"),
        ("1. A dog.\n2. A cat.", "unparseable"),
        ("a" * 20_001, "unparseable"),
        ("\ud800", "unparseable"),
        ("I'm sorry, but I can't help with that.", "refusal"),
        ("I cannot do this.", "refusal"),
        ("As an AI language model, I have no eyes.", "refusal"),
    ],
)
def test_replies_that_are_no_caption(reply, code):
    with pytest.raises(ReplyError, match="expected one caption") as caught:
        PARSERS["caption"](reply)
    assert caught.value.code == code


def test_a_conversation_is_read_pair_by_pair():
    first = "Question: Which animal?\n===\nAnswer: A dog.\n\nIt sleeps."
    reply = f"{first}\n=====\n**Question:** How many?\n ===\nanswer:\nOne.\n==="
    assert PARSERS["conversation"](reply).messages == (
        Message(role="user", content="Which animal?"),
        Message(role="assistant", content="A dog.\n\nIt sleeps."),
        Message(role="user", content="How many?"),
        Message(role="assistant", content="One."),
    )


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("Question: a\n===\nAnswer: b", "at least 2 question/answer pairs"),
        ("Question: a\n===\nAnswer: b\n===\nQuestion: c", "question/answer pairs parted by lines of ==="),
        ("Question: a\nAnswer: b\n===\nAnswer: c", r"`Question: ...` and nothing else, but part 1 of the reply is"),
        ("Answer: a\n===\nQuestion: b", "`Question: ...`"),
        ("Question: a\n===\nAnswer:\n===\nQuestion: c\n===\nAnswer: d", "`Answer: ...` and nothing else, but part 2"),
        ("Question: a\n===\n===\nAnswer: b", "question/answer pairs"),
    ],
)
def test_what_is_no_conversation(reply, message):
    with pytest.raises(ReplyError, match=message.replace(".", r"\.")):
        PARSERS["conversation"](reply)


def test_reasoning_is_one_pair_and_a_description_one_paragraph():
    pair = "Question: Why?\n===\nAnswer: Because."
    assert len(PARSERS["reasoning"](pair).messages) == 2
    with pytest.raises(ReplyError, match="one question and one answer"):
        PARSERS["reasoning"](f"{pair}\n===\n{pair}")
    assert PARSERS["description"]("Description: A dog\nsleeps.").messages == (
        Message(role="assistant", content="A dog sleeps."),
    )
    for reply in ("A dog.\n\nA cat.", "- A dog.\n- A cat.", "# Title\nA dog."):
        with pytest.raises(ReplyError, match="one paragraph of prose"):
            PARSERS["description"](reply)


def test_rules_are_lines_or_none():
    assert PARSERS["rules"]("- Material: Remove: wood.\n- printed text: No words.").rules == (
        RuleLine(category="material", text="Remove: wood."),
        RuleLine(category="printed_text", text="No words."),
    )
    assert PARSERS["rules"]("none.").rules == ()
    for reply in (
        "material: Remove wood.",
        "- Remove wood.",
        "My rules\n- material: x",
        "- material:",
        "NONE\n- a: b",
    ):
        with pytest.raises(ReplyError, match="category: rule"):
            PARSERS["rules"](reply)


@pytest.mark.parametrize(
    "line",
    [
        '- 2 "wooden": not to be seen [material]', '2. "wooden": not to be seen [material]',
        '- Caption 2: "wooden": not to be seen [material]', "* [2] “wooden”: not to be seen [material]",
        '- #2 - "wooden": not to be seen [Material].', '- **2** "wooden": not to be seen [material]',
    ],
)  # fmt: skip
def test_an_objection_to_a_caption_as_models_number_it(line):
    (found,) = PARSERS["caption_verdicts"](f"REJECT\n{line}").objections
    assert (found.number, found.quote, found.category) == (2, "wooden", "material")


@pytest.mark.parametrize(
    "reply",
    [
        'REJECT\n- "wooden": why [material]',
        "REJECT",
        'ACCEPT\n- 1 "a": why [colour]',
        "1 ACCEPT",
        'REJECT\n- 1 "a": why',
    ],
)
def test_verdicts_on_captions_that_cannot_be_read(reply):
    with pytest.raises(ReplyError):
        PARSERS["caption_verdicts"](reply)


def test_captions_are_accepted_by_one_word_and_numbers_are_proved():
    assert PARSERS["caption_verdicts"]("ACCEPT.").objections == ()
    reply = PARSERS["caption_verdicts"]('REJECT\n- 3 "red": no [colour]')
    with pytest.raises(ReplyError, match="from 1 to 2"):
        require_numbers(reply, 2)
    require_numbers(reply, 3)
