"""VEDAI: two annotation formats."""

import mini_datasets as mini
import pytest
from mini_datasets import FIRST, spoil_file


def write_whole(root):
    for kind in ("ir", "co"):
        mini.write_image(root / f"Vehicules512/00000003_{kind}.png")
    mini.write_text(root / "Annotations512/annotation512.txt", "3 14 10 0.1 4 24 24 4 5 5 15 15 9 1 0\n")


def write_each(root):
    mini.write_image(root / "Vehicules1024/00000003_ir.png")
    mini.write_text(root / "Annotations1024/00000003.txt", "14 10 0.1 9 1 0 4 24 24 4 5 5 15 15\n")


LAYOUTS = [
    (write_whole, "512 pixels, annotation512.txt", "Vehicules512/00000003_co.png"),
    (write_each, "1024 pixels, a file an image", None),
]


@pytest.mark.parametrize(("write", "layout", "photo"), LAYOUTS)
def test_both_formats_are_read_as_they_are_written(write, layout, photo, tmp_path):
    mini.check_layout("vedai", write, tmp_path, layout, [("van", FIRST)], group="00000003", photo=photo)


def test_a_line_with_too_few_columns_is_counted(tmp_path):
    change = spoil_file(write_whole, "Annotations512/annotation512.txt", "3 14 10\n")
    mini.check_spoiled("vedai", change, tmp_path, "broken_line", 0)


def test_the_real_samples_are_read():
    mini.check_samples("vedai", "VEDAI", {"car"})
