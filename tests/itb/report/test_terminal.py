"""Tables in a terminal of 80 columns: heads that never run together, words that are not broken, titles for tasks."""

import re

import pytest
from heads import WIDTH, draw, read_heads
from mini_bench import write_bench

from itb.build.audit import audit_items
from itb.commands.audit import _draw_audit, _draw_framings
from itb.commands.eval import evaluate_and_show, list_remarks, make_table
from itb.models.settings import EvalSettings
from itb.report import make_report
from itb.report.tables import PIVOT, Table, list_tables
from itb.report.terminal import draw_table, find_width, split_table
from itb.tasks import list_tasks, name_task

IDS = re.compile(r"aerial_count|pedestrian_count")


def check_heads(lines, columns):
    heads = read_heads(lines)
    assert max(map(len, lines)) <= WIDTH
    assert len(heads[-1]) == len(columns), heads
    shown = " ".join(cell for row in heads for cell in row).split()
    assert sorted(shown) == sorted(" ".join(columns).split())


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    bench = write_bench(folder / "bench")
    for name in ("chance", "majority", "blind"):
        evaluate_and_show(bench, EvalSettings(model=name, out=folder / f"{name}.jsonl"))
    return make_report([folder / f"{name}.jsonl" for name in ("chance", "majority", "blind")], bench)


def test_every_table_of_a_report_keeps_its_heads_apart(report):
    for table in report.tables:
        for part in split_table(table, WIDTH):
            check_heads(draw(draw_table(part)), part.columns)


def test_tasks_and_models_stand_in_one_table_first(report):
    pivot = report.tables[0]
    assert pivot.title == PIVOT and pivot.columns == ("task", "chance", "majority", "blind")
    of_paper = [task.title for task in list_tasks() if task.paper]
    beyond = [task.title for task in list_tasks() if not task.paper]
    assert [row[0] for row in pivot.rows] == [*of_paper, "ITB Avg", *beyond]
    main = {(row[0], row[1].removesuffix(" (beyond the paper)")): row[2] for row in report.tables[1].rows}
    for row in pivot.rows:
        assert row[1:] == tuple(main[model, row[0]] for model in pivot.columns[1:])


def test_the_pivot_of_many_models_is_told_in_parts():
    models = [f"model-{number}" for number in range(7)]
    table = Table(PIVOT, ("task", *models), (("Temperature", *["47.1 [40.0, 54.2]"] * 7),))
    parts = list(split_table(table, WIDTH))
    assert [part.title for part in parts][::3] == [f"{PIVOT} (1 to 2 of 7)", f"{PIVOT} (7 to 7 of 7)"]
    assert [name for part in parts for name in part.columns[1:]] == models
    assert all(part.columns[0] == "task" and find_width(part) <= WIDTH for part in parts)
    assert list(split_table(table, 200)) == [table]


def test_a_model_alone_needs_no_pivot(report):
    assert list_tables(report.scores[:1], [], {}, "")[0].title == "Accuracy"


def test_people_read_titles_and_no_names_of_files(report, tmp_path):
    bench = report.bench
    shown = [cell for table in report.tables if table.title != "By wording" for row in table.rows for cell in row]
    assert not IDS.search(" ".join(shown)) and "Counting from the air" in shown
    audit = audit_items(bench.items, {})
    lines = [*draw(_draw_audit(audit)), *draw(_draw_framings(audit))]
    assert not IDS.search("\n".join(lines)) and "Counting pedestrians" in "\n".join(lines)
    manifest = {"model_notes": {"expected_accuracy": {"aerial_count": 0.1, "scene/option": "car"}}, "asked": {}}
    assert list_remarks(tmp_path, manifest)[0] == (
        "expected accuracy: Counting from the air 0.1; Kind of scene (option) car"
    )


def test_every_task_of_ours_has_a_title_of_its_own():
    titles = [task.title for task in list_tasks()]
    assert all(title[0].isupper() and "_" not in title for title in titles) and len(set(titles)) == len(titles)
    assert name_task("aerial_count") == "Counting from the air" and name_task("all questions") == "all questions"


def test_the_audit_s_tables_keep_their_heads_apart(report):
    audit = audit_items(report.bench.items, {})
    check_heads(draw(_draw_audit(audit)), [column.header for column in _draw_audit(audit).columns])
    framings = draw(_draw_framings(audit))
    assert len(read_heads(framings)[-1]) == 7 and not any("…" in line for line in framings)


def test_a_report_explains_its_signs_and_the_table_of_eval_has_no_empty_column(report):
    notes = " ".join(note for table in report.tables for note in table.notes)
    assert "chance / majority / blind: a uniform guess" in notes and "-: not defined" in notes
    counting = next(table for table in report.tables if table.title == "Counting")
    assert counting.columns[-2:] == ("within one, %", "unread %") and all(row[-1] == "0.0" for row in counting.rows)
    manifest = report.scores[0].manifest
    assert [column.header for column in make_table(manifest).columns] == ["task", "n", "accuracy", "without answer"]
    turned = {**manifest["results"]["groups"][0], "variant": "rotate-1"}
    groups = [*manifest["results"]["groups"], turned]
    columns = make_table({**manifest, "results": {**manifest["results"], "groups": groups}}).columns
    assert columns[1].header == "variant" and set(columns[1].cells) == {"as it stands", "rotate-1"}
