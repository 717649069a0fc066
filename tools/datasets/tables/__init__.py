"""Captions and boxes that came in a file of their own, joined to images by the images' names.

    captions = read_caption_table(Path("captions.csv"))
    captions.find("train/a.png")                       # by path, by file name, by name without ending

Formats: COCO JSON, CSV, JSONL and imagefolder's `metadata.jsonl`, Flickr30k's file; boxes as COCO JSON, folders of VOC
XML, folders of YOLO text.
"""

from tools.datasets.tables.boxes import read_box_table
from tools.datasets.tables.captions import read_caption_table
from tools.datasets.tables.names import NameTable

__all__ = ["NameTable", "read_box_table", "read_caption_table"]
