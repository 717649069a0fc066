"""Images set aside for tests: whole groups, always the same ones, in no file but their own."""

import json

import pytest
from calling import call_here
from PIL import Image
from sensor_run import configure_sensor, run_sensor, write_scenes

from agents.commands.run import tell_notices
from agents.config import RunConfig
from agents.running.derived.merge import merge_runs
from agents.running.hold_out import choose_held
from agents.running.run import run_synthesis
from agents.running.source import open_source
from tools.datasets.records import AnnotatedImage
from tools.datasets.taking import TakenDataset
from tools.errors import UsageError

GROUPS, EACH = 12, 5
OWN_FILES = {"held_out.jsonl", "run.sqlite"}


def make_dataset(root, sizes, **fields):
    images = [
        AnnotatedImage(
            id=f"{group}/{k}", source="folder", image=f"{group}/{k}.png", width=8, height=8, group=f"s{group}",
            **{"band": "lwir", "polarity": "unknown", **fields},
        )
        for group, size in enumerate(sizes)
        for k in range(size)
    ]  # fmt: skip
    return TakenDataset("folder", root, images, {}, {}, "digest")


def read_rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def sequences(tmp_path_factory):
    """The scenes' thermal pictures in three folders of two."""
    root = tmp_path_factory.mktemp("sequences") / "thermal"
    for number, path in enumerate(sorted((write_scenes() / "thermal8").iterdir())):
        folder = root / f"shot{number // 2}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / path.name).write_bytes(path.read_bytes())
    return root


def configure(sequences, out, **changes):
    settings = {"sensor_images": sequences, "unit": None, "instances": None, "polarity": "white-hot", "hold_out": "33%"}
    return configure_sensor(out, **settings | changes)


def test_whole_groups_of_about_the_share_are_held_and_the_seed_decides_which(tmp_path):
    dataset = make_dataset(tmp_path, [EACH] * GROUPS)
    held = choose_held(dataset, "25%", "sequence", 0)
    assert len(held) == GROUPS * EACH / 4
    assert {group: list(held.values()).count(group) for group in held.values()} == dict.fromkeys(held.values(), EACH)
    assert held == choose_held(dataset, "25%", "sequence", 0)
    assert held != choose_held(dataset, "25%", "sequence", 1)


def test_a_large_group_is_passed_over_and_groups_that_cannot_be_split_are_refused(tmp_path):
    held = choose_held(make_dataset(tmp_path, [50, 3, 4, 3]), "10%", "sequence", 0)
    assert 3 <= len(held) <= 7 and "s0" not in held.values()
    with pytest.raises(UsageError, match=r"the 9 images are of 1 groups by sequence, of which none can be set aside"):
        choose_held(make_dataset(tmp_path, [9]), "15%", "sequence", 0)


def test_images_of_unknown_sequence_follow_their_folder(tmp_path):
    listed = make_dataset(tmp_path, [4, 4])
    strays = make_dataset(tmp_path, [1, 1], band="")
    images = [*listed.images, *(image.__class__(**{**_fields(image), "id": f"{image.id}x"}) for image in strays.images)]
    dataset = TakenDataset("folder", tmp_path, images, {}, {}, "digest")
    held = choose_held(dataset, "50%", "sequence", 0)
    folders = {images[place].image.split("/")[0] for place in held}
    assert len(folders) == 1 and len(held) == 5


def _fields(image):
    return {name: getattr(image, name) for name in image.__dataclass_fields__}


def test_days_come_from_exif_and_files_without_are_refused(tmp_path):
    for name, day in (("0/0", "2024:05:31 10:00:00"), ("1/0", "2024:06:01 10:00:00")):
        path = tmp_path / f"{name}.jpg"
        path.parent.mkdir(exist_ok=True)
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = day
        Image.new("L", (8, 8)).save(path, exif=exif)
    images = [
        AnnotatedImage(
            id=f"{k}/0", source="folder", image=f"{k}/0.jpg", width=8, height=8, group="", band="lwir", polarity=""
        )
        for k in range(2)
    ]
    dataset = TakenDataset("folder", tmp_path, images, {}, {}, "digest")
    assert set(choose_held(dataset, "50%", "time", 0).values()) <= {"2024-05-31", "2024-06-01"}
    Image.new("L", (8, 8)).save(tmp_path / "1" / "0.jpg")
    with pytest.raises(UsageError, match=r"1 of 2 images state no day .*1/0\.jpg.*--group-by folder"):
        choose_held(dataset, "50%", "time", 0)


