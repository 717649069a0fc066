"""What a reader of a report wants: where a question comes from, one picture, paired tables, and an alarm."""

import json

import pytest
from calling import call_here
from mini_bench import write_bench
from PIL import Image

from itb.benchmark.bench import load_bench
from itb.commands.eval import evaluate_and_show
from itb.models.settings import EvalSettings
from itb.records import Prediction
from itb.report import make_report
from itb.report.paired import ALL, WORST, measure_changes, measure_gain, split_variants
from itb.report.tables import BELOW
from itb.tasks import list_paper_tasks, say_names


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return write_bench(tmp_path_factory.mktemp("bench"), images=48)


def write_answers(bench, path, variants):
    """`variants`: variant -> whether the n-th item of the test split is answered rightly."""
    items, rows = load_bench(bench).choose("test", ("locate",)), []
    for variant, is_right in variants.items():
        for number, item in enumerate(items):
            right = is_right(number)
            answer = item.answer if right else {"yes": "no", "no": "yes"}[item.answer]
            rows.append(Prediction(item=item.id, variant=variant, reply=answer, answer=answer, is_correct=right))
    path.write_text("".join(row.model_dump_json() + "\n" for row in rows))
    (score,) = make_report([path], bench).scores
    return score


def test_a_question_is_traced_to_annotation_wording_and_licence(bench):
    item = next(item for item in load_bench(bench).items if item.task == "locate" and item.evidence)
    manifest = json.loads((bench / "manifest.json").read_text())
    manifest["sources"] = {"flir": {"title": "FLIR ADAS", "licence": "research only", "citation": "FLIR 2018"}}
    (bench / "manifest.json").write_text(json.dumps(manifest))
    done = call_here("itb", "why", bench, item.id)
    assert done.returncode == 0, done.stderr
    for part in ("Relative position", item.question, item.answer, "locate/0", "FLIR ADAS", "licence: research only",
                 "annotation: person at", "transforms: none", item.group):  # fmt: skip
        assert part in done.stdout
    wrong = call_here("itb", "why", bench, item.id + "x")
    assert wrong.returncode == 2 and f"nearest: {item.id}" in wrong.stderr


def test_a_benchmark_is_one_picture_of_all_its_tasks(bench, tmp_path):
    done = call_here("itb", "picture", bench, "--out", tmp_path / "itb.png")
    assert done.returncode == 0, done.stderr
    first = Image.open(tmp_path / "itb.png")
    rows = -(-len({item.task for item in load_bench(bench).items}) // 3)
    assert first.height > rows * 285
    assert call_here("itb", "picture", bench, "--out", tmp_path / "itb.png").returncode == 0  # its own is overwritten
    first.resize((50, 50)).save(tmp_path / "mine.png")
    assert call_here("itb", "picture", bench, "--out", tmp_path / "mine.png").returncode == 2
    assert call_here("itb", "picture", bench, "--out", tmp_path / "itb.gif").returncode == 2


def test_what_the_context_adds_is_paired(bench, tmp_path):
    score = write_answers(bench, tmp_path / "p.jsonl", {"": lambda n: n % 2 == 0, "context": lambda n: n % 4 != 3})
    gain = measure_gain(split_variants(score.rows)["locate"])
    assert gain.difference.value == pytest.approx(4 / 16) and (gain.only_first, gain.only_second) == (4, 0)
    assert measure_gain(split_variants(score.rows)[ALL]) == gain
    tables = {table.title: table for table in make_report([tmp_path / "p.jsonl"], bench).tables}
    assert tables["What the sensor's context adds"].rows[0][1:3] == ("Relative position", "25.0 [1.2, 48.8]")
    assert "Changed images" not in tables


def test_changed_images_have_a_drop_a_consistency_and_a_worst_case(bench, tmp_path):
    score = write_answers(
        bench,
        tmp_path / "p.jsonl",
        {"": lambda n: n != 0, "perturb=noise": lambda n: n > 3, "perturb=gain": lambda n: n % 2 == 1},
    )
    found = dict(measure_changes(split_variants(score.rows)["locate"]))
    assert list(found) == ["noise", "gain", WORST]
    assert found["noise"].drop.difference.value == pytest.approx(-3 / 16) and found["noise"].same == pytest.approx(
        13 / 16
    )
    assert found[WORST].after.value == pytest.approx(6 / 16) and found[WORST].same is None
    (table,) = [table for table in make_report([tmp_path / "p.jsonl"], bench).tables if table.title == "Changed images"]
    assert len(table.rows) == 6 and {row[1] for row in table.rows} == {"Relative position", ALL}


def test_what_lies_below_chance_is_an_alarm(bench, tmp_path):
    score = write_answers(bench, tmp_path / "p.jsonl", {"": lambda n: n == 0})
    assert score.tasks[0].is_below_chance
    main = make_report([tmp_path / "p.jsonl"], bench).tables[0]
    assert main.rows[0][-1] == BELOW and any("below chance: Relative position" in note for note in main.notes)


def test_the_papers_protocol_is_named_with_its_baselines(bench, tmp_path):
    manifest = json.loads((bench / "manifest.json").read_text())
    paper = {"is_defined": True, "protocol": "paper", "tasks": list(list_paper_tasks())}
    (bench / "manifest.json").write_text(json.dumps(manifest | {"itb_avg": paper}))
    evaluate_and_show(bench, EvalSettings(model="blind", out=tmp_path / "blind.jsonl"))
    report = make_report([tmp_path / "blind.jsonl"], bench)
    (row,) = [row for row in report.tables[0].rows if row[1].startswith("ITB Avg")]
    assert row[1] == "ITB Avg (paper protocol)"
    own = f"{100 * report.scores[0].itb_avg.value:.1f}"
    assert row[4].split(" / ")[2] == own and "-" not in row[4]
    fewer = {"is_defined": True, "tasks": list(list_paper_tasks())[:-1], "without": {"security": "guessed"}}
    (bench / "manifest.json").write_text(json.dumps(manifest | {"itb_avg": fewer}))
    names = [row[1] for row in make_report([tmp_path / "blind.jsonl"], bench).tables[0].rows]
    assert "ITB Avg (without What is absent)" in names


def test_sentences_name_tasks_as_people_do():
    assert say_names("without test questions: aerial_count, scene") == (
        "without test questions: Counting from the air, Kind of scene"
    )
