"""The ablation: what each arm leaves out, and that its figures are those of the run folders."""

import json
import re
from dataclasses import replace

import pytest
from calling import call_here
from mini_coco import change_json, write_coco
from scripted_server import scripted_server
from sensor_run import configure_sensor

from agents.config import RunConfig
from agents.running.ablate import (
    ARMS,
    find_equal_count,
    render_markdown,
    render_page,
    run_ablation,
    tell_differences,
    write_ablation,
)
from agents.running.arm_figures import ArmResult, compare_with
from agents.running.listener import Silence
from tools.errors import UsageError


def configure(coco, out, **changes):
    settings = {
        "captions": coco / "captions.json", "instances": coco / "instances.json", "images": coco / "photos", "out": out,
        "block": 1, "lag": 1, "instructions": "all", "mix": "each", "translator": "prior", "workers": 0,
    }  # fmt: skip
    return RunConfig(**{**settings, **changes})


def read_rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def coco(tmp_path_factory):
    root = tmp_path_factory.mktemp("coco")
    write_coco(root, 6, (48, 32))

    def add_material(document):
        for row in document["annotations"][::3]:
            row["caption"] = row["caption"].rstrip(".") + " beside a wooden fence."

    change_json(root / "captions.json", add_material)
    return root


@pytest.fixture(scope="module")
def ablation(coco, tmp_path_factory):
    out = tmp_path_factory.mktemp("ablation")
    return out, {result.arm: result for result in run_ablation(configure(coco, out), ARMS, Silence())}


def test_every_arm_is_a_run_with_what_it_leaves_out(ablation):
    out, results = ablation
    assert list(results) == [arm for arm in ARMS if arm != "no-evidence"]  # nothing is measured in photographs
    debates = {arm: [row["debate"] for row in read_rows(out / arm / "instructions.jsonl")] for arm in results}
    assert all(len(debate) == 1 for arm in ("no-debate", "best-of-n") for debate in debates[arm])
    assert any(len(debate) > 1 for debate in debates["full"])
    mined = {arm: [row for row in read_rows(out / arm / "rules.jsonl") if row["origin"] == "mined"] for arm in results}
    assert mined["full"] and not any(mined[arm] for arm in ("no-debate", "no-mining", "best-of-n"))
    manifests = {arm: json.loads((out / arm / "manifest.json").read_text()) for arm in results}
    assert manifests["gray"]["translator"]["identity"] != manifests["full"]["translator"]["identity"]
    assert manifests["no-scorer"]["scorer"] is None or manifests["no-scorer"]["scorer"]["name"] == "none"
    assert manifests["no-caption-debate"]["config"]["debate"] == "instructions"
    assert manifests["blind-judge"]["backend"]["identity"].endswith(":blind-judge")


def test_what_is_left_out_shows_in_the_figures(ablation):
    out, results = ablation
    assert results["full"].answer_leaks == 0 < results["no-debate"].answer_leaks
    assert results["full"].caption_leaks == 0 < results["no-debate"].caption_leaks
    manifests = {arm: json.loads((out / arm / "manifest.json").read_text()) for arm in results}
    assert "captions_debated" not in manifests.pop("no-caption-debate")
    edited = {arm: manifest["captions_debated"]["edited"] for arm, manifest in manifests.items()}
    assert 0 < edited["full"] < edited["no-mining"]  # what no rule forbids is objected to in image after image
    assert edited["no-debate"] == edited["best-of-n"] == 0
    assert results["no-debate"].acceptance == 1
    assert results["full"].questions > results["no-debate"].questions == 18 + 18
    assert results["full"].hallucinations["any"] == 0


def test_captions_that_are_not_debated_leak_more_without_rules(coco, tmp_path):
    """Debated captions leak nowhere, whatever was mined: there a rule saves an objection, here it saves the caption."""
    config = configure(coco, tmp_path, debate="instructions")
    full, unmined = run_ablation(config, ["full", "no-mining"], Silence())
    assert full.caption_leaks < unmined.caption_leaks
    assert full.acceptance == unmined.acceptance == 1


def test_the_figures_are_those_of_the_exports(ablation):
    out, results = ablation
    for arm, result in results.items():
        rows = read_rows(out / arm / "instructions.jsonl")
        words = [
            turn["content"].lower().split() for row in rows for turn in row["messages"] if turn["role"] == "assistant"
        ]
        flat = [word for text in words for word in text]
        assert result.instructions == len(rows) == sum(result.kinds.values())
        assert result.distinct_1 == len(set(flat)) / len(flat)
        assert result.cost_usd_per_accepted is None


def test_the_best_of_n_may_ask_as_much_as_the_debates_did(ablation):
    out, results = ablation
    rows = [row["debate"] for row in read_rows(out / "full/instructions.jsonl")]
    of_captions = json.loads((out / "full/manifest.json").read_text())["captions_debated"]["requests"]
    questions = (sum(3 * len(debate) - 1 for debate in rows) + of_captions) / len(rows)
    assert round(questions * len(rows)) == results["full"].questions - 18
    assert find_equal_count(out / "full") == round(questions) > 2
    manifest = json.loads((out / "best-of-n/manifest.json").read_text())
    assert manifest["config"]["best_of"] == round(questions)
    assert results["best-of-n"].questions == results["best-of-n"].attempted * round(questions) + 18
    assert results["best-of-n"].acceptance < 1


