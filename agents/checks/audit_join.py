"""Which image of an instances file a row is about: by the names of its files, and by an id where it states one."""

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from agents.checks.evidence_rows import Known
from tools.datasets.tables.names import NameIndex
from tools.functions import image_path
from tools.ids import find_digest, name_file, read_file_name, read_id
from tools.records import SENSOR_KINDS

PICTURE_KEYS = ("photo", "file_name", "image", "thermal")
"""Where rows name a file, the photograph first."""
MADE_KEYS = ("image", "thermal")
"""Where rows of exports name the image of the modality."""

_RUN_IMAGE = re.compile(r"(?:^|/)(images/[0-9a-f]{2}/([^/]+)\.png)$")
_ROW_ID = re.compile(rf"(.+)-(?:\d+|{'|'.join(SENSOR_KINDS)})")


class ImageNames:
    """Finds images by what rows call them.

    Args:
        file_names: image id -> path in the image folder, as the instances file states it.
    """

    def __init__(self, file_names: Mapping[str, str]) -> None:
        self._ids = frozenset(file_names)
        self._owners: dict[str, list[str]] = defaultdict(list)
        for image_id, name in file_names.items():
            self._owners[name].append(image_id)
        self._index = NameIndex(self._owners)

    def find(self, row: Mapping[str, Any]) -> str | None:
        """The id of the image that a row is about, None where the file has no such image or several.

        A file's name decides, else `image_id`; a row that has neither may have the id of a row of a run.
        """
        names = [row[key] for key in PICTURE_KEYS if isinstance(row.get(key), str)]
        stated = read_id(row.get("image_id"))
        found = (*map(self._find_file, names), stated, None if names or stated else _find_owner(row.get("id")))
        return next((image_id for image_id in found if image_id in self._ids), None)

    def _find_file(self, name: str) -> str | None:
        """The image whose file has this name, None where several fit alike."""
        of_run = _RUN_IMAGE.search(name.replace("\\", "/"))
        if of_run:
            image_id = read_file_name(of_run[2])
            if image_id is not None and image_path(image_id) == of_run[1]:
                return image_id
        owners = [image_id for written in self._index.find(name) for image_id in self._owners[written]]
        return owners[0] if len(owners) == 1 else None


def _find_owner(row_id: Any) -> str | None:
    found = _ROW_ID.fullmatch(row_id) if isinstance(row_id, str) else None
    return found[1] if found else None


def find_known(measured: Mapping[str, Known], row: Mapping[str, Any]) -> Known | None:
    """What was measured in the image of a row, found by `image_id`, else by the file of the run's image."""
    image_id = row.get("image_id")
    if image_id is not None:
        return measured.get(str(image_id))
    file = next((row[key] for key in MADE_KEYS if isinstance(row.get(key), str)), None)
    stem = "" if file is None else PurePosixPath(file).stem
    own = read_file_name(stem)
    if own is None and find_digest(stem) is not None:  # a name that was cut
        own = next((known for known in measured if name_file(known) == stem), None)
    return None if own is None else measured.get(own)