def test_held_images_are_in_their_own_file_and_in_nothing_else(sequences, tmp_path):
    run = tmp_path / "run"
    run_synthesis(configure(sequences, run))
    held = read_rows(run / "held_out.jsonl")
    assert list(held[0]) == ["id", "image", "photo", "group", "boxes", "captions"]
    assert len(held) == 2 and len({row["group"] for row in held}) == 1
    assert all((sequences / row["image"]).is_file() for row in held)
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["counts"]["images"] == 4 and manifest["dataset"]["held_out"]["images"] == 2
    assert manifest["config"]["group_by"] == "sequence" and "2 images of 1 groups" in (run / "README.md").read_text()
    call_here("agents", "export", run, "--format", "llava", "--out", tmp_path / "llava")
    for folder in (run, tmp_path / "llava"):
        for path in folder.rglob("*"):
            if path.is_file() and path.name not in OWN_FILES:
                assert not any(row["id"].encode() in path.read_bytes() for row in held), path
                assert not any(row["id"].rpartition("/")[2] in path.name for row in held), path


def test_neither_limit_nor_shard_moves_an_image_and_a_change_is_refused(sequences, tmp_path):
    whole = open_source(configure(sequences, tmp_path / "run")).list_held()
    assert open_source(configure(sequences, tmp_path / "run", limit=1)).list_held() == whole
    run_synthesis(configure(sequences, tmp_path / "run", limit=1))
    with pytest.raises(UsageError, match="hold_out: 33% -> 66%"):
        run_synthesis(configure(sequences, tmp_path / "run", hold_out="66%"))
    run_synthesis(configure(sequences, tmp_path / "run"))
    assert [row["id"] for row in read_rows(tmp_path / "run" / "held_out.jsonl")] == [row["id"] for row in whole]


def test_shards_of_a_sensor_run_merge_to_the_run_itself(sequences, tmp_path):
    first = run_sensor(tmp_path / "first", limit=1)
    frozen = {"rules": first / "rules.jsonl", "freeze": True}
    for number in (1, 2):
        run_synthesis(configure(sequences, tmp_path / f"part{number}", shard=f"{number}/2", **frozen))
    merge_runs([tmp_path / "part1", tmp_path / "part2"], tmp_path / "merged")
    run_synthesis(configure(sequences, tmp_path / "whole", **frozen))
    names = ("pairs", "instructions", "evidence", "held_out", "rules", "rejected")
    for name in (*(f"{name}.jsonl" for name in names), "manifest.json", "README.md", "report.html"):
        assert (tmp_path / "merged" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"hold_out": "15"}, "no share between 0% and 100%"),
        ({"hold_out": "100%"}, "no share between 0% and 100%"),
        ({"hold_out": None, "group_by": "folder"}, "give --hold-out P% too"),
        ({"sensor_images": None, "images": "photos", "captions": "c.json"}, "--sensor-images and --dataset"),
    ],
)
def test_flags_that_do_not_fit_are_refused(flags, words, sequences, tmp_path):
    settings = {"sensor_images": sequences, "out": tmp_path / "run", "hold_out": "15%"}
    with pytest.raises(ValueError, match=words):
        RunConfig(**settings | flags)


def test_the_console_says_what_was_set_aside(tmp_path):
    manifest = {"dataset": {"counts": {"names_in_captions_of_no_image": 2}, "held_out": {"images": 2, "groups": 1}}}
    (tmp_path / "rules.jsonl").write_text("")
    assert list(tell_notices(tmp_path, manifest)) == [
        "2 names in --captions are of no image here",
        f"2 images of 1 group set aside for tests: {tmp_path / 'held_out.jsonl'}",
    ]
