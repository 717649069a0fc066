"""One bad row is one reject, in every form of annotation; a million boxes are refused in bounded memory."""

import json
import subprocess
import sys

import mini_datasets as mini
import pytest
from killing import ROOT
from PIL import Image

from tools.datasets.boxes import MAX_BOXES

MOST_MB = 500
MILLION = 10**6
ODD = [None, True, "", "x", [], [1], {}, {"a": 1}, -1, 0.5, 1e300, 10**30, "9" * 2000, float("nan"), float("inf")]
ODD_TEXTS = ["", "x", "nan", "inf", "-1e999", "9" * 5000, "1,2", "²", "0x10", "-0", "1e308"]
NAMES = ("data/video-A-frame-000012-x.jpg", "data/video-A-frame-000013-y.jpg")
FLIR = "images_thermal_val"
STEM = "1_080_30_0_0100"


def write_flir(root):
    for name in NAMES:
        mini.write_image(root / FLIR / name)
    made = mini.make_coco(NAMES, ((0, [4, 5, 20, 10], 2), (1, [4, 5, 20, 10], 1)), kinds=("person", "bike"))
    mini.write_json(root / FLIR / "coco.json", made)


def check_rest(name, root, kept):
    """The other image is there as it was, whatever became of the spoiled row."""
    images, rejects = mini.read(name, root)
    assert kept in {image.id for image in images}
    assert all(reject.where and reject.why and len(reject.why) + len(reject.where) <= 1000 for reject in rejects)
    return images, rejects


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize(
    ("part", "field"),
    [
        *(("images", field) for field in ("id", "file_name", "width", "height", None)),
        *(("annotations", field) for field in ("id", "image_id", "category_id", "bbox", "iscrowd", None)),
        *(("categories", field) for field in ("id", "name", None)),
    ],
)
def test_an_odd_field_of_coco_like_json_spoils_its_own_row(tmp_path, part, field, value):
    write_flir(tmp_path)

    def change(document):
        row = document[part][-1 if part == "categories" else 0]
        if field is None:
            document[part].insert(0, value)
        else:
            row[field] = value

    mini.change_json(tmp_path / FLIR / "coco.json", change)
    images, _ = check_rest("flir", tmp_path, f"{FLIR}/{NAMES[1].removesuffix('.jpg')}")
    kept = next(image for image in images if image.image.endswith(NAMES[1]))
    assert [box.name for box in kept.boxes] == ["person"]


def test_ids_as_text_and_float_and_sizes_as_text_are_read(tmp_path):
    write_flir(tmp_path)

    def change(document):
        document["images"][0] |= {"id": "10", "width": "64", "height": 48.0}
        document["annotations"][0] |= {"image_id": 10.0, "category_id": "2"}
        document["images"][1] |= {"file_name": NAMES[1].replace("/", "\\")}
        del document["images"][1]["width"]

    mini.change_json(tmp_path / FLIR / "coco.json", change)
    images, rejects = mini.read("flir", tmp_path)
    assert rejects == []
    assert [[box.name for box in image.boxes] for image in images] == [["bicycle"], ["person"]]


def test_numbers_beyond_any_type_spoil_their_row(tmp_path):
    write_flir(tmp_path)
    path = tmp_path / FLIR / "coco.json"
    path.write_text(path.read_text().replace("[4, 5, 20, 10]", "[4, 5, 1e999, 10]", 1))
    images, rejects = mini.read("flir", tmp_path)
    assert [len(image.boxes) for image in images] == [0, 1]
    assert [reject.code for reject in rejects] == ["broken_row"]


@pytest.mark.parametrize("text", ODD_TEXTS)
@pytest.mark.parametrize("tag", ["name", "xmin", "ymax", "difficult", "width", "height"])
def test_an_odd_text_of_voc_spoils_its_own_file(tmp_path, tag, text):
    for stem in ("190001", "190002"):
        for kind in ("infrared", "visible"):
            mini.write_image(tmp_path / kind / f"test/{stem}.jpg")
        xml = mini.make_voc(mini.make_object("person", 4, 5, 24, 15) + "<difficult>0</difficult>")
        if stem == "190001":
            start, end = xml.index(f"<{tag}>"), xml.index(f"</{tag}>")
            xml = f"{xml[:start]}<{tag}>{text}{xml[end:]}"
        mini.write_text(tmp_path / f"Annotations/{stem}.xml", xml)
    check_rest("llvip", tmp_path, "infrared/test/190002")


