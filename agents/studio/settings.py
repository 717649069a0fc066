"""The settings of `agents serve`: where it listens, and where the run's data lie now."""

from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from tools.prompts.option import PACK_ALIASES, PACK_HELP

PLACES = ("images", "captions", "instances", "sensor_images", "dataset", "pack", "base_url")
"""Settings that take the place of what a run remembers."""


def _field(panel: str, default: Any, description: str, **more: Any) -> Any:
    return Field(default, description=description, json_schema_extra={"panel": panel}, **more)


class StudioSettings(BaseModel):
    """Everything that the studio can be told."""

    model_config = ConfigDict(extra="forbid")

    port: int = _field("Options", 7860, "Port to listen on; 0 is any that is free.", ge=0, le=65535)
    host: str = _field(
        "Options",
        "127.0.0.1",
        "Address to listen on; for another than this machine's own a password has to stand in STUDIO_PASSWORD.",
    )
    out: Path | None = _field(
        "Options",
        None,
        "Folder for what is made of the run: its index, replies to tried prompts; default: one in the user's cache.",
        validation_alias=AliasChoices("out", "keep"),
    )
    images: Path | None = _field("Data", None, "Folder of the photographs, when it has moved since the run.")
    captions: Path | None = _field("Data", None, "The run's captions, when they have moved.")
    instances: Path | None = _field("Data", None, "The run's boxes, when they have moved.")
    sensor_images: Path | None = _field("Data", None, "The run's --sensor-images, when they have moved.")
    dataset: str | None = _field("Data", None, "The run's --dataset NAME=DIR, when it has moved.")
    pack: Path | None = _field("Data", None, f"{PACK_HELP} Default: the run's.", validation_alias=PACK_ALIASES)
    base_url: str | None = _field("Data", None, "The endpoint for tried prompts, where it is not the run's own.")

    @property
    def places(self) -> dict[str, Any]:
        """What takes the place of what the run remembers."""
        return {name: getattr(self, name) for name in PLACES}
