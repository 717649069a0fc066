"""Questions found, sorted the worst first and paged; what the grid of tasks and models says is what the report says."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from calling import call_here
from mini_bench import write_bench

from itb.records import Foreign, ForeignImage, Prediction
from itb.report import make_report
from itb.report.tables import show_estimate
from itb.studio.answers import PAGE_SIZE, Answers, Spot, Wanted, has_outcome, rank
from itb.studio.views import list_shown, show_grid, show_list, show_question
from tools.errors import UsageError


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    root = tmp_path_factory.mktemp("answers")
    write_bench(root / "bench", tasks=("locate", "pedestrian_count", "scene"), images=36)
    for model in ("chance", "majority"):
        done = call_here("itb", "eval", root / "bench", "--model", model, "--out", root / f"{model}.jsonl")
        assert done.returncode == 0, done.stderr
    report = make_report([root / "chance.jsonl", root / "majority.jsonl"], root / "bench")
    return Answers(report, report.bench)


def test_the_grid_says_what_the_report_says(answers):
    text = re.sub(r"<[^>]+>", " ", show_grid(answers))
    for score in answers.report.scores:
        for task in score.tasks:
            assert show_estimate(task.accuracy) in text
    assert "ITB Avg" in text and "sideways" in text
    with pytest.raises(UsageError):
        make_report([answers.bench.folder / "items.jsonl"], answers.bench.folder)


def test_without_a_task_of_itb_there_is_no_average(answers):
    scores = [replace(score, average_tasks=(), itb_avg=None) for score in answers.report.scores]
    assert "ITB Avg" not in show_grid(Answers(answers.report._replace(scores=scores), answers.bench))


def test_the_worst_comes_first(answers):
    listed = answers.list(Spot())
    ranks = [rank(asked) for asked in listed.asked]
    assert ranks == sorted(ranks) and ranks[0] < ranks[-1]
    assert listed.total == 36 and listed.pages == 2 and len(listed.asked) == PAGE_SIZE
    wrong = [sum(not row.is_correct for row in asked.judge()) for asked in listed.asked]
    assert wrong[0] == 2 and wrong == sorted(wrong, reverse=True)
    far = answers.list(Spot(Wanted(task="pedestrian_count", model="chance", outcome="wrong")))
    off = [abs(int(asked.judge("chance")[0].answer) - int(asked.item.answer)) for asked in far.asked]
    assert off == sorted(off, reverse=True) and off[0] > off[-1] > 0
    kept = answers.list(Spot(Wanted(sort="bench"))).asked
    assert [asked.item.id for asked in kept] == [item.id for item in answers.bench.choose("test")][:PAGE_SIZE]


def test_filters_and_steps_over_pages(answers):
    for outcome, check in (("wrong", lambda row: not row.is_correct), ("right", lambda row: row.is_correct)):
        listed = answers.list(Spot(Wanted(model="majority", outcome=outcome)))
        assert listed.total and all(map(check, (asked.judge("majority")[0] for asked in listed.asked)))
    assert answers.list(Spot(Wanted(outcome="apart"))).total < 36
    assert answers.list(Spot(Wanted(model="nobody"))).total == 0
    assert answers.list(Spot(Wanted(text="LEFT dog car"))).total <= answers.list(Spot(Wanted(text="left"))).total
    assert answers.list(Spot(Wanted(source="nowhere"))).asked == ()
    walked, spot = [], answers.list(Spot()).spot
    for _ in range(40):
        walked.append(spot.item)
        spot = answers.step(spot, 1)
    assert len(set(walked)) == 36 and spot.page == 2 and answers.step(spot, 1) == spot
    for _ in range(40):
        spot = answers.step(spot, -1)
    assert spot.item == walked[0] and spot.page == 1
    assert answers.list(Spot(page=99)).spot.page == 2 and answers.list(Spot(page=-3)).spot.page == 1


def test_a_reply_that_cannot_be_read_is_worse_than_a_wrong_one():
    def say(answer, failure=None, **scores):
        return Prediction(item="a", reply="x", answer=answer, failure=failure, is_correct=False, scores=scores)

    assert has_outcome([say(None, "empty")], "unread") and not has_outcome([say("yes")], "unread")
    assert has_outcome([say("yes")], "no such outcome")


def test_a_question_shows_its_boxes_options_and_replies(answers):
    asked = answers.list(Spot(Wanted(task="locate"))).asked[0]
    page = show_question(answers, asked.item.id)
    assert page.count('class="box"') == len(asked.item.evidence) > 0 and "data:image/jpeg;base64," in page
    assert "read as" in page and asked.item.id in page and "licence:" in page
    scene = answers.list(Spot(Wanted(task="scene"))).asked[0]
    page = show_question(answers, scene.item.id)
    assert all(option in page for option in scene.item.options) and "✓" in page
    assert "No model was asked nothing" in show_question(answers, "nothing")
    assert "No question fits" in show_list(answers, answers.list(Spot(Wanted(source="nowhere"))))


def test_every_image_of_a_question_is_shown_with_its_role(answers):
    item = answers.bench.choose("test", ("scene",))[0]
    images = [
        ForeignImage(role="rgb", image=item.image),
        ForeignImage(role="ir", image=answers.bench.choose("test", ("locate",))[1].image),
        ForeignImage(role="depth", image="images/none.png", missing="was never published"),
        ForeignImage(role="mask", image="images/none.png"),
    ]
    several = item.model_copy(update={"foreign": Foreign(images=images, kind="scene", label="x")})
    shown = list_shown(answers.bench, several)
    assert [(one.role, one.missing) for one in shown] == [
        *(("rgb", ""), ("ir", ""), ("depth", "was never published"), ("mask", "")),
    ]
    assert shown[0].picture and shown[1].picture and shown[0].picture != shown[1].picture
    assert not shown[2].picture and not shown[3].picture
    asked = answers.find(item.id)._replace(item=several)
    page = show_question(SimpleNamespace(bench=answers.bench, models=answers.models, find=lambda id: asked), item.id)
    assert page.count("data:image/jpeg") == 2 and "Image 2: <strong>ir</strong>" in page
    assert "The image is missing: was never published" in page and "say where it is with --source" in page
    assert [one.role for one in list_shown(answers.bench, item)] == [""]


def test_a_link_out_of_the_benchmark_is_not_shown(answers, tmp_path):
    item = answers.bench.choose("test", ("scene",))[0]
    path = answers.bench.folder / item.image
    content = path.read_bytes()
    (tmp_path / "outside.png").write_bytes(content)
    path.unlink()
    path.symlink_to(tmp_path / "outside.png")
    try:
        page = show_question(answers, item.id)
    finally:
        path.unlink()
        path.write_bytes(content)
    assert "cannot be read here" in page and "data:image" not in page
