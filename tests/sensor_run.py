"""Rendered thermal scenes with temperatures in a folder of one's own, and runs of the agents on them."""

import functools
import tempfile
from pathlib import Path
from typing import Any

from agents.config import RunConfig
from agents.running.run import run_synthesis
from tools.scenes import render_scenes

COUNT = 6
KINDS = ("street", "yard", "road")


@functools.cache
def write_scenes(count: int = COUNT) -> Path:
    """`count` small scenes, once a test session."""
    folder = Path(tempfile.mkdtemp(prefix="scenes-"))
    render_scenes(count, 3, folder / "scenes", size=(320, 256), kinds=KINDS)
    return folder / "scenes"


def configure_sensor(out: Path, **changes: Any) -> RunConfig:
    """A run on the scenes' temperatures with their boxes, all kinds for every image."""
    scenes = write_scenes()
    settings: dict[str, Any] = {
        "sensor_images": scenes / "thermal16", "unit": "centikelvin", "out": out, "instructions": "all", "mix": "each",
        "instances": scenes / "annotations" / "instances_scenes.json", "block": 1, "lag": 1, "workers": 0,
    }  # fmt: skip
    return RunConfig(**{**settings, **changes})


def run_sensor(out: Path, **changes: Any) -> Path:
    """That run, finished."""
    run_synthesis(configure_sensor(out, **changes))
    return out
