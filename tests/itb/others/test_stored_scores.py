"""Every score that upstream's own code gave to stored replies comes out again, to the last digit."""

import dataclasses
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import stored_scores

from itb.others.scoring import UPSTREAM, Asked, Figure, Row
from itb.others.scoring.fusionrs import find_rouge, find_shared, normalise

LETTERS = "ABCD"


def score(name: str, asked: Sequence[Asked], replies: Sequence[str], judge: Any = None) -> dict[str, Figure]:
    rules = UPSTREAM[name]
    rows = [Row(one, rules.read(one, reply, judge)) for one, reply in zip(asked, replies, strict=True)]
    return {figure.name: figure for figure in rules.add_up(rows)}


def ask_if_bench(rotations: int = 4, languages: Sequence[str] = ("en", "cn")) -> list[Asked]:
    path = stored_scores.FOLDER / "IF-Bench" / "if_bench_40.json"
    asked = []
    for dimension, rows in json.loads(path.read_text(encoding="utf-8")).items():
        for row in rows:
            question = row["question"]
            for language in languages:
                texts = [question[f"{language}_options"][letter] for letter in LETTERS]
                right = texts[LETTERS.index(question["answer"])]
                for turn in range(rotations):
                    asked.append(
                        Asked(
                            task=dimension,
                            label=LETTERS[(LETTERS.index(question["answer"]) + turn) % 4],
                            form="option",
                            answers=(right,),
                            question=question[f"{language}_question"],
                            options=tuple(texts[place - turn] for place in range(4)),
                            item=f"{row['dst_thermal_path']}|{question['en_question']}",
                            facts={"language": language, "rotation": str(turn)},
                        )
                    )
    return asked


REPLIES = {
    "always_A": lambda one: "A",
    "gold": lambda one: one.label,
    "gold_text": lambda one: one.answers[0],
    "gold_verbose": lambda one: f"{one.label}: {one.answers[0]}",
    "gold_think": lambda one: f"<think>A or B?</think>\n{one.label}",
    "gold_lower": lambda one: one.label.lower(),
    "gold_paren": lambda one: f"({one.label})",
    "based_on": lambda one: f"Based on the image, {one.label}",
    "empty": lambda one: "",
    "first_position_only": lambda one: one.label if one.facts["rotation"] == "0" else "",
    "en_only": lambda one: one.label if one.facts["language"] == "en" else "",
}
"""What the stored names of replies say; one that is not here has its replies in a file."""


def stand_in(reply: str) -> str:
    """The judge that the stored scores were made with: the first lone capital A to D, else F."""
    found = re.search(r"(?<![A-Za-z])[A-D](?![A-Za-z])", reply)
    return found[0] if found else "F"


def check_if_bench(
    found: Mapping[str, Figure], stored: Mapping[str, Any], languages: Sequence[str] = ("en", "cn")
) -> None:
    for language in languages:
        assert found[language].value == stored["avg"][f"{language}_score"]
    if len(languages) == 2:
        assert found["avg"].value == stored["avg"]["avg_score"]
        assert {name: found[f"en/{name}"].value for name in stored["per_dimension_en"]} == stored["per_dimension_en"]
        assert found["strict en"].value == pytest.approx(stored["strict"]["strict_en"], abs=1e-15)
    for name, sums in stored["strict"]["raw_first"].items():
        for language in languages:
            plain, strict = found[f"{language}/{name}"], found[f"strict {language}/{name}"]
            assert plain.n == sums["cnt"] and plain.value is not None and strict.value is not None
            assert plain.value * plain.n == sums[f"{language}_score"]
            assert strict.value * strict.n == sums[f"strict_{language}_score"]


@pytest.mark.parametrize(
    "name",
    [f"{reply}|cyclic" for reply in REPLIES] + [f"{r}|single" for r in ("always_A", "gold", "first_position_only")],
)
def test_if_bench(name: str) -> None:
    stored = stored_scores.load("upstream_ifbench.json")[name]
    kind, _, turns = name.partition("|")
    asked = ask_if_bench(4 if turns == "cyclic" else 1)
    check_if_bench(score("if-bench", asked, [REPLIES[kind](one) for one in asked], stand_in), stored)


def test_every_stored_if_bench_score_is_checked() -> None:
    names = {name.partition("|")[0] for name in stored_scores.load("upstream_ifbench.json")}
    assert names == {*REPLIES, "mixed"}


def test_if_bench_mixed_replies() -> None:
    """Of these the Chinese half is stored, with what the judge said to each."""
    rows = stored_scores.load("upstream_ifbench_mixed_replies.json")
    dimensions = {(one.item.partition("|")[0], one.question): one.task for one in ask_if_bench(1, ["cn"])}
    asked = [
        Asked(
            dimensions[row["image"], row["question"]], row["gold_letter"], "option",
            (row["options"][row["gold_letter"]],), tuple(row["options"].values()),
            item=f"{row['image']}|{row['question']}", facts={"language": row["language"]},
        )
        for row in rows
    ]  # fmt: skip
    rules = UPSTREAM["if-bench"]
    read = [
        rules.read(one, row["reply"], lambda _, row=row: row["judge"] or "")
        for one, row in zip(asked, rows, strict=True)
    ]
    assert [(one.answer or "", one.score) for one in read] == [
        (r["upstream_final"], float(r["upstream_correct"])) for r in rows
    ]
    figures = {figure.name: figure for figure in rules.add_up(list(map(Row, asked, read)))}
    check_if_bench(figures, stored_scores.load("upstream_ifbench.json")["mixed|cyclic"], ["cn"])


