"""What tells infrared images from each opponent: a few numbers, fitted once, shipped with where they come from."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from tools.plausibility.features import FEATURES, VERSION, Plane
from tools.records import Record

COEFFICIENTS: Final = Path(__file__).with_name("coefficients.json")


class Classifier(Record):
    """Log odds that an image is infrared and not its opponent's: `intercept` + `weights` times the skews.

    Attributes:
        weights: by the name of the feature.
        threshold: of the mean log odds of a folder; None where four skews cannot tell this opponent.
    """

    weights: Mapping[str, float]
    intercept: float
    threshold: float | None

    def judge(self, skews: Plane) -> Plane:
        """Log odds of (N, 4) skews; positive speaks for infrared."""
        return np.asarray(skews @ np.array([self.weights[name] for name in FEATURES]) + self.intercept)


class Provenance(Record):
    """Where the numbers come from.

    Attributes:
        features: version of the recipe of the skews.
        pairs: how many registered pairs of each dataset were fitted on.
        command, date: that wrote the file, and when.
    """

    features: str
    pairs: Mapping[str, int]
    command: str
    date: str


class Coefficients(Record):
    """The file: a classifier for each opponent."""

    provenance: Provenance
    classifiers: Mapping[str, Classifier]


@functools.cache
def load_coefficients() -> Coefficients:
    """The shipped ones.

    Raises:
        ValueError: they were fitted on skews of another recipe.
    """
    found = Coefficients.model_validate_json(COEFFICIENTS.read_bytes())
    if found.provenance.features != VERSION:
        raise ValueError(f"{COEFFICIENTS}: fitted on {found.provenance.features}, the features are {VERSION}; fit anew")
    return found
