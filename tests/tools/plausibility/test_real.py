"""Real infrared against its negatives and those of photographs, where ../shared/data is."""

from pathlib import Path

import pytest
from killing import ROOT
from PIL import ImageOps

from tools.images import load_rgb
from tools.plausibility.classifiers import load_coefficients
from tools.plausibility.features import measure_skews

DATA = ROOT.parent / "shared" / "data"
FOLDERS = {"LLVIP": ("infrared", "visible"), "RoadScene": ("cropinfrared", "crop_LR_visible"), "TNO": ("ir", "vi")}


def average(folder: Path, is_inverted: bool = False) -> float:
    """Mean log odds of twelve images."""
    paths = sorted(path for path in folder.rglob("*.*") if path.suffix in {".jpg", ".png"})
    judge = load_coefficients().classifiers["inverted"]
    images = (load_rgb(path).convert("L") for path in paths[:: max(1, len(paths) // 12)])
    odds = [judge.judge(measure_skews(ImageOps.invert(each) if is_inverted else each)[None])[0] for each in images]
    return float(sum(odds) / len(odds))


@pytest.mark.parametrize("source", FOLDERS)
def test_real_infrared_stands_above_negatives(source: str) -> None:
    infrared, visible = (DATA / source / name for name in FOLDERS[source])
    if not infrared.is_dir():
        pytest.skip(f"{infrared} is not there")
    threshold = load_coefficients().classifiers["inverted"].threshold
    assert threshold is not None
    assert average(infrared) > threshold > average(visible, is_inverted=True)
