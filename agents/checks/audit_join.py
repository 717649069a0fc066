"""Which image of an instances file a row is about: by the names of its files, and by an id where it states one.

Digits in a file's name are no id: another tool's `yard.rf.bb2.jpg` is not image 2.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from tools.functions import image_path
from tools.ids import read_file_name, read_id
from tools.records import SENSOR_KINDS

PICTURE_KEYS = ("photo", "file_name", "image", "thermal")
"""Where rows name a file, the photograph first."""

_COCO_2014 = re.compile(r"COCO_(?:train|val|test)20\d\d_(?=\d{12}\.)")
"""What COCO's names had before the splits of 2017, and have in much that was made from them."""
_RUN_IMAGE = re.compile(r"(?:^|/)(images/[0-9a-f]{2}/([^/]+)\.png)$")
_ROW_ID = re.compile(rf"(.+)-(?:\d+|{'|'.join(SENSOR_KINDS)})")

Parts = tuple[str, ...]


class ImageNames:
    """Finds images by what rows call them.

    Args:
        file_names: image id -> path in the image folder, as the instances file states it.
    """

    def __init__(self, file_names: Mapping[str, str]) -> None:
        self._ids = frozenset(file_names)
        self._by_stem: dict[str, list[tuple[Parts, str]]] = defaultdict(list)
        for image_id, name in file_names.items():
            if parts := split_name(name):
                self._by_stem[PurePosixPath(parts[-1]).stem].append((parts, image_id))

    def find(self, row: Mapping[str, Any]) -> str | None:
        """The id of the image that a row is about, None where the file has no such image or several.

        A file's name decides, else `image_id`; a row that has neither may have the id of a row of a run.
        """
        names = [row[key] for key in PICTURE_KEYS if isinstance(row.get(key), str)]
        stated = read_id(row.get("image_id"))
        found = (*map(self._find_file, names), stated, None if names or stated else _find_owner(row.get("id")))
        return next((image_id for image_id in found if image_id in self._ids), None)

    def _find_file(self, name: str) -> str | None:
        """The image whose file has this name, and of several the one whose folders and ending agree best."""
        of_run = _RUN_IMAGE.search(name.replace("\\", "/"))
        if of_run:
            image_id = read_file_name(of_run[2])
            if image_id is not None and image_path(image_id) == of_run[1]:
                return image_id
        parts = split_name(name)
        rated = [
            ((count_shared(parts, other), parts[-1] == other[-1]), image_id)
            for other, image_id in self._by_stem.get(PurePosixPath(parts[-1]).stem if parts else "", ())
        ]
        best = [image_id for rating, image_id in rated if rating == max(rated)[0]]
        return best[0] if len(best) == 1 else None


def split_name(name: str) -> Parts:
    """The parts of a path, the last one without the prefix of COCO's names of 2014."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return (*parts[:-1], _COCO_2014.sub("", parts[-1])) if parts else ()


def count_shared(one: Parts, other: Parts) -> int:
    """How many folders before the file's name are the same, counted from it."""
    pairs = zip(reversed(one[:-1]), reversed(other[:-1]), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _find_owner(row_id: Any) -> str | None:
    found = _ROW_ID.fullmatch(row_id) if isinstance(row_id, str) else None
    return found[1] if found else None
