"""The command on rendered scenes, their negatives, their gray photographs, and a run."""

import json
import re
from pathlib import Path

import pytest
from calling import Called, call_here
from PIL import Image, ImageOps

from tools.scenes import render_scenes

COUNT = 24


def call(*arguments: object) -> Called:
    return call_here("tools", "plausibility", *arguments)


def copy(source: Path, out: Path, change=lambda image: image, ending: str = "") -> Path:
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.rglob("*.*")):
        change(Image.open(path).convert("L")).save(out / f"{path.stem}{ending or path.suffix}", quality=95)
    return out


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Streets and yards as the sensor sees them in `thermal8`, photographs of equal names in `visible`."""
    root = tmp_path_factory.mktemp("plausibility") / "made"
    render_scenes(COUNT, 1, root, size=(320, 256), kinds=("street", "yard"))
    copy(root / "thermal8", root.parent / "inverted", ImageOps.invert)
    copy(root / "visible", root.parent / "gray", ending=".png")
    for name in ("thermal8", "visible"):
        (root / name).rename(root.parent / name)
    return root.parent


@pytest.fixture(scope="module")
def instances(scenes: Path) -> Path:
    """The scenes' own boxes, under the names of the sensor's images."""
    made = json.loads(next((scenes / "made/annotations").glob("instances*.json")).read_text(encoding="utf-8"))
    for image in made["images"]:
        image["file_name"] = f"{Path(image['file_name']).stem}.png"
    path = scenes / "boxes.json"
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


def test_rendered_scenes_are_plausible_and_their_persons_bright(scenes: Path, instances: Path, tmp_path: Path) -> None:
    ended = call(scenes / "thermal8", "--instances", instances, "--photographs", scenes / "visible", "--out", tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "plausible" in ended.stdout and "gray photographs" in ended.stdout and "aerial" in ended.stdout
    folder = json.loads((tmp_path / "plausibility.json").read_text(encoding="utf-8"))["folders"][0]
    assert folder["measured"] == COUNT and folder["has_verdict"] and not folder["alarms"]
    assert folder["persons"]["white_hot"] >= 0.7, "some of the scenes have hot ground"
    assert folder["correlation"]["images"] == COUNT and folder["correlation"]["strength"] < 0.9


def test_negatives_are_an_alarm_and_black_hot_is_told(scenes: Path, instances: Path) -> None:
    ended = call(scenes / "inverted", "--instances", instances)
    assert ended.returncode == 1 and "ALARM" in ended.stdout
    assert "persons are darker than their surroundings" in ended.stdout
    assert call(scenes / "inverted", "--instances", instances, "--polarity", "black-hot").returncode == 0


def test_gray_photographs_pass_unless_the_photographs_are_given(scenes: Path) -> None:
    ended = call(scenes / "gray", "--photographs", scenes / "visible")
    assert ended.returncode == 1 and "the images are the luminance of their photographs" in ended.stdout
    negatives = copy(scenes / "gray", scenes / "gray_inverted", ImageOps.invert)
    assert "the negative of their photographs" in call(negatives, "--photographs", scenes / "visible").stdout


def test_a_small_folder_has_figures_and_no_verdict(scenes: Path, tmp_path: Path) -> None:
    for path in sorted((scenes / "inverted").iterdir())[:19]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    ended = call(tmp_path)
    assert ended.returncode == 0 and "no verdict: 19 images could be judged" in ended.stdout


def test_the_page_shows_the_worst_and_asks_the_network_for_nothing(scenes: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    call(scenes / "thermal8", scenes / "inverted", "--out", out, "--limit", 20)
    page = (out / "report.html").read_text(encoding="utf-8")
    figures = json.loads((out / "plausibility.json").read_text(encoding="utf-8"))
    assert page.count('<img src="data:image/jpeg;base64,') == 24 and not re.search(r"(src|href)=\"http", page)
    assert "What this cannot see" in page and "20 of 24 images were drawn" in page
    for folder in figures["folders"]:
        odds = [image["log_odds"]["inverted"] for image in folder["images"]]
        assert odds == sorted(odds) and len(odds) == 20
        assert folder["log_odds"]["inverted"] == pytest.approx(sum(odds) / 20)
    assert call(scenes / "thermal8", "--out", out).returncode == 0, "its own folder is written again"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("mine")
    assert call(scenes / "thermal8", "--out", tmp_path / "mine").returncode == 2


def test_a_run_brings_its_photographs_and_boxes(scenes: Path, tmp_path: Path) -> None:
    instances = next((scenes / "made/annotations").glob("instances*.json"))
    run, rows = tmp_path / "run", []
    for path in sorted((scenes / "gray").iterdir()):
        (run / "images/0a").mkdir(parents=True, exist_ok=True)
        (run / f"images/0a/{path.name}").write_bytes(path.read_bytes())
        rows.append({"image": f"images/0a/{path.name}", "photo": f"{path.stem}.jpg"})
    (run / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = {"instances": str(instances), "images": "photos"}
    manifest = {"photo_root": str(scenes / "visible"), "config": config}
    (run / "manifest.json").write_text(json.dumps(manifest))
    ended = call(run)
    assert ended.returncode == 1 and "the luminance of their photographs" in ended.stdout
    assert "no boxes" not in ended.stdout
    manifest["config"] = {"sensor_images": "photos"}
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert "no photographs" in call(run).stdout, "in a run of sensor images the photograph is the image itself"
    manifest |= {"config": {}, "source": {"dataset": "folder"}}
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert "no photographs" in call(run).stdout, "so are a run's own manifests of sensor images"
    manifest["dataset"] = {"instances": "boxes.json"}
    (run / "manifest.json").write_text(json.dumps(manifest))
    said = call(run).stdout
    assert "was made with boxes.json and keeps only its name; --instances FILE" in said and "had none" not in said


def test_colour_photographs_are_named_and_a_folder_that_is_mostly_of_them_is_doubtful(
    scenes: Path, tmp_path: Path
) -> None:
    copy(scenes / "thermal8", tmp_path / "mixed")
    for path in sorted((scenes / "thermal8").iterdir()):
        gray = Image.open(path).convert("L")
        bands = (gray, gray.point(lambda level: level // 2), ImageOps.invert(gray).rotate(180))
        Image.merge("RGB", bands).save(tmp_path / f"mixed/photo_{path.stem}.png")
    (tmp_path / "mixed/photo_more.png").write_bytes(b"no picture")
    ended = call(tmp_path / "mixed", "--out", tmp_path / "out")
    assert ended.returncode == 0 and "doubtful" in ended.stdout and "plausible " not in ended.stdout
    assert (
        f"{COUNT + 1} of {2 * COUNT + 1} images could not be judged, {COUNT} of them colour photographs" in ended.stdout
    )
    assert "is a colour photograph" in ended.stdout and "false colour" not in ended.stdout
    assert "doubtful" in (tmp_path / "out/report.html").read_text(encoding="utf-8")


def test_what_cannot_be_read_is_said(scenes: Path, instances: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = call(tmp_path / "empty")
    assert ended.returncode == 3 and "holds no image" in ended.stderr
    assert call(tmp_path / "nowhere").returncode == 3
    (tmp_path / "empty/broken.png").write_bytes(b"no picture")
    assert "none of 1 images could be judged" in call(tmp_path / "empty").stderr
    ended = call(copy(scenes / "thermal8", tmp_path / "some", ending=".bmp"), "--instances", instances)
    assert ended.returncode == 2 and "names no image" in ended.stderr
    (tmp_path / "some/broken.png").write_bytes(b"no picture")
    ended = call(tmp_path / "some")
    assert ended.returncode == 0 and "1 images could not be judged" in ended.stdout
