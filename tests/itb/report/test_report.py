"""The report and the exports, on a small drawn benchmark."""

import json
import re
import subprocess
import sys

import pytest
from calling import call_here
from killing import ROOT
from mini_bench import write_bench
from PIL import Image
from vlmevalkit_way import is_open, read_table

from itb.benchmark.bench import find_image, load_bench
from itb.build.audit import audit_bench
from itb.commands.eval import evaluate_and_show
from itb.evaluate.predictions import manifest_path, read_predictions
from itb.export import export_bench
from itb.models.settings import EvalSettings
from itb.records import Item, Prediction
from itb.report import make_report, name_models, to_json, write_report
from itb.report.metrics import Scored
from itb.tasks import list_paper_tasks
from tools.errors import ToolkitError, UsageError


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return write_bench(tmp_path_factory.mktemp("bench"))


@pytest.fixture(scope="module")
def predictions(bench, tmp_path_factory):
    folder = tmp_path_factory.mktemp("predictions")
    for name in ("chance", "majority", "blind"):
        evaluate_and_show(bench, EvalSettings(model=name, out=folder / f"{name}.jsonl"))
    return [folder / f"{name}.jsonl" for name in ("chance", "majority", "blind")]


def write_own(bench, path, reply, split="test"):
    """Predictions by hand: `reply` gives answer and text for an item."""
    rows = []
    for item in load_bench(bench).choose(split):
        answer, text = reply(item)
        right = answer == item.answer
        rows.append(
            Prediction(
                item=item.id, reply=text, answer=answer, failure=None if answer else "no_answer", is_correct=right
            )
        )
    path.write_text("".join(row.model_dump_json() + "\n" for row in rows))
    return path


def test_the_scores_are_those_of_a_recount(bench, predictions):
    report = make_report(predictions, bench)
    items = {item.id: item for item in load_bench(bench).items}
    for path, score in zip(predictions, report.scores, strict=True):
        rows = [row for row in read_predictions(path) if not row.variant]
        for task in score.tasks:
            own = [row.is_correct for row in rows if items[row.item].task == task.task]
            assert task.accuracy.value == pytest.approx(sum(own) / len(own)) and task.accuracy.n == len(own)
            mine = {items[row.item].group for row in rows if items[row.item].task == task.task}
            assert task.accuracy.groups == len(mine)
        blind = {task.task: task.baselines.blind for task in report.scores[2].tasks}
    own = {task.task: task.accuracy.value for task in report.scores[2].tasks}
    assert own == pytest.approx(blind)


def test_itb_avg_is_the_mean_of_the_six_or_undefined(bench, tmp_path):
    tasks = {item.task for item in load_bench(bench).choose("test")}
    path = write_own(bench, tmp_path / "all.jsonl", lambda item: (item.answer, item.answer))
    (score,) = make_report([path], bench).scores
    lacking = [task for task in list_paper_tasks() if task not in tasks]
    assert list(score.lacking) == lacking
    assert (score.itb_avg is None) == bool(lacking)
    if score.itb_avg:
        assert score.itb_avg.value == 1.0
    some = [line for line in path.read_text().splitlines() if "locate" not in line]
    (tmp_path / "some.jsonl").write_text("\n".join(some) + "\n")
    report = make_report([tmp_path / "some.jsonl"], bench)
    assert report.scores[0].itb_avg is None and "locate" in report.scores[0].lacking
    (row,) = [row for row in report.tables[0].rows if row[1] == "ITB Avg"]
    assert row[2] == "undefined: no Relative position"


def test_unread_answers_count_as_wrong_and_are_named(bench, tmp_path):
    path = write_own(bench, tmp_path / "mute.jsonl", lambda item: (None, "hm"))
    (score,) = make_report([path], bench).scores
    assert all(task.accuracy.value == 0 and task.failures == {"no_answer": task.accuracy.n} for task in score.tasks)
    assert all(task.beats_blind in (False, None) for task in score.tasks)
    assert all(task.accuracy.high is None or task.accuracy.high > 0 for task in score.tasks)


