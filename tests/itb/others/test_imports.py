"""From somebody else's files to items, evaluations, a report and exports; what is missing stays and counts as wrong."""

import json
import sys
from collections import Counter
from pathlib import Path

import foreign
import numpy as np
import pytest
from calling import call_here
from PIL import Image
from vlmevalkit_way import read_table

from itb.benchmark.ask import Asker, VariantSettings
from itb.benchmark.bench import load_bench
from itb.evaluate.evaluate import run_eval
from itb.evaluate.predictions import read_predictions
from itb.export import export_bench
from itb.models.endpoint import EndpointModel, encode_images
from itb.models.settings import EvalSettings
from itb.others.importing import ImportSettings, import_benchmarks
from itb.others.places import find_file, name_file, parse_places
from itb.report import make_report, write_report
from itb.report.picture import draw_bench
from itb.report.why import explain_item
from tools.endpoint.connection import EndpointConfig
from tools.errors import MissingError, UsageError

PACK = Path("prompts/infrared")
FIXTURES = Path(__file__).resolve().parents[4] / "shared/data"


def bring(name, root, out, *images, **changes):
    return import_benchmarks(
        ImportSettings({name: root}, out, images, changes={name: changes} if changes else {})
    ).items


def ask(bench, out, model="chance", **changes):
    run_eval(bench, EvalSettings(model=model, out=out, **changes))
    return {row.item: row for row in read_predictions(out)}


def report(bench, out, *predictions):
    made = make_report(predictions, bench)
    write_report(made, out)
    return made, json.loads((out / "report.json").read_text(encoding="utf-8"))


# Reading.


def test_if_bench_has_every_turn_in_two_languages(tmp_path):
    items = bring("if-bench", foreign.write_if_bench(tmp_path / "in"), tmp_path / "bench")
    assert len(items) == 4 * 4 * 2
    assert Counter(item.task for item in items) == {"if-bench/object_counting": 16, "if-bench/scene_understanding": 16}
    turned = [item for item in items if item.group == "1.jpg" and "-en-" in item.id]
    assert [item.foreign.label for item in turned] == list("BCDA")
    assert {item.answer for item in turned} == {"two's 1"}
    first, second = turned[:2]
    assert first.foreign.prompt == (
        "Ask What is 1? of {'A': 'one 1', 'B': \"two's 1\", 'C': 'three 1', 'D': 'four 1'}."
    )
    assert second.options == ("four 1", "one 1", "two's 1", "three 1")
    assert len({item.foreign.variant_of for item in turned}) == 1 and {item.group for item in turned} == {"1.jpg"}
    assert all(item.foreign.max_new_tokens == 1024 and not item.foreign.declared for item in items)
    assert {item.id for item in items if not item.foreign.missing} == {item.id for item in items if "-0000-" in item.id}


def test_if_bench_says_that_a_request_is_ours_and_shows_pairs(tmp_path):
    root = foreign.write_if_bench(tmp_path / "in", prompts=False)
    (item,) = [item for item in bring("if-bench", root, tmp_path / "b", prompt="pair", languages=["en"], rotations=1)
               if "-0000-" in item.id]  # fmt: skip
    assert "neither prompts.json nor bench_evaluate.py" in item.foreign.declared
    assert [(image.role, bool(image.missing)) for image in item.foreign.images] == [("ir", False), ("translated", True)]
    assert "translated_rgb_imgs/0.jpg" in item.foreign.missing


def test_thermeval_asks_every_row_and_draws_thermograms(tmp_path):
    root = foreign.write_thermeval(tmp_path / "in")
    items = bring("thermeval", root, tmp_path / "bench", f"Dataset/LLVIP={tmp_path / 'llvip'}", colour_maps=["magma"])
    found = {item.id.partition("-")[0]: item for item in items}
    assert Counter(item.foreign.kind for item in items) == {
        "t1_llvip": 2, "t2_llvip": 1, "t3_llvip": 1, "t4_present": 2, "t4_side": 2, "t4_min": 1, "t4_max": 1,
        "t5_double": 2, "t5_single": 1, "t6_coords": 1, "t6_marker": 1, "t6_region": 1, "t7_6ft": 1,
    }  # fmt: skip
    forms = {kind: (item.form, item.answer) for kind, item in found.items()}
    assert forms["t5_single"] == ("order", "Nose, Forehead") and forms["t4_max"] == ("measure", "36.0")
    assert forms["t1_llvip"] == ("word", "RGB") and forms["t6_region"] == ("measure", "30.0")
    assert found["t5_single"].options == ("Forehead", "Nose")
    assert found["t6_region"].foreign.prompt == "How warm is the nose?"
    assert (
        "drawn here" in found["t6_region"].foreign.declared and "our words" not in found["t6_region"].foreign.declared
    )
    assert sorted(item.foreign.kind for item in items if item.foreign.missing) == ["t1_llvip", "t4_present", "t4_side"]
    drawn = {
        kind: Image.open(tmp_path / "bench" / found[kind].image) for kind in ("t6_marker", "t6_coords", "t2_llvip")
    }
    assert {image.mode for image in drawn.values()} == {"RGB"}
    cyan = {
        kind: (np.asarray(image)[..., 1].astype(int) - np.asarray(image)[..., 0] > 100).sum()
        for kind, image in drawn.items()
    }
    assert cyan["t6_marker"] > 50 and cyan["t6_coords"] == 0


