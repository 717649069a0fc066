"""The audit finds what was put there, and its numbers agree with closed forms."""

import random
from fractions import Fraction
from math import comb

import pytest
from tolerances import written_tolerance

from itb.answers import is_right
from itb.answers.blind_answerer import train_blind
from itb.benchmark.duplicates import Fingerprint
from itb.build.audit import audit_items
from itb.build.framing_check import check_framings, find_map, is_in_view
from itb.records import Item

OPTIONS = ("car", "dog", "bus", "cat")


def make_item(number, **changes):
    settings = {
        "id": f"scene-rgbnir-{number}-0", "task": "scene", "source": "rgbnir", "band": "nir", "polarity": "none",
        "image": f"images/rgbnir/{number}.png", "width": 640, "height": 512, "question": "What?", "options": OPTIONS,
        "answer": "car", "form": "option", "wording": "scene/0", "group": f"g{number}",
        "split": "test" if number % 3 == 2 else "train",
    }  # fmt: skip
    return Item(**{**settings, **changes})


def box(x1, y1, x2, y2, name="car"):
    return {"name": name, "box_xyxy_norm": (x1, y1, x2, y2)}


def test_blind_learns_habits_and_majority_too():
    generator = random.Random(1)
    items = [
        make_item(k, answer=answer, options=tuple(generator.sample(OPTIONS, 4)))
        for k, answer in enumerate(generator.choices(OPTIONS, (7, 1, 1, 1), k=300))
    ]
    entry = audit_items(items, {}).tasks["scene"]
    share = sum(item.answer == "car" for item in items if item.split == "test") / entry.test
    assert entry.majority == entry.blind == pytest.approx(share, abs=written_tolerance(4))
    assert entry.chance == 0.25 and entry.is_guessable


def test_blind_sees_through_an_option_that_is_never_there():
    names = ("person", "car", "bicycle")
    items = [make_item(k, options=(*names[: k % 4], "bus", *names[k % 4 :]), answer="bus") for k in range(60)]
    entry = audit_items(items, {})
    assert entry.tasks["scene"].blind == 1.0
    assert any("gets 1.00 right, chance is 0.25" in remark for remark in entry.remarks)


def test_blind_reads_the_question_for_counts():
    items = [
        make_item(
            k, task="aerial_count", form="number", options=(), wording=f"aerial_count/{k % 2}",
            question=("How many {}s?", "Count the {}s.")[k % 2].format(("bus", "car")[k % 7 > 2]),
            answer=("1", "6")[k % 7 > 2],
        )
        for k in range(120)
    ]  # fmt: skip
    entry = audit_items(items, {}).tasks["aerial_count"]
    assert entry.blind == 1.0 and entry.majority < 0.7
    assert entry.chance == pytest.approx(1 / 31, abs=written_tolerance(4)) and entry.is_guessable


def test_blind_gives_the_measure_that_covers_most():
    train = [
        make_item(
            k,
            task="temperature",
            form="measure",
            options=(),
            answer=answer,
            tolerance=2.0,
            split="train",
            wording="temperature/value/0",
        )
        for k, answer in enumerate(["10.0", "30.0", "31.0", "31.5", "60.0"])
    ]
    guess = train_blind(train).answer(train[0])
    assert sum(is_right(item, guess) for item in train) == 3


def test_an_untrained_blind_still_answers():
    blind = train_blind([])
    assert blind.answer(make_item(0)) == "car"
    assert blind.answer(make_item(0, form="yes_no", options=(), answer="no")) == "yes"
    assert float(blind.answer(make_item(0, form="measure", options=(), answer="1.0")))


def test_leaks_repetitions_and_contradictions_are_found():
    items = [
        make_item(0, group="a"),
        make_item(2, group="a"),
        make_item(3, image="images/inverted/rgbnir/2.png", group="b"),
        make_item(4, image="images/rgbnir/0.png", group="a", id="again"),
        make_item(6, image="images/rgbnir/0.png", group="a", id="other", answer="dog"),
    ]
    audit = audit_items(items, {})
    assert audit.leaked_groups == ("a",)
    assert audit.leaked_images == ("rgbnir/2",)
    assert (audit.repeated, audit.contradictory) == (("again",), ("other",))
    assert audit.drawn_images == {"inverted": 1}


def test_near_duplicates_across_the_split_are_found():
    def entry(number, thumbnail):
        return Fingerprint(
            source="rgbnir", image=f"{number}.png", size=1, cosine="ff" * 8, step="0f" * 8, thumbnail=thumbnail
        )

    one, other = bytes(range(256)).hex(), bytes(reversed(range(256))).hex()
    prints = {("rgbnir", f"{k}.png"): entry(k, other if k == 1 else one) for k in range(4)}
    audit = audit_items([make_item(k) for k in range(4)], prints)
    assert audit.alike_across == (("rgbnir/0.png", "rgbnir/2.png"), ("rgbnir/2.png", "rgbnir/3.png"))
    assert audit_items([make_item(0)], {}).alike_count is None


def test_a_centre_crop_cuts_what_lies_at_the_sides_of_a_wide_frame():
    items = [
        make_item(0, evidence=(box(0.0, 0.4, 0.08, 0.6),)),
        make_item(1, evidence=(box(0.4, 0.4, 0.6, 0.6),)),
        make_item(2, evidence=(box(0.5, 0.5, 0.51, 0.51),)),
        make_item(3),
    ]
    rows = check_framings(items)["scene"]
    assert rows["letterbox 224"] == (3, 3, 2)
    assert rows["squash 336"] == (3, 3, 2)
    assert rows["centre crop 224"] == (3, 2, 1)


def test_a_centre_crop_removes_a_fifth_of_a_flir_frame():
    boxes = find_map("centre crop", 224, 640, 512)
    x1, _, x2, _ = boxes.back((0, 0, 1, 1))
    one_pixel = 1 / (224 * 640 / 512)
    assert 1 - (x2 - x1) == pytest.approx(0.2, abs=one_pixel)
    assert is_in_view((0.1, 0, 0.3, 1), boxes) and not is_in_view((0.0, 0, 0.15, 1), boxes)


def test_chance_of_a_balanced_block_is_exact_for_any_blind_guess():
    """Four equal questions with four answers: whatever is guessed, one is right (a check of the block's promise)."""
    block = [make_item(k, answer=answer, split="test") for k, answer in enumerate(OPTIONS)]
    for seed in range(5):
        train = [make_item(k, answer=random.Random(seed + k).choice(OPTIONS), split="train") for k in range(20)]
        blind = train_blind(train)
        assert sum(is_right(item, blind.answer(item)) for item in block) == 1
    # by comparison: four independent guesses are all wrong with probability (3/4)^4
    assert Fraction(comb(4, 0)) * Fraction(3, 4) ** 4 == Fraction(81, 256)
