"""`calibrate`: the AUC against brute force, scorers that see, guess and mislead, and where pairs come from."""

import itertools
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tools.compare.calibrate import (
    BLIND,
    CHOSEN,
    CIRCULAR,
    CaptionedImage,
    calibrate,
    measure_auc,
    read_coco_pairs,
    read_run_pairs,
)
from tools.errors import MissingError, UsageError

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
SCORES = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=12)


class RuleScorer:
    """Scores by a function of image and caption."""

    is_embedded = False
    identity = "rule-1"

    def __init__(self, rule, name="rule"):
        self.rule, self.name, self.requests = rule, name, []

    def score(self, requests):
        self.requests.extend(requests)
        return [tuple(self.rule(request.image, text) for text in request.captions) for request in requests]


def make_pairs(images, captions=1):
    return [
        CaptionedImage(Path(f"{image}.png"), f"caption {image} {number}")
        for image in range(images)
        for number in range(captions)
    ]


def is_own(image, text):
    return float(text.split()[1] == image.stem)


@given(SCORES, SCORES)
def test_auc_is_the_share_of_ordered_pairs(true, other):
    wins = sum((a > b) + 0.5 * (a == b) for a, b in itertools.product(true, other))
    assert measure_auc(true, other) == pytest.approx(wins / (len(true) * len(other)), abs=1e-12)


def test_auc_by_hand():
    assert measure_auc([3, 1], [2, 1]) == (1 + 1 + 0 + 0.5) / 4


def test_a_scorer_that_sees_is_perfect_and_its_negative_is_not():
    for rule, expected in ((is_own, 1.0), (lambda image, text: -is_own(image, text), 0.0)):
        report = calibrate(make_pairs(30, 2), RuleScorer(rule), seed=0)
        assert (report.auc, report.auc_within_image.mean, report.recall_at_1.mean) == (expected,) * 3
        assert (report.images, report.pairs, report.candidates) == (30, 60, 8)


def test_a_constant_scorer_guesses():
    report = calibrate(make_pairs(20), RuleScorer(lambda image, text: 0.25), seed=0, candidates=5)
    assert report.auc == report.auc_within_image.mean == 0.5
    assert report.recall_at_1.mean == pytest.approx(report.chance_at_1) == 0.2
    assert report.mean_true == report.mean_shuffled == 0.25


def test_a_random_scorer_is_within_its_own_error():
    report = calibrate(
        make_pairs(400, 2), RuleScorer(lambda image, text: random.Random(f"{image}{text}").random()), seed=1
    )
    for estimate, expected in ((report.auc_within_image, 0.5), (report.recall_at_1, 1 / 8)):
        assert 0 < estimate.standard_error < 0.03
        assert abs(estimate.mean - expected) < 4 * estimate.standard_error


def test_pairs_of_an_image_are_one_observation():
    """Five equal captions an image say no more than one: the clustered error does not shrink."""

    def rule(image, text):
        return is_own(image, text) if int(image.stem) % 2 else 0.0

    one, five = (calibrate(make_pairs(40, count), RuleScorer(rule), seed=0, candidates=2) for count in (1, 5))
    assert one.auc_within_image == five.auc_within_image
    assert one.auc_within_image.standard_error == pytest.approx(0.25 / 39**0.5)


def test_other_captions_of_the_same_image_are_never_shown_as_shuffled():
    scorer = RuleScorer(is_own)
    calibrate(make_pairs(4, 5), scorer, seed=3, candidates=6)
    for request in scorer.requests:
        assert len(set(request.captions)) == 6
        assert [is_own(request.image, text) for text in request.captions] == [1, 0, 0, 0, 0, 0]


def test_the_draw_depends_on_the_seed_only():
    made = []
    for seed in (0, 0, 1):
        scorer = RuleScorer(is_own)
        calibrate(make_pairs(30), scorer, seed=seed)
        made.append(scorer.requests)
    assert made[0] == made[1] != made[2]


