"""Where an image of the modality lies in a run."""

import re

from tools.ids import find_digest, name_file
from tools.seeds import hash_to_folder


def image_path(image_id: str) -> str:
    """Path of an image of the modality relative to its run: `images/HH/NAME.png`, HH and NAME from the id."""
    return f"images/{hash_to_folder(image_id)}/{name_file(image_id)}.png"


def is_image_path(path: str) -> bool:
    """Whether `image_path` gives this path to some image."""
    found = re.fullmatch(r"images/([0-9a-f]{2})/([^/]+)\.png", path)
    return bool(found and (find_digest(found[2]) or "").startswith(found[1]))
