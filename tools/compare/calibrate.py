"""How well a scorer tells the captions of an image from those of other images (`python -m tools calibrate`)."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from tools.errors import MissingError, UsageError
from tools.files.inside import PathFault, find_link_fault, find_name_fault, join_inside
from tools.files.json_text import read_rows
from tools.records import Record
from tools.registry import SCORERS
from tools.scoring import Scorer, ScoreRequest
from tools.seeds import make_random

Which = Literal["original", "caption"]

CIRCULAR: Final = (
    "{scorer} was itself trained on images that {translator} had made from visible ones: on images of that "
    "translator, a high figure also says that the scorer knows its look, not only that the caption fits"
)
CHOSEN: Final = (
    "the captions measured here were chosen in a run, possibly by this very scorer as those that fit best: the figure "
    "is too good; take --text original for an unbiased one"
)
BLIND: Final = "this scorer does not look at the image: its figures show what words alone give away"
_CHUNK: Final = 64


class CaptionedImage(NamedTuple):
    """A caption and the image it was written for."""

    image: Path
    caption: str


class Estimate(Record):
    """A mean over images and its standard error, pairs clustered by image; None for the error of a single image."""

    mean: float
    standard_error: float | None


class CalibrationReport(Record):
    """What `calibrate` found.

    Attributes:
        scorer, identity: of the scorer.
        images, pairs: how many were scored.
        candidates: captions an image was shown at once: the true one, and others drawn from other images.
        auc: chance that a true caption's score exceeds a shuffled one's, over all images (Mann-Whitney, ties half).
        auc_within_image: the same among the captions shown with one image; what choosing a caption needs.
        recall_at_1: how often the true caption is the best of the candidates; a tie of n counts 1/n.
        chance_at_1: what guessing gives, 1 / candidates.
        mean_true, mean_shuffled: scores.
        seed: drew the shuffled captions.
        warnings: how not to read this.
    """

    scorer: str
    identity: str
    images: int
    pairs: int
    candidates: int
    auc: float
    auc_within_image: Estimate
    recall_at_1: Estimate
    chance_at_1: float
    mean_true: float
    mean_shuffled: float
    seed: int
    warnings: tuple[str, ...]


def calibrate(
    pairs: Sequence[CaptionedImage], scorer: Scorer, seed: int, candidates: int = 8, which: Which = "original"
) -> CalibrationReport:
    """Score each image's caption together with captions of other images.

    Args:
        pairs: captions with their images; an image may have several.
        scorer: any.
        seed: with the pair's place, draws the shuffled captions; never one that the image itself has.
        candidates: captions shown with an image, the true one among them.
        which: `caption` when the captions are a run's own choice, which the report warns of.

    Raises:
        UsageError: too few captions to draw from.
    """
    if candidates < 2:
        raise UsageError(f"{candidates} candidates leave nothing to compare with; take 2 or more")
    if not pairs:
        raise UsageError("there are no pairs of image and caption to score; give a run or a dataset that has some")
    requests = list(_draw_requests(pairs, seed, candidates))
    scores = np.array([row for start in range(0, len(requests), _CHUNK) for row in _score(scorer, requests, start)])
    true, shuffled = scores[:, 0], scores[:, 1:]
    names = [pair.image for pair in pairs]
    return CalibrationReport(
        scorer=scorer.name,
        identity=scorer.identity,
        images=len(set(names)),
        pairs=len(pairs),
        candidates=candidates,
        auc=measure_auc(true, shuffled.ravel()),
        auc_within_image=_cluster([measure_auc(row[:1], row[1:]) for row in scores], names),
        recall_at_1=_cluster([_credit(row) for row in scores], names),
        chance_at_1=1 / candidates,
        mean_true=float(true.mean()),
        mean_shuffled=float(shuffled.mean()),
        seed=seed,
        warnings=_find_warnings(scorer, which),
    )


def measure_auc(true: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray) -> float:
    """Chance that a value of `true` exceeds one of `other`, ties counted half: Mann-Whitney's U / (n m), exactly."""
    ordered = np.sort(np.asarray(other, dtype=np.float64))
    values = np.asarray(true, dtype=np.float64)
    below = np.searchsorted(ordered, values, side="left").sum()
    not_above = np.searchsorted(ordered, values, side="right").sum()
    return int(below + not_above) / (2 * len(values) * len(ordered))


