"""EPFL RGB-NIR Scene: the folder is the label."""

import mini_datasets as mini
from mini_datasets import add_image, drop_file


def write(root):
    for kind in ("nir", "rgb"):
        mini.write_image(root / f"nirscene1/forest/0001_{kind}.tiff")


def test_the_layout_is_read_as_it_is_written(tmp_path):
    others = {"group": "forest/0001", "labels": ("forest",), "photo": "nirscene1/forest/0001_rgb.tiff"}
    mini.check_layout("rgbnir", write, tmp_path, "1 categories", [], **others)


def test_a_folder_that_is_no_category_is_counted(tmp_path):
    change = add_image(write, "nirscene1/desert/0001_nir.tiff")
    mini.check_spoiled("rgbnir", change, tmp_path, "unknown_class", 1)


def test_a_visible_image_alone_is_counted(tmp_path):
    mini.write_image(tmp_path / "nirscene1/water/0002_nir.tiff")
    change = drop_file(write, "nirscene1/forest/0001_nir.tiff")
    mini.check_spoiled("rgbnir", change, tmp_path, "missing_image", 1)


def test_the_real_samples_are_read():
    mini.check_samples("rgbnir", "RGB-NIR_scene", set())
