"""Facts: what was measured, of which objects, with the numbers that decided."""

from collections.abc import Mapping
from typing import Final, Literal

from tools.evidence.recipe import VERSION
from tools.records import Record

CLAIM_CHECK: Final = "heat_claim"
"""Check and category of an objection to a statement that no fact supports."""
FactKind = Literal[
    "surroundings", "pair", "part", "third", "brightest_object", "brightest_place", "ninths", "region_temperature",
    "image_temperature", "difference", "hottest_object", "coldest_object",
]  # fmt: skip
Relation = Literal["brighter", "darker", "left", "right", "upper", "lower", "is"] | str


class Fact(Record):
    """One thing that the pixels show.

    Attributes:
        kind: `surroundings`: object `subject` against the ring around it, `relation` brighter or darker. `pair`: object
            `subject` against object `other`. `part`: the `relation` half (left, right, upper, lower) of `subject` is
            brighter than the opposite one. `third`: the `relation` third of the image is brighter than the opposite
            one. `brightest_object`: `subject` leads all labelled objects. `brightest_place`: the brightest window lies
            in the ninth named by `relation`, e.g. `upper left`, `middle`; in object `subject` if one holds it.
            `ninths`: the brightest ninth against the darkest, by medians; `relation` names both, `upper left over
            middle`. `region_temperature`, `image_temperature`: in `values`. `difference`: mean of `subject` less that
            of `other`. `hottest_object`, `coldest_object`: by the mean, of the labelled objects.
        subject, other: places of objects in the list that was measured.
        values: the numbers behind it: `auc`, `difference` and `lead` (as a share of the span), or degrees Celsius.
        recipe: version of the thresholds.
    """

    kind: FactKind
    relation: str = "is"
    subject: int | None = None
    other: int | None = None
    values: Mapping[str, float] = {}
    recipe: str = VERSION


class Evidence(Record):
    """Everything that was measured in one image.

    Attributes:
        polarity: `white-hot` where brightness is known to be radiation; else `unknown`: say bright, never hot.
        unit: `celsius` where the values are temperatures, else None.
        contrast: P99 - P1 of the values, in their own unit: the camera's gain, no property of the scene.
        measured: places of the objects that were large enough to say anything about.
        ranked: places of the objects that were compared with each other.
        shown: what black and white of the picture stand for, where the values are temperatures.
        settings: what the file states about its temperatures (emissivity, distance in metres, ...).
    """

    polarity: str
    unit: str | None
    contrast: float
    facts: tuple[Fact, ...]
    measured: tuple[int, ...] = ()
    ranked: tuple[int, ...] = ()
    shown: tuple[float, float] | None = None
    settings: Mapping[str, float] = {}

    @property
    def bright_is_warm(self) -> bool:
        """Whether bright may be called warm."""
        return self.unit == "celsius" or self.polarity == "white-hot"
