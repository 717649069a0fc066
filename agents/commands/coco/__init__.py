"""Commands that write the files of COCO."""
