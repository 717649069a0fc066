"""Choosing sources by Eq. 1, and the charts of the survey."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from itb.build.selection import DatasetCandidate, measure_embedded, open_dataset_candidate, rate
from itb.commands.select import parse_candidates
from itb.report.charts import count_facets, draw_charts, load_survey
from tools.datasets import find_dataset
from tools.errors import MissingError, UsageError
from tools.registry import DATASETS


def write_images(folder, blur=0.0, noise=0.0, count=4):
    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    for number in range(count):
        grey = np.zeros((96, 128))
        for _ in range(30):
            x, y = generator.integers(0, 110), generator.integers(0, 80)
            grey[y : y + 14, x : x + 14] = generator.integers(30, 255)
        grey = np.clip(grey + generator.normal(0, noise, grey.shape), 0, 255)
        image = Image.fromarray(grey.astype(np.uint8)).filter(ImageFilter.GaussianBlur(blur))
        image.save(folder / f"{number}.png")
    return folder


def test_the_rating_is_eq_1_in_both_readings(tmp_path):
    quality = {"a": 2.0, "b": 4.0, "c": 3.0}
    candidates = [DatasetCandidate(name, ((tmp_path / name, None),), n) for name, n in (("a", 40), ("b", 2), ("c", 21))]
    ratings = {item.name: item for item in rate(candidates, lambda path, crop: quality[path.name])}
    assert ratings["a"].raw == pytest.approx(0.4 * 2 + 0.6 * 40)
    assert {name: rating.scaled for name, rating in ratings.items()} == pytest.approx({"a": 0.6, "b": 0.4, "c": 0.5})
    assert list(ratings) == ["a", "c", "b"]


def test_the_embedded_measure_falls_with_blur_and_with_noise(tmp_path):
    values = []
    for name, blur, noise in (("sharp", 0, 0), ("blurred", 3, 0), ("noisy", 0, 40)):
        folder = write_images(tmp_path / name, blur, noise)
        values.append(np.mean([measure_embedded(path, None) for path in sorted(folder.iterdir())]))
    assert values[0] > values[1] and values[0] > values[2]
    assert all(1 <= value <= 5 for value in values)


def test_any_folder_can_be_rated_and_broken_images_are_passed_over(tmp_path):
    folder = write_images(tmp_path / "mine")
    (folder / "broken.png").write_bytes(b"no image")
    (rating,) = rate([open_dataset_candidate("mine", folder, 7)], measure_embedded)
    assert (rating.sampled, rating.categories) == (4, 7)
    again = rate([open_dataset_candidate("mine", folder, 7)], measure_embedded, images=2, seed=5)
    assert again == rate([open_dataset_candidate("mine", folder, 7)], measure_embedded, images=2, seed=5)
    assert again[0].sampled == 2


def test_what_cannot_be_rated_is_explained(tmp_path):
    with pytest.raises(UsageError, match=r"say how many categories it annotates: mine=.*=12"):
        open_dataset_candidate("mine", tmp_path, None)
    with pytest.raises(MissingError, match="no images in it"):
        open_dataset_candidate("mine", tmp_path, 3)
    with pytest.raises(MissingError, match="does not hold the dataset"):
        open_dataset_candidate("flir", tmp_path, None)
    with pytest.raises(UsageError, match="expected NAME=DIR"):
        parse_candidates(["flir"])
    name, root, count = parse_candidates(["mine=a/b=12"])[0]
    assert (name, root.as_posix(), count) == ("mine", "a/b", 12)


SURVEYED_BEYOND = {"hituav", "solar", "radiometric"}
"""Beyond the paper; another dataset need not be in the survey."""


def test_the_survey_knows_every_source_of_the_paper_and_is_drawn(tmp_path):
    survey = load_survey()
    built_in = [entry for entry in DATASETS.entries() if DATASETS.is_built_in(entry.name)]
    assert survey.keys() >= SURVEYED_BEYOND
    assert survey.keys() >= {entry.name for entry in built_in if find_dataset(entry.name).facts.is_in_paper}
    counts = count_facets(survey)
    assert counts["imaging"].total() == len(survey) <= counts["scene"].total()
    pytest.importorskip("matplotlib", reason="matplotlib (extra `itb`) is not installed")
    image = Image.open(draw_charts(tmp_path, survey))
    assert image.width > 1000 and len(set(image.convert("L").resize((40, 10)).tobytes())) > 5
