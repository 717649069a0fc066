"""How well four skews tell infrared images from impostors: python tests/benchmarks/plausibility.py --unseen

Needs ../shared/data (or --data) with the registered pairs of LLVIP, MSRS, RoadScene and TNO in their original layouts,
and scikit-learn. Each source is judged by classifiers and thresholds that were fitted on the other three. Images that
no fit ever saw (FLIR, HIT-UAV, PTB-TIR, COCO; but RoadScene is cut from FLIR frames) are judged by the numbers fitted
on all four sources, which `--write` makes those that ship.
"""

import argparse
import datetime
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from PIL import Image  # noqa: E402

from tools.compare.calibrate import measure_auc  # noqa: E402
from tools.files import write_text  # noqa: E402
from tools.images import load_rgb  # noqa: E402
from tools.plausibility.classifiers import COEFFICIENTS, Classifier, Coefficients, Provenance  # noqa: E402
from tools.plausibility.features import FEATURES, VERSION, Plane, measure_skews  # noqa: E402
from tools.plausibility.verdict import LEAST_IMAGES  # noqa: E402
from tools.translation.prior import PriorTranslator  # noqa: E402
from tools.translation.protocol import TranslateRequest  # noqa: E402

COMMAND = "python tests/benchmarks/plausibility.py --write"
SOURCES = {
    "LLVIP": ("visible", "infrared"),
    "MSRS": ("vi", "ir"),
    "RoadScene": ("crop_LR_visible", "cropinfrared"),
    "TNO": ("vi", "ir"),
}
UNSEEN = {
    "FLIR": "FLIR_ADAS_1_3/*/thermal_8_bit/*.jpeg",
    "HIT-UAV (aerial)": "HIT-UAV/**/JPEGImages/*.jpg",
    "PTB-TIR (one sequence)": "LSOTB-TIR/**/*.jpg",
}
OPPONENTS = ("inverted", "prior", "gray")
JUDGES = ("inverted", "prior")
"""These have a threshold. The alarm is that of `inverted` alone; that of `prior` is a note beside it."""
DRAWS = 2000
STRENGTH = 0.1

Skews = Mapping[str, Mapping[str, Plane]]


def read_image(path: Path) -> Image.Image:
    return load_rgb(path).convert("L")


def translate(photo: Path) -> Image.Image:
    return PriorTranslator(0).translate([TranslateRequest(photo, (), photo.stem)])[0]


def stack(images: Iterator[Image.Image]) -> Plane:
    return np.array([measure_skews(image) for image in images]).reshape(-1, len(FEATURES))


def measure_photographs(photos: list[Path]) -> dict[str, Plane]:
    gray = stack(map(read_image, photos))
    return {"inverted": -gray, "prior": stack(map(translate, photos)), "gray": gray}


def measure_source(data: Path, source: str) -> dict[str, Plane]:
    visible, infrared = (data / source / name for name in SOURCES[source])
    pairs = [(visible / path.relative_to(infrared), path) for path in sorted(infrared.rglob("*.*"))]
    pairs = [(photo, path) for photo, path in pairs if photo.is_file()]
    real = stack(read_image(path) for _, path in pairs)
    return {"real": real, "real, inverted": -real, **measure_photographs([photo for photo, _ in pairs])}


def fit(skews: Skews, sources: list[str], opponent: str) -> Classifier:
    """Logistic regression on standardised skews, its numbers turned back to plain skews; no threshold yet."""
    from sklearn.linear_model import LogisticRegression

    real, other = (np.vstack([skews[source][kind] for source in sources]) for kind in ("real", opponent))
    rows = np.vstack([real, other])
    middle, spread = rows.mean(0), rows.std(0)
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    model.fit((rows - middle) / spread, np.r_[np.ones(len(real)), np.zeros(len(other))])
    weights = model.coef_[0] / spread
    return Classifier(
        weights={name: round(float(weight), 6) for name, weight in zip(FEATURES, weights, strict=True)},
        intercept=round(float(model.intercept_[0] - weights @ middle), 6),
        threshold=None,
    )


def draw_folders(scores: Plane, count: int = LEAST_IMAGES) -> Plane:
    """Means of random folders of 20, with replacement, as two sources hold fewer than 20 images."""
    draws = np.random.default_rng(0).integers(0, len(scores), (DRAWS, count))
    return np.asarray(scores[draws].mean(1))