def test_the_authors_two_fields_and_nothing_else(tmp_path):
    root = foreign.write_two_fields(tmp_path / "in")
    first, second = bring("infrared-llava", root, tmp_path / "bench")
    assert (first.form, first.answer, first.foreign.prompt) == ("yes_no", "yes", "Is it warm?")
    assert (second.form, second.answer) == ("text", "A dog.")
    (root / "talk.json").write_text(json.dumps([{"image": "a.jpg", "question": "?", "answer": "x"}]))
    with pytest.raises(UsageError, match="row 0 has image, question, answer, not `thermal` and `conversations`"):
        bring("infrared-llava", root, tmp_path / "other")


def test_custom_takes_questions_of_every_form_and_boxes(tmp_path):
    items = bring("custom", foreign.write_custom(tmp_path / "in"), tmp_path / "bench")
    own = {item.form: item.answer for item in items if item.task.startswith("custom/questions")}
    assert own == {"option": "door", "yes_no": "yes", "number": "3", "measure": "21.5", "text": "a road",
                   "several": "car, bus", "order": "tea, ice"}  # fmt: skip
    boxes = [item for item in items if not item.task.startswith("custom/questions")]
    assert {item.task for item in boxes} == {"custom/locate", "custom/count", "custom/security"}
    assert all(item.evidence for item in boxes if item.answer != "0")
    security = next(item for item in boxes if item.task == "custom/security")
    assert "big dog" in security.options and security.answer not in {entry.name for entry in security.evidence}
    several = next(item for item in items if item.form == "several")
    questions = {
        question.item.id: question
        for question in Asker(PACK, VariantSettings()).ask_all(load_bench(tmp_path / "bench"), items)
    }
    assert questions[several.id].text == "Name all: car, dog, bus."
    assert "A. roof\nB. door" in questions["questions_option-custom-00001"].text


def test_custom_says_which_line_is_no_question(tmp_path):
    root = tmp_path / "in"
    root.mkdir()
    (root / "questions.jsonl").write_text('{"image": "a.png", "question": "?", "answer": "x", "colour": 1}\n')
    with pytest.raises(UsageError, match=r"questions\.jsonl:1: no question: colour"):
        bring("custom", root, tmp_path / "bench")
    with pytest.raises(MissingError, match=r"neither questions\.jsonl nor boxes"):
        bring("custom", tmp_path, tmp_path / "bench")


def test_review_asks_what_people_left_and_says_where_nobody_looked(tmp_path):
    items = bring("review", foreign.write_run(tmp_path / "run"), tmp_path / "plain")
    assert len(items) == 12 and all("no person saw it" in item.foreign.declared for item in items)
    assert Counter(item.form for item in items) == {"yes_no": 4, "number": 4, "text": 4}
    foreign.write_run(tmp_path / "run", reviews=True)
    made = import_benchmarks(ImportSettings({"review": tmp_path / "run"}, tmp_path / "reviewed"))
    kept = {item.foreign.variant_of: item for item in made.items if item.form == "yes_no"}
    assert made.skipped["review"] == {"rejected_by_people": 1, "people_differ": 1}
    assert set(kept) == {"1-conversation", "3-conversation"}
    assert kept["1-conversation"].answer == "no" and "wrote it anew" in kept["1-conversation"].foreign.declared
    assert "no person saw it" in kept["3-conversation"].foreign.declared
    (only,) = {
        item.foreign.variant_of for item in bring("review", tmp_path / "run", tmp_path / "only", reviewed="only")
    }
    assert only == "1-conversation"


# Places.


