"""What was found: of each image, of each folder, of all that were named."""

from collections.abc import Mapping

from tools.records import Record


class PersonFigures(Record):
    """Persons of one image against their surroundings, as the recipe of `tools.evidence` measures them.

    Attributes:
        count: those that are large enough to measure.
        auc: mean chance that a pixel of the person is brighter than one around it.
        difference: mean difference of medians, as a share of the image's span.
    """

    count: int
    auc: float
    difference: float


class ImageFigures(Record):
    """One image.

    Attributes:
        file: relative to the folder.
        skews: by their names.
        log_odds: by opponent; positive speaks for infrared.
        persons: None where it has no boxes of persons that can be measured.
        correlation: of its levels with the luminance of the registered photograph; None where there is none.
    """

    file: str
    skews: Mapping[str, float]
    log_odds: Mapping[str, float]
    persons: PersonFigures | None = None
    correlation: float | None = None


class PolarityVote(Record):
    """What persons say of one folder.

    Attributes:
        images: that have persons that can be measured; persons: how many.
        white_hot: share of the images in which persons are, all in all, brighter than what is around them.
        difference: mean contrast of persons, as a share of the image's span.
    """

    images: int
    persons: int
    white_hot: float
    difference: float


class CorrelationFigures(Record):
    """Correlation with registered photographs: the mean, and the mean without its sign."""

    images: int
    mean: float
    strength: float


class FolderReport(Record):
    """One folder, or one run.

    Attributes:
        folder: as it was named.
        found: images in it; measured: those that were looked at and could be judged.
        has_verdict: whether enough of them could be judged.
        is_doubtful: fewer could be judged than not, so that whatever is said holds for the lesser part.
        log_odds: means by opponent.
        alarms: sentences; a folder of fewer than 20 images has none.
        notes: what else to know, such as why there is no verdict.
        skipped: images that could not be judged, each with the reason.
    """

    folder: str
    found: int
    measured: int
    has_verdict: bool
    is_doubtful: bool
    log_odds: Mapping[str, float]
    persons: PolarityVote | None
    correlation: CorrelationFigures | None
    alarms: tuple[str, ...]
    notes: tuple[str, ...]
    skipped: tuple[str, ...]
    images: tuple[ImageFigures, ...]


class PlausibilityReport(Record):
    """All folders.

    Attributes:
        thresholds: of the mean log odds, by opponent.
        blind: what this cannot see, whatever it says.
    """

    features: str
    thresholds: Mapping[str, float]
    blind: tuple[str, ...]
    folders: tuple[FolderReport, ...]

    @property
    def has_alarm(self) -> bool:
        """Whether any folder has one."""
        return any(folder.alarms for folder in self.folders)