def fit_with_threshold(skews: Skews, sources: list[str], opponent: str) -> Classifier:
    """The threshold lies midway between the worst real and the worst opponent's folders, each of these sources left out
    in turn: the lowest 5 % quantile of the one, the highest 95 % quantile of the other.
    """
    real, other = [], []
    for left_out in sources:
        inner = fit(skews, [source for source in sources if source != left_out], opponent)
        real.append(np.quantile(draw_folders(inner.judge(skews[left_out]["real"])), 0.05))
        other.append(np.quantile(draw_folders(inner.judge(skews[left_out][opponent])), 0.95))
    threshold = round(float(min(real) + max(other)) / 2, 6)
    return fit(skews, sources, opponent).model_copy(update={"threshold": threshold})


def flag(judges: Mapping[str, Classifier], skews: Plane) -> dict[str, float]:
    """Shares of folders of 20 below the threshold: of `inverted`, which is the alarm; of `prior`; of either."""
    draws = np.random.default_rng(0).integers(0, len(skews), (DRAWS, LEAST_IMAGES))
    below = {name: each.judge(skews)[draws].mean(1) < (each.threshold or 0.0) for name, each in judges.items()}
    found = {name: float(hits.mean()) for name, hits in below.items()}
    return {**found, "either": float(np.any(list(below.values()), axis=0).mean())}


def judge_left_out(skews: Skews) -> None:
    print("| left out | pairs | AUC inverted | AUC prior | AUC gray |\n| --- | --- | --- | --- | --- |")
    found = []
    judged = {}
    for source, kinds in skews.items():
        rest = [other for other in skews if other != source]
        row = []
        for opponent in OPPONENTS:
            made = fit(skews, rest, opponent)
            row.append(measure_auc(made.judge(kinds["real"]), made.judge(kinds[opponent])))
        judged[source] = {name: fit_with_threshold(skews, rest, name) for name in JUDGES}
        found.append(row)
        print(f"| {source} | {len(kinds['real'])} | " + " | ".join(f"{value:.2f}" for value in row) + " |")
    print("| mean | | " + " | ".join(f"{value:.3f}" for value in np.mean(found, 0)) + " |\n")
    print_flags(
        [(f"{source}, {kind}", judged[source], rows) for source in skews for kind, rows in skews[source].items()]
    )


def print_flags(rows: list[tuple[str, Mapping[str, Classifier], Plane]]) -> None:
    print("Folders of 20 flagged, %:\n")
    print("| folder | alarm (inverted) | prior | either |\n| --- | --- | --- | --- |")
    for name, judges, skews in rows:
        print(f"| {name} | " + " | ".join(f"{100 * share:.1f}" for share in flag(judges, skews).values()) + " |")
    print()


def judge_unseen(data: Path, coefficients: Coefficients) -> None:
    rows = []
    for name, pattern in UNSEEN.items():
        real = stack(map(read_image, sorted(data.glob(pattern))))
        if len(real):
            rows += [(f"{name}, real ({len(real)})", real), (f"{name}, real, inverted", -real)]
    photos = sorted(data.glob("coco2017/*2017/*.jpg"))
    rows += [
        (f"COCO photographs ({len(photos)}), {kind}", found) for kind, found in measure_photographs(photos).items()
    ]
    judges = {name: coefficients.classifiers[name] for name in JUDGES}
    print_flags([(name, judges, skews) for name, skews in rows])


def make_coefficients(skews: Skews) -> Coefficients:
    sources = list(skews)
    made = {name: fit_with_threshold(skews, sources, name) for name in JUDGES}
    pairs = {source: len(kinds["real"]) for source, kinds in skews.items()}
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return Coefficients(
        provenance=Provenance(features=VERSION, pairs=pairs, command=COMMAND, date=today),
        classifiers={**made, "gray": fit(skews, sources, "gray")},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--write", action="store_true", help="write the coefficients that ship")
    parser.add_argument("--unseen", action="store_true", help="judge the images that no fit saw")
    given = parser.parse_args()
    skews = {source: measure_source(given.data, source) for source in SOURCES}
    judge_left_out(skews)
    made = make_coefficients(skews)
    print(made.model_dump_json(indent=1))
    if given.write:
        write_text(COEFFICIENTS, made.model_dump_json(indent=1) + "\n")
    if given.unseen:
        judge_unseen(given.data, made)


if __name__ == "__main__":
    main()
