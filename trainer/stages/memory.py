"""How much memory this process has needed so far."""

import resource
import sys


def measure_memory_gb() -> float:
    """Peak memory: of the GPU where there is one, else of the process (resident set), in GB of 2**30 bytes."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**30
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**30 if sys.platform == "darwin" else 2**20)  # macOS counts bytes, Linux kilobytes
