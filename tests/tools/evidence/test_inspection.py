"""`tools inspect`: spots and like parts, as numbers."""

import csv

import mini_datasets as mini
import numpy as np
from calling import call_here
from PIL import Image

COLD, WARM = 20.0, 60.0


def write_scan(folder):
    """Twenty degrees, with a warm square, a lukewarm one, and three parts of one kind, one of them warmer."""
    values = np.full((48, 64), COLD + 273.15)
    values[4:8, 10:14] += WARM - COLD
    values[40:46, 50:56] += 15
    for number, above in enumerate((2, 2, 8)):
        values[20:28, 10 + 14 * number : 18 + 14 * number] += above
    folder.mkdir()
    Image.fromarray(np.rint(values * 100).astype(np.uint16)).save(folder / "scan.tif")
    boxes = tuple((0, [10 + 14 * number, 20, 8, 8], 1) for number in range(3))
    mini.write_json(folder.parent / "boxes.json", mini.make_coco(("scan.tif",), boxes))


def test_spots_and_like_parts(tmp_path):
    folder, out = tmp_path / "scans", tmp_path / "out"
    write_scan(folder)
    Image.new("L", (30, 30)).save(folder / "plain.png")
    (folder / "b.is2").write_bytes(b"x")
    given = ("inspect", folder, "--out", out, "--unit", "centikelvin", "--instances", tmp_path / "boxes.json")
    done = call_here("tools", *given)
    assert done.returncode == 1
    assert "b.is2 is a Fluke" in done.stderr and "plain.png: a picture of 8 bits" in done.stderr
    assert "1 files with temperatures" in done.stdout and "2 not read" in done.stdout
    rows = list(csv.DictReader((out / "table.csv").open()))
    spots = [row for row in rows if row["what"].startswith("spot")]
    assert [float(row["celsius"]) for row in spots] == [WARM, 35.0, 28.0]
    assert [float(row["difference"]) for row in spots] == [40.0, 15.0, 8.0]
    assert 10 < float(spots[0]["x"]) < 14 and 4 < float(spots[0]["y"]) < 8
    parts = [float(row["difference"]) for row in rows if row not in spots]
    assert parts == [-3.0, -3.0, 6.0]
    assert (out / "scan.tif.png").is_file()


def test_an_empty_folder_is_missing(tmp_path):
    done = call_here("tools", "inspect", tmp_path / "nothing", "--out", tmp_path / "out")
    assert done.returncode == 3 and "no images or measurements there; name a folder that holds some" in done.stderr