def test_an_unfinished_evaluation_is_refused_unless_partial(bench, predictions, tmp_path):
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(predictions[0].read_bytes().splitlines(keepends=True)[:-3]))
    manifest = predictions[0].with_name(predictions[0].name + ".manifest.json")
    cut.with_name(cut.name + ".manifest.json").write_bytes(manifest.read_bytes())
    with pytest.raises(UsageError, match="3 questions of its tasks have no prediction; run the same `itb eval` again"):
        make_report([cut], bench)
    report = make_report([cut], bench, is_partial=True)
    assert report.scores[0].missing == 3
    assert any("incomplete: 3 without prediction" in note for note in report.tables[0].notes)


def test_predictions_of_another_benchmark_are_refused(bench, predictions, tmp_path):
    other = write_bench(tmp_path / "other")
    lines = (other / "items.jsonl").read_text().splitlines()
    (other / "items.jsonl").write_text("\n".join(lines[:-1]) + "\n")
    with pytest.raises(UsageError, match="predictions for another benchmark"):
        make_report(predictions[:1], other)


def test_the_files_hold_the_same_figures_and_escape_what_models_say(bench, predictions, tmp_path):
    nasty = "<script>alert(1)</script> 50 % & _more_ | pipe"
    own = write_own(bench, tmp_path / "nasty.jsonl", lambda item: (None, nasty))
    report = make_report([*predictions, own], bench)
    files = {path.name: path.read_text() for path in write_report(report, tmp_path / "report")}
    assert set(files) == {"report.html", "report.md", "report.tex", "report.json"}
    page = files["report.html"]
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page) and "data:image/jpeg;base64," in page
    found = json.loads(files["report.json"])
    assert found == json.loads(json.dumps(to_json(report)))
    for model in found["models"]:
        for task in model["tasks"]:
            assert f"{100 * task['accuracy']['value']:.1f} [" in files["report.md"]
    assert len(found["comparisons"]) == 6 * (1 + len({item.task for item in load_bench(bench).choose("test")}))
    body = files["report.tex"]
    assert body.count("\\begin{tabular}") == body.count("\\end{tabular}") == len(report.tables)
    assert not re.search(r"(?<!\\)[%_#](?![a-z]*\})", re.sub(r"\\[a-z]+\{[a-z]+\}", "", body))
    assert "56.57" in files["report.md"]


