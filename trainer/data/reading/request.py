"""What is to be read."""

from dataclasses import dataclass
from pathlib import Path

from trainer.data.samples import Stage


@dataclass(frozen=True)
class Request:
    """What to read.

    Attributes:
        data: a RUN folder, the folder of another layout, or one JSON / JSONL / Parquet file.
        stage: `align` reads captions, `sft` instructions.
        visible: read the visible photographs in place of the modality's images (indirect alignment).
        images: folder of the pictures where it is not the one the layout implies.
        unpacked: folder for pictures that a layout keeps inside its files (Parquet).
        text_alone: take rows that name no picture.
    """

    data: Path
    stage: Stage
    visible: bool = False
    images: Path | None = None
    unpacked: Path | None = None
    text_alone: bool = False
