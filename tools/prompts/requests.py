"""Lists of a pack to draw from: questions for which a caption or a description is the answer, and directives.

A directive is what a writer is asked beside its task, so that a thousand texts are not made alike. A pack may have
`directives.yaml`: for each kind of instruction named lists of lines. Of each list one line is drawn for each image, by
a hash of what it is for, and stays the same when the text is written again.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, get_args

from tools.errors import UsageError
from tools.files.yaml_text import read_yaml
from tools.prompts import DEFAULT_PACK
from tools.records import InstructionKind
from tools.seeds import hash_to_unit

CAPTION_REQUESTS = "caption_requests.yaml"
DESCRIPTION_REQUESTS = "description_requests.yaml"
ALIGNMENT_REQUESTS = "alignment_requests.yaml"
REQUEST_FILES = (CAPTION_REQUESTS, DESCRIPTION_REQUESTS, ALIGNMENT_REQUESTS)

DIRECTIVES_FILE: Final = "directives.yaml"
Lists = Mapping[str, tuple[str, ...]]


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


class Directives:
    """The lists of a pack, by kind of instruction."""

    def __init__(self, lists: Mapping[str, Lists]) -> None:
        self._lists = lists

    def draw(self, kind: InstructionKind, seed: int, image_id: str) -> tuple[str, ...]:
        """One line of each list of a kind, in the lists' order; a list may hold an empty line for "nothing"."""
        lists = self._lists.get(kind, {})
        drawn = (
            lines[int(hash_to_unit(seed, "directive", kind, name, image_id) * len(lines))]
            for name, lines in lists.items()
        )
        return tuple(line for line in drawn if line)


def load_directives(pack: Path) -> Directives:
    """The directives of a pack; none where it has no file of them.

    Raises:
        UsageError: the file cannot be read, or is not as its head describes.
    """
    path = pack / DIRECTIVES_FILE
    if not path.is_file():
        return Directives({})
    found = read_yaml(path, "delete it, or correct it")
    kinds = get_args(InstructionKind)
    if not isinstance(found, dict) or not set(found) <= set(kinds):
        raise UsageError(f"{path}: expected lists under the kinds {', '.join(kinds)}")
    return Directives({kind: _check_lists(path, kind, lists) for kind, lists in found.items()})


def _check_lists(path: Path, kind: str, lists: object) -> Lists:
    is_right = isinstance(lists, dict) and all(
        isinstance(name, str) and isinstance(lines, list) and lines and all(isinstance(line, str) for line in lines)
        for name, lines in lists.items()
    )
    if not is_right or not isinstance(lists, dict):
        raise UsageError(f"{path}: `{kind}` takes named lists of texts, e.g. `rounds: [Write three rounds.]`")
    return {name: tuple(line.strip() for line in lines) for name, lines in lists.items()}
