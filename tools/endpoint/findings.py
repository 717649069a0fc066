"""One line of what a check of this machine or of an endpoint found."""

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """A line of the doctor's report. `missing` is a problem; `absent` is something that only some uses need."""

    name: str
    state: Literal["ok", "absent", "missing"]
    text: str
