"""Folders from disk to a report."""

from collections.abc import Callable, Sequence

from tools.errors import RejectError, ToolkitError
from tools.plausibility.classifiers import load_coefficients
from tools.plausibility.measure import measure_image
from tools.plausibility.records import FolderReport, ImageFigures, PlausibilityReport
from tools.plausibility.sources import Source
from tools.plausibility.verdict import BLIND, judge_folder


def judge_sources(
    sources: Sequence[Source],
    limit: int,
    unit: str | None = None,
    polarity: str = "unknown",
    step: Callable[[], None] = lambda: None,
) -> PlausibilityReport:
    """Each folder by itself.

    Args:
        limit: images that are looked at in each.
        unit, polarity: as of `tools.thermal.read_thermal`.
        step: called after each image.

    Raises:
        ToolkitError: of a folder no image could be judged; names the first reason.
    """
    found = load_coefficients()
    return PlausibilityReport(
        features=found.provenance.features,
        thresholds={name: each.threshold for name, each in found.classifiers.items() if each.threshold is not None},
        blind=BLIND,
        folders=tuple(_judge(source, limit, unit, polarity, step) for source in sources),
    )


def _judge(source: Source, limit: int, unit: str | None, polarity: str, step: Callable[[], None]) -> FolderReport:
    drawn = source.draw(limit)
    figures: list[ImageFigures] = []
    skipped: list[RejectError] = []
    for image in drawn:
        try:
            figures.append(measure_image(image, source.name(image), unit, polarity))
        except RejectError as error:
            skipped.append(error)
        step()
    if not figures:
        raise ToolkitError(f"{source.folder}: none of {len(drawn)} images could be judged; the first: {skipped[0]}")
    return judge_folder(source, figures, skipped, len(drawn))
