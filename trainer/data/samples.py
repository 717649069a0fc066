"""What training reads: samples, and the rows that cannot be used with the reason why."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from tools.conversations import Turn

Stage = Literal["align", "sft"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One image and what is said about it.

    Attributes:
        id: the row's own id, or `<file>:<number>` where the layout has none.
        image: file of the picture; whether it can be read is not known yet. None for a row of text alone, which only
            general instructions have (`mix_in`).
        turns: user and assistant in turn, the assistant last, without the image's mark. A caption without a question is
            a single assistant turn.
    """

    id: str
    image: Path | None
    turns: tuple[Turn, ...]


class Reject(NamedTuple):
    """A row that cannot be trained on.

    Attributes:
        id: as in `Sample`.
        code: short machine-readable reason: `bad_row`, `no_image`, `missing_file`, `too_long`, ...
        reason: what is wrong and what to do.
        where: stage of the work that found it: `read`, `check` or `train`.
    """

    id: str
    code: str
    reason: str
    where: Literal["read", "check", "train"]
