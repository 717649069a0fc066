"""Choosing sources by Eq. 1."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from itb.build.selection import DatasetCandidate, make_qalign, measure_embedded, open_dataset_candidate, rate
from itb.commands.select import parse_candidates, select_and_show
from tools.errors import MissingError, UsageError


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


def test_what_nobody_annotated_has_no_n_and_so_no_d(tmp_path, capsys):
    folders = {name: write_images(tmp_path / name, blur) for name, blur in (("plain", 0), ("known", 1), ("more", 2))}
    known = [open_dataset_candidate(name, folders[name], count) for name, count in (("known", 4), ("more", 9))]
    plain = open_dataset_candidate("plain", folders["plain"], None)
    *rated, last = rate([plain, *known], measure_embedded)
    assert (last.name, last.categories, last.raw, last.scaled) == ("plain", None, None, None)
    assert last.quality > max(rating.quality for rating in rated)  # it is the best, and still not ranked
    assert rated == rate(known, measure_embedded)
    select_and_show([f"plain={folders['plain']}", f"known={folders['known']}=4"], 4, "embedded", 0)
    assert "N unknown: plain" in capsys.readouterr().out
    assert open_dataset_candidate("folder", folders["plain"], None).categories is None


def test_q_align_is_asked_through_pyiqa_where_it_is_installed(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch", reason="PyTorch (extra `train`) is not installed")
    seen = []

    def create_metric(name):
        def measure(pixels):
            seen.append((name, tuple(pixels.shape), float(pixels.min()), float(pixels.max())))
            return torch.tensor([[3.5]])

        return measure

    monkeypatch.setitem(sys.modules, "pyiqa", SimpleNamespace(create_metric=create_metric))
    folder = write_images(tmp_path / "mine", count=1)
    assert make_qalign()(folder / "0.png", (0, 0, 40, 30)) == 3.5
    ((name, shape, low, high),) = seen
    assert (name, shape) == ("qalign", (1, 3, 30, 40)) and 0 <= low < high <= 1
    monkeypatch.setitem(sys.modules, "pyiqa", None)
    with pytest.raises(MissingError, match=r"pip install pyiqa.*--quality embedded"):
        make_qalign()


def test_what_cannot_be_rated_is_explained(tmp_path):
    with pytest.raises(MissingError, match="no images in it"):
        open_dataset_candidate("mine", tmp_path, 3)
    with pytest.raises(MissingError, match="does not hold the dataset"):
        open_dataset_candidate("flir", tmp_path, None)
    with pytest.raises(UsageError, match="expected NAME=DIR"):
        parse_candidates(["flir"])
    name, root, count = parse_candidates(["mine=a/b=12"])[0]
    assert (name, root.as_posix(), count) == ("mine", "a/b", 12)
