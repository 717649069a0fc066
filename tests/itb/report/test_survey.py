"""The survey of Appendix A: a table of facts, its counts and its charts."""

import csv
from pathlib import Path

import pytest
from PIL import Image
from pydantic import ValidationError

from itb.commands.select import select
from itb.report.charts import FACETS, UNKNOWN, Surveyed, count_facets, draw_charts, load_survey
from tools.datasets import find_dataset
from tools.registry import DATASETS

SURVEY = load_survey()
LIST = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "infrared_datasets_survey.csv"
"""Who collected the facts says what is not known and what is not to be trusted."""


def test_it_knows_every_source_of_the_paper_and_what_it_does_not_know_is_left_out():
    built_in = [entry for entry in DATASETS.entries() if DATASETS.is_built_in(entry.name)]
    assert SURVEY.keys() >= {entry.name for entry in built_in if find_dataset(entry.name).facts.is_in_paper}
    assert SURVEY["pop"].list_values("task") == SURVEY["pop"].list_values("imaging") == (UNKNOWN,)
    assert SURVEY["bu-tiv"].doubt and "speed" not in SURVEY["bu-tiv"].task
    assert all(row.read for row in SURVEY.values())
    with pytest.raises(ValidationError):
        Surveyed.model_validate({"name": "x", "read": ["list"], "colour": "red"})


def test_counts_keep_doubtful_rows_apart_and_the_unknown_last():
    rows = {
        "a": Surveyed(name="a", scene=("sea", "indoor"), read=("list",)),
        "b": Surveyed(name="b", scene=("sea",), data="video", read=("list",), doubt="no source"),
    }
    counts = count_facets(rows)
    assert counts["scene"] == {"sea": (1, 1), "indoor": (1, 0)}
    assert list(counts["data"].items()) == [("video", (0, 1)), (UNKNOWN, (1, 0))]
    for facet, found in count_facets(SURVEY).items():
        assert sum(map(sum, found.values())) >= len(SURVEY)
        assert facet in ("scene", "task") or sum(map(sum, found.values())) == len(SURVEY)


def test_it_is_drawn_and_says_that_the_papers_list_is_not_known(tmp_path, capsys):
    select(survey=True)
    said = " ".join(capsys.readouterr().out.split())
    assert "surveyed 62 datasets and never published their names" in said and "person re-identification" in said
    pytest.importorskip("matplotlib", reason="matplotlib (extra `itb`) is not installed")
    image = Image.open(draw_charts(tmp_path, SURVEY))
    assert image.width > 1000 and len(set(image.convert("L").resize((40, 10)).tobytes())) > 5


def test_no_fact_is_added_to_what_was_collected():
    if not LIST.is_file():
        pytest.skip(f"{LIST} is not here")
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(SURVEY)
    columns = {"scene": "scene", "task": "task", "imaging": "imaging", "data": "data_type"}
    for row, ours in zip(rows, SURVEY.values(), strict=True):
        for facet in FACETS:
            values = ours.list_values(facet)
            assert (values == (UNKNOWN,)) == (not row[columns[facet]]), (ours.name, facet)
            assert all(
                value in (*row[columns[facet]].split("; "), UNKNOWN) or value in row[columns[facet]] for value in values
            )
        assert ours.categories == (int(row["n_categories"]) if row["n_categories"] else None)
        untrusted = row["irgpt_task_trusted"] not in ("", "yes") or row["index"] == "32-50"
        assert (ours.doubt is not None) == untrusted, ours.name