def test_hit_uav_vqa() -> None:
    rules = UPSTREAM["hit-uav-vqa"]
    stored = [*stored_scores.load("upstream_fusionrs.json")["hit_uav"]]
    published = (stored_scores.FOLDER / "FusionRS" / "published_predictions_llava15.jsonl").read_text(encoding="utf-8")
    stored += [json.loads(line) for line in published.splitlines() if line.strip()]
    assert len(stored) == 30
    for row in stored:
        read = rules.read(Asked(row["question_type"], row["canonical_answer"]), row["prediction"])
        assert (read.answer, read.score) == (row["upstream_parsed"], row["upstream_correct"]), row


def test_fusionrs() -> None:
    stored = stored_scores.load("upstream_fusionrs.json")
    rules = UPSTREAM["fusionrs"]
    for row in stored["vqa"]:
        parts = rules.read(Asked("vqa", "", answers=tuple(row["accepted_answers"])), row["prediction"]).parts
        assert {name: round(value, 6) for name, value in parts.items()} == {
            "exact_match": row["exact_match"], "token_f1": row["token_f1"]
        }, row  # fmt: skip
    for row in stored["caption"]:
        asked = Asked("caption", "", answers=tuple(row["references"]), facts={"kind": "caption"})
        parts = rules.read(asked, row["prediction"]).parts
        assert {name: round(value, 6) for name, value in parts.items()} == {
            "rouge_l": row["rouge_l"], "lexical_f1": row["lexical_f1"]
        }, row  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "counting/all_tagged", "counting/none_tagged", "counting/first_of_two", "detection/iou_0.5_boundary",
        "detection/unclosed", "detection/extra_boxes_free", "detection/words_then_box", "location/within_5px",
        "location/lists_not_tuples", "location/empty_both", "recognition/exact_string", "recognition/yesno",
    ],
)  # fmt: skip
def test_ir_td(name: str) -> None:
    stored = stored_scores.load("upstream_irgpt.json")
    task = {
        "counting": "AerialCounting",
        "detection": "Detection",
        "location": "Location",
        "recognition": "Recognition",
    }[name.partition("/")[0]]
    case = stored[name]
    asked = [Asked(task, row["label"]) for row in case["rows"]]
    found = score("ir-td", asked, [row["answer"] for row in case["rows"]])
    values = {figure.partition("/")[2]: one.value for figure, one in found.items()}
    upstream = case["upstream"]
    if isinstance(upstream, float):
        assert list(values.values()) == [upstream]
    elif "raises" in upstream:
        (figure,) = found.values()
        assert figure.value is None and upstream["raises"] in figure.note
    else:
        names = {
            "f1_score": "F1",
            "average_distance": "average distance",
            "average_sample_mae": "average MAE of an image",
        }
        theirs = {names.get(key, key): None if math.isnan(value) else value for key, value in upstream.items()}
        assert values == theirs


def test_every_stored_ir_td_score_is_checked() -> None:
    assert len(stored_scores.load("upstream_irgpt.json")) == 12


def test_vs_tdx() -> None:
    stored = stored_scores.load("upstream_vstdx.json")
    asked = [Asked("Existence", row["answer"], facts={"sensor": "thermal"}) for row in stored["rows"]]
    rules = UPSTREAM["vs-tdx"]
    read = [rules.read(one, row["reply"]) for one, row in zip(asked, stored["rows"], strict=True)]
    assert [one.answer or "" for one in read] == [row["upstream_extracted"] for row in stored["rows"]]
    assert [bool(one.score) for one in read] == [row["upstream_correct"] for row in stored["rows"]]
    # which replies stand behind the second line is not stored: one right and one wrong of a second kind
    rows = list(map(Row, asked, read))
    rows += [Row(dataclasses.replace(row.asked, task="Sensor Understanding"), row.read) for row in (rows[0], rows[3])]
    text = "".join(f"{one.name.partition('/')[2]}: {one.value:.2%}\n" for one in rules.add_up(rows))
    assert text == stored["upstream_text"]


def test_wildfire_vqa() -> None:
    rules = UPSTREAM["wildfire-vqa"]
    for row in stored_scores.load("upstream_wildfirevqa.json")["rows"]:
        read = rules.read(Asked("c", row["answer"], options=tuple(row["options"])), row["reply"])
        assert (read.answer, bool(read.score)) == (row["upstream_parsed"], row["upstream_correct"]), row


def test_rgb_th_bench() -> None:
    rules = UPSTREAM["rgb-th-bench"]
    for row in stored_scores.load("upstream_rgbthbench_thirdparty.json")["rows"]:
        assert (rules.read(Asked("s", "Yes"), row["reply"]).answer or "Fail") == row["upstream_parsed"], row


def test_shared_words_of_nothing_are_none() -> None:
    assert normalise("The A, an") == "" and find_rouge("", "x") == find_shared("a", "b") == 0.0
