"""How the studio's tests make their runs."""

from pathlib import Path

from agents.config import RunConfig


def configure(root: Path, out: Path, **changes) -> RunConfig:
    settings = {
        "captions": root / "captions.json", "instances": root / "instances.json", "images": root / "photos", "out": out,
        "block": 2, "lag": 1, "instructions": "all", "mix": "each", "workers": 0,
    }  # fmt: skip
    return RunConfig(**{**settings, **changes})
