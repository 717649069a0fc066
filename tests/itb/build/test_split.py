"""Splitting by group, near-duplicates kept together, and how many questions are taken."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from itb.benchmark.duplicates import (
    Fingerprint,
    find_alike,
    fingerprint,
    join_groups,
    read_fingerprints,
)
from itb.build.follows import LEAST_AGREEMENT, agree, even_out
from itb.build.plan import BEYOND_COUNT, make_plan
from itb.build.sides import STRETCHES, chain_recordings
from itb.build.split import Kind, split_groups
from itb.tasks import list_tasks
from tools.errors import ImageError, UsageError
from tools.seeds import hash_number


def split(counts, joined=(), seed=0):
    return split_groups(counts, list(join_groups(counts, joined)), seed)


def share(counts, sides, kind):
    total = sum(kinds.get(kind, 0) for kinds in counts.values())
    return sum(kinds.get(kind, 0) for group, kinds in counts.items() if sides.side[group] == "test") / total


def test_every_kind_of_question_comes_near_two_to_one():
    kinds = [Kind(task, "flir") for task in ("locate", "security")] + [Kind("locate", "flir", ("car",))]
    counts = {
        f"g{k}": Counter({kind: hash_number(k, kind) % 40 for kind in kinds if hash_number(k, kind) % 3})
        for k in range(60)
    }
    sides = split(counts)
    for kind in kinds:
        assert abs(share(counts, sides, kind) - 1 / 3) < 0.06
    assert split(dict(reversed(counts.items()))) == sides
    assert split(counts, seed=1).side != sides.side


@settings(max_examples=50)
@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.integers(1, 50), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=8),
)
def test_joined_groups_are_never_parted_and_every_group_has_a_side(sizes, pairs):
    names = sorted(sizes)
    joined = [(names[one % len(names)], names[other % len(names)]) for one, other in pairs]
    counts = {name: {Kind("locate", "flir"): size} for name, size in sizes.items()}
    sides = split(counts, joined)
    assert set(sides.side) == set(names)
    assert all(sides.side[one] == sides.side[other] for one, other in joined)


def test_a_single_group_is_tested_and_that_is_said():
    counts = {"llvip/01": {Kind("pedestrian_count", "llvip"): 5}, "flir/a": {Kind("locate", "flir"): 3}}
    sides = split({**counts, "flir/b": {Kind("locate", "flir"): 6}})
    assert sides.side["llvip/01"] == "test"
    assert sides.lonely == (Kind("pedestrian_count", "llvip"),)
    assert sides.side["flir/b"] == "train" and sides.side["flir/a"] == "test"


def test_joining_is_transitive():
    assert list(join_groups("abcde", [("d", "b"), ("b", "a")])) == [frozenset("abd"), frozenset("c"), frozenset("e")]


# --- near-duplicates ------------------------------------------------------------------------------------------------


def write(folder, name, levels):
    Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).save(folder / name)
    return fingerprint("x", name, folder / name, None)


def draw(seed):
    generator = np.random.default_rng(seed)
    coarse = Image.fromarray(generator.uniform(0, 255, (6, 8)).astype(np.float32))
    return np.asarray(coarse.resize((160, 120), Image.Resampling.BICUBIC)) * 0.7 + generator.normal(20, 4, (120, 160))


def test_the_same_scene_is_found_under_other_gain_noise_size_and_shift(tmp_path):
    scene = draw(1)
    noise = np.random.default_rng(9).normal(0, 5, scene.shape)
    prints = [
        write(tmp_path, "scene.png", scene),
        write(tmp_path, "gain.png", scene * 0.6 + 30),
        write(tmp_path, "noise.png", scene + noise),
        write(tmp_path, "shift.png", np.roll(scene, 2, axis=1)),
        write(tmp_path, "small.png", scene[::2, ::2]),
        *(write(tmp_path, f"other{k}.png", draw(k)) for k in range(2, 40)),
    ]
    groups = [entry.image for entry in prints]
    alike = find_alike(prints, groups)
    assert {pair for pair in alike if max(pair) < 5} == {(a, b) for a in range(5) for b in range(a + 1, 5)}
    assert all(max(pair) < 5 for pair in alike)
    assert find_alike(prints, ["one"] * len(prints)) == []


def test_an_even_image_looks_like_nothing(tmp_path):
    prints = [write(tmp_path, f"{k}.png", np.full((40, 40), 100 + k)) for k in range(3)]
    assert find_alike(prints, ["a", "b", "c"]) == []


def test_a_crop_is_hashed_without_its_border(tmp_path):
    scene = draw(3)
    framed = np.full((200, 260), 255.0)
    framed[40:160, 50:210] = scene
    inner = write(tmp_path, "inner.png", scene)
    write(tmp_path, "framed.png", framed)
    cropped = fingerprint("x", "framed.png", tmp_path / "framed.png", (50, 40, 210, 160))
    assert (cropped.cosine, cropped.step, cropped.thumbnail) == (inner.cosine, inner.step, inner.thumbnail)


def test_broken_images_and_caches_are_refused(tmp_path):
    with pytest.raises(ImageError, match="no such file"):
        fingerprint("x", "a.png", tmp_path / "a.png", None)
    cache = tmp_path / "hashes.jsonl"
    assert read_fingerprints(cache) == {}
    entry = Fingerprint(source="x", image="a.png", size=1, cosine="00", step="00", thumbnail="00")
    cache.write_text(entry.model_dump_json() + "\n{}\n")
    with pytest.raises(UsageError, match=r"hashes.jsonl:2: no line of a cache of hashes; delete the file"):
        read_fingerprints(cache)


# --- groups that go on ----------------------------------------------------------------------------------------------


def test_groups_of_one_recording_stay_together_where_there_are_several():
    recordings = {"flir": {"train": ["flir/a", "flir/b", "flir/c"], "val": ["flir/d", "flir/e"]}}
    chains, cuts = chain_recordings(recordings, ["flir/a", "flir/b", "flir/c", "flir/d", "flir/e", "vedai/1"], [])
    assert set(join_groups(["flir/a", "flir/b", "flir/c", "flir/d", "flir/e"], chains)) == {
        frozenset({"flir/a", "flir/b", "flir/c"}),
        frozenset({"flir/d", "flir/e"}),
    }
    assert cuts == {}


def test_the_only_recording_is_parted_into_stretches_and_the_cuts_are_counted():
    row = [f"flir/{number}" for number in range(24)]
    chains, cuts = chain_recordings({"flir": {"train": row}}, row, [])
    assert len(list(join_groups(row, chains))) == STRETCHES and cuts == {"flir": STRETCHES - 1}
    assert chain_recordings({"flir": {"train": row[:1]}}, row[:1], []) == ([], {})


def test_a_place_is_known_again_after_the_camera_moved_and_other_places_are_not():
    wide = np.asarray(Image.fromarray(draw(7).astype(np.uint8)).resize((320, 240)), float)
    wide += np.random.default_rng(2).normal(0, 1, wide.shape)
    shapes = np.random.default_rng(5).integers(0, 200, (40, 2))
    for x, y in shapes:
        wide[y : y + 14, x : x + 9] += 60
    near, moved = (even_out(wide[20 : 20 + 192 : 4, at : at + 256 : 4]) for at in (0, 40))
    others = [even_out(np.asarray(Image.fromarray(draw(k).astype(np.float32)).resize((64, 48)))) for k in range(20, 60)]
    assert agree(near, moved) > LEAST_AGREEMENT and agree(near, near) == pytest.approx(1)
    assert max(agree(near, other) for other in others) < LEAST_AGREEMENT


# --- plan -----------------------------------------------------------------------------------------------------------


def available(**counts):
    return {tuple(key.split("__")): count for key, count in counts.items()}


BEYOND = next(task.name for task in list_tasks() if not task.paper)
PAPER_COUNTS = {task.name: task.paper.questions for task in list_tasks() if task.paper}
FULL = {
    ("locate", "flir"): 40000,
    ("aerial_count", "vedai"): 3000,
    ("aerial_count", "dronevehicle"): 60000,
    ("aerial_count", "hituav"): 5000,
    ("pedestrian_count", "llvip"): 15000,
    ("recognition", "lsotb"): 30000,
    ("scene", "rgbnir"): 477,
    ("security", "flir"): 9000,
    (BEYOND, "mine"): 20000,
}


def test_the_papers_counts_are_reached_where_the_data_suffices():
    there = {
        (*key, split): count - count // 3 if split == "train" else count // 3
        for key, count in FULL.items()
        for split in ("train", "test")
    }
    plan = make_plan(there, "plan")
    taken = Counter()
    for (task, _, _), count in plan.take.items():
        taken[task] += count
    assert {task: taken[task] for task in PAPER_COUNTS} == PAPER_COUNTS
    assert taken[BEYOND] == BEYOND_COUNT == 500 and plan.short == {}
    assert plan.take["aerial_count", "hituav", "train"] == 0
    assert plan.take["locate", "flir", "test"] == round(4387 / 3)
    shares = {task: plan.describe_share(task) for task in PAPER_COUNTS}
    assert shares == {
        "locate": 19.36,
        "aerial_count": 16.42,
        "pedestrian_count": 10.54,
        "recognition": 32.94,
        "scene": 2.11,
        "security": 18.62,
    }


def test_what_falls_short_is_said_and_stand_ins_fill_only_what_is_left():
    there = available(
        aerial_count__vedai__train=10,
        aerial_count__vedai__test=5,
        aerial_count__hituav__train=9000,
        locate__scenes__test=1,
    )
    plan = make_plan(there, "plan")
    assert plan.take["aerial_count", "vedai", "train"] == 10
    assert plan.take["aerial_count", "hituav", "train"] == 3721 - 1240 - 10
    assert plan.short["aerial_count"] == 1240 - 5
    assert plan.short["locate"] == 4386
    remarks = {line.source: (line.is_beyond_paper, line.is_stand_in) for line in plan.lines}
    assert remarks == {"vedai": (False, False), "hituav": (True, False), "scenes": (True, True)}


def test_a_number_is_shared_two_to_one_and_all_is_all():
    there = available(**{f"{BEYOND}__mine__train": 400, f"{BEYOND}__mine__test": 200})
    assert make_plan(there, "90").take == {(BEYOND, "mine", "train"): 60, (BEYOND, "mine", "test"): 30}
    assert make_plan(there, "all").take == there


@pytest.mark.parametrize("text", ["0", "-3", "some", "1.5", ""])
def test_other_counts_are_refused(text):
    with pytest.raises(UsageError) as caught:
        make_plan({}, text)
    assert str(caught.value) == (
        f"--count {text!r}: expected `all`, `plan` (the paper's counts), or a number of questions a task"
    )
