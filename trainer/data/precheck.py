"""Checks before training starts, and the file that says what was refused."""

import json
import warnings
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal

from tools.errors import ImageError
from tools.files import explain_disk, write_lines
from tools.images import FORMATS, MAX_PIXELS, load_rgb
from trainer.data.samples import Reject

FILE = "rejected.jsonl"


def check_image(path: Path, how: Literal["header", "decode"]) -> None:
    """Whether a picture can be trained on; several captions of one picture ask only once.

    Args:
        how: `header` finds missing, empty, foreign and huge files at about 0.1 ms each; `decode` reads every pixel.

    Raises:
        ImageError: as `tools.images.load_rgb`.
    """
    error = _examine(path, how)
    if error is not None:
        raise ImageError(path, *error)


@lru_cache(maxsize=65536)
def _examine(path: Path, how: str) -> tuple[str, str] | None:
    try:
        if how == "decode" or not _has_header(path):
            load_rgb(path)
    except ImageError as error:
        return error.code, str(error).removeprefix(f"{path}: ")
    return None


def _has_header(path: Path) -> bool:
    """Whether the header is that of a picture of bearable size. Anything odd is left to `load_rgb` to name."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                return 0 < image.width * image.height <= MAX_PIXELS
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return False


def write_rejects(rejects: Iterable[Reject], folder: Path) -> Path:
    """Write `rejected.jsonl` anew: what reading and checking refused.

    Raises:
        ToolkitError: the folder cannot be written.
    """
    path = folder / FILE
    with explain_disk(path):
        folder.mkdir(parents=True, exist_ok=True)
    write_lines(path, (json.dumps(reject._asdict(), ensure_ascii=False) + "\n" for reject in rejects))
    return path
