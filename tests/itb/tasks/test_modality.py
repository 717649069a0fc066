"""What kind of image it is: as many images made by the build as original ones."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from mini_frames import frame
from mini_tasks import as_items, find, group_blocks, make_composer, people, pick
from PIL import Image

from itb.benchmark.perturb import PERTURBATIONS
from itb.benchmark.pictures import make_picture
from itb.build.build import BuildSettings, build_bench
from itb.tasks import modality
from itb.tasks.modality import GREY, Inverted
from tools.errors import UsageError

DATA = Path("../shared/data")
FOLDERS = {"flir": "FLIR_ADAS_1_3", "llvip": "LLVIP"}
INVERTED = Inverted("inverted")


def test_modality_shows_as_many_made_images_as_original_ones():
    frames = [people(k, 2, photo=f"visible/{k}.jpg", group=f"scene-{k}") for k in range(40)]
    drafts = []
    for kind in ("band", "polarity"):
        composer = make_composer(modality)
        drafts += modality.compose([item for item in pick(find(modality, frames)) if item.kind == kind], composer)
    assert Counter(draft.answer for draft in drafts) == dict.fromkeys(
        ("infrared", "visible", "black-hot", "white-hot"), 20
    )
    for draft in drafts:
        assert (draft.picture is not None) == (draft.answer in ("visible", "black-hot"))
    for block in group_blocks(drafts).values():
        assert block[0].options == block[1].options and block[0].question == block[1].question
    black = [item for item in as_items(drafts) if item.answer == "black-hot"]
    assert {item.polarity for item in black} == {"black-hot"}
    assert black[0].image.startswith("images/inverted/llvip/data/")


def test_a_white_border_is_cut_off_before_anything_is_made(tmp_path):
    levels = np.full((120, 140), 255, np.uint8)
    levels[10:110, 20:120] = np.arange(100, dtype=np.uint8)[None, :]
    Image.fromarray(levels).save(tmp_path / "a.png")
    item = frame(0, image="a.png", width=100, height=100, crop_xyxy=(20, 10, 120, 110), photo="a.png")
    for picture in (INVERTED, GREY):
        make_picture(item, picture, tmp_path, tmp_path / "made" / "a.png")
        made = np.asarray(Image.open(tmp_path / "made" / "a.png"))
        assert made.shape == (100, 100)
        assert made[0, 30] == (225 if picture is INVERTED else 30)


def test_a_frame_without_a_visible_image_cannot_be_shown_in_grey(tmp_path):
    with pytest.raises(UsageError, match="has no visible image to be shown in grey"):
        make_picture(frame(0), GREY, tmp_path, tmp_path / "a.png")


def test_which_tone_stands_for_what_must_not_be_changed():
    spoilt = {name for name, kind in PERTURBATIONS.items() if kind.spoils(modality.NAME)}
    assert spoilt == {"polarity", "colour-iron", "colour-rainbow", "colour-arctic"}


@pytest.mark.skipif(not (DATA / "LLVIP").is_dir(), reason=f"needs {DATA}")
def test_inverted_and_grey_images_are_made_of_the_originals(tmp_path):
    bench, sources = tmp_path / "bench", {name: DATA / folder for name, folder in FOLDERS.items()}
    items = [item for item in build_bench(BuildSettings(sources, bench)).items if item.task == modality.NAME]
    assert {item.facts["shown"] for item in items} == {"infrared", "visible", "white-hot", "black-hot"}
    for item in items:
        made = np.asarray(Image.open(bench / item.image).convert("L"), dtype=int)
        if item.facts["shown"] == "black-hot":
            (file,) = (DATA / FOLDERS[item.source]).glob(
                item.image.partition(f"/{item.source}/")[2].rpartition(".")[0] + ".jp*g"
            )
            assert (made == 255 - np.asarray(Image.open(file).convert("L"), dtype=int)).all(), item.id
        assert item.answer == item.facts["shown"]
