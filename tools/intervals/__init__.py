"""How sure a figure is: means of values in groups (`groups`), faults of a whole from a sample of it (`faults`)."""

from tools.intervals.faults import bound_faults, choose_sample
from tools.intervals.groups import (
    CONFIDENCE,
    LEAST_GROUPS,
    Estimate,
    bound,
    estimate_mean,
    find_t,
    sum_influence,
    wilson,
)

__all__ = [
    "CONFIDENCE",
    "LEAST_GROUPS",
    "Estimate",
    "bound",
    "bound_faults",
    "choose_sample",
    "estimate_mean",
    "find_t",
    "sum_influence",
    "wilson",
]