def read_run_pairs(run: Path, which: Which = "original", limit: int | None = None) -> list[CaptionedImage]:
    """The pairs of a run folder, each with its image.

    Args:
        run: the folder; `pairs.jsonl` is read.
        which: the captions as the dataset has them, or as the run chose them.
        limit: read only so many.

    Raises:
        MissingError: there is no `pairs.jsonl`.
        UsageError: it is damaged, or the run has no images.
    """
    path = run / "pairs.jsonl"
    if not path.is_file():
        raise MissingError(f"{run} has no pairs.jsonl; give the folder of a finished run, or --captions and --images")
    pairs = []
    for number, row in islice(read_rows(path, "export the run again"), limit):
        image, caption = _read_row(row, which, f"{path}, line {number}")
        try:
            pairs.append(CaptionedImage(join_inside(run, image), caption))
        except PathFault as error:
            raise UsageError(f"{path}, line {number}: {error}") from error
    return pairs


def read_coco_pairs(captions: Path, images: Path, limit: int | None = None) -> list[CaptionedImage]:
    """The first caption of each image of a COCO captions file.

    Args:
        captions: `captions_*.json`.
        images: folder of the images to be scored, photographs or translated ones, under the names in the file. Those
            that are not there are left out.
        limit: take only so many.

    Raises:
        MissingError: no such file, or none of its images is in the folder.
        UsageError: it is no captions file.
    """
    from tools.datasets.coco import load_coco

    dataset = load_coco(captions, None)
    photos = (dataset.photo(index) for index in range(len(dataset)))
    found = (
        CaptionedImage(images / photo.file_name, photo.captions[0])
        for photo in photos
        if photo.captions and not find_name_fault(photo.file_name) and _is_there(images, photo.file_name)
    )
    pairs = list(islice(found, limit))
    if not pairs:
        raise MissingError(f"{images} holds none of the images that {captions} names; check both paths")
    return pairs


def _is_there(folder: Path, name: str) -> bool:
    path = folder / name
    return path.is_file() and find_link_fault(folder, path) is None


def _read_row(row: dict[str, Any], which: Which, where: str) -> tuple[str, str]:
    if not {"image", which} <= row.keys():
        raise UsageError(f"{where}: no pair of a run (it needs `image` and `{which}`); export the run again")
    image, caption = row["image"], row[which]
    if not isinstance(image, str):
        raise UsageError(f"{where}: the pair has no image; run with a translator other than `none`")
    return image, str(caption)


def _draw_requests(pairs: Sequence[CaptionedImage], seed: int, candidates: int) -> Iterator[ScoreRequest]:
    """One request a pair, the true caption first."""
    own: dict[Path, set[str]] = {}
    for pair in pairs:
        own.setdefault(pair.image, set()).add(pair.caption)
    pool = list(dict.fromkeys(pair.caption for pair in pairs))
    for place, pair in enumerate(pairs):
        rng = make_random(f"calibrate/{seed}/{place}/{pair.caption}")
        drawn = rng.sample(pool, min(len(pool), candidates - 1 + len(own[pair.image])))
        others = [caption for caption in drawn if caption not in own[pair.image]][: candidates - 1]
        if len(others) < candidates - 1:
            text = f"{len(pool)} different captions are too few to show {candidates} at once"
            raise UsageError(f"{text} with {pair.image}; give more images, or fewer candidates")
        yield ScoreRequest(pair.image, (pair.caption, *others))


def _score(scorer: Scorer, requests: list[ScoreRequest], start: int) -> list[tuple[float, ...]]:
    return scorer.score(requests[start : start + _CHUNK])


def _credit(row: np.ndarray) -> float:
    best = row == row.max()
    return float(best[0]) / int(best.sum())


def _cluster(values: Sequence[float], images: Sequence[Path]) -> Estimate:
    """Mean of the pairs; error from the sums of the images' deviations, as pairs of one image are not independent."""
    mean = float(np.mean(values))
    sums: dict[Path, float] = {}
    for image, value in zip(images, values, strict=True):
        sums[image] = sums.get(image, 0.0) + value - mean
    count = len(sums)
    if count < 2:
        return Estimate(mean=mean, standard_error=None)
    spread = sum(value**2 for value in sums.values()) * count / (count - 1)
    return Estimate(mean=mean, standard_error=spread**0.5 / len(values))


def _find_warnings(scorer: Scorer, which: Which) -> tuple[str, ...]:
    found = []
    if translator := SCORERS.get_trait(scorer.name, "learnt_from"):
        found.append(CIRCULAR.format(scorer=scorer.name, translator=translator))
    if scorer.is_embedded:
        found.append(BLIND)
    if which == "caption":
        found.append(CHOSEN)
    return tuple(found)
