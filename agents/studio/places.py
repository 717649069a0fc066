"""Whether what a user names for the studio is there, looked at before the page opens; the data are read when tried."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.notation import parse_dataset
from tools.errors import MissingError, UsageError
from tools.prompts.pack import load_pack

FILES = ("captions", "instances")
FOLDERS = ("images", "sensor_images")
HEAD = 1 << 16


def check_places(given: Mapping[str, Any]) -> None:
    """Miss files and folders that are not there, and refuse annotation files that hold no text.

    Raises:
        MissingError: one is not there.
        UsageError: one is something else.
    """
    for name in (*FILES, *FOLDERS):
        path = given.get(name)
        flag = f"--{name.replace('_', '-')}"
        if path is not None and not path.exists():
            raise MissingError(f"{flag} {path}: is not there; name it where it is now, or leave {flag} out")
        if path is not None and name in FOLDERS and not path.is_dir():
            raise UsageError(f"{flag} {path}: is a file; name the folder")
        if path is not None and path.is_file():
            _check_text(flag, path)
    if given.get("dataset") is not None:
        root = parse_dataset(given["dataset"]).root
        if not root.is_dir():
            raise MissingError(f"--dataset {given['dataset']}: there is no folder {root}")
    if given.get("pack") is not None:
        load_pack(given["pack"])


def _check_text(flag: str, path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(HEAD)
    try:
        head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            raise UsageError(
                f"{flag} {path}: is no text in UTF-8 (byte {error.start}); name the annotations"
            ) from error
