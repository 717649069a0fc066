"""Lists of questions in a pack, one file each: the question for which a caption or a description is the answer."""

from pathlib import Path

from tools.errors import UsageError
from tools.files.yaml_text import read_yaml
from tools.prompts import DEFAULT_PACK

CAPTION_REQUESTS = "caption_requests.yaml"
DESCRIPTION_REQUESTS = "description_requests.yaml"
ALIGNMENT_REQUESTS = "alignment_requests.yaml"
REQUEST_FILES = (CAPTION_REQUESTS, DESCRIPTION_REQUESTS, ALIGNMENT_REQUESTS)


def load_requests(pack: Path, name: str) -> tuple[str, ...]:
    """The questions of one of `REQUEST_FILES`.

    Raises:
        MissingError: there is no such file.
        UsageError: it cannot be read, or is no list of texts.
    """
    path = pack / name
    found = read_yaml(path, f"copy it from {DEFAULT_PACK}, or name another pack with --pack")
    if not isinstance(found, list) or not found or not all(isinstance(item, str) and item.strip() for item in found):
        raise UsageError(f"{path}: expected a list of questions, one a line, e.g. `- What does this image show?`")
    return tuple(item.strip() for item in found)
