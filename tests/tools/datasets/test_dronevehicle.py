"""DroneVehicle: polygons, misspelt names, a white border."""

import mini_datasets as mini
from mini_datasets import add_image

SIZE = (840, 712)


def write(root):
    mini.write_image(root / "val/valimgr/00012.jpg", SIZE)
    points = "".join(f"<{a}{k}>{v}</{a}{k}>" for a, vs in (("x", (110, 130, 130, 110)), ("y", (120, 120, 140, 140)))
                     for k, v in enumerate(vs, 1))  # fmt: skip
    polygon = f"<name>feright_car</name><polygon>{points}</polygon>"
    objects = (polygon, mini.make_object("truvk", 200, 200, 240, 230), mini.make_object("*", 300, 300, 340, 330))
    mini.write_text(root / "val/vallabelr/00012.xml", mini.make_voc(*objects, size=SIZE))


def test_the_layout_is_read_as_it_is_written(tmp_path):
    boxes = [("freight car", (10.0, 20.0, 30.0, 40.0)), ("truck", (100.0, 100.0, 140.0, 130.0))]
    others = {"group": "val-0", "split": "val", "crop_xyxy": (100, 100, 740, 612), "width": 640, "height": 512}
    mini.check_layout("dronevehicle", write, tmp_path, "DroneVehicle: val", boxes, **others)


def test_an_image_too_small_for_its_border_is_counted(tmp_path):
    change = add_image(write, "val/valimgr/00012.jpg", (640, 512))
    mini.check_spoiled("dronevehicle", change, tmp_path, "size_differs", 0)