@pytest.mark.parametrize("text", ODD_TEXTS)
@pytest.mark.parametrize("tag", ["cx", "w", "angle"])
def test_an_odd_text_of_a_rotated_box_is_one_reject(tmp_path, tag, text):
    mini.write_image(tmp_path / f"rotate_xml/JPEGImages/{STEM}.jpg")
    values = {"cx": "14", "cy": "10", "w": "10", "h": "20", "angle": "1.5"} | {tag: text}
    odd = "<name>Car</name><robndbox>" + "".join(f"<{k}>{v}</{k}>" for k, v in values.items()) + "</robndbox>"
    xml = mini.make_voc(odd, mini.make_object("Car", 4, 5, 24, 15))
    mini.write_text(tmp_path / f"rotate_xml/Annotations/{STEM}.xml", xml)
    images, _ = check_rest("hituav", tmp_path, f"rotate_xml/JPEGImages/{STEM}")
    assert ("car", (4.0, 5.0, 24.0, 15.0)) in mini.show(images[0])


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_an_odd_column_is_one_reject(tmp_path, text):
    for tile in ("00000003", "00000004"):
        mini.write_image(tmp_path / f"vedai/Vehicules512/{tile}_ir.png")
    whole = "4 14 10 0.1 4 24 24 4 5 5 15 15 9 1 0\n"
    mini.write_text(tmp_path / "vedai/Annotations512/annotation512.txt", whole.replace(" 24", f" {text}", 1) + whole)
    images, _ = mini.read("vedai", tmp_path / "vedai")
    assert ("van", (4.0, 5.0, 24.0, 15.0)) in [box for image in images for box in mini.show(image)]
    for number in (1, 2):
        mini.write_image(tmp_path / f"lsotb/sequences/dog_H_001/img/000{number}.jpg")
    mini.write_text(tmp_path / "lsotb/sequences/dog_H_001/groundtruth_rect.txt", f"4,{text},20,10\n4,5,20,10\n")
    check_rest("lsotb", tmp_path / "lsotb", "sequences/dog_H_001/img/0002")


@pytest.mark.parametrize("raw", [json.dumps(value) for value in ODD] + ["1e999", "9" * 5000])
@pytest.mark.parametrize("field", ["image_filepath", "anomaly_class", None])
def test_an_odd_module_is_one_reject(tmp_path, field, raw):
    for number in (2, 10):
        mini.write_image(tmp_path / f"images/{number}.jpg", (24, 40))
    rows = {str(n): {"image_filepath": f"images/{n}.jpg", "anomaly_class": "Diode-Multi"} for n in (2, 10)}
    rows["2"] = "ODD" if field is None else rows["2"] | {field: "ODD"}
    mini.write_text(tmp_path / "module_metadata.json", json.dumps(rows).replace('"ODD"', raw))
    check_rest("solar", tmp_path, "images/10")


@pytest.mark.parametrize("raw", [json.dumps(value) for value in ODD])
@pytest.mark.parametrize("field", ["category_id", "bbox", "iscrowd"])
def test_an_odd_annotation_of_july_2018_is_one_reject(tmp_path, field, raw):
    for number in (108, 109):
        mini.write_image(tmp_path / f"training/PreviewData/FLIR_00{number}.jpeg")
        row = {"category_id": "18", "bbox": [4, 5, 20, 10]} | ({field: "ODD"} if number == 108 else {})
        text = json.dumps({"annotation": [row, None, 3]}).replace('"ODD"', raw)
        mini.write_text(tmp_path / f"training/Annotations/FLIR_00{number}.json", text)
    check_rest("flir", tmp_path, "training/PreviewData/FLIR_00109")


def test_boxes_turn_with_the_picture_and_a_wrong_size_is_a_reject(tmp_path):
    """The picture shows a white box; EXIF turns it, and the annotation was made on the pixels as stored."""
    names = tuple(f"data/video-A-frame-00001{turn}-x.png" for turn in range(1, 9))
    made = mini.make_coco(names, [(k, [4, 5, 20, 10], 1) for k in range(8)])
    mini.write_json(tmp_path / FLIR / "coco.json", made)
    for turn, name in enumerate(names, 1):
        exif = Image.Exif()
        exif[0x0112] = turn
        path = tmp_path / FLIR / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", mini.SIZE).save(path, exif=exif)
    images, rejects = mini.read("flir", tmp_path)
    width, height = mini.SIZE
    wanted = {5: (5, 4, 15, 24), 6: (height - 15, 4, height - 5, 24), 8: (5, width - 24, 15, width - 4)}
    wanted |= {7: (height - 15, width - 24, height - 5, width - 4)}
    assert {reject.code for reject in rejects} == {"orientation_unclear"} and len(rejects) == 3
    for image in images:
        turn = int(image.image[-7])
        assert (image.width, image.height) == (mini.SIZE if turn == 1 else mini.SIZE[::-1])
        assert image.boxes[0].box_xyxy == pytest.approx(wanted.get(turn, (4, 5, 24, 15)))
    mini.change_json(tmp_path / FLIR / "coco.json", lambda found: found["images"][5].update(width=32, height=24))
    assert "size_differs" in {reject.code for reject in mini.read("flir", tmp_path)[1]}


