"""The paper in miniature: hand-overs, the runner of cells, and its statistics."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from calling import call_here
from mini_bench import write_bench
from tolerances import share_tolerance

from itb.benchmark.bench import load_bench
from itb.commands.eval import evaluate_and_show
from itb.evaluate.predictions import read_predictions
from itb.models.settings import EvalSettings
from itb.tasks import list_paper_tasks
from paper_mini import in_words
from paper_mini.cells import ABLATION, FOLDER, Cell, list_arms
from paper_mini.folders import MINIATURE
from paper_mini.handover import join_forms, link_layout, mix_data, say_visible, tell_scene, write_reading
from paper_mini.page import write_results
from paper_mini.peers.results import CLAIMS as PEER_CLAIMS
from paper_mini.peers.results import TABLES, TITLES, read_power
from paper_mini.plan import list_cells
from paper_mini.power import measure_spread
from paper_mini.results import CLAIMS, QUICK_NOTICE, ROWS, explain_miss
from paper_mini.run import read_costs, run_cells
from paper_mini.score import DRAWS, Answers, Interval, Scorer, read_answers
from paper_mini.settings import DEVELOPMENT, FULL, QUICK
from paper_mini.tables import judge, show
from tools.datasets import open_dataset
from tools.errors import ToolkitError, UsageError
from tools.files import own_folder, read_marker
from tools.scenes import render_scenes

PAPER_TASKS = list_paper_tasks()

ROOT = Path(__file__).resolve().parents[2]


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def talk(id, image, *pairs):
    turns = [({"from": "human", "value": ask}, {"from": "gpt", "value": answer}) for ask, answer in pairs]
    return {"id": id, "image": image, "conversations": [turn for pair in turns for turn in pair]}


@pytest.mark.parametrize("settings", [FULL, QUICK])
def test_every_cell_comes_after_what_it_needs_and_every_row_has_its_cells(settings):
    cells = list_cells(settings, Path("out"), Path("some.whl"))
    seen = set()
    for cell in cells:
        assert cell.name not in seen and seen.issuperset(cell.needs), cell
        assert (cell.command is None) != (cell.make is None)
        seen.add(cell.name)
    arms = {arm.name for arm in list_arms(settings)}
    assert {arm for rows in ROWS.values() for arm, *_ in rows} <= arms
    assert {arm for _, *pair in CLAIMS for arm in pair} <= arms
    assert {f"s{seed}/eval/{arm}" for seed in settings.seeds for arm in arms} <= seen
    assert {arm for rows in TABLES.values() for arm in rows} == set(TITLES)
    assert {arm for _, *pair in PEER_CLAIMS for arm in pair} <= set(TITLES)
    assert {f"s{seed}/eval/{arm}" for seed in settings.peer_seeds for arm in TITLES} <= seen
    only = {cell.name for cell in list_cells(settings.take_peers(), Path("out"), Path("some.whl"))}
    assert only < seen and not any("visible" in name or "agents-" in name for name in only)


@pytest.mark.parametrize("verb", ["run", "told"])
def test_the_folder_is_a_command_whose_modules_hide_nothing(verb):
    assert list_cells(QUICK, Path("out"), Path("some.whl"))
    command = [sys.executable, FOLDER, verb, "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"python tests/experiments/paper_mini {verb}" in done.stdout


def test_the_test_scenes_share_neither_seed_nor_camera_with_the_others():
    commands = {cell.name: cell.command for cell in list_cells(FULL, Path("out"), Path("some.whl"))}
    rendered = {name: command for name, command in commands.items() if command and command[2:4] == ("tools", "scenes")}
    seeds = [command[command.index("--seed") + 1] for command in rendered.values()]
    assert len(rendered) == 2 + len(FULL.all_seeds) and len(set(seeds)) == len(seeds)
    assert [name for name, command in rendered.items() if "--noise" in command] == ["test/scenes"]
    assert DEVELOPMENT.test_seed != FULL.test_seed and not set(DEVELOPMENT.all_seeds) & set(FULL.all_seeds)


def test_a_linked_layout_is_read_with_the_other_images(tmp_path):
    render_scenes(4, 1, tmp_path / "scenes", size=(96, 80))
    photographs = {path.stem: path for path in (tmp_path / "scenes/visible").glob("*.jpg")}
    for _ in range(2):  # again on the same folder
        link_layout(tmp_path / "scenes", photographs, tmp_path / "layout")
    assert open_dataset("scenes", tmp_path / "layout").layout == "rendered scenes"
    assert (tmp_path / "layout/thermal8/000003.jpg").read_bytes() == photographs["000003"].read_bytes()


def test_instructions_and_forms_become_one_file_with_paths_from_the_root(tmp_path):
    write_json(tmp_path / "a/instruct.json", [talk("1-description", "images/1.png", ("<image>\nDescribe.", "A dog."))])
    forms = [
        talk(f"count-scenes-00000{1 + k // 2}-{k}", f"images/{k}.png", (f"<image>\nQ{k}?", str(k))) for k in range(3)
    ]
    write_json(tmp_path / "b/export/itb.json", forms)
    images = {f"00000{k}": tmp_path / f"s/00000{k}.jpg" for k in (1, 2)}
    mix_data(tmp_path / "a/instruct.json", tmp_path / "b/export/itb.json", images, tmp_path, tmp_path / "c/data.json")
    rows = json.loads((tmp_path / "c/data.json").read_text())
    assert [row["id"] for row in rows] == ["1-description", "forms-000001", "forms-000002"]
    assert [row["image"] for row in rows] == ["s/000001.jpg", "s/000001.jpg", "s/000002.jpg"]
    values = [turn["value"] for turn in rows[1]["conversations"]]
    assert [value.startswith("<image>") for value in values] == [True, False, False, False]
    assert {(ask.removeprefix("<image>\n"), answer) for ask, answer in zip(values[::2], values[1::2], strict=True)} == {
        ("Q0?", "0"), ("Q1?", "1"),
    }  # fmt: skip
    assert join_forms(forms) == join_forms(forms[::1])


def test_the_language_model_reads_dialogues_about_scenes_in_words(tmp_path):
    render_scenes(3, 1, tmp_path / "scenes", size=(192, 160), kinds=("field",))
    write_json(
        tmp_path / "talks/pretrain.json", [talk(f"2-{k}", "x.png", ("<image>\nSum up.", "A dog.")) for k in (0, 1)]
    )
    write_json(tmp_path / "talks/instruct.json", [talk("3-reasoning", "x.png", ("<image>\nWhy?", "So."))])
    write_json(tmp_path / "itb.json", [talk("scene-scenes-000001-0", "x.png", ("<image>\nWhere?", "field"))])
    write_reading(tmp_path / "scenes", tmp_path / "talks", tmp_path / "itb.json", tmp_path / "reading.json")
    rows = {row["id"]: row["conversations"] for row in json.loads((tmp_path / "reading.json").read_text())}
    assert rows.keys() == {"2-0", "3-reasoning", "forms-000001"}
    for name, number in (("2-0", 2), ("3-reasoning", 3), ("forms-000001", 1)):
        record = json.loads((tmp_path / f"scenes/scenes/{number:06d}.json").read_text())
        in_words, question = rows[name][0]["value"].split("\n")
        assert (
            in_words == tell_scene(record)
            and in_words.startswith("field: ")
            and question in ("Sum up.", "Why?", "Where?")
        )
        assert sorted(in_words.removeprefix("field: ").rstrip(".").split(", ")) == sorted(
            thing["label"] for thing in record["objects"]
        )


def test_a_text_about_an_infrared_image_can_be_said_of_a_photograph():
    assert say_visible("What does this infrared image show?") == "What does this image show?"
    assert say_visible("The thermal view shows a dog.") == "The view shows a dog."
    assert "infrared" not in say_visible("Which of these does an infrared camera see in infrared?")


def cell(name, code, *needs):
    return Cell(name, needs, (sys.executable, "-c", code))


def test_cells_run_once_in_the_order_of_their_needs(tmp_path):
    made = []
    append = f"open({str(tmp_path / 'log')!r}, 'a').write"
    cells = [
        cell("a/one", f"{append}('1')"),
        Cell("a/two", ("a/one",), make=lambda: made.append((tmp_path / "log").read_text())),
        cell("three", f"{append}('3')", "a/two"),
    ]
    for _ in range(2):
        run_cells(cells, tmp_path, 2)
    assert (tmp_path / "log").read_text() == "13" and made == ["1"]
    assert read_costs(tmp_path).keys() == {"a/one", "a/two", "three"}
    with pytest.raises(UsageError, match="three was made with other settings"):
        run_cells([*cells[:2], cell("three", "pass", "a/two")], tmp_path, 2)


def test_a_failed_cell_stops_with_its_last_words_and_the_rest_goes_on_later(tmp_path, capfd):
    flag = tmp_path / "flag"
    cells = [cell("good", "pass"), cell("bad", f"import sys, os; os.path.exists({str(flag)!r}) or sys.exit('no flag')")]
    with pytest.raises(ToolkitError, match="bad: ended with exit code 1"):
        run_cells(cells, tmp_path, 1)
    assert "no flag" in capfd.readouterr().err
    flag.touch()
    run_cells(cells, tmp_path, 1)
    assert read_costs(tmp_path).keys() == {"good", "bad"}


DRIVER = """
import sys
from pathlib import Path
from paper_mini.cells import Cell
from paper_mini.run import run_cells
out = Path(sys.argv[1])
code = "import time, pathlib as p; time.sleep(.3); f = p.Path({!r}).open('a'); f.write('x')"
names = [f"cell{k}" for k in range(6)]
run_cells([Cell(name, (), (sys.executable, "-c", code.format(str(out / name)))) for name in names], out, 2)
"""


@pytest.mark.skipif(not Path("/usr/bin/setpriv").exists(), reason="setpriv (util-linux) is not installed")
def test_a_killed_experiment_goes_on_and_leaves_no_command_behind(tmp_path):
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests/experiments'}"}
    command = [sys.executable, "-c", DRIVER, str(tmp_path)]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("marks/*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = {path.stem for path in tmp_path.glob("marks/*.json")}
    time.sleep(1.0)
    assert {path.stem for path in tmp_path.glob("marks/*.json")} == done and 0 < len(done) < 6
    written = {path.name for path in tmp_path.glob("cell*")}
    assert len(written) <= len(done) + 2
    subprocess.run(command, env=environment, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
    assert len(read_costs(tmp_path)) == 6
    assert all((tmp_path / name).read_text() == "x" for name in done)


def make_answers(generator, seeds=3, images=400, rate=0.5):
    asked = np.ones((images, len(PAPER_TASKS)))
    return Answers((generator.random((seeds, images, len(PAPER_TASKS))) < rate).astype(float), asked)


def test_intervals_are_those_of_the_binomial_where_seeds_say_the_same():
    generator = np.random.default_rng(1)
    one = make_answers(generator, seeds=1, rate=0.4)
    answers = Answers(np.repeat(one.right, 3, 0), one.asked)
    scorer = Scorer({"a": answers})
    share = one.right[0, :, 0].mean()
    error = 100 * np.sqrt(share * (1 - share) / 400)
    half = 1.96 * error
    # A quantile of 2000 draws has an error of its own; and 400 answers make steps of a quarter of a percent.
    close = error * share_tolerance(0.025, DRAWS) / 0.0584 + 0.25 / 2
    found = scorer.score_task("a", 0)
    assert found.value == pytest.approx(100 * share)
    assert found.low == pytest.approx(100 * share - half, abs=close)
    assert found.high == pytest.approx(100 * share + half, abs=close)
    assert scorer.score("a").value == pytest.approx(100 * one.right.mean())


def test_a_paired_difference_is_narrower_than_its_parts_and_seeds_widen_it():
    generator = np.random.default_rng(2)
    base = make_answers(generator)
    better = Answers(np.maximum(base.right, generator.random(base.right.shape) < 0.1), base.asked)
    uneven = Answers(base.right * np.array([1, 1, 0.2])[:, None, None], base.asked)
    scorer = Scorer({"base": base, "better": better, "uneven": uneven})
    found = scorer.compare("better", "base")
    assert judge(found) == "holds" and found.high - found.low < scorer.score("base").high - scorer.score("base").low
    assert judge(scorer.compare("base", "better")) == "does not hold here"
    assert judge(scorer.compare("base", "base")) == "undecided"
    wide, narrow = scorer.score("uneven"), scorer.score("base")
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_a_task_that_the_benchmark_refused_is_out_of_the_average():
    whole = make_answers(np.random.default_rng(3))
    asked, right = whole.asked.copy(), whole.right.copy()
    asked[:, 3], right[:, :, 3] = 0, 0
    less = Answers(right, asked)
    others = [place for place in range(len(PAPER_TASKS)) if place != 3]
    assert less.average == pytest.approx(whole.by_task[others].mean()) and np.isnan(less.by_task[3])
    found = Scorer({"less": less}).score("less")
    assert found.low < found.value == less.average < found.high
    assert less.by_seed.mean() == pytest.approx(less.average) and measure_spread(less, whole) == (0, 0, 0)


def test_answers_are_counted_by_task_and_image(tmp_path):
    folder = write_bench(tmp_path / "bench", tasks=PAPER_TASKS, images=12, questions=2)
    bench = load_bench(folder)
    for seed in (0, 1):
        evaluate_and_show(folder, EvalSettings(model="chance", seed=seed, out=tmp_path / f"{seed}.jsonl"))
    answers = read_answers(bench, [tmp_path / "0.jsonl", tmp_path / "1.jsonl"])
    items = {item.id: item for item in bench.items}
    for place, task in enumerate(PAPER_TASKS):
        own = [
            row.is_correct
            for seed in (0, 1)
            for row in read_predictions(tmp_path / f"{seed}.jsonl")
            if items[row.item].task == task
        ]
        assert answers.by_task[place] == pytest.approx(100 * sum(own) / len(own))
    assert answers.asked.sum() * 2 == sum(len(read_predictions(tmp_path / f"{seed}.jsonl")) for seed in (0, 1))


def test_a_miss_is_laid_to_where_most_is_lost():
    good, fair, bad = (np.array([right, 100.0]) for right in (90.0, 70.0, 52.0))
    none = np.zeros(2)
    assert "even when told the scene" in explain_miss(50.0, 50.0, good, bad)
    assert "learned from the images" in explain_miss(50.0, 50.0, bad, good)
    assert "learned from the images" in explain_miss(50.0, 60.0, fair, good)
    assert "lost on new scenes" in explain_miss(50.0, 45.0, fair, good)
    assert "lost on new scenes" in explain_miss(50.0, 52.0, good, good)
    assert explain_miss(50.0, 50.0, good, none) == explain_miss(50.0, 50.0, none, good) == "not finished"


def test_the_language_model_is_asked_about_scenes_in_words(tmp_path, monkeypatch):
    pytest.importorskip("transformers", reason="needs the extra `train`")
    from trainer.parts.language_model import read_dialogues, train_language_model

    render_scenes(40, 5, tmp_path / "scenes", size=(192, 160), kinds=("field",))
    build = ["build", "--source", f"scenes={tmp_path / 'scenes'}", "--out", tmp_path / "bench", "--no-near-duplicates"]
    assert call_here("itb", *build).returncode == 0
    write_json(tmp_path / "talks.json", [talk("1", "x.png", ("<image>\nfield: dog. Is it?", "yes"))])
    train_language_model(
        read_dialogues([tmp_path / "talks.json"]), tmp_path / "llm", steps=1, batch=1, rate=1e-3, seed=0
    )
    texts = []
    monkeypatch.setattr(in_words, "_reply", lambda model, tokenizer, text, most: texts.append(text) or "yes")
    places = tmp_path / "llm", tmp_path / "bench", tmp_path / "scenes"
    counts = in_words.ask_in_words(*places, ROOT / "prompts/infrared", 5)
    items = load_bench(tmp_path / "bench").choose("test", ("locate",))[:5]
    assert counts["locate"] == {"asked": len(items), "right": sum(item.answer == "yes" for item in items)}
    assert counts["security"]["right"] == 0 < counts["security"]["asked"] <= 5
    record = json.loads((tmp_path / f"scenes/scenes/{Path(items[0].image).stem}.json").read_text())
    assert texts[0].startswith(f"USER: {tell_scene(record)}\n") and texts[0].endswith(" ASSISTANT:")
    monkeypatch.undo()
    assert in_words.ask_in_words(*places, ROOT / "prompts/infrared", 1)["locate"]["asked"] == 1


def test_power_is_that_of_the_spread_that_was_put_in():
    generator = np.random.default_rng(4)
    seeds, images, tasks = 60, 500, len(PAPER_TASKS)
    by_seed, by_image = generator.normal(0, 0.03, (seeds, 1, 1)), generator.normal(0, 0.2, (1, images, 1))
    rest = generator.normal(0, 0.3, (seeds, images, tasks))
    asked = np.ones((images, tasks))
    flat = Answers(np.zeros((seeds, images, tasks)), asked)
    found = measure_spread(Answers(by_seed + by_image + rest, asked), flat)
    expected = (3.0, 100 * 0.2 / images**0.5, 100 * 0.3 / (images * tasks) ** 0.5)
    assert [value**0.5 for value in found] == pytest.approx(expected, rel=0.3)
    assert found.resolve(8) == pytest.approx(2.8016 * (found.seed / 8 + found.images + found.rest / 8) ** 0.5, rel=1e-3)
    times = found.find_images(40, found.resolve(40, 2.0))
    assert times == pytest.approx(2.0) and found.find_images(2, 0.1) == float("inf")


def test_intervals_are_shown_with_their_sign():
    assert show(Interval(1.25, -0.5, 3.0), signed=True) == "+1.2 [-0.5, +3.0]"


def write_experiment(out):
    """A finished experiment in which the main arm is always right and the others guess."""
    write_bench(out / "test/bench", tasks=PAPER_TASKS, images=12, questions=2)
    shutil.copytree(out / "test/bench", out / "s1/forms/full/bench")
    for name in ("chance", "majority", "blind"):
        evaluate_and_show(out / "test/bench", EvalSettings(model=name, out=out / f"test/{name}.jsonl"))
    right = out / "right.jsonl"
    answers = [{"item": item.id, "reply": item.answer} for item in load_bench(out / "test/bench").items]
    right.write_text("".join(json.dumps(row) + "\n" for row in answers))
    for arm in {*(arm.name for arm in list_arms(QUICK)), *TITLES}:
        model = str(right) if arm == "main" else "chance"
        evaluate_and_show(out / "test/bench", EvalSettings(model=model, out=out / f"s1/eval/{arm}.jsonl"))
        write_json(out / f"marks/s1/eval/{arm}.json", {"command": [], "seconds": 1, "cpu_seconds": 2})
    (out / "s1/own").mkdir()
    shutil.copy(out / "s1/eval/main.jsonl", out / "s1/own/main.jsonl")
    write_json(out / "marks/s1/own/main.json", {"command": [], "seconds": 1, "cpu_seconds": 2})
    write_json(out / "test/told.json", {task: {"asked": 10, "right": 9} for task in PAPER_TASKS})
    shares = {"acceptance": 1.0, "caption_leaks": 0.25, "answer_leaks": None, "distinct_1": 0.1, "distinct_2": 0.2}
    kinds = {"hallucinations": dict.fromkeys(("object", "count", "position", "any"), 0.5), "kinds": {"reasoning": 3}}
    arms = [{"arm": arm, "title": arm, "questions_per_accepted": 2.0, **shares, **kinds} for arm in ABLATION]
    write_json(out / "s1/runs/ablation.json", {"arms": arms})
    write_json(out / "s1/runs/full/manifest.json", {"acceptance_by_round": {"1": 5, "2": 1, "failed": 2}})
    for stage in ("align/direct-mlp", "sft/main"):
        (out / f"s1/{stage}").mkdir(parents=True)
        (out / f"s1/{stage}/log.jsonl").write_text('{"step": 1, "loss": 2.0}\n{"step": 2, "loss": 1.0}\n')


def test_a_finished_experiment_fills_every_table_and_the_page(tmp_path):
    write_experiment(tmp_path)
    full = replace(FULL, seeds=(1,), peer_seeds=(1,))
    files = {path.suffix: path.read_text() for path in write_results(full, tmp_path)}
    assert files.keys() == {".html", ".md", ".json"}
    tables = {table["title"]: table for table in json.loads(files[".json"])["tables"]}
    assert tables.keys() == {
        *TABLES, "Tables 2a, 2b and Figure 5: what holds", *ROWS, "The paper's claims, here",
        "Each task: direct alignment, infrared instructions, MLP, both trained", "Which agent matters",
    }  # fmt: skip
    for title, rows in ROWS.items():
        assert [row[0] for row in tables[title]["rows"]] == [words for _, words, _ in rows]
    assert all(row[2] == "holds" for row in tables["The paper's claims, here"]["rows"][:2])
    assert "not finished" not in files[".md"] and "56.57" in files[".md"] and "1 of 1 seeds" in files[".md"]
    for title, arms in TABLES.items():
        assert [row[0] for row in tables[title]["rows"]] == [TITLES[arm] for arm in arms]
    verdicts = {row[0]: row[1:] for row in tables["Tables 2a, 2b and Figure 5: what holds"]["rows"]}
    ours = verdicts["2a: ours, zero-shot, beats PandaGPT as it comes"]
    assert ours[-1] == "holds" and float(ours[2]) < 0.01 and ours[1].startswith("+")
    assert verdicts["2b: ours beats PandaGPT, both fine-tuned on ITB"][0].startswith("+0.0")
    assert "questions; points of ITB Avg resolved" in read_power(tmp_path, [1])
    task = tables["Each task: direct alignment, infrared instructions, MLP, both trained"]["rows"][3]
    assert task[1] == "100.0 [100.0, 100.0]" and task[5:7] == ["100.0", "90.0"] and task[8:] == ["yes", ""]
    agents = tables["Which agent matters"]["rows"]
    assert [row[0] for row in agents] == list(ABLATION)
    assert agents[0][1:6] == ["100.0", "25.0", "-", "50.0 (50.0 / 50.0 / 50.0)", "0.100 / 0.200"]
    assert files[".html"].count("data:image/png") == 3 and files[".html"].count("data:image/jpeg") >= len(PAPER_TASKS)
    assert files[".html"].count("<table>") == len(tables)
    (tmp_path / "marks/s1/eval/linear.json").unlink()
    assert "| linear | not finished |" in write_results(full, tmp_path)[1].read_text()
    (tmp_path / "marks/s1/eval/main.json").unlink()
    with pytest.raises(UsageError, match="no seed of 1 is finished"):
        read_power(tmp_path, [1])
    with pytest.raises(UsageError, match="`main` is not finished"):
        write_results(full, tmp_path)


def test_a_quick_experiment_is_marked_in_every_table_and_judges_no_claim(tmp_path):
    write_experiment(tmp_path)
    html, markdown, numbers = (path.read_text() for path in write_results(QUICK, tmp_path))
    tables = {table["title"]: table for table in json.loads(numbers)["tables"]}
    assert all(title.endswith("(quick)") for title in tables)
    assert QUICK_NOTICE in html and QUICK_NOTICE in markdown
    assert {row[2] for row in tables["The paper's claims, here (quick)"]["rows"]} == {"not to be told from a quick run"}


def test_a_folder_of_someone_else_is_refused_and_stays_as_it_is(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    command = [sys.executable, "tests/experiments/paper_mini", "run", "--wheel", "no.whl", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "did not write, e.g. mine.txt" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_experiment_from_before_the_marker_is_adopted(tmp_path):
    (tmp_path / "out/marks/s1").mkdir(parents=True)
    (tmp_path / "out/marks/s1/runs.json").write_text('{"command": [], "seconds": 1, "cpu_seconds": 2}')
    with own_folder(tmp_path / "out", MINIATURE), pytest.raises(ToolkitError, match="another process"):
        own_folder(tmp_path / "out", MINIATURE).__enter__()
    assert read_marker(tmp_path / "out").kind == "miniature"