def test_warnings_say_how_not_to_read_the_figures():
    pairs = make_pairs(9)
    assert calibrate(pairs, RuleScorer(is_own), seed=0).warnings == ()
    (circular,) = calibrate(pairs, RuleScorer(is_own, "languagebind"), seed=0).warnings
    assert circular.startswith("languagebind was itself trained on images that srgb-tir had made")
    assert calibrate(pairs, RuleScorer(is_own), seed=0, which="caption").warnings == (CHOSEN,)
    blind = RuleScorer(is_own, "lexical")
    blind.is_embedded = True
    assert calibrate(pairs, blind, seed=0).warnings == (BLIND,)


def test_too_few_captions_are_refused():
    with pytest.raises(UsageError, match=r"5 different captions are too few to show 8 at once.*fewer candidates"):
        calibrate(make_pairs(5), RuleScorer(is_own), seed=0)
    with pytest.raises(UsageError, match="there are no pairs"):
        calibrate([], RuleScorer(is_own), seed=0)
    with pytest.raises(UsageError, match="1 candidates leave nothing"):
        calibrate(make_pairs(5), RuleScorer(is_own), seed=0, candidates=1)


def test_pairs_of_a_run(tmp_path):
    rows = [{"id": f"{n}-0", "image": f"images/aa/{n}.png", "caption": f"c {n}", "original": f"o {n}"} for n in (1, 2)]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read_run_pairs(tmp_path)[1] == CaptionedImage(tmp_path / "images/aa/2.png", "o 2")
    assert [pair.caption for pair in read_run_pairs(tmp_path, "caption", limit=1)] == ["c 1"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1: not valid JSON"),
        ("[]", "line 1: not a JSON object"),
        ("{}", "line 1: no pair of a run"),
        ('{"image": null, "original": "a"}', "the pair has no image"),
    ],
)
def test_damaged_runs_are_refused(line, message, tmp_path):
    with pytest.raises(MissingError, match=r"has no pairs\.jsonl"):
        read_run_pairs(tmp_path)
    (tmp_path / "pairs.jsonl").write_text(line + "\n")
    with pytest.raises(UsageError, match=message):
        read_run_pairs(tmp_path)


def test_pairs_of_a_coco_folder(tmp_path):
    images = [{"id": n, "file_name": f"{n}.png", "width": 4, "height": 4} for n in (1, 2, 3)]
    captions = [{"id": n, "image_id": (n + 1) // 2, "caption": f"caption {n}"} for n in range(1, 7)]
    (tmp_path / "captions.json").write_text(json.dumps({"images": images, "annotations": captions}))
    with pytest.raises(MissingError, match="holds none of the images"):
        read_coco_pairs(tmp_path / "captions.json", tmp_path)
    for name in ("1.png", "3.png"):
        Image.new("L", (4, 4)).save(tmp_path / name)
    expected = [CaptionedImage(tmp_path / "1.png", "caption 1"), CaptionedImage(tmp_path / "3.png", "caption 5")]
    assert read_coco_pairs(tmp_path / "captions.json", tmp_path) == expected
    assert read_coco_pairs(tmp_path / "captions.json", tmp_path, limit=1) == expected[:1]


@pytest.mark.skipif(not (SHARED / "parity/languagebind").is_dir(), reason="../shared/parity/languagebind is missing")
@pytest.mark.skipif(not (SHARED / "data/coco2017").is_dir(), reason="../shared/data/coco2017 is missing")
def test_real_photographs_with_a_model_of_random_weights():
    """Random weights know nothing of language: the figures must stay near chance."""
    torch = pytest.importorskip("torch", reason="the extra `train` (torch) is not installed")
    pytest.importorskip("transformers", reason="the extra `train` (transformers) is not installed")
    from tools.languagebind import LanguageBindScorer

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    data = SHARED / "data/coco2017"
    pairs = read_coco_pairs(data / "annotations/captions_val2017.json", data / "val2017", limit=24)
    scorer = LanguageBindScorer(SHARED / "parity/languagebind/LanguageBind_Image", device="cpu")
    report = calibrate(pairs, scorer, seed=0)
    torch.set_num_threads(threads)
    assert report.images == 24
    assert 0.3 < report.auc < 0.7
    assert report.warnings == (CIRCULAR.format(scorer="languagebind", translator="srgb-tir"),)
