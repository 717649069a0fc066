"""Images that a build linked in place of copying them: a link may lead out of the benchmark to what was linked alone.

`links.jsonl` states the hash of every such image. A link with other bytes behind it is not read, so that a benchmark
that came from elsewhere shows no file of this machine.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from itb.benchmark.folders import LINKS_FILE
from tools.errors import ImageError, UsageError
from tools.files import write_lines
from tools.files.inside import find_link_fault
from tools.files.json_text import decode_record
from tools.files.text import TextFault, iterate_lines
from tools.records import Record


class Link(Record):
    """A line of `links.jsonl`.

    Attributes:
        image: path of the link in the benchmark.
        sha256: of the file behind it, 64 hex digits.
    """

    image: str
    sha256: str


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_links(bench: Path, links: Sequence[Link]) -> None:
    """Write `links.jsonl`, or take an earlier build's away where nothing is linked."""
    if links:
        write_lines(bench / LINKS_FILE, (link.model_dump_json() + "\n" for link in links))
    else:
        (bench / LINKS_FILE).unlink(missing_ok=True)


def read_links(bench: Path) -> dict[str, str]:
    """Hashes of linked images by their path in the benchmark; empty where none was linked.

    Raises:
        UsageError: a line is no link.
    """
    path = bench / LINKS_FILE
    found: dict[str, str] = {}
    for number, line in iterate_lines(path) if path.is_file() else ():
        try:
            link = decode_record(line, Link)
        except TextFault as error:
            raise UsageError(f"{path}:{number}: no line about a linked image ({error}); build again") from error
        found[link.image] = link.sha256
    return found


def check_link(folder: Path, image: Path, links: Mapping[str, str]) -> None:
    """An image is read where it stays in its folder, or where a link on the way leads to what the build linked.

    Args:
        folder: that the image's path is below.
        links: as `read_links` gives them.

    Raises:
        ImageError: a link leads elsewhere.
    """
    fault = find_link_fault(folder, image)
    if fault is None or not image.exists():  # that it is missing is said by who reads it
        return
    stated = links.get(image.relative_to(folder).as_posix())
    if stated is None or hash_file(image) != stated:
        why = "and is not the image that the build linked" if stated else "which no build of this version made"
        raise ImageError(image, "unreadable_file", f"{fault}, {why}; or build the benchmark again")
