"""The one cleaning of replies: wrapping goes, whatever could be text stays byte for byte."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itb.answers.text import tidy_reply
from tools.prompts.replies import PARSERS
from tools.prompts.wrapping import unwrap_reply
from tools.records import Message

TEXT = "A man stands beside a car."
WRAPPED = (
    f"<think>\nhm\n</think>\n\n{TEXT}",
    f"<think>\n\n</think>\n\n{TEXT}",
    f"<think>hm</think> {TEXT}",
    f"hm\n</think>\n\n{TEXT}",
    f"hm</think>{TEXT}",
    f"<thinking>a <think> b</think> c</thinking>{TEXT}",
    f"[THINK]hm[/THINK]{TEXT}",
    f"◁think▷hm◁/think▷{TEXT}",
    f"<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>{TEXT}<|return|>",
    f"```\n{TEXT}\n```",
    f"```text\n{TEXT}\n```\n",
    f"```{TEXT}```",
    f"```\n{TEXT}",
    f"~~~\n{TEXT}\n~~~",
    f"{TEXT}<|im_end|>",
    f"{TEXT}<|eot_id|>",
    f"{TEXT}</s>",
    f"{TEXT}<｜end▁of▁sentence｜>",
    f"{TEXT}<end_of_turn>\n<start_of_turn>user\nAnd now?",
    f"<|start_header_id|>assistant<|end_header_id|>\n\n{TEXT}",
    f"<s> {TEXT}</s>",
    f"assistant\n\n{TEXT}",
    f"Here is the edited caption:\n\n{TEXT}",
    f"Sure! Here it is:\n\n{TEXT}",
    f"Sure! Here is the edited caption: {TEXT}",
    f"Sure, here's the revised caption for the infrared image:\n```\n{TEXT}\n```\n\nLet me know if you need more!",
    f"**Here is the edited caption:**\n{TEXT}",
    f"Here’s the caption with all colors removed： {TEXT}",
    f"Certainly!\n\n{TEXT}",
    f"Sure! {TEXT}",
    f"I have edited the caption as requested: {TEXT}",
    f"The edited caption is: {TEXT}",
    f"{TEXT}\n\n(Note: I left the colours out.)",
)
TEXTS = (
    TEXT,
    "Sure-footed goats: two on a cliff.",
    "Here: A man.",
    "In this scene: a dog.",
    "Here is a sign with text: stop.",
    "Here comes the bride: a woman in a dress.",
    "OK Corral sign above two men.",
    "Great Dane: a dog on a bed.",
    "Certainly a busy street.",
    "A man, of course, sits.",
    "The rules are: no dogs.",
    "The answer is B",
    "Absolutely!",
    "Sure",
    "  spaced  ",
    "a < b and b > c",
    "```\na\n```\nthen\n```\nb\n```",
    "Question: a\n===\nAnswer: b",
    "I think it is a car.",
    "Assistant coach and player: two men.",
)


@pytest.mark.parametrize("reply", WRAPPED)
def test_wrapping_is_taken_off(reply):
    assert unwrap_reply(reply) == TEXT
    assert PARSERS["caption"](reply).caption == TEXT
    assert tidy_reply(reply) == TEXT


@pytest.mark.parametrize("text", TEXTS)
def test_what_could_be_text_stays_as_it_is(text):
    assert unwrap_reply(text) == text


@given(
    st.lists(
        st.sampled_from(["A", "a", "man", "stands:", "beside,", "one", "car.", "Here", "is", "Sure!", "the", "of\n"]),
        max_size=9,
    )
)
def test_plain_words_lose_no_word_but_those_of_a_remark(words):
    text = " ".join(words)
    assert text.strip().endswith(unwrap_reply(text).strip())


def test_thoughts_that_never_end_leave_nothing():
    assert unwrap_reply("<think>hm, A man") == "" and unwrap_reply("A man</think>") == ""
    with pytest.raises(Exception, match="nothing stands beside the model's thoughts"):
        PARSERS["caption"]("<think>hm, A man")
    assert tidy_reply("<think>" + "hm " * 9000 + "</think>B") == "B"


@pytest.mark.parametrize("change", [
    str, lambda text: text.replace(":", "：").replace("： ", "："), lambda text: text.replace("===", "---"),
    lambda text: text.replace("Question:", "**Question:**").replace("Answer:", "**Answer:**"),
    lambda text: text.replace("Question:", "**Question**:").replace("Answer:", "**Answer**:"),
    lambda text: text.replace("Question:", "Question 1:").replace("Answer:", "Answer #1:"),
    lambda text: text.replace("Question:", "**Question 1:**").replace("Answer:", "### Answer 1:"),
    lambda text: text.replace("Question:", "Q:").replace("Answer:", "A:"),
    lambda text: text.replace("Question:", "**Q1:**").replace("Answer:", "**A1:**"),
    lambda text: f"Here is the conversation:\n\n{text}\n\nLet me know if you want more!",
    lambda text: f"```\n{text}\n```",
])  # fmt: skip
def test_labels_and_separators_are_read_in_every_dress(change):
    reply = "Question: Who is there?\n===\nAnswer: A man.\n===\nQuestion: Where?\n===\nAnswer: On the left, at 9:30."
    assert PARSERS["conversation"](change(reply)).messages[:3] == (
        Message(role="user", content="Who is there?"),
        Message(role="assistant", content="A man."),
        Message(role="user", content="Where?"),
    )


def test_verdicts_and_rules_are_read_in_every_dress():
    for reply in ("**Verdict：** ACCEPT", "<think>REJECT?</think>\nACCEPT<|im_end|>", "```\nACCEPT\n```"):
        assert PARSERS["verdict"](reply).is_accepted
    rejected = PARSERS["verdict"]('hm</think>REJECT\n- **"red"**: A colour. [colour]')
    assert rejected.objections[0].quote == "red"
    for reply in ("- **colour:** Remove colours.", "Here are the rules:\n- colour： Remove colours."):
        (rule,) = PARSERS["rules"](reply).rules
        assert (rule.category, rule.text) == ("colour", "Remove colours.")


@pytest.mark.parametrize("piece", ["<think>", "</think>", " ", "a ", "Here is the ", "```\n", "sure! ", "<|", "\n\n"])
def test_hostile_text_costs_little(piece):
    start = time.perf_counter()
    unwrap_reply(piece * (200_000 // len(piece)))
    assert time.perf_counter() - start < 2