def test_an_image_is_found_by_the_longest_part_of_its_path(tmp_path):
    near, far = foreign.save_image(tmp_path / "near/x/a.png"), foreign.save_image(tmp_path / "far/b.png")
    places = parse_places([f"sets={near.parents[1]}", f"sets/y={far.parent}", str(far.parent)])
    assert find_file("/their/disk/sets/x/a.png", tmp_path, places) == near
    assert find_file("/their/disk/sets/y/b.png", tmp_path, places) == far
    assert find_file("b.png", tmp_path, places) == far
    why = find_file("sets/y/gone.png", tmp_path, places)
    assert isinstance(why, str) and str(tmp_path) not in why and "--map y=DIR" in why
    assert str(find_file("Basement door/rgb.jpg", tmp_path, places)).endswith("--map 'Basement door=DIR'")
    assert isinstance(find_file("sets/../../../etc/passwd", tmp_path, places), str)
    assert name_file("/their/../C:/a b.png") == "their/_/C_/a b.png"


@pytest.mark.parametrize(("text", "error"), [("=x", UsageError), ("a=", UsageError), ("a=nowhere", MissingError)])
def test_a_place_that_is_none_is_said(text, error):
    with pytest.raises(error, match="--map"):
        parse_places([text])


# Evaluation, reports, exports.


def test_a_missing_image_is_a_row_with_a_reason(tmp_path, monkeypatch):
    bench = tmp_path / "bench"
    bring("rgb-th-bench", foreign.write_rgb_th(tmp_path / "in"), bench)
    monkeypatch.setattr(EndpointModel, "answer", lambda self, units: (_reply(question) for (question,) in units))
    rows = ask(bench, tmp_path / "p.jsonl", "http://localhost:1/v1", model_name="m")
    lacking = [row for row in rows.values() if row.failure == "missing_image"]
    assert len(rows) == 8 and len(lacking) == 4 and not any(row.is_correct for row in lacking)
    assert all("rgb.png" in row.error and "--map roof=DIR" in row.error for row in lacking)
    before = (tmp_path / "p.jsonl").read_bytes()
    assert ask(bench, tmp_path / "p.jsonl", "http://localhost:1/v1", model_name="m") == rows
    assert (tmp_path / "p.jsonl").read_bytes() == before
    _, found = report(bench, tmp_path / "report", tmp_path / "p.jsonl")
    (scores,) = found["foreign"]["rgb-th-bench"].values()
    assert scores["QAcc 14 skills"]["upstream"]["value"] == scores["QAcc 14 skills"]["ours"]["value"] == 0.25
    assert scores["QAcc 14 skills"]["upstream"]["n"] == 8


def _reply(question):
    from itb.models.adapter import Reply

    return Reply(question, "Yes")


def test_an_endpoint_is_sent_all_images_in_their_order(tmp_path):
    bring("rgb-th-bench", foreign.write_rgb_th(tmp_path / "in"), tmp_path / "bench")
    bench = load_bench(tmp_path / "bench")
    questions = list(Asker(PACK, VariantSettings()).ask_all(bench, bench.items))
    pair = next(question for question in questions if len(question.files) == 2 and not question.missing)
    assert [image.size for image in pair.load_images()] == [(48, 36), (40, 40)]
    model = EndpointModel(EndpointConfig(base_urls=("http://localhost:1/v1",)), "m", 8, {})
    request = model._make_request(pair, encode_images(pair))
    assert [part["type"] for part in request.messages[-1]["content"]] == ["image_url", "image_url", "text"]
    assert pair.picture != next(question for question in questions if len(question.files) == 1).picture


def test_baselines_never_see_the_group_that_they_answer(tmp_path):
    bench = tmp_path / "bench"
    bring("custom", foreign.write_custom(tmp_path / "in"), bench)
    for model in ("chance", "majority", "blind"):
        rows = ask(bench, tmp_path / f"{model}.jsonl", model)
        assert len(rows) == len(load_bench(bench).items)
    alone = {row.item: row for row in read_predictions(tmp_path / "blind.jsonl") if "questions_text" in row.item}
    assert not any(row.is_correct for row in alone.values())  # its only label is its own
    made, _ = report(bench, tmp_path / "report", tmp_path / "chance.jsonl", tmp_path / "blind.jsonl")
    titles = [table.title for table in made.tables]
    assert "Custom: its own figures" in titles and not any("ITB Avg" in title for title in titles)
    page = (tmp_path / "report/report.html").read_text(encoding="utf-8")
    assert "ITB Avg" not in page and "train split: five folds" in page and "answer of the train split" not in page


def test_a_terminal_says_the_headlines_and_how_many_questions_stand_behind_them(tmp_path):
    root, bench, out = foreign.write_if_bench(tmp_path / "in"), tmp_path / "bench", tmp_path / "report"
    brought = call_here("itb", "import", f"if-bench={root}", "--out", bench)
    assert "if-bench: 4 questions x 2 languages x 4 turned options = 32" in brought.stdout
    ask(bench, tmp_path / "p.jsonl")
    told = call_here("itb", "report", tmp_path / "p.jsonl", "--bench", bench, "--out", out)
    assert told.returncode == 0 and "its own figures" in told.stdout and "16 in 4 groups" in told.stdout
    assert "without looking" not in told.stdout and "tables are shown; all are in the files" in told.stdout
    written = (out / "report.md").read_text(encoding="utf-8")
    assert "| en/Object Counting |" in written and "| 8 in 2 groups |" in written
    assert "Published figures of models: none known." in written


