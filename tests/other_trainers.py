"""TRL, as a user of an export has it: its own trainer, with the settings that stand in the export."""

import itertools
from pathlib import Path
from typing import Any

import yaml

IGNORED = -100


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


def split_learned(tokenizer: Any, ids: list[int], labels: list[int]) -> list[str]:
    """The texts of stretches of supervised tokens."""
    groups = itertools.groupby(zip(ids, labels, strict=True), key=lambda pair: pair[1] != IGNORED)
    stretches = [[token for token, _ in group] for is_on, group in groups if is_on]
    return [tokenizer.decode(tokens, skip_special_tokens=False) for tokens in stretches]
