"""The demo's photographs: taken from installed packages, with captions and boxes written by us (`annotations.yaml`).

Nothing is downloaded and no photograph is part of this repository. The packages are found by path, never imported.
"""

from tools.photographs.collect import CocoPaths, collect_photographs, write_settings
from tools.photographs.records import Annotated, Photograph, load_annotations

__all__ = ["Annotated", "CocoPaths", "Photograph", "collect_photographs", "load_annotations", "write_settings"]
