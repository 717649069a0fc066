"""Annotated datasets in their original layouts, for agents and benchmark alike: one reader each, a folder a family.

    for entry in open_dataset("flir", Path("FLIR_ADAS_1_3")).stream():
        ...  # an AnnotatedImage or a DatasetReject

A family's folder holds `reader.py` and `facts.yaml`; its line stands in `tools.registry.DATASETS`. Whoever adds one
writes these and that line, or a plugin and no line (tests/plugins/dummy_dataset.py).
"""

from tools.datasets.dataset import Dataset, OpenDataset, find_dataset, open_dataset
from tools.datasets.facts import Facts, read_facts
from tools.datasets.records import Annotated, AnnotatedBox, AnnotatedImage, DatasetReject

__all__ = [
    "Annotated",
    "AnnotatedBox",
    "AnnotatedImage",
    "Dataset",
    "DatasetReject",
    "Facts",
    "OpenDataset",
    "find_dataset",
    "open_dataset",
    "read_facts",
]
