"""Where drawn images go."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import UsageError
from tools.evidence.describe import name_objects
from tools.evidence.draw import draw_evidence
from tools.files import Claim
from tools.images import save_png

if TYPE_CHECKING:
    from tools.evidence.sources import Measured


DRAWN = Claim("drawn evidence", "python -m tools evidence", places=("*.png",))


def check_stems(paths: Sequence[Path]) -> None:
    """Whether every file has a drawn image of its own name.

    Raises:
        UsageError: two have one name without ending.
    """
    stem, count = max(Counter(path.stem for path in paths).items(), key=lambda item: item[1], default=("", 0))
    if count > 1:
        problem = f"{count} images are called {stem}, and each would be drawn as {stem}.png"
        raise UsageError(f"{problem}; draw one folder at a time")


def write_drawn(measured: "Measured", out: Path) -> Path:
    """The image with its objects, named after the file."""
    path = out / f"{measured.path.stem}.png"
    if measured.evidence is not None:
        names = name_objects(measured.labels)
        save_png(draw_evidence(measured.picture, measured.evidence, measured.boxes, names), path)
    else:
        save_png(measured.picture, path)
    return path
