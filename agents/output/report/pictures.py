"""Pictures inside the page: small JPEG data URIs, or a sentence saying why there is none."""

import base64
import io
from pathlib import Path
from typing import NamedTuple

from tools.errors import ImageError
from tools.files.inside import PathFault, join_inside

SIDE = 384
QUALITY = 72


class Picture(NamedTuple):
    """A picture as the page holds it.

    Attributes:
        uri: JPEG data URI, empty when there is no picture.
        width, height: pixels of the embedded copy.
        missing: why there is none.
    """

    uri: str
    width: int = 0
    height: int = 0
    missing: str = ""


def embed_picture(root: Path | None, name: str | None, is_gray: bool, missing: str) -> Picture:
    """The picture at `root/name`, shrunk to fit 384 x 384.

    Args:
        root: folder; None when it is not known.
        name: path relative to it; None when the row has no picture.
        is_gray: embed one channel (those of the modality are mode L) instead of three.
        missing: what to say when there is none.
    """
    if root is None or not name:
        return Picture("", missing=missing)
    try:
        return _encode(join_inside(root, name), name, is_gray)
    except PathFault as error:
        return Picture("", missing=str(error))


def _encode(path: Path, name: str, is_gray: bool) -> Picture:
    from tools.images import load_rgb

    try:
        image = load_rgb(path)
    except ImageError as error:
        return Picture("", missing=f"{name}: {error.code.replace('_', ' ')}")
    image.thumbnail((SIDE, SIDE), reducing_gap=2.0)
    buffer = io.BytesIO()
    (image.convert("L") if is_gray else image).save(buffer, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Picture(f"data:image/jpeg;base64,{data}", *image.size)


def find_photo_root(run: Path, manifest_root: str | None, images: Path | None) -> Path | None:
    """Where the photographs are: `images`, else the manifest's `photo_root`, relative to the run if not absolute."""
    if images is not None:
        return images
    return run / manifest_root if manifest_root else None
