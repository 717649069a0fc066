"""From the figures of images to what is said of their folder."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from tools.errors import RejectError
from tools.plausibility.classifiers import load_coefficients
from tools.plausibility.measure import COLOURED
from tools.plausibility.records import CorrelationFigures, FolderReport, ImageFigures, PolarityVote
from tools.plausibility.sources import Source

LEAST_IMAGES: Final = 20
"""A folder of fewer images gets figures and no verdict."""
LEAST_VOTES: Final = 10
MOST_CORRELATION: Final = 0.9
"""Of real pairs (LLVIP, MSRS, RoadScene, TNO) no single one exceeds 0.8; a gray photograph has 1, its negative -1."""
JUDGE: Final = "inverted"
"""The opponent whose classifier gives the alarm. The one against `prior` flagged 12 % of the real folders of a source
that it had not seen, and no more of those that `prior` made, so it only adds to the words."""
BLIND: Final = (
    "gray photographs taken for infrared pass, unless the photographs themselves are given",
    "aerial views: none were fitted on, and real ones are flagged in every third folder",
    "inverted everyday photographs with levels as even as COCO's, and black-hot infrared of a camera that spreads its "
    "levels evenly (FLIR's of roads), pass: boxes of persons tell the latter",
    "the output of `prior` passes where boxes told it what is warm, and on dark night photographs",
    "where the brightness is: it may be on the wrong objects",
)
"""Measured: docs/results.md."""


def judge_folder(
    source: Source, figures: Sequence[ImageFigures], skipped: Sequence[RejectError], drawn: int
) -> FolderReport:
    """The verdict of one folder.

    Args:
        source: where the images come from.
        figures: of those that could be judged; skipped: of the others, why.
        drawn: how many were to be looked at.
    """
    opponents = load_coefficients().classifiers
    means = {name: float(np.mean([each.log_odds[name] for each in figures])) for name in opponents} if figures else {}
    persons, correlation = count_votes(figures), average_correlation(figures)
    has_verdict = len(figures) >= LEAST_IMAGES
    notes = list(source.notes)
    if drawn < len(source.images):
        notes.append(f"{drawn} of {len(source.images)} images were drawn by their names; --limit looks at more")
    if not has_verdict:
        notes.append(f"no verdict: {len(figures)} images could be judged, and a verdict takes {LEAST_IMAGES}")
    is_doubtful = has_verdict and len(skipped) > len(figures)
    if is_doubtful:
        notes.append(_tell_doubt(skipped, drawn))
    return FolderReport(
        folder=str(source.folder),
        found=len(source.images),
        measured=len(figures),
        has_verdict=has_verdict,
        is_doubtful=is_doubtful,
        log_odds=means,
        persons=persons,
        correlation=correlation,
        alarms=tuple(find_alarms(means, persons, correlation)) if has_verdict else (),
        notes=tuple(notes),
        skipped=tuple(map(str, skipped)),
        images=tuple(sorted(figures, key=lambda each: (each.log_odds[JUDGE], each.file))),
    )


def _tell_doubt(skipped: Sequence[RejectError], drawn: int) -> str:
    coloured = sum(each.code == COLOURED for each in skipped)
    many = f", {coloured} of them colour photographs as it seems" if coloured else ""
    return (
        f"doubtful: {len(skipped)} of {drawn} images could not be judged{many}; the figures are of the others alone. "
        "Give a folder that holds nothing but infrared images"
    )


def find_alarms(
    log_odds: dict[str, float], persons: PolarityVote | None, correlation: CorrelationFigures | None
) -> list[str]:
    """What speaks against a folder, a sentence each."""
    found = []
    limits = {name: each.threshold for name, each in load_coefficients().classifiers.items()}
    low = [name for name, limit in limits.items() if limit is not None and log_odds[name] < limit]
    if JUDGE in low:
        also = ", and the output of `prior`," if "prior" in low else ""
        found.append(
            f"the skews are rather those of inverted photographs{also} than of infrared (mean log odds "
            f"{log_odds[JUDGE]:+.2f}, threshold {limits[JUDGE]:+.2f}); black-hot infrared looks so too: if it is, give "
            "--polarity black-hot"
        )
    if persons is not None and persons.images >= LEAST_VOTES and persons.white_hot < 0.5:
        found.append(
            f"persons are darker than their surroundings in {1 - persons.white_hot:.0%} of {persons.images} images; in "
            "white-hot infrared they are nearly always brighter, but on hot ground"
        )
    if correlation is not None and correlation.images >= LEAST_VOTES and correlation.strength >= MOST_CORRELATION:
        word = "luminance" if correlation.mean > 0 else "negative"
        found.append(
            f"the images are the {word} of their photographs (mean correlation {correlation.mean:+.2f} over "
            f"{correlation.images}; of real pairs none exceeds 0.8)"
        )
    return found


def count_votes(figures: Sequence[ImageFigures]) -> PolarityVote | None:
    """Polarity and contrast of persons; None where no image has any."""
    found = [each.persons for each in figures if each.persons is not None]
    if not found:
        return None
    persons = sum(each.count for each in found)
    return PolarityVote(
        images=len(found),
        persons=persons,
        white_hot=sum(each.auc > 0.5 for each in found) / len(found),
        difference=sum(each.difference * each.count for each in found) / persons,
    )


def average_correlation(figures: Sequence[ImageFigures]) -> CorrelationFigures | None:
    """Correlation with the photographs; None where no image has one."""
    found = np.array([each.correlation for each in figures if each.correlation is not None])
    if not len(found):
        return None
    return CorrelationFigures(images=len(found), mean=float(found.mean()), strength=float(np.abs(found).mean()))
