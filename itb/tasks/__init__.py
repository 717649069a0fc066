"""The tasks: what can be asked about an annotated frame, and how it is put. One module each."""

from pathlib import Path

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
