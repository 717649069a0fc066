"""The tasks: what can be asked about an annotated frame, and how it is put. One module each."""

from collections.abc import Mapping
from pathlib import Path

from itb.records import TaskName
from itb.tasks import (
    aerial_count,
    damage,
    locate,
    modality,
    pedestrian_count,
    recognition,
    scene,
    security,
    temperature,
)
from itb.tasks.draft import Task

COUNT_RANGES: Mapping[TaskName, tuple[int, int]] = {
    "aerial_count": (0, aerial_count.MOST),
    "pedestrian_count": (0, pedestrian_count.MOST),
}
"""Least and largest count that is asked."""


def open_tasks(root: Path) -> tuple[Task, ...]:
    """All tasks in the order of `itb.records.TASKS`; `root` is where the frames' files are."""
    return (
        locate.TASK,
        aerial_count.TASK,
        pedestrian_count.TASK,
        recognition.TASK,
        scene.TASK,
        security.TASK,
        temperature.open_task(root),
        damage.TASK,
        modality.TASK,
    )
