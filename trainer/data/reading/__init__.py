"""One reader a layout: from files on disk to samples and rejects."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.errors import MissingError, UsageError
from trainer.data.reading.conversations import read_authors, read_llava
from trainer.data.reading.parquet import read_parquet
from trainer.data.reading.run_folder import read_run
from trainer.data.samples import Reject, Sample, Stage


@dataclass(frozen=True)
class Request:
    """What to read.

    Attributes:
        data: a RUN folder, the folder of another layout, or one JSON / JSONL / Parquet file.
        stage: `align` reads captions, `sft` instructions.
        visible: read the visible photographs in place of the modality's images (indirect alignment).
        images: folder of the pictures where it is not the one the layout implies.
        unpacked: folder for pictures that a layout keeps inside its files (Parquet).
    """

    data: Path
    stage: Stage
    visible: bool = False
    images: Path | None = None
    unpacked: Path | None = None


Reader = Callable[[Request, Path], Iterator[Sample | Reject]]
NAMES: dict[str, tuple[Reader, dict[Stage, str]]] = {
    "run": (read_run, {"align": "pairs.jsonl", "sft": "instructions.jsonl"}),
    "authors": (read_authors, {"align": "train_caption_pretrain.json", "sft": "train_instruction.json"}),
    "llava": (read_llava, {"align": "pretrain.json", "sft": "instruct.json"}),
    "parquet": (read_parquet, {"align": "pairs-*.parquet", "sft": "instructions-*.parquet"}),
}
"""Layouts by name: their reader, and the file each stage reads when `data` is a folder."""


def read_samples(request: Request) -> Iterator[Sample | Reject]:
    """Every row of the data, as a sample or as a reject, in the order of the files.

    Raises:
        MissingError: nothing of that name, or no file of any layout in the folder.
        UsageError: a file that cannot be read at all.
    """
    if not request.data.exists():
        raise MissingError(f"--data {request.data}: does not exist; make it with `python -m agents run --out DIR`")
    reader, files = _choose_file(request) if request.data.is_file() else _choose_folder(request)
    for file in files:
        yield from reader(request, file)


def _choose_folder(request: Request) -> tuple[Reader, list[Path]]:
    for reader, names in NAMES.values():
        if files := sorted(request.data.glob(names[request.stage])):
            return reader, files
    wanted = ", ".join(f"{names[request.stage]} ({layout})" for layout, (_, names) in NAMES.items())
    raise MissingError(f"--data {request.data}: has none of {wanted}; finish the run, or name the file itself")


def _choose_file(request: Request) -> tuple[Reader, list[Path]]:
    path = request.data
    if path.suffix == ".parquet":
        return read_parquet, [path]
    if path.name in {"pairs.jsonl", "instructions.jsonl"}:
        return read_run, [path]
    if path.suffix not in {".json", ".jsonl"}:
        raise UsageError(f"--data {path}: expected a folder or a .json, .jsonl or .parquet file")
    return (read_authors if _names_thermal(path) else read_llava), [path]


def _names_thermal(path: Path) -> bool:
    """Whether the first row names its picture `thermal`, as the authors' files do; the first 64 KB decide."""
    with path.open("rb") as file:
        return b'"thermal"' in file.read(65536)