def test_the_command_prints_tables(bench, predictions, tmp_path):
    done = call_here("itb", "report", *predictions, "--bench", bench, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Paired comparison" in done.stdout and "report.html" in done.stdout


def test_llava_s_layout_can_answer_by_the_options_text_and_hold_both_splits(bench, tmp_path):
    (path,) = export_bench(bench, "llava", tmp_path, "all", answers="text")
    rows = {row["id"]: row for row in json.loads(path.read_text())}
    items = load_bench(bench).items
    assert rows.keys() == {item.id for item in items}
    for item in items:
        said = rows[item.id]["conversations"][1]["value"]
        assert said == (item.answer if item.form == "option" else item.answer.capitalize())


def test_llava_s_layout_is_the_train_split(bench, tmp_path):
    (path,) = export_bench(bench, "llava", tmp_path)
    rows = json.loads(path.read_text())
    items = {item.id: item for item in load_bench(bench).choose("train")}
    assert [row["id"] for row in rows] == list(items)
    for row in rows:
        item, answer = items[row["id"]], row["conversations"][1]["value"]
        assert (tmp_path / row["image"]).is_file()
        expected = "ABCDEFGH"[item.options.index(item.answer)] if item.form == "option" else item.answer
        assert answer.lower() == expected.lower()
        assert row["conversations"][0]["value"].startswith("<image>\n" + item.question)


def test_vlmevalkit_shows_every_picture_option_and_answer(bench, tmp_path):
    paths = export_bench(bench, "vlmevalkit", tmp_path)
    read = load_bench(bench)
    items = {item.id: item for item in read.choose("test")}
    seen = []
    for path in paths:
        for row, images, shown in read_table(path):
            item = items[row["itb_id"]]
            seen.append(item.id)
            (image,) = images
            with Image.open(find_image(item, read).path) as there:
                assert image.convert("RGB").tobytes() == there.convert("RGB").tobytes()
            options = item.options or ("yes", "no")
            assert is_open(path) is (item.form not in ("option", "yes_no"))
            if is_open(path):
                assert float(row["answer"]) == float(item.answer) and not shown  # pandas makes numbers of a column
            else:
                assert list(shown.values()) == list(options) and shown[row["answer"]] == item.answer
    assert sorted(seen) == sorted(items)


def test_vlmevalkit_s_tables_hold_each_picture_once(tmp_path):
    once, twice = (write_bench(tmp_path / f"{count}", images=3, questions=count) for count in (1, 8))
    sizes = [sum(p.stat().st_size for p in export_bench(each, "vlmevalkit", each / "out")) for each in (once, twice)]
    assert sizes[1] < 3 * sizes[0]


@pytest.mark.parametrize("word", ["None", "NA", "null"])
def test_vlmevalkit_shows_an_option_that_pandas_takes_for_nothing(tmp_path, word):
    write_bench(tmp_path / "bench", tasks=("recognition",), images=3, questions=1)
    path = tmp_path / "bench/items.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row["answer"] = row["options"][0] = word
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (table,) = export_bench(tmp_path / "bench", "vlmevalkit", tmp_path / "out")
    assert [shown[row["answer"]].strip() for row, _, shown in read_table(table)] == [word]


def test_lmms_eval_s_functions_judge_as_our_own_evaluation_does(bench, predictions, tmp_path):
    export_bench(bench, "lmms-eval", tmp_path)
    lines = [json.loads(line) for path in sorted(tmp_path.glob("*.jsonl")) for line in path.read_text().splitlines()]
    assert {line["id"] for line in lines} == {item.id for item in load_bench(bench).choose("test")}
    script = (
        "import json, sys, itb_utils\n"
        "rows = [json.loads(line) for line in sys.stdin]\n"
        "print(json.dumps([itb_utils.judge(row, [row['reply']])['accuracy'] for row in rows]))"
    )
    replies = {row.item: row for row in read_predictions(predictions[0]) if not row.variant}
    asked = "".join(json.dumps({**line, "reply": replies[line["id"]].reply}) + "\n" for line in lines)
    lacking = tmp_path / "lacking"
    lacking.mkdir()
    (lacking / "typeguard.py").write_text("raise ImportError('no typeguard')\n")
    for path, exact in (
        ([str(tmp_path), str(ROOT)], True),
        ([str(tmp_path)], False),
        ([str(tmp_path), str(lacking), str(ROOT)], False),  # the toolkit, without a package that it needs
    ):
        code = f"import sys; sys.path[:0] = {path!r}\n{script}"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, input=asked, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        judged = json.loads(done.stdout)
        assert ("replies are compared plainly" in done.stderr) == (not exact)
        expected = [float(replies[line["id"]].is_correct) for line in lines]
        assert judged == expected or not exact
        assert sum(judged) >= 0.5 * sum(expected)


def test_a_split_without_items_cannot_be_exported(bench, tmp_path):
    own = write_bench(tmp_path / "own")
    lines = [
        line for line in (own / "items.jsonl").read_text().splitlines() if '"split":"test"' in line.replace(" ", "")
    ]
    (own / "items.jsonl").write_text("\n".join(lines) + "\n")
    with pytest.raises(UsageError, match="its train split holds no item; choose another with --split"):
        export_bench(own, "llava", tmp_path / "out")


def test_errors_and_a_limit_are_refused_unless_partial_and_named_in_the_tables(bench, predictions, tmp_path):
    part = tmp_path / "part.jsonl"
    evaluate_and_show(bench, EvalSettings(model="chance", out=part, limit=1))
    with pytest.raises(UsageError, match=r"made with --limit 1, which asked a part of the questions; .* --partial"):
        make_report([part], bench)
    report = make_report([part, predictions[0]], bench, is_partial=True)
    pivot, main, *_ = report.tables
    assert main.title == "Accuracy (incomplete)"
    names = {row[0] for row in main.rows}
    assert set(pivot.columns[1:]) == names
    assert any("partial: at most 1 a task" in name for name in names) and len(names) == 2
    whole = tmp_path / "whole.jsonl"
    evaluate_and_show(bench, EvalSettings(model="chance", out=whole, limit=10_000))
    assert make_report([whole], bench).tables[0].title == "Accuracy"


def test_a_folder_that_is_just_called_model_gives_no_name_to_its_predictions(predictions, tmp_path):
    named = [tmp_path / "after.jsonl", tmp_path / "other.jsonl"]
    for path in named:
        path.write_bytes(predictions[0].read_bytes())
        source = manifest_path(predictions[0])
        manifest = json.loads(source.read_text())
        manifest["frozen"]["model"]["name"] = "model"
        manifest_path(path).write_text(json.dumps(manifest))
    assert name_models([*named, predictions[0]]) == ["after", "other", "chance"]


def test_predictions_with_errors_make_the_tables_incomplete(bench, predictions, tmp_path):
    rows = [json.loads(line) for line in predictions[0].read_text().splitlines()]
    replies, out = tmp_path / "replies.jsonl", tmp_path / "out.jsonl"
    replies.write_text("".join(json.dumps({"item": row["item"], "reply": row["reply"]}) + "\n" for row in rows[:-2]))
    with pytest.raises(ToolkitError, match=rf"2 of {len(rows)} questions got no reply and have no prediction"):
        evaluate_and_show(bench, EvalSettings(model=str(replies), out=out))
    with pytest.raises(UsageError, match="2 questions got no reply; run the same `itb eval` again"):
        make_report([out], bench)
    report = make_report([out], bench, is_partial=True)
    assert report.tables[0].title == "Accuracy (incomplete)"
    assert all("2 errors" in row[0] for row in report.tables[0].rows)
    assert sum(task.accuracy.n for task in report.scores[0].tasks) == len(rows) - 2
    shown = [row[2] for row in report.tables[0].rows if row[1] != "ITB Avg"]
    assert all(task.accuracy.n < 10 for task in report.scores[0].tasks)
    assert all(text.endswith((" questions]", "[one group]")) for text in shown)


def test_what_is_of_one_group_is_one_cluster(bench, tmp_path):
    item = next(iter(load_bench(bench).items))
    row = Prediction(item=item.id, reply="", answer=None, failure="empty", is_correct=False)
    mine = [item.model_copy(update={"image": f"images/{name}/radiometric/a.png"}) for name in ("value-0", "marks-0-A")]
    other = item.model_copy(update={"group": "another"})
    assert len({Scored(each, row).cluster for each in (*mine, other)}) == 2


def make_item(number, answer, split, **changes):
    settings = {
        "id": f"locate-flir-{number}-0", "task": "locate", "source": "flir", "band": "lwir", "polarity": "white-hot",
        "image": f"images/flir/{number}.png", "width": 640, "height": 512, "question": "Is it?", "options": (),
        "answer": answer, "form": "yes_no", "wording": "locate/0", "group": f"g{number}", "split": split,
    }  # fmt: skip
    return Item(**{**settings, **changes})


@pytest.mark.parametrize(
    ("train", "test", "share"),
    [
        (("yes", "no"), ("yes", "yes", "no"), 2 / 3),
        (("no", "yes"), ("yes", "yes", "no"), 2 / 3),
        (("no", "no", "yes"), ("yes", "yes", "no"), 1 / 3),
    ],
)
def test_audit_eval_and_report_tell_one_and_the_same_majority(tmp_path, train, test, share):
    rows = [(answer, split) for split, answers in (("train", train), ("test", test)) for answer in answers]
    items = [make_item(number, *row) for number, row in enumerate(rows)]
    (tmp_path / "items.jsonl").write_text("".join(item.model_dump_json() + "\n" for item in items))
    evaluate_and_show(tmp_path, EvalSettings(model="majority", out=tmp_path / "p.jsonl"))
    found = {row.item: row.answer for row in read_predictions(tmp_path / "p.jsonl")}
    asked = [item for item in items if item.split == "test"]
    score = make_report([tmp_path / "p.jsonl"], tmp_path).scores[0].tasks[0]
    assert sum(found[item.id] == item.answer for item in asked) / len(asked) == pytest.approx(share)
    assert score.accuracy.value == score.baselines.majority == pytest.approx(share)
    assert audit_bench(tmp_path).tasks["locate"].majority == round(share, 4)