def test_again_it_asks_nothing_and_reads_the_score_of_the_trained_model(ablation, coco):
    out, results = ablation
    (out / "full/itb.json").write_text('{"itb_avg": 41.5}')
    again = {result.arm: result for result in run_ablation(configure(coco, out), ["full", "gray"], Silence())}
    assert list(again) == ["full", "gray"]
    assert again["full"].itb == {"itb_avg": 41.5} and again["gray"] == results["gray"]
    assert "| 41.50 |" in render_markdown(again.values())
    written = json.loads(write_ablation(list(again.values()), out)[1].read_text())
    assert written["arms"][0]["caption_leaks"] == results["full"].caption_leaks


def test_an_unknown_arm_is_named(coco, tmp_path):
    with pytest.raises(UsageError, match="no arm `no-agents`; there are full, no-debate"):
        run_ablation(configure(coco, tmp_path), ["no-agents"], Silence())


def test_an_endpoint_is_asked_only_what_the_arm_asks(coco, tmp_path):
    changes = {"backend": "llm", "model": "gpt-4o-mini", "translator": "none", "mix": "1:0:0", "block": 64}
    with scripted_server() as server:
        config = configure(coco, tmp_path, base_url=server.url, **changes)
        results = run_ablation(config, ["full", "no-debate", "no-mining", "blind-judge", "best-of-n"], Silence())
        asked = {}
        for result in results:
            usage = json.loads((tmp_path / result.arm / "manifest.json").read_text())["usage"]
            asked[result.arm] = sum(row["requests"] for row in usage)
            assert result.cost_usd_per_accepted is None or result.cost_usd_per_accepted > 0
    assert asked == {result.arm: result.questions for result in results}
    assert asked["no-debate"] < asked["no-mining"] < asked["full"]


def test_the_command_prints_the_table(coco, tmp_path):
    arguments = [
        *("--captions", str(coco / "captions.json"), "--instances", str(coco / "instances.json")),
        *("--images", str(coco / "photos"), "--out", str(tmp_path), "--arms", "no-debate", "--instructions", "all"),
        *("--translator", "none", "--workers", "0"),
    ]
    done = call_here("agents", "ablate", *arguments)
    assert done.returncode == 0, done.stderr
    assert "| full system |" in done.stdout and "| no debate |" in done.stdout
    assert done.stdout.count("|") > 30 and (tmp_path / "ablation.md").read_text() in done.stdout


def test_images_of_a_sensor_are_compared_without_arms_that_translate(tmp_path):
    config = configure_sensor(tmp_path / "ablation", limit=2)
    results = run_ablation(config, ("gray", "blind-judge", "no-evidence"), Silence())
    assert [result.arm for result in results] == ["full", "blind-judge", "no-evidence"]
    assert all(result.acceptance == 1 and result.answer_leaks == 0 for result in results)
    assert all(result.hallucinations["heat_claim"] == 0 for result in results)
    unmeasured = json.loads((tmp_path / "ablation/no-evidence/manifest.json").read_text())
    assert unmeasured["config"]["evidence"] == "off"
    said = {arm: (tmp_path / f"ablation/{arm}/instructions.jsonl").read_text() for arm in ("full", "no-evidence")}
    assert "brighter" in said["full"] and "brighter" not in said["no-evidence"]
    table = render_markdown(results)
    assert "conversation : description : reasoning : sensor" in table and "2 : 2 : 2 : 2" in table
    assert "object / count / position / heat_claim" in table


def make_result(arm, images, acceptance, leaks):
    return ArmResult(
        arm=arm, title=arm, images=images, instructions=images, attempted=images, acceptance=acceptance,
        caption_leaks=leaks, answer_leaks=leaks, original_won=None, hallucinations={"any": 0.0}, distinct_1=None,
        distinct_2=None, kinds={}, questions=images, questions_per_accepted=1.0, cost_usd_per_accepted=None, itb=None,
    )  # fmt: skip


def test_few_images_say_that_they_cannot_tell():
    few = [make_result("full", 4, 1.0, 0.0), make_result("blind judge", 4, 0.75, 0.25)]
    head, line = tell_differences(few)
    assert head == (
        "4 images cannot tell the arms from the full system: every 95 % interval holds 0; take more images."
    )
    assert line.startswith("- blind judge: accepted -25.0 points [-69.") and line.count("cannot tell") == 4
    many = [make_result("full", 400, 1.0, 0.0), make_result("blind judge", 400, 0.75, 0.25)]
    head, line = tell_differences(many)
    assert head.startswith("3 of 4 differences from the full system can be told, from 400 images or more; the others")
    assert "]: fewer; captions that leak +25.0 points [+20." in line and line.endswith("contradictions +0.0 points "
        "[-1.0, +1.0]: cannot tell")  # fmt: skip
    assert tell_differences(few[:1]) == []


def test_the_interval_of_a_difference_is_newcombe_s():
    """His own example (1998, method 10): 56 of 70 against 48 of 80 differ by 0.2, from 0.0524 to 0.3339."""
    one = make_result("full", 80, 48 / 80, None)
    other = replace(make_result("other", 70, 56 / 70, None), hallucinations={"any": None})
    (found,) = compare_with(one, other)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_page_ends_with_what_the_figures_tell(ablation):
    _, results = ablation
    page = render_page(list(results.values()))
    assert "3 of 32 differences from the full system can be told, from 5 images or more" in page
    assert page.count("cannot tell") > 6
    assert re.search(r"^- no debate: .*captions that leak [^;]+: more;", page, re.MULTILINE)
    assert page.startswith(render_markdown(results.values()))
