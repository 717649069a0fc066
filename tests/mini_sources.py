"""The datasets' own layouts, with one or two drawn images each: what the readers of `itb.sources` are pointed at."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (64, 48)
DRONE_SIZE = (840, 712)


def write_image(path, size=SIZE, mode="L"):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.arange(size[0] * size[1]).reshape(size[1], size[0])
    kind = {"L": np.uint8, "I;16": np.uint16}[mode]
    Image.fromarray((pixels * 37 % 251).astype(kind)).save(path)


def write_text(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_json(path, value):
    write_text(path, json.dumps(value))


def make_coco(names=("a.jpg",), boxes=((0, [4, 5, 20, 10], 1),), folder="", **keys):
    """`boxes`: place of the image, x y width height, category."""
    name_key, boxes_key = keys.get("name_key", "file_name"), keys.get("boxes_key", "annotations")
    images = [
        {"id": 10 + k, name_key: f"{folder}{n}", "width": SIZE[0], "height": SIZE[1]} for k, n in enumerate(names)
    ]
    rows = [{"id": k, "image_id": 10 + i, "bbox": b, "category_id": c} for k, (i, b, c) in enumerate(boxes)]
    kinds = [{"id": k, "name": name} for k, name in enumerate(keys.get("kinds", ("person", "car")), 1)]
    return {"images": images, boxes_key: rows, "categories": kinds}


def make_voc(*objects, size=SIZE):
    """`objects`: the inner XML of each."""
    inner = "".join(f"<object>{each}</object>" for each in objects)
    return f"<annotation><size><width>{size[0]}</width><height>{size[1]}</height></size>{inner}</annotation>"


def make_object(name, *corners):
    tags = zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)
    return f"<name>{name}</name><bndbox>{''.join(f'<{tag}>{value}</{tag}>' for tag, value in tags)}</bndbox>"


def write_flir_13(root):
    write_image(root / "train/thermal_8_bit/FLIR_00007.jpeg")
    names = ("thermal_8_bit/FLIR_00007.jpeg",)
    write_json(
        root / "train/thermal_annotations.json", make_coco(names, ((0, [4, 5, 20, 10], 1), (0, [30, 8, 9, 9], 2)))
    )


def write_flir_v2(root):
    name = "data/video-Abc123-frame-000012-xyz.jpg"
    write_image(root / "images_thermal_val" / name)
    kinds = ("person", "bike", "motor")
    write_json(root / "images_thermal_val/coco.json", make_coco((name,), ((0, [4, 5, 20, 10], 2),), kinds=kinds))


def write_flir_july(root):
    write_image(root / "training/PreviewData/FLIR_00108.jpeg")
    rows = [{"category_id": "18", "bbox": [4, 5, 20, 10]}, {"category_id": "3", "bbox": [30, 8, 9, 9]}]
    write_json(root / "training/Annotations/FLIR_00108.json", {"annotation": rows})


def write_llvip(root):
    for kind in ("infrared", "visible"):
        write_image(root / kind / "test/190001.jpg")
    write_text(root / "Annotations/190001.xml", make_voc(make_object("person", 4, 5, 24, 15)))


def write_vedai_whole(root):
    for kind in ("ir", "co"):
        write_image(root / f"Vehicules512/00000003_{kind}.png")
    write_text(root / "Annotations512/annotation512.txt", "3 14 10 0.1 4 24 24 4 5 5 15 15 9 1 0\n")


def write_vedai_each(root):
    write_image(root / "Vehicules1024/00000003_ir.png")
    write_text(root / "Annotations1024/00000003.txt", "14 10 0.1 9 1 0 4 24 24 4 5 5 15 15\n")


def write_dronevehicle(root):
    write_image(root / "val/valimgr/00012.jpg", DRONE_SIZE)
    points = "".join(f"<{a}{k}>{v}</{a}{k}>" for a, vs in (("x", (110, 130, 130, 110)), ("y", (120, 120, 140, 140)))
                     for k, v in enumerate(vs, 1))  # fmt: skip
    polygon = f"<name>feright_car</name><polygon>{points}</polygon>"
    objects = (polygon, make_object("truvk", 200, 200, 240, 230), make_object("*", 300, 300, 340, 330))
    write_text(root / "val/vallabelr/00012.xml", make_voc(*objects, size=DRONE_SIZE))


def write_lsotb_evaluation(root):
    for number in (1, 2):
        write_image(root / f"sequences/dog_H_001/img/000{number}.jpg")
    write_text(root / "sequences/dog_H_001/groundtruth_rect.txt", "4,5,20,10\n5\t6 20,10\n")


def write_lsotb_training(root):
    write_image(root / "TrainingData/TIR_training_001/cat_002/0001.jpg")
    path = root / "Annotations/TIR_training_001/cat_002/0001.xml"
    write_text(path, make_voc(make_object("cat", 4, 5, 24, 15)))


def write_rgbnir(root):
    for kind in ("nir", "rgb"):
        write_image(root / f"nirscene1/forest/0001_{kind}.tiff")


def write_hituav_xml(root):
    write_image(root / "normal_xml/JPEGImages/1_080_30_0_01234.jpg")
    objects = (make_object("Car", 4, 5, 24, 15), make_object("DontCare", 30, 8, 39, 17))
    write_text(root / "normal_xml/Annotations/1_080_30_0_01234.xml", make_voc(*objects))


def write_hituav_json(root):
    write_image(root / "normal_json/train/1_080_30_0_01234.jpg")
    keys = {"name_key": "filename", "boxes_key": "annotation", "kinds": ("Person", "Car")}
    found = make_coco(("1_080_30_0_01234.jpg",), ((0, [4, 5, 20, 10], 2),), **keys)
    write_json(root / "normal_json/annotations/train.json", found)


def write_hituav_rotated(root):
    write_image(root / "rotate_xml/JPEGImages/1_080_30_0_01234.jpg")
    box = "<cx>14</cx><cy>10</cy><w>10</w><h>20</h><angle>1.5707963267948966</angle>"
    text = make_voc(f"<name>Car</name><robndbox>{box}</robndbox>")
    write_text(root / "rotate_xml/Annotations/1_080_30_0_01234.xml", text)


def write_solar(root):
    rows = {}
    for number, kind in ((2, "Diode-Multi"), (10, "No-Anomaly")):
        write_image(root / f"images/{number}.jpg", (24, 40))
        rows[str(number)] = {"image_filepath": f"images/{number}.jpg", "anomaly_class": kind}
    write_json(root / "module_metadata.json", rows)


def change_json(path, change):
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    change(found)
    write_json(path, found)
