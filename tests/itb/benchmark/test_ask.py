"""How questions are put: options, context, rotations, perturbed pictures."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_bench import TASKS, write_bench
from PIL import Image

from itb.benchmark.ask import Asker, VariantSettings
from itb.benchmark.bench import load_bench
from itb.benchmark.perturb import PERTURBATIONS, parse_perturbations, perturb_image
from itb.tasks import load_task
from tools.errors import UsageError

PROMPTS = Path(__file__).resolve().parents[3] / "prompts/infrared"


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return load_bench(write_bench(tmp_path_factory.mktemp("ask") / "bench", images=3))


def ask(bench, **variants):
    return list(Asker(PROMPTS, VariantSettings(**variants)).ask_all(bench, bench.choose("test")))


def test_each_form_of_answer_is_asked_for_in_its_own_words(bench):
    texts = {question.item.task: question.text for question in ask(bench)}
    assert texts["locate"] == "Is the dog to the left of the bicycle?\nReply with yes or no."
    assert texts["pedestrian_count"] == "How many pedestrians are there?\nReply with a whole number."
    assert texts["temperature"].endswith("\nReply with a number in °C.")
    assert texts["scene"] == (
        "Which kind of scene is this?\nA. river\nB. mountain\nC. street\nD. forest\n"
        "Reply with the letter of the option that is right."
    )


def test_rotations_put_every_option_at_every_place_once(bench):
    questions = [question for question in ask(bench, rotate_options=True) if question.item.task == "scene"]
    assert [question.variant for question in questions] == ["", "rotate-1", "rotate-2", "rotate-3"]
    for option in questions[0].options:
        assert sorted(question.options.index(option) for question in questions) == [0, 1, 2, 3]
    assert len([question for question in ask(bench, rotate_options=True) if question.item.task == "locate"]) == 1


def test_the_context_stands_before_and_leaves_the_question_as_it_is(bench):
    both = [question for question in ask(bench, context="both") if question.item.task == "locate"]
    assert [(question.variant, question.system is None) for question in both] == [("", True), ("context", False)]
    assert both[0].text == both[1].text
    assert "infrared camera" in both[1].system
    assert all(question.variant == "context" for question in ask(bench, context="on"))


def test_variants_join_and_stay_unique(bench):
    questions = ask(bench, context="both", rotate_options=True, perturbations=("noise", "polarity"))
    keys = [question.key for question in questions]
    assert len(set(keys)) == len(keys)
    variants = {question.variant for question in questions if question.item.task == "scene"}
    assert len(variants) == 2 * 4 * 3
    assert "context+rotate-2+perturb=noise" in variants


def test_a_perturbation_that_changes_the_answer_is_not_asked(bench):
    asked = {(question.item.task, question.perturbation) for question in ask(bench, perturbations=tuple(PERTURBATIONS))}
    for task in map(load_task, TASKS):
        for name in PERTURBATIONS:
            changes = {"gain": "scale", "noise": "", "resolution": "", "jpeg": ""}.get(name, "tone")
            assert ((task.name, name) in asked) == (changes not in task.rests_on)
    assert {("pedestrian_count", name) for name in PERTURBATIONS} <= asked


def test_a_question_shows_the_crop(bench):
    question = ask(bench)[0]
    item = question.item.model_copy(update={"crop_xyxy": (8, 8, 40, 20)})
    cropped = type(question)(item, "", None, "", (), question.image_file).load_image()
    assert cropped.size == (32, 12)
    assert np.array_equal(np.asarray(cropped), np.asarray(question.load_image())[8:20, 8:40])


# Perturbations.


def make_image(seed=0, size=(40, 32)):
    levels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0]), dtype=np.uint8)
    return Image.fromarray(levels).convert("RGB")


@given(name=st.sampled_from(sorted(PERTURBATIONS)), width=st.integers(1, 40), height=st.integers(1, 40))
def test_every_perturbation_keeps_the_size_and_gives_the_same_again(name, width, height):
    image = make_image(size=(width, height))
    once, again = perturb_image(image, name, "a/1.png"), perturb_image(image, name, "a/1.png")
    assert once.size == image.size and once.mode == "RGB"
    assert once.tobytes() == again.tobytes()


def test_what_each_perturbation_does():
    image = make_image()
    levels = np.asarray(image, dtype=int)
    assert np.array_equal(np.asarray(perturb_image(image, "polarity", "x")), 255 - levels)
    stretched = np.asarray(perturb_image(image, "gain", "x"), dtype=int)
    middle = np.median(levels)
    inside = np.abs(levels - middle) < 50
    assert np.array_equal(stretched[inside], np.rint(middle + 2 * (levels - middle))[inside])
    noisy = np.asarray(perturb_image(make_image().point(lambda _: 128), "noise", "x"), dtype=int)
    assert 9 < noisy.std() < 15 and np.array_equal(noisy[..., 0], noisy[..., 1])
    coarse = np.asarray(perturb_image(image, "resolution", "x"), dtype=int)
    assert np.abs(np.diff(coarse[..., 0], axis=1)).mean() < 0.4 * np.abs(np.diff(levels[..., 0], axis=1)).mean()
    maps = {name: np.asarray(perturb_image(image, name, "x")) for name in PERTURBATIONS if name.startswith("colour")}
    assert len(maps) == 3
    assert all((found[..., 0] != found[..., 2]).any() for found in maps.values())


def test_noise_hangs_on_the_image_and_no_other_perturbation_does():
    image = make_image()
    for name in PERTURBATIONS:
        differs = perturb_image(image, name, "1").tobytes() != perturb_image(image, name, "2").tobytes()
        assert differs == (name == "noise")


def test_an_unknown_perturbation_is_refused():
    assert parse_perturbations(" noise, gain,noise ") == ("noise", "gain")
    with pytest.raises(UsageError, match=r"--perturb: there is no 'blur'; known: polarity, colour-iron"):
        parse_perturbations("noise,blur")