def test_exports_name_what_they_leave_out(tmp_path):
    bench = tmp_path / "bench"
    items = bring("rgb-th-bench", foreign.write_rgb_th(tmp_path / "in"), bench)
    out = {form: tmp_path / form for form in ("lmms-eval", "vlmevalkit", "llava")}
    for form, folder in out.items():
        export_bench(bench, form, folder, "test")
        missing = [json.loads(line)["item"] for line in (folder / "missing.jsonl").read_text().splitlines()]
        assert missing == [item.id for item in items if item.foreign.missing]
    rows = json.loads((out["llava"] / "itb.json").read_text())
    pair = next(row for row in rows if isinstance(row["image"], list))
    assert pair["conversations"][0]["value"].startswith("<image>\n<image>\nBased on these two images")
    task = out["lmms-eval"] / "itb_rgb-th-bench_warmest_areas_detection.jsonl"
    line = json.loads(task.read_text().splitlines()[0])
    sys.path.insert(0, str(out["lmms-eval"]))
    try:
        import itb_utils
    finally:
        sys.path.pop(0)
    assert [image.size for image in itb_utils.show_image(line)] == [(48, 36), (40, 40)]
    assert itb_utils.judge(line, ["Yes."]) == {"accuracy": 1.0}
    table = list(read_table(out["vlmevalkit"] / "ITB_MCQ.tsv"))
    assert [[image.size for image in shown.images] for shown in table[1:3]] == [[(48, 36)], [(48, 36), (40, 40)]]
    with pytest.raises(UsageError, match="use llava"):
        export_bench(bench, "trl", tmp_path / "trl", "test")


def test_why_and_picture(tmp_path):
    bring("rgb-th-bench", foreign.write_rgb_th(tmp_path / "in"), tmp_path / "bench")
    bench = load_bench(tmp_path / "bench")
    told = "\n".join(explain_item(bench, bench.items[-1]))
    assert "licence: none found" in told and "shown: ir, Data/roof/thermal.png (missing:" in told
    assert "ours: the request says in our words" in told
    assert draw_bench(bench, tmp_path / "x.png").is_file()


def test_the_command_and_its_errors(tmp_path):
    root = foreign.write_rgb_th(tmp_path / "in")
    done = call_here("itb", "import", f"rgb-th-bench={root}", "--out", tmp_path / "bench")
    assert done.returncode == 0 and "4 of 8 questions lack an image" in done.stderr and "8 questions" in done.stdout
    content = {path.name: path.read_bytes() for path in (tmp_path / "bench").iterdir() if path.is_file()}
    again = call_here("itb", "import", f"rgb-th-bench={root}", "--out", tmp_path / "bench")
    assert again.returncode == 0
    assert content == {path.name: path.read_bytes() for path in (tmp_path / "bench").iterdir() if path.is_file()}
    other = call_here("itb", "import", f"custom={root}", "--out", tmp_path / "bench")
    assert other.returncode == 2 and "built otherwise" in other.stderr
    wrong = call_here("itb", "import", f"rgbth={root}", "--out", tmp_path / "b")
    assert wrong.returncode == 2 and "did you mean `rgb-th-bench`?" in wrong.stderr
    absent = call_here("itb", "import", f"rgb-th-bench={tmp_path / 'no'}", "--out", tmp_path / "b")
    assert absent.returncode == 3 and not (tmp_path / "b").exists()
    unset = call_here(
        "itb", "import", f"rgb-th-bench={root}", "--set", "foreign_benchmark.if-bench.turns=3", "--out", "b"
    )
    assert unset.returncode == 2 and "has no setting `turns`" in unset.stderr


def test_llvip_through_thermeval_with_its_own_images(tmp_path):
    labels = FIXTURES / "benchmarks/ThermEval"
    if not labels.is_dir() or not (FIXTURES / "LLVIP").is_dir():
        pytest.skip("../shared/data has no ThermEval labels, or no LLVIP")
    items = bring(
        "thermeval",
        labels,
        tmp_path / "bench",
        f"Dataset/LLVIP={FIXTURES / 'LLVIP'}",
        drawn=False,
        colour_maps=["gray"],
    )
    shown = {item.foreign.kind: item for item in items if not item.foreign.missing}
    assert set(shown) == {"t1_llvip", "t2_llvip", "t3_llvip"}
    assert all((item.width, item.height) == (1280, 1024) for item in shown.values())
