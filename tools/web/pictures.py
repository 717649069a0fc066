"""Pictures of a page: asked for by an id and never by a path, confined to their folder, sent as small JPEG files."""

import functools
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.errors import ToolkitError
from tools.files.inside import PathFault, join_inside

if TYPE_CHECKING:
    from fastapi import FastAPI

SIDES = (160, 640, 1280)
"""Longest sides, in pixels, in which a picture is sent."""
KEPT = 512
"""Pictures that are kept in memory."""
QUALITY = 82


class Place(NamedTuple):
    """Where a picture lies: a folder, and a name that has to stay inside it, links included."""

    folder: Path
    name: str


FindPicture = Callable[[str], Place | None]
"""Where the picture of an id lies, None where it has none."""


class Absent(ToolkitError):
    """There is no such picture, or it may not be shown; the message says why."""


def read_picture(place: Place | None, side: int) -> bytes:
    """The picture as a JPEG file that fits into a square.

    Raises:
        Absent: there is none, its path leads out of its folder, or it is not an image.
    """
    if place is None:
        raise Absent("there is no such picture")
    try:
        path = join_inside(place.folder, place.name)
        changed = path.stat().st_mtime_ns
    except PathFault as error:
        raise Absent(str(error)) from error
    except (OSError, ValueError) as error:
        raise Absent(f"{place.name}: is not there") from error
    return _encode(path, changed, min((one for one in SIDES if one >= side), default=SIDES[-1]))


@functools.lru_cache(maxsize=KEPT)
def _encode(path: Path, changed: int, side: int) -> bytes:
    """One file in one size; `changed` makes a file that was written anew another one."""
    from tools.errors import ImageError
    from tools.images import load_rgb

    try:
        image = load_rgb(path)
    except ImageError as error:
        raise Absent(f"{path.name}: {error.code.replace('_', ' ')}") from error
    image.thumbnail((side, side), reducing_gap=2.0)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def add_pictures(app: "FastAPI", sources: Mapping[str, FindPicture]) -> None:
    """Let `/picture/KIND?id=...&side=...` answer with pictures."""
    from fastapi import Response

    def answer(kind: str, id: str, side: int = SIDES[1]) -> Any:
        find = sources.get(kind)
        try:
            data = read_picture(find(id) if find else None, side)
        except ToolkitError as error:
            return Response(str(error), 404, media_type="text/plain; charset=utf-8")
        return Response(data, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=60"})

    app.get("/picture/{kind}")(answer)
