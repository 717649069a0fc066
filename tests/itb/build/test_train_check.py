"""Training images against the test split: planted copies are found, whatever was done to them, others are not."""

import json

import numpy as np
import pytest
from calling import call_here
from mini_bench import write_bench
from PIL import Image, ImageOps

from itb.benchmark.bench import load_bench
from itb.benchmark.copies import Gallery
from itb.build.train_check import check_train
from tools.errors import MissingError


def draw(seed, size=(320, 256)):
    """A scene of warm shapes on an uneven ground."""
    generator = np.random.default_rng(seed)
    ground = Image.fromarray(generator.uniform(40, 120, (7, 9)).astype(np.float32))
    levels = np.asarray(ground.resize(size, Image.Resampling.BICUBIC)).copy()
    for _ in range(24):
        x, y = generator.integers(0, size[0] - 20), generator.integers(0, size[1] - 20)
        levels[y : y + generator.integers(8, 60), x : x + generator.integers(6, 50)] += generator.uniform(-50, 110)
    return Image.fromarray(np.clip(levels + generator.normal(0, 3, levels.shape), 0, 255).astype(np.uint8))


def change_tone(image):
    """Other tones of the same scene: not even monotone."""
    levels = np.asarray(image, float) / 255
    return Image.fromarray((255 * (0.5 - 0.5 * np.cos(1.4 * np.pi * levels**0.7))).astype(np.uint8))


CHANGES = {
    "itself": lambda image: image,
    "resized": lambda image: image.resize((150, 150)),
    "cropped": lambda image: image.crop((30, 20, 290, 230)),
    "half": lambda image: image.crop((100, 60, 290, 220)),
    "squared": lambda image: ImageOps.fit(image, (224, 224)),
    "mirrored": ImageOps.mirror,
    "upside down": ImageOps.flip,
    "inverted": ImageOps.invert,
    "coloured": lambda image: ImageOps.colorize(image, "navy", "yellow", "red").convert("RGB"),
    "other tones": change_tone,
    "shifted": lambda image: image.crop((40, 0, 320, 256)),
    "all": lambda image: ImageOps.invert(ImageOps.mirror(image.crop((20, 30, 260, 240)))).resize((200, 180)),
}


@pytest.fixture(scope="module")
def gallery():
    return Gallery([draw(seed) for seed in range(8)])


@pytest.mark.parametrize("name", CHANGES)
def test_planted_copies_are_found(gallery, name):
    for seed in range(4):
        found = gallery.find(CHANGES[name](draw(seed)))
        assert found is not None and found.other == seed, (name, seed)


def test_other_scenes_are_not(gallery):
    assert [seed for seed in range(100, 140) if gallery.find(draw(seed))] == []


def test_a_training_image_that_holds_a_test_image_is_found(gallery):
    assert Gallery([draw(1).crop((60, 40, 280, 220))]).find(draw(1)) is not None
    assert Gallery([]).find(draw(1)) is None


@pytest.fixture
def bench(tmp_path):
    """A benchmark whose pictures are scenes that can be told apart."""
    folder = write_bench(tmp_path / "bench", tasks=("locate", "scene"), images=6)
    for path in sorted((folder / "images").glob("*.png")):
        draw(int(path.stem[-4:])).resize((80, 64)).save(path)
    return folder


def test_the_audit_names_what_a_training_set_shows(bench, tmp_path):
    rows = []
    for number, image in enumerate((draw(2).resize((90, 70)), draw(77), None)):
        if image is not None:
            image.save(tmp_path / f"{number}.png")
        rows.append({"id": str(number), "image": f"{number}.png", "conversations": []})
    rows.append({"id": "bad", "image": "../outside.png", "conversations": []})
    (tmp_path / "train.json").write_text(json.dumps(rows))
    done = call_here("itb", "audit", bench, "--train", tmp_path / "train.json")
    assert done.returncode == 0, done.stderr
    assert "1 of 2 training images show what one of 4 test images shows; 1 test questions" in done.stdout
    assert "2 training images or rows could not be read" in done.stdout
    found = json.loads((bench / "audit.json").read_text())["train"]
    assert found["copies"] == 1 and found["pairs"][0]["train"] == "0.png"


def test_a_run_s_images_are_compared(bench, tmp_path):
    (tmp_path / "run" / "images" / "0a").mkdir(parents=True)
    ImageOps.mirror(draw(5)).save(tmp_path / "run" / "images" / "0a" / "5.png")
    found = check_train(load_bench(bench), tmp_path / "run")
    assert [leak.train for leak in found.leaks] == ["0a/5.png"] and found.unreadable == 0
    with pytest.raises(MissingError, match=r"--train .*none: no such file or folder"):
        check_train(load_bench(bench), tmp_path / "none")
