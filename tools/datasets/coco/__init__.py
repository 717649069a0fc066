"""COCO captions and instances files, read fast and kept small.

A `CocoDataset` has one row for each image of the captions file, by ascending image id; boxes are joined by that id,
which may be a number or a text in the file, and is a text here.
What cannot be used is counted (`counts`), and named where somebody has to answer for it (`reject`, `caption_rejects`).
Files of train2017's size take a few seconds and stay under 600 MB: `tests/benchmarks/coco_size.py` has the figures.
"""

from tools.datasets.coco.captions import MAX_CAPTION_CHARS
from tools.datasets.coco.dataset import CaptionReject, CocoDataset
from tools.datasets.coco.load import load_coco

__all__ = ["MAX_CAPTION_CHARS", "CaptionReject", "CocoDataset", "load_coco"]
