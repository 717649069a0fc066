"""Measures, registration, readers and verdicts of compare-translators."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from rich.console import Console

from tools.compare import compare_translators, print_report
from tools.compare.measures import contrast, correlation, ssim
from tools.compare.pairs import find_pairs, read_half
from tools.compare.registration import RELIABLE, placement_map, register_crop
from tools.compare.report import ContrastReport, TranslatorReport, judge_prior
from tools.errors import MissingError, UsageError
from tools.images import save_png
from tools.registry import TRANSLATORS, Entry

SHARED = Path(__file__).resolve().parents[3].parent / "shared"


def texture(width, height, seed=0, grain=4):
    """Smooth random blobs, mode L."""
    noise = np.random.default_rng(seed).integers(0, 255, (height // grain + 1, width // grain + 1), dtype=np.uint8)
    return Image.fromarray(noise, "L").resize((width, height), Image.Resampling.BICUBIC)


def as_grey(image):
    return np.asarray(image, dtype=np.float64)


def test_ssim_equals_scikit_image():
    metrics = pytest.importorskip("skimage.metrics")
    one, other = as_grey(texture(90, 60)), as_grey(texture(90, 60, seed=1))
    for a, b in ((one, other), (one, one), (one, 255 - one), (one, one * 0.5 + 20)):
        expected = metrics.structural_similarity(a, b, win_size=11, data_range=255)
        full = metrics.structural_similarity(a, b, win_size=11, data_range=255, full=True)[1]
        assert expected == pytest.approx(full[5:-5, 5:-5].mean())
        assert ssim(a, b) == pytest.approx(expected, abs=1e-9)


def test_correlation_against_numpy_and_when_flat():
    one, other = as_grey(texture(40, 30)), as_grey(texture(40, 30, seed=1))
    assert correlation(one, other) == pytest.approx(np.corrcoef(one.ravel(), other.ravel())[0, 1])
    assert correlation(one, 255 - one) == pytest.approx(-1)
    assert correlation(one, np.zeros_like(one)) == 0


def test_contrast_by_hand():
    image = np.full((100, 100), 50.0)
    image[40:60, 40:60] = 150
    assert contrast(image, (0.4, 0.4, 0.6, 0.6)) == pytest.approx(100 / image.std())
    assert contrast(255 - image, (0.4, 0.4, 0.6, 0.6)) == pytest.approx(-100 / image.std())
    neighbour = (0.6, 0.4, 0.7, 0.6)
    image[40:60, 60:70] = 250
    assert contrast(image, (0.4, 0.4, 0.6, 0.6), (neighbour,)) == pytest.approx(100 / image.std())
    assert contrast(image, (0.4, 0.4, 0.43, 0.6)) is None
    assert contrast(image, (0.0, 0.0, 1.0, 1.0)) is None
    assert contrast(np.zeros((50, 50)), (0.4, 0.4, 0.6, 0.6)) is None


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from([(0.88, 0.79), (1.2, 1.22), (1.0, 1.0)]), st.integers(0, 40), st.integers(0, 30), st.integers(0, 9)
)
def test_a_crop_is_found_in_its_frame(stretch, left, top, seed):
    frame = texture(320, 256, seed, grain=9)
    stretched = frame.resize((round(320 * stretch[0]), round(256 * stretch[1])), Image.Resampling.BICUBIC)
    cut = stretched.crop((left, top, left + 220, top + 150))
    placement = register_crop(frame, cut)
    assert placement.score > 0.8
    mapping = placement_map(placement, frame.size, cut.size)
    box = (
        left / stretched.width,
        top / stretched.height,
        (left + 220) / stretched.width,
        (top + 150) / stretched.height,
    )
    found_within = (2 + 0.01 * 256) / 150  # two pixels, and the last step of the stretch over the whole frame
    assert mapping.forward(box) == pytest.approx((0, 0, 1, 1), abs=found_within)


def test_a_foreign_crop_is_not_reliable():
    assert register_crop(texture(320, 256, 1, 9), texture(220, 150, 2, 9)).score < RELIABLE


def test_halves_go_by_hundreds_of_roadscene_only():
    assert [read_half("RoadScene", name) for name in ("FLIR_00006", "FLIR_00122", "FLIR_video_00211")] == [
        "tuning",
        "held-out",
        "tuning",
    ]
    assert read_half("LLVIP", "010001") == "held-out"


def write_llvip(root, count=3, annotated=2):
    """Pairs in LLVIP's layout: a person that is hot in infrared and dark in the photograph."""
    for number in range(1, count + 1):
        name = f"0100{number:02d}"
        visible, infrared = (texture(120, 90, number).convert(mode) for mode in ("RGB", "L"))
        infrared = infrared.point(lambda level: level // 4)
        visible.paste((10, 10, 10), (50, 30, 70, 80))
        infrared.paste(250, (50, 30, 70, 80))
        for kind, image in (("visible", visible), ("infrared", infrared)):
            folder = root / "LLVIP" / kind / "train"
            folder.mkdir(parents=True, exist_ok=True)
            save_png(image, folder / f"{name}.png")
        if number <= annotated:
            (root / "LLVIP/Annotations").mkdir(exist_ok=True)
            (root / f"LLVIP/Annotations/{name}.xml").write_text(
                "<annotation><size><width>120</width><height>90</height></size><object><name>person</name><bndbox>"
                "<xmin>50</xmin><ymin>30</ymin><xmax>70</xmax><ymax>80</ymax></bndbox></object></annotation>"
            )
    return root


def test_llvip_layout_is_read_and_gaps_are_noted(tmp_path):
    pairs = list(find_pairs(write_llvip(tmp_path)))
    assert [pair.name for pair in pairs] == ["010001", "010002", "010003"]
    assert pairs[0].boxes[0].box_xyxy_norm == (50 / 120, 30 / 90, 70 / 120, 80 / 90)
    assert (pairs[2].boxes, pairs[2].note) == ((), "no annotation")
    assert len(list(find_pairs(tmp_path, limit=1))) == 1
    assert list(find_pairs(tmp_path, half="tuning")) == []


def test_a_pair_without_its_photo_is_left_out(tmp_path):
    write_llvip(tmp_path)
    (tmp_path / "LLVIP/visible/train/010002.png").unlink()
    assert [pair.name for pair in find_pairs(tmp_path)] == ["010001", "010003"]


def test_report_measures_judges_and_names_what_is_missing(tmp_path):
    report = compare_translators(write_llvip(tmp_path))
    by_name = {row.translator: row for row in report.rows}
    assert set(by_name) == {entry.name for entry in TRANSLATORS.entries() if entry.traits.get("is_embedded")}
    assert by_name["prior"].pairs == 3
    assert by_name["prior"].contrasts["person"].boxes == 2
    assert by_name["prior"].contrasts["person"].sign_agreement == 1
    assert by_name["gray"].contrasts["person"].sign_agreement == 0
    assert "LLVIP: 1 pairs without boxes (no annotation)" in report.missing
    assert "RoadScene is not under the data folder" in report.missing
    assert {judgement.measure for judgement in report.judgements} == {
        "SSIM",
        "correlation",
        "person contrast error",
        "person contrast sign",
    }
    assert json.loads(report.model_dump_json())["half"] == "held-out"


def make_row(name, error, sign, similarity):
    person = ContrastReport(boxes=4, real=1, translated=1, error=error, sign_agreement=sign)
    return TranslatorReport(
        dataset="LLVIP",
        translator=name,
        pairs=2,
        ssim=similarity,
        correlation=0.1,
        contrasts={"person": person},
        milliseconds=1,
    )


def test_a_defeat_is_said_per_measure(tmp_path, monkeypatch):
    other = Entry("mean", "a second control", None, traits={"kind": "control"})
    monkeypatch.setitem(TRANSLATORS._entries, "mean", other)
    rows = (make_row("prior", 0.5, 0.9, 0.2), make_row("gray", 0.4, 0.5, 0.3), make_row("mean", 0.9, 0.6, 0.1))
    verdict = {judgement.measure: judgement for judgement in judge_prior(rows)}
    assert not verdict["SSIM"].is_better
    assert not verdict["correlation"].is_better  # a tie is no victory
    assert not verdict["person contrast error"].is_better
    assert verdict["person contrast error"].control_name == "gray"
    assert verdict["person contrast sign"].is_better
    assert verdict["person contrast sign"].control == 0.6
    report = compare_translators(write_llvip(tmp_path), ["prior", "gray"])
    report = report.model_copy(update={"judgements": judge_prior(rows)})
    console = Console(file=io.StringIO(), width=200)
    print_report(report, console)
    text = console.file.getvalue()
    assert "LLVIP: prior DOES NOT BEAT the controls on SSIM: 0.200 against 0.300 (gray)" in text
    assert "LLVIP: prior beats the controls on person contrast sign: 0.900 against 0.600 (mean)" in text
    assert re.search(r"LLVIP\s+│ prior\s+│\s+3 │", text)
    assert "no boxes" in text


def test_errors_say_what_to_do(tmp_path):
    with pytest.raises(MissingError, match=r"holds none of RoadScene/cropinfrared"):
        compare_translators(tmp_path)
    with pytest.raises(UsageError, match="makes no images"):
        compare_translators(tmp_path, ["none"])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("</annotation>", "", "010002.xml: not a Pascal VOC annotation"),
        (">50</xmin>", ">nan</xmin>", "010002.xml: not a Pascal VOC annotation"),
        (">120</width>", ">121</width>", "annotation and image: size_differs"),
    ],
)
def test_a_broken_annotation_is_named_and_stops_nothing(tmp_path, old, new, words):
    write_llvip(tmp_path)
    path = tmp_path / "LLVIP/Annotations/010002.xml"
    path.write_text(path.read_text().replace(old, new))
    report = compare_translators(tmp_path, ["gray"])
    assert any(words in line for line in report.missing)


