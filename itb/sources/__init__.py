"""One reader a dataset: the original layout in, frames and counted rejects out, streaming and always in the same order.

for entry in read_source("flir", Path("FLIR_ADAS_1_3")):
    ...  # a Frame or a SourceReject
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

from itb.records import Frame, SourceReject
from itb.sources import dronevehicle, flir, hituav, llvip, lsotb, radiometric, rgbnir, scenes, solar, vedai
from itb.sources.catalog import Facts, load_facts
from itb.sources.reading import Reading
from tools.errors import UsageError

__all__ = ["READERS", "RENDERED", "SOURCES", "Facts", "find_layout", "read_source"]

READERS: Mapping[str, ModuleType] = {
    "flir": flir,
    "llvip": llvip,
    "vedai": vedai,
    "dronevehicle": dronevehicle,
    "lsotb": lsotb,
    "rgbnir": rgbnir,
    "hituav": hituav,
    "solar": solar,
    "radiometric": radiometric,
    "scenes": scenes,
}
RENDERED = "scenes"
"""The source that is no dataset: nobody has to be told that it was not given."""
SOURCES: Mapping[str, Facts] = load_facts()


def read_source(name: str, root: Path, *, needs_images: bool = True) -> Iterator[Frame | SourceReject]:
    """Everything in a dataset's folder.

    Args:
        needs_images: False believes the annotations' sizes and opens no image.

    Raises:
        UsageError: no such source.
        MissingError: the folder does not hold the dataset; the message has the expected tree.
    """
    _open(name, root, needs_images)
    return _read(name, root, needs_images)


def _read(name: str, root: Path, needs_images: bool) -> Iterator[Frame | SourceReject]:
    read: Callable[[Reading], Iterator[Frame | SourceReject]] = READERS[name].read
    yield from read(Reading(name, SOURCES[name], root, needs_images))


def _open(name: str, root: Path, needs_images: bool) -> str:
    if name not in READERS:
        raise UsageError(f"no source is called `{name}`; there are {', '.join(READERS)}")
    layout: str | None = READERS[name].find_layout(root) if root.is_dir() else None
    if layout is None:
        raise Reading(name, SOURCES[name], root, needs_images).fail()
    return layout


def find_layout(name: str, root: Path) -> str:
    """Which release or form of the dataset a folder holds.

    Raises:
        UsageError, MissingError: as `read_source`.
    """
    return _open(name, root, True)
