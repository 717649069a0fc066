"""The Infrared Template Benchmark, ITB (paper 4): build it from real datasets, evaluate models on it, report."""

import tools  # noqa: F401 - before any import of transformers: see tools/torchvision_repair.py
