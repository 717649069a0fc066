"""Does grounded text teach infrared: what decides it. Samples, stated kinds, intervals, outcomes, and going on."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mini_bench import write_bench

from claim.asking import MODELS
from claim.audit import gather_images
from claim.cells import CONTROLS, list_cells
from claim.folders import CLAIM
from claim.page import EXAMPLES, write_results
from claim.results import DEVELOPMENT_NOTICE, QUICK_NOTICE
from claim.samples import draw_samples, read_own, read_run, write_samples
from claim.score import Compared, compare_family, correct_holm, count_deciding, name_outcome, score_all, score_kinds
from claim.settings import ARMS, DEVELOPMENT, FAMILY, FULL, PRIMARY, QUICK, Place
from claim.stated import is_stated, measure_stating
from itb.benchmark.bench import load_bench
from itb.commands.eval import evaluate_and_show
from itb.models.settings import EvalSettings
from paper_mini.run import run_cells
from paper_mini.score import Answers, Interval
from tools.errors import UsageError
from tools.files import own_folder

ROOT = Path(__file__).resolve().parents[2]
ARM = {arm.name: arm for arm in ARMS}
SETS = {"scenes": 6, "flir": 3, "llvip": 1}


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def say(name, image, text):
    turns = [{"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": text}]
    return {"id": name, "image": image, "conversations": turns}


def make_runs():
    """What three pipelines wrote; the filtered one has no text about scene 5, and more about scene 0."""
    runs = {run: {} for run in ("evidence", "filtered", "translated")}
    for run, rows in runs.items():
        for name, images in SETS.items() if run != "translated" else [("scenes", 4)]:
            for image in range(images):
                for kind in ("reasoning", "0") if (run, image) != ("filtered", 5) else ():
                    rows[name, f"{image}-{kind}"] = say(
                        f"{image}-{kind}", f"{run}/{name}/{image}.png", f"{run} {name} {image}"
                    )
        rows["scenes", "0-only"] = say("0-only", f"{run}/scenes/0.png", "x") if run == "filtered" else None
    return {run: {key: row for key, row in rows.items() if row} for run, rows in runs.items()}


def list_kinds(rows):
    return [(Path(row["image"]).parent.name, Path(row["image"]).name, row["id"].split("-")[-1]) for row in rows]


def list_said(rows):
    return [row["conversations"][1]["value"] for row in rows]


def test_arms_have_the_same_images_the_same_kinds_of_text_and_the_same_number():
    runs = make_runs()
    drawn = {arm.name: draw_samples(arm, runs, 1) for arm in ARMS}
    assert len({len(rows) for rows in drawn.values()}) == 1 and len(drawn["evidence"]) == 2 * (5 + 3 + 1)
    assert list_kinds(drawn["evidence"]) == list_kinds(drawn["filtered"]) == list_kinds(drawn["both"])
    assert all(row["image"].startswith("evidence/") for name in ("evidence", "filtered", "both") for row in drawn[name])
    assert {text.split()[0] for text in list_said(drawn["evidence"])} == {"evidence"}
    assert {text.split()[0] for text in list_said(drawn["filtered"])} == {"filtered"}
    halves = [text.split()[0] for text in list_said(drawn["both"])]
    assert halves.count("evidence") == halves.count("filtered") == len(halves) / 2
    for image in {row["image"] for row in drawn["both"]}:
        texts = [row["conversations"][1]["value"] for row in drawn["both"] if row["image"] == image]
        assert {text.split()[0] for text in texts} == {"evidence", "filtered"}
    assert {Path(row["image"]).parts[0] for row in drawn["translated"]} == {"translated"}


@pytest.mark.parametrize("seed", range(8))
def test_a_shuffled_text_never_stands_beside_its_own_image(seed):
    runs = make_runs()
    own, shuffled = (draw_samples(ARM[name], runs, seed) for name in ("evidence", "shuffled"))
    assert list_said(own) == list_said(shuffled)
    assert sorted(row["image"] for row in own) == sorted(row["image"] for row in shuffled)
    assert all(mine["image"] != other["image"] for mine, other in zip(own, shuffled, strict=True))
    moved = {(mine["image"], other["image"]) for mine, other in zip(own, shuffled, strict=True)}
    assert len(moved) == len({image for image, _ in moved}) == 5 + 3 + 1  # all texts of an image go to one other image
    flir = [pair for pair in moved if "flir" in pair[0]]
    assert all("flir" in other for _, other in flir)
    lone = {run: {key: row for key, row in rows.items() if key == ("scenes", "1-0")} for run, rows in runs.items()}
    with pytest.raises(UsageError, match="one image only"):
        draw_samples(ARM["shuffled"], lone, seed)


def test_an_arm_s_file_holds_its_samples_and_the_same_rehearsal_as_every_other(tmp_path):
    write_json(tmp_path / "base.json", [say(f"forms-00000{k}", f"photo{k}.jpg", "yes") for k in range(9)])
    runs = make_runs()
    for arm in ARMS:
        write_samples(
            draw_samples(arm, runs, 1), tmp_path / "base.json", 0.25, 1, tmp_path / f"s1/data/{arm.name}.json"
        )
    files = {arm.name: json.loads((tmp_path / f"s1/data/{arm.name}.json").read_text()) for arm in ARMS}
    rehearsed = [[row for row in rows if row["id"].startswith("forms-")] for rows in files.values()]
    assert all(rows == rehearsed[0] for rows in rehearsed) and len(rehearsed[0]) == round(0.25 * 18)
    assert len(read_own(tmp_path / "s1/data/both.json")) == 18
    gather_images(tmp_path, 1, tmp_path / "s1/images.json")
    named = [row["image"] for row in json.loads((tmp_path / "s1/images.json").read_text())]
    assert sorted(named) == sorted(
        {row["image"] for rows in files.values() for row in rows if not row["id"].startswith("forms-")}
    )


def test_of_an_image_s_captions_one_is_a_sample_and_what_says_nothing_is_none(tmp_path):
    silent = {"id": "7-sensor", "image": "images/7.png", "conversations": []}
    write_json(tmp_path / "llava/instruct.json", [say("7-reasoning", "images/7.png", "so"), silent])
    write_json(tmp_path / "llava/pretrain.json", [say(f"7-{k}", "images/7.png", "a dog") for k in range(3)])
    rows = read_run("flir", tmp_path / "run", tmp_path / "llava", tmp_path)
    assert rows.keys() == {("flir", "7-reasoning"), ("flir", "7-0")}
    assert {row["image"] for row in rows.values()} == {"run/images/7.png"}


def test_a_kind_of_question_is_stated_where_one_in_twenty_samples_says_such_a_thing():
    said = ["Three people walk.", "A car on the left.", "There is a dog.", "The car is warmer than the road."]
    shares = measure_stating([say(str(place), "x.png", text) for place, text in enumerate([*said, *["Grey."] * 16])])
    assert shares == {"count": 0.05, "place": 0.05, "presence": 0.05, "warmth": 0.05}
    for kind in ("aerial_count", "locate", "security", "temperature", "hit-uav-vqa/object_count"):
        assert is_stated(kind, shares) and not is_stated(kind, dict.fromkeys(shares, 0.049))
    assert not is_stated("scene", dict.fromkeys(shares, 1.0))
    for text in ("A quiet street at night.", "It lies 3 degrees above the rest."):
        assert not any(measure_stating([say("1", "x.png", text)]).values())


def make_answers(generator, rates, seeds=4, groups=60, kinds=2):
    """Answers of arms to the same questions: each question has its own luck, which all arms share."""
    luck = generator.random((seeds, groups, kinds))
    return {name: Answers((luck < rate).astype(float), np.ones((groups, kinds))) for name, rate in rates.items()}


def test_a_difference_that_was_put_in_is_found_and_none_is_not():
    rates = dict.fromkeys(MODELS, 0.5) | {"evidence": 0.7}
    scorer = score_all(make_answers(np.random.default_rng(1), rates))
    found = {(each.first, each.second): each for each in compare_family(scorer, FAMILY)}
    gained, same = found["evidence", "filtered"], found["context", "base"]
    assert gained.difference.low > 0 and 15 < gained.difference.value < 25
    assert gained.p == pytest.approx(2 / 2001) and gained.holm == pytest.approx(7 * 2 / 2001)
    assert same.difference == (0, 0, 0) and same.p == same.holm == 1
    assert name_outcome(compare_family(scorer, PRIMARY), {"evidence"}) == "holds"


def test_draws_without_a_question_of_a_kind_count_for_nothing():
    right, asked = np.zeros((1, 3, 2)), np.array([[4.0, 0], [4, 0], [4, 2]])
    better = right.copy()
    better[0, :, 0] = 4  # as good as it gets in one kind, as bad in the other
    scorer = score_all({"evidence": Answers(better, asked), "filtered": Answers(right, asked)})
    (found,) = compare_family(scorer, [("evidence", "filtered")])
    assert found.difference == (50, 50, 50) and found.p < 0.01
    (none,) = compare_family(scorer, [("filtered", "filtered")])
    assert none.p == 1
    assert score_kinds({"evidence": Answers(better, asked), "filtered": Answers(right, asked)}, [0]).compare(
        "evidence", "filtered"
    ) == (100, 100, 100)


def test_holm_s_correction_is_that_of_the_example():
    assert correct_holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert correct_holm([0.5, 0.9]) == [1, 1] and correct_holm([]) == []


def compare(value, half, holm):
    return Compared("evidence", "filtered", Interval(value, value - half, value + half), holm / 2, holm)


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (compare(5, 3, 0.01), compare(6, 3, 0.01), "holds"),
        (compare(5, 3, 0.01), compare(6, 7, 0.2), "undecided"),
        (compare(5, 3, 0.06), compare(6, 3, 0.01), "undecided"),
        (compare(5, 3, 0.01), compare(-6, 3, 0.01), "contradicted"),
        (compare(-5, 3, 0.06), compare(0, 3, 1), "undecided"),
    ],
)
def test_outcomes_are_named_as_the_plan_defines_them(first, second, outcome):
    assert name_outcome([first, second], {"evidence", "filtered"}) == outcome
    assert name_outcome([first, second], set()) == "undecided"  # a lead among models that see nothing proves nothing
    one = name_outcome([first, second], {"filtered"})
    assert one == ("undecided" if outcome == "holds" else outcome)


def test_the_number_of_questions_that_would_decide_follows_from_the_interval():
    assert count_deciding(compare(2.0, 6.0, 1), 400) == 9 * 400
    assert count_deciding(compare(0.0, 6.0, 1), 400) is None


@pytest.mark.parametrize("settings", [FULL, QUICK, DEVELOPMENT])
def test_every_cell_comes_after_what_it_needs(settings, tmp_path):
    for folder in ("FLIR_ADAS_1_3", "LLVIP", "HIT-UAV", "VEDAI"):
        (tmp_path / folder).mkdir(parents=True)
    cells = list_cells(settings, Place(Path("out"), Path("some.whl"), tmp_path))
    seen = set()
    for cell in cells:
        assert cell.name not in seen and seen.issuperset(cell.needs), cell
        assert (cell.command is None) != (cell.make is None)
        seen.add(cell.name)
    assert "test/scenes/audit" in seen
    words = " ".join(part for cell in cells for part in cell.command or ())
    assert ("HIT-UAV" in words) is ("VEDAI" in words) is not settings.is_development
    for seed in settings.seeds:
        assert {f"s{seed}/eval/scenes/{model}" for model in MODELS} <= seen
    rendered = [cell.command for cell in cells if cell.command and cell.command[2:4] == ("tools", "scenes")]
    seeds = [command[command.index("--seed") + 1] for command in rendered]
    assert len(seeds) == len(set(seeds)) == 2 + len(settings.seeds)
    assert [command[-7] for command in rendered if "--noise" in command] == ["out/test/scenes"]


def test_no_development_seed_or_scene_is_one_of_the_full_run():
    assert DEVELOPMENT.test_seed != FULL.test_seed and not set(DEVELOPMENT.seeds) & set(FULL.seeds)


def write_experiment(out, settings):
    """A finished experiment in which the evidence arm is always right and the others guess."""
    bench = write_bench(out / "test/scenes/bench", images=12, questions=2)
    for name in CONTROLS:
        evaluate_and_show(bench, EvalSettings(model=name, out=out / f"test/scenes/{name}.jsonl"))
    right = out / "prompts/right.jsonl"
    answers = [{"item": item.id, "reply": item.answer} for item in load_bench(bench).items]
    right.parent.mkdir()
    right.write_text("".join(json.dumps(row) + "\n" for row in answers))
    for seed in settings.seeds:
        for model in MODELS:
            asked = EvalSettings(
                model=str(right) if model == "evidence" else "chance", seed=seed,
                out=out / f"s{seed}/eval/scenes/{model}.jsonl",
            )  # fmt: skip
            evaluate_and_show(bench, asked)
            write_json(out / f"marks/s{seed}/eval/scenes/{model}.json", {"command": [], "seconds": 1, "cpu_seconds": 2})
        for arm in ARMS:
            rows = [say(f"arm-{k:06d}-x", f"{k}.png", "Two dogs sit on the left.") for k in range(3)]
            write_json(out / f"s{seed}/data/{arm.name}.json", [*rows, say("forms-000001", "p.jpg", "yes")])


def test_a_finished_experiment_fills_every_table_and_the_page(tmp_path):
    settings, place = replace(FULL, seeds=(1, 2)), Place(tmp_path, None)
    write_experiment(tmp_path, settings)
    write_json(tmp_path / "test/scenes/bench/audit.json", {"train": {
        "train_images": 40, "test_images": 9, "unreadable": 0, "copies": 2, "test_questions": 3, "pairs": [],
    }})  # fmt: skip
    html, markdown, numbers = (path.read_text() for path in write_results(settings, place))
    found = json.loads(numbers)
    assert "more than the best that does not look" in found["words"][-1]
    assert found["outcome"] == "holds" and found["notice"] == "" and "cannot decide the claim" in found["words"][0]
    tables = {table["title"]: table for table in found["tables"]}
    assert list(tables) == [
        "Differences: scenes", "Stated in training, and not: scenes", "Accuracies: scenes",
        "What each arm is trained on", "Leaks",
    ]  # fmt: skip
    assert len(tables["Differences: scenes"]["rows"]) == len(FAMILY)
    assert tables["Leaks"]["rows"] == [["scenes", "40", "9", "0", "2", "3"]]
    rows = tables["Accuracies: scenes"]["rows"]
    assert rows[-len(MODELS) + 1][2] == "100.0 [100.0, 100.0]" and len(rows) % len(MODELS) == 0
    assert {row[3] for row in rows if row[0] == "locate"} == {"yes", "-"}
    trained = tables["What each arm is trained on"]["rows"]
    assert trained[0][1:] == ["3", "3", "6", "100", "100", "0", "0"]
    assert html.count("data:image/jpeg") == EXAMPLES / 2 and html.count("data:image/png") == 1  # the arm is never wrong
    assert all(table["title"] in markdown for table in found["tables"])
    (tmp_path / "marks/s2/eval/scenes/base.json").unlink()  # the second seed is under way
    partial = [path.read_text() for path in write_results(settings, place)]
    assert "Partial: 1 of 2 seeds" in partial[0] and "Partial: 1 of 2 seeds" in partial[1]
    assert json.loads(partial[2])["seeds"] == [1]
    (tmp_path / "marks/s1/eval/scenes/evidence.json").unlink()
    with pytest.raises(UsageError, match="no seed is finished"):
        write_results(settings, place)


@pytest.mark.parametrize(("settings", "notice"), [(QUICK, QUICK_NOTICE), (DEVELOPMENT, DEVELOPMENT_NOTICE)])
def test_what_decides_nothing_says_so(settings, notice, tmp_path):
    write_experiment(tmp_path, settings)
    html, markdown, numbers = (path.read_text() for path in write_results(settings, Place(tmp_path, None)))
    assert notice in html and notice in markdown
    titles = [table["title"] for table in json.loads(numbers)["tables"]]
    assert ("Power" in titles) is settings.is_development


def test_what_is_done_is_not_done_again_and_other_settings_are_refused(tmp_path):
    place = Place(tmp_path, Path("some.whl"))
    cells = list_cells(QUICK, place)
    (made,) = (cell for cell in cells if cell.name == "prompts")
    run_cells([made], tmp_path, 1)
    mark, prompt = tmp_path / "marks/prompts.json", tmp_path / "prompts/itb/ask.md"
    before = mark.read_bytes()
    prompt.unlink()
    run_cells([made], tmp_path, 1)
    assert mark.read_bytes() == before and not prompt.exists()
    (scenes,) = (cell for cell in cells if cell.name == "test/scenes")
    write_json(tmp_path / "marks/test/scenes.json", {"command": ["-m", "tools"], "seconds": 1, "cpu_seconds": 1})
    with pytest.raises(UsageError, match="test/scenes was made with other settings"):
        run_cells([scenes], tmp_path, 1)


def test_the_command_refuses_a_folder_of_someone_else_and_tells_what_lacks(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    command = [sys.executable, "tests/experiments/claim", "--out", str(tmp_path)]
    lacking = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert lacking.returncode == 2 and "--wheel" in lacking.stderr
    with pytest.raises(UsageError, match=r"mine\.txt"), own_folder(tmp_path, CLAIM):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
