"""Rendered scenes as a dataset."""

import json
import shutil

import pytest

from tools.datasets import AnnotatedImage, DatasetReject, open_dataset
from tools.scenes import render_scenes


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    render_scenes(40, 5, folder, size=(192, 160), kinds=("road", "field", "shore", "indoor", "aerial"))
    return folder


def test_rendered_scenes_are_read_with_every_thing_but_the_backdrop(scenes):
    images = list(open_dataset("scenes", scenes).stream())
    assert len(images) == 40 and all(isinstance(image, AnnotatedImage) for image in images)
    for image in images:
        record = json.loads((scenes / f"scenes/{image.group}.json").read_text())
        own = [(thing["label"], tuple(map(float, thing["box"]))) for thing in record["objects"]]
        printed = sorted((box.name, box.box_xyxy) for box in image.boxes)
        assert printed == sorted(entry for entry in own if entry[0] not in ("building", "tree"))
        label = {"road": ("street",), "field": ("field",), "shore": ("water",), "indoor": ("indoor",), "aerial": ()}
        assert image.labels == label[record["kind"]]
        assert image.facts["view"] == ("aerial" if record["kind"] == "aerial" else "ground")


def test_a_rendered_scene_without_image_or_record_is_a_reject(scenes, tmp_path):
    folder = tmp_path / "scenes"
    shutil.copytree(scenes, folder)
    (folder / "thermal8/000001.png").unlink()
    (folder / "scenes/000002.json").write_text("{")
    rows = list(open_dataset("scenes", folder).stream())
    rejects = {row.where: row.code for row in rows if isinstance(row, DatasetReject)}
    assert rejects == {"000001": "missing_image", "000002": "broken_json"} and len(rows) == 40