def test_a_damaged_image_is_left_out_and_counted(tmp_path):
    write_llvip(tmp_path)
    (tmp_path / "LLVIP/visible/train/010001.png").write_bytes(b"no image")
    report = compare_translators(tmp_path, ["gray"])
    assert "LLVIP: 1 pairs left out (not_an_image)" in report.missing
    (row,) = report.rows
    assert row.pairs == 2


def test_prior_beats_the_controls_on_real_persons(tmp_path):
    source = SHARED / "data/LLVIP"
    if not (source / "Annotations").is_dir():
        pytest.skip(f"{source} is missing")
    (tmp_path / "LLVIP").mkdir()
    (tmp_path / "LLVIP/Annotations").symlink_to(source / "Annotations")
    for kind in ("visible", "infrared"):
        (tmp_path / "LLVIP" / kind).symlink_to(source / kind / "train")
    judgements = compare_translators(tmp_path, limit=2).judgements
    persons = [judgement for judgement in judgements if judgement.measure.startswith("person")]
    assert len(persons) == 2
    assert all(judgement.is_better for judgement in persons)


def test_roadscene_boxes_come_from_flir_frames():
    data = SHARED / "data"
    if not (data / "FLIR_ADAS_1_3/train").is_dir():
        pytest.skip(f"{data}/FLIR_ADAS_1_3 is missing")
    pair = next(find_pairs(data, half="tuning", limit=1))
    assert pair.name == "FLIR_00006"
    largest = max(pair.boxes, key=lambda box: box.box_xyxy_norm[2] - box.box_xyxy_norm[0])
    assert largest.label == "car"
    assert largest.box_xyxy_norm == pytest.approx((0.6, 0.4, 1.0, 0.9), abs=0.06)  # the van in the picture, by eye
