"""Facts against a plain second implementation, on drawn scenes and on real images; what inversion does to them."""

import importlib.util
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.datasets.dataset import open_dataset
from tools.datasets.records import AnnotatedImage
from tools.evidence import Levels, measure

_spec = importlib.util.spec_from_file_location("plain_recipe", Path(__file__).with_name("plain_recipe.py"))
plain = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(plain)

FLIR = Path(__file__).parents[4] / "shared/data/FLIR_ADAS_1_3"
SIGNED = {"surroundings", "pair", "part", "third"}


def draw_scene(seed, size=(96, 128), objects=7):
    """A noisy gradient with boxes of other brightness in it, some split in two halves; boxes may overlap and be cut."""
    random = np.random.default_rng(seed)
    height, width = size
    image = random.normal(100, 6, size) + np.linspace(0, random.uniform(-60, 60), height)[:, None]
    boxes = []
    for _ in range(objects):
        x, y = random.uniform(-4, width - 12), random.uniform(-4, height - 10)
        w, h = random.uniform(2, 40), random.uniform(2, 30)
        box = (max(0.0, x), max(0.0, y), min(float(width), x + w), min(float(height), y + h))
        rows, columns = slice(round(box[1]), round(box[3])), slice(round(box[0]), round(box[2]))
        image[rows, columns] += random.uniform(-70, 90)
        if random.random() < 0.4:
            image[rows, columns.start : (columns.start + columns.stop) // 2] += 40
        boxes.append(box)
    return np.clip(image, 0, 255).astype(np.uint8), boxes


def key(fact):
    return fact.kind, fact.subject, fact.other


@pytest.mark.parametrize("seed", range(12))
def test_facts_are_those_of_the_plain_recipe_and_none_is_missing(seed):
    image, boxes = draw_scene(seed)
    facts = measure(Levels(image), boxes).facts
    assert all(plain.supports(fact, image, boxes) for fact in facts)
    found = {(fact.subject, fact.relation) for fact in facts if fact.kind == "surroundings"}
    expected = {(place, plain.surroundings(image, boxes, place)) for place in range(len(boxes))}
    large = {place for place in range(len(boxes)) if len(plain.inner(image, boxes[place])) >= 6}
    assert found == {(place, said) for place, said in expected if said and place in large}
    pairs = {(fact.subject, fact.other): fact.relation for fact in facts if fact.kind == "pair"}
    for one in range(len(boxes)):
        for other in range(one + 1, len(boxes)):
            assert pairs.get((one, other)) == plain.pair(image, boxes[one], boxes[other])
    place = [fact.relation for fact in facts if fact.kind == "brightest_place"]
    assert place == [name for name in [plain.brightest_ninth(image)] if name]


@pytest.mark.parametrize("seed", range(12))
def test_floats_give_the_same_facts_as_8_bit_levels(seed):
    image, boxes = draw_scene(seed)
    floats, levels = (measure(Levels(values), boxes).facts for values in (image.astype(np.float32), image))
    assert [(key(fact), fact.relation) for fact in floats] == [(key(fact), fact.relation) for fact in levels]
    for one, other in zip(floats, levels, strict=True):
        assert one.values == pytest.approx(other.values, abs=2e-4)


def test_inversion_turns_every_signed_fact():
    kinds = Counter()
    for seed in range(12):
        image, boxes = draw_scene(seed)
        upright = {key(fact): fact.relation for fact in measure(Levels(image), boxes).facts if fact.kind in SIGNED}
        turned = {key(fact): fact.relation for fact in measure(Levels(255 - image), boxes).facts if fact.kind in SIGNED}
        for name, relation in upright.items():
            if name[0] in {"surroundings", "pair"}:
                assert {relation, turned[name]} == {"brighter", "darker"}
                kinds[name[0]] += 1
    assert min(kinds.values()) > 20


def test_what_was_not_measured_enters_no_fact():
    image, boxes = draw_scene(3)
    levels = image.astype(np.float32)
    levels[:10] = np.nan
    evidence = measure(Levels(levels), boxes)
    assert evidence == measure(Levels(levels.copy()), boxes)
    assert all(np.isfinite(value) for fact in evidence.facts for value in fact.values.values())
    assert not measure(Levels(np.full((40, 40), np.nan, np.float32)), [(2.0, 2.0, 20.0, 20.0)]).facts


def test_a_flat_image_shows_nothing():
    assert not measure(
        Levels(np.full((64, 64), 90, np.uint8)), [(4.0, 4.0, 20.0, 20.0), (30.0, 30.0, 50.0, 60.0)]
    ).facts


def test_degrees_stand_where_they_were_drawn_and_only_in_temperatures():
    celsius = np.full((60, 80), 12.0, np.float32)
    celsius[10:30, 10:30] = 41.5
    celsius[35:55, 50:70] = 25.0
    boxes = [(10.0, 10.0, 30.0, 30.0), (50.0, 35.0, 70.0, 55.0)]
    facts = {key(fact): fact.values for fact in measure(Levels(celsius, unit="celsius"), boxes).facts}
    assert facts["region_temperature", 0, None] == {"mean": 41.5, "warmest": 41.5}
    assert facts["difference", 0, 1] == {"degrees": 16.5}
    assert facts["hottest_object", 0, None]["lead"] == 16.5
    assert facts["coldest_object", 1, None]["mean"] == 25.0
    assert facts["image_temperature", None, None]["coldest"] == 12.0
    counts = measure(Levels(celsius), boxes).facts
    assert not [fact for fact in counts if "temperature" in fact.kind or fact.kind.startswith(("hot", "cold", "diff"))]


@pytest.mark.skipif(not FLIR.is_dir(), reason=f"{FLIR} is not there: real thermal images with boxes")
def test_facts_of_real_images_are_those_of_the_plain_recipe():
    entries = [entry for entry in open_dataset("flir", FLIR).stream() if isinstance(entry, AnnotatedImage)][::6]
    checked = Counter()
    for entry in entries:
        image = np.asarray(Image.open(FLIR / entry.image).convert("L"))
        boxes = [box.box_xyxy for box in entry.boxes]
        for fact in measure(Levels(image), boxes).facts:
            if checked[fact.kind] > 60:
                continue
            assert plain.supports(fact, image, boxes), (entry.id, fact)
            checked[fact.kind] += 1
    assert checked["surroundings"] > 20 and checked["pair"] > 50
