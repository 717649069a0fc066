"""A scene's own record, as it stands in a folder of scenes: read again when the folder goes on."""

from pathlib import Path
from typing import Any

from pydantic import ConfigDict, ValidationError

from tools.errors import UsageError
from tools.files.json_text import read_object
from tools.records import Record, find_fault

REMEDY = "delete it and run the same command again"


class WrittenObject(Record):
    """What the annotations need of an object; the box in pixels."""

    model_config = ConfigDict(extra="allow")
    label: str
    box: tuple[float, float, float, float]
    celsius: float


class WrittenScene(Record):
    """What the annotations need of a scene."""

    model_config = ConfigDict(extra="allow")
    image_id: int
    captions: tuple[str, ...]
    objects: tuple[WrittenObject, ...]


def read_scene(out: Path, number: int) -> dict[str, Any]:
    """A scene's record as plain data, proved to be one.

    Raises:
        MissingError, UsageError: there is none, or it is damaged.
    """
    path = out / f"scenes/{number:06d}.json"
    found = read_object(path, REMEDY)
    try:
        scene = WrittenScene.model_validate(found)
    except ValidationError as error:
        place, why = find_fault(error)
        raise UsageError(f"{path}: no record of a scene ({place}: {why}); {REMEDY}") from error
    if scene.image_id != number:
        raise UsageError(f"{path}: is the record of scene {scene.image_id}; {REMEDY}")
    return found
