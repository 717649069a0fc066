"""What a scorer is: captions and their image in, one score a caption out."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

DECIMALS = 4


class ScoreRequest(NamedTuple):
    """Captions that compete for one image.

    Attributes:
        image: of the modality, mode L; None without a translator.
        captions: the filtered captions, then the original.
    """

    image: Path | None
    captions: tuple[str, ...]


class Scorer(Protocol):
    """Says how well each caption fits its image; higher is better, rounded to four decimals.

    Attributes:
        name: as `--scorer` names it.
        is_embedded: True when no model stands behind it.
        identity: what the scores depend on; recorded with every run.
    """

    name: str
    is_embedded: bool
    identity: str

    def score(self, requests: Sequence[ScoreRequest]) -> list[tuple[float, ...]]:
        """Give one score a caption, request by request."""
