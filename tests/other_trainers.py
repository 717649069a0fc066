"""TRL, as a user of an export has it: its own trainer, with the settings that stand in the export."""

from pathlib import Path
from typing import Any

import yaml


def load_trl(model: Path, export: Path, name: str, place: Path) -> tuple[Any, Any]:
    """`SFTTrainer` on a set of an export, as `trl sft` makes it from the export's `sft.yaml`; and its processor."""
    from datasets import load_dataset
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from trl import SFTConfig, SFTTrainer

    settings = yaml.safe_load((export / "sft.yaml").read_text())
    settings.pop("dataset_config")
    here: dict[str, Any] = {"output_dir": str(place / "out"), "use_cpu": True, "bf16": False, "disable_tqdm": True}
    processor = AutoProcessor.from_pretrained(model)
    trainer = SFTTrainer(
        AutoModelForImageTextToText.from_pretrained(model),
        args=SFTConfig(**settings, **here),
        train_dataset=load_dataset(str(export), name, cache_dir=str(place / "cache"))["train"],
        processing_class=processor,
    )
    return trainer, processor
