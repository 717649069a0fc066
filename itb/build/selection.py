"""Which datasets to build a benchmark from: Eq. 1 of the paper, D = 0.4 Q + 0.6 N.

Q is the mean image quality over a sample of images, N the number of annotated categories. The paper says nothing of
their scales: both readings are given, the raw one and one with Q and N scaled to 0..1 over the candidates. Where
nothing is annotated N is unknown, not 0, and so is D.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.datasets import AnnotatedImage, open_dataset
from tools.datasets.files import IMAGE_ENDINGS
from tools.errors import ImageError, MissingError
from tools.images import load_rgb
from tools.registry import DATASETS
from tools.seeds import make_random_by_text
from tools.weights import explain_model

QUALITY_WEIGHT, CATEGORY_WEIGHT = 0.4, 0.6
Measure = Callable[[Path, tuple[int, int, int, int] | None], float]


class DatasetCandidate(NamedTuple):
    """A dataset, its images (with the part that counts) and how many categories it annotates; None if unknown."""

    name: str
    images: tuple[tuple[Path, tuple[int, int, int, int] | None], ...]
    categories: int | None


class Rating(NamedTuple):
    """A dataset's rating.

    Attributes:
        quality: mean over the sampled images; sampled: how many could be read.
        categories: N; None where it is unknown, and then there is no D.
        raw: D with Q and N as they are; scaled: D with both scaled to 0..1 over the candidates that have both.
    """

    name: str
    quality: float
    sampled: int
    categories: int | None
    raw: float | None
    scaled: float | None


def open_dataset_candidate(name: str, root: Path, categories: int | None) -> DatasetCandidate:
    """A known source, or any folder of images; `categories` says how many are annotated, where somebody knows.

    Raises:
        MissingError: no such folder, or no image in it.
    """
    if name in DATASETS.names():
        return _open_dataset(name, root, categories)
    if not root.is_dir():
        raise MissingError(f"{name}: {root}: no such folder")
    paths = sorted(path for path in root.rglob("*") if path.suffix.lower() in IMAGE_ENDINGS)
    if not paths:
        raise MissingError(f"{name}: {root}: no images in it")
    return DatasetCandidate(name, tuple((path, None) for path in paths), categories)


def _open_dataset(name: str, root: Path, categories: int | None) -> DatasetCandidate:
    images = [entry for entry in open_dataset(name, root).stream() if isinstance(entry, AnnotatedImage)]
    found = {box.name for image in images for box in image.boxes if box.name != "target"}
    found |= {label for image in images for label in image.labels}
    count = (len(found) or None) if categories is None else categories
    return DatasetCandidate(name, tuple((root / image.image, image.crop_xyxy) for image in images), count)


def rate(candidates: Sequence[DatasetCandidate], measure: Measure, images: int = 100, seed: int = 0) -> list[Rating]:
    """Rate datasets, the best scaled D first; those without a D last, the best Q first.

    Args:
        images: sampled of each, by seed; images that cannot be read are passed over.
    """
    qualities = {item.name: _sample_quality(item, measure, images, seed) for item in candidates}
    numbers = {item.name: float(item.categories) for item in candidates if item.categories is not None}
    q, n = _scale({name: qualities[name][0] for name in numbers}), _scale(numbers)
    ratings = []
    for item in candidates:
        quality, sampled = qualities[item.name]
        raw = scaled = None
        if item.name in numbers:
            raw = QUALITY_WEIGHT * quality + CATEGORY_WEIGHT * numbers[item.name]
            scaled = QUALITY_WEIGHT * q[item.name] + CATEGORY_WEIGHT * n[item.name]
        ratings.append(Rating(item.name, quality, sampled, item.categories, raw, scaled))
    return sorted(ratings, key=_rank)


def _rank(rating: Rating) -> tuple[bool, float, str]:
    return rating.scaled is None, -(rating.quality if rating.scaled is None else rating.scaled), rating.name


def _sample_quality(candidate: DatasetCandidate, measure: Measure, images: int, seed: int) -> tuple[float, int]:
    drawn = list(candidate.images)
    make_random_by_text(f"{seed} {candidate.name}").shuffle(drawn)
    values: list[float] = []
    for path, crop in drawn:
        if len(values) == images:
            break
        try:
            values.append(measure(path, crop))
        except ImageError:
            continue
    if not values:
        raise MissingError(f"{candidate.name}: none of its {len(drawn)} images can be read")
    return sum(values) / len(values), len(values)


def _scale(values: Mapping[str, float]) -> dict[str, float]:
    """To 0..1 over the candidates; all 1 where they are alike."""
    low, high = min(values.values(), default=0.0), max(values.values(), default=0.0)
    return {name: (value - low) / (high - low) if high > low else 1.0 for name, value in values.items()}


def measure_embedded(path: Path, crop: tuple[int, int, int, int] | None) -> float:
    """A no-reference measure from 1 (bad) to 5: detail that stands out from noise, and use of the grey scale.

    Embedded and simple, and not Q-Align. Detail is the local contrast (standard deviation over 7 x 7 pixels) against
    the noise (Immerkær 1996: the mean absolute response to a 3 x 3 kernel that flat and straight structures do not
    excite), in decibels; the range used lies between the 1st and 99th percentile.
    """
    import numpy as np
    from scipy.ndimage import convolve, uniform_filter

    image = load_rgb(path).convert("L")
    grey = np.asarray(image.crop(crop) if crop else image, np.float64)
    if min(grey.shape) < 9:
        return 1.0
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float64)
    noise = float(np.abs(convolve(grey, kernel)[1:-1, 1:-1]).mean() * np.sqrt(np.pi / 2) / 6)
    spread = uniform_filter(grey**2, 7) - uniform_filter(grey, 7) ** 2
    contrast = float(np.sqrt(np.clip(spread, 0, None)).mean())
    detail = min(1.0, max(0.0, 20 * np.log10((contrast + 1e-6) / (noise + 0.5)) / 20))
    low, high = np.percentile(grey, [1, 99])
    return 1.0 + 4.0 * (0.7 * float(detail) + 0.3 * float(high - low) / 255)


def make_qalign() -> Measure:
    """Q-Align, the paper's measure, through pyiqa.

    Raises:
        MissingError: pyiqa is not installed, or Q-Align's weights cannot be had.
    """
    try:
        import pyiqa
    except ImportError as error:
        raise MissingError(
            "--quality qalign needs the package pyiqa and Q-Align's weights (7B, a GPU): pip install pyiqa; its "
            "licence is non-commercial. Without it: --quality embedded"
        ) from error
    with explain_model("--quality qalign", "Q-Align's weights cannot be loaded", "see pyiqa's page", MissingError):
        metric = pyiqa.create_metric("qalign")

    def measure(path: Path, crop: tuple[int, int, int, int] | None) -> float:
        import numpy as np
        import torch

        image = load_rgb(path)
        pixels = np.asarray(image.crop(crop) if crop else image, np.float32) / 255
        return float(metric(torch.from_numpy(pixels).permute(2, 0, 1)[None]))

    return measure