def test_more_boxes_than_the_limit_are_one_reject(tmp_path):
    mini.write_image(tmp_path / FLIR / NAMES[0])
    mini.write_image(tmp_path / FLIR / NAMES[1])
    boxes = [(0, [4, 5, 20, 10], 1)] * (MAX_BOXES + 1) + [(1, [4, 5, 20, 10], 1)]
    mini.write_json(tmp_path / FLIR / "coco.json", mini.make_coco(NAMES, boxes))
    images, rejects = mini.read("flir", tmp_path)
    assert len(images) == 1
    assert "too_many_boxes" in {reject.code for reject in rejects}


def write_million(path, form):
    """A file of a million boxes in one image, another image with one box."""
    row = '{{"id": {0}, "image_id": {1}, "category_id": 1, "bbox": [{2}, 5, 20, 10], "iscrowd": 0}}'
    images = [{"id": k, "file_name": name, "width": 64, "height": 48} for k, name in enumerate(NAMES)]
    if form == "coco":
        head = json.dumps({"images": images, "categories": [{"id": 1, "name": "person"}]})[:-1]
        with path.open("w") as file:
            file.write(head + ', "annotations": [')
            file.writelines(row.format(k, 0, k % 40) + ",\n" for k in range(MILLION))
            file.write(row.format(MILLION, 1, 4) + "]}")
    elif form == "voc":
        with path.open("w") as file:
            file.write("<annotation>")
            file.writelines(f"<object>{mini.make_object('person', 4, 5, 24, 15)}</object>" for _ in range(MILLION))
            file.write("</annotation>")
    else:
        with path.open("w") as file:
            file.writelines("3 14 10 0.1 4 24 24 4 5 5 15 15 9 1 0\n" for _ in range(MILLION))


READ = """
import sys
from pathlib import Path
from tools.datasets import AnnotatedImage, open_dataset
name, root = sys.argv[1:]
for entry in open_dataset(name, Path(root)).stream():
    print(entry.id if isinstance(entry, AnnotatedImage) else f"{entry.code}: {entry.why}")
"""
PEAK = """
import resource, sys
from pathlib import Path
status = Path("/proc/self/status")  # the rusage of a process begins with what its parent had taken
lines = status.read_text().splitlines() if status.exists() else []
peak = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
print((peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) // 1024, file=sys.stderr)
"""


def read_in_process(code, *arguments):
    command = [sys.executable, "-c", code + PEAK, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    return done.stdout, int(done.stderr.split()[-1])


@pytest.mark.parametrize("form", ["flir", "llvip", "vedai"])
def test_a_million_boxes_are_refused_in_bounded_memory(tmp_path, form):
    if form == "flir":
        for name in NAMES:
            mini.write_image(tmp_path / FLIR / name)
        write_million(tmp_path / FLIR / "coco.json", "coco")
    elif form == "llvip":
        mini.write_image(tmp_path / "infrared/test/190001.jpg")
        (tmp_path / "Annotations").mkdir()
        write_million(tmp_path / "Annotations/190001.xml", "voc")
    else:
        mini.write_image(tmp_path / "Vehicules512/00000003_ir.png")
        (tmp_path / "Annotations512").mkdir()
        write_million(tmp_path / "Annotations512/annotation512.txt", "vedai")
    said, most = read_in_process(READ, form, tmp_path)
    assert "too_many_boxes" in said or "annotation_too_long" in said
    assert most < MOST_MB
    if form == "flir":
        assert NAMES[1].removesuffix(".jpg") in said


def test_a_million_boxes_in_coco_are_refused_in_bounded_memory(tmp_path):
    write_million(tmp_path / "instances.json", "coco")
    images = [{"id": k, "file_name": name, "width": 64, "height": 48} for k, name in enumerate(NAMES)]
    captions = [{"id": k, "image_id": k, "caption": "A person."} for k in (0, 1)]
    mini.write_json(tmp_path / "captions.json", {"images": images, "annotations": captions})
    code = (
        "import sys; from pathlib import Path; from tools.datasets.coco import load_coco\n"
        "found = load_coco(*map(Path, sys.argv[1:]))\n"
        "print(found.reject(0), found.reject(1), len(found.photo(1).boxes))\n"
    )
    said, most = read_in_process(code, tmp_path / "captions.json", tmp_path / "instances.json")
    assert "too_many_boxes" in said and said.endswith("None 1\n")
    assert most < MOST_MB
