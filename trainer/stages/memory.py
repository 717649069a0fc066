"""How much memory this process has needed so far, and how much it needs before there is a model."""

import importlib
import resource
import sys
from typing import Literal

TRAINER_GB = 0.04
"""What a trainer takes beside model and packages: loader, optimizer, bars (tests/benchmarks/memory.py)."""
DRIVER_GB = 0.5
"""What a GPU's driver keeps for a process, not measured here."""


def measure_memory_gb() -> float:
    """Peak memory: of the GPU where there is one, else of the process (resident set), in GB of 2**30 bytes."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**30
    return measure_resident_gb()


def measure_resident_gb() -> float:
    """Peak resident set of this process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**30 if sys.platform == "darwin" else 2**20)  # macOS counts bytes, Linux kilobytes


def measure_base_gb(stage: Literal["align", "sft"]) -> float:
    """GB beside the model: of a GPU's driver, else of this process once the packages of training are imported."""
    import torch

    if torch.cuda.is_available():
        return DRIVER_GB
    importlib.import_module(f"trainer.stages.{stage}_trainer")
    return measure_resident_gb() + TRAINER_GB
