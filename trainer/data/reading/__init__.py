"""From files on disk to samples and rejects; the rows themselves are read by `tools.conversations`."""

from collections.abc import Iterator
from pathlib import Path

from tools.errors import MissingError, UsageError
from trainer.data.reading.request import Request
from trainer.data.reading.rows import read_file
from trainer.data.samples import Reject, Sample, Stage

NAMES: dict[str, dict[Stage, str]] = {
    "run": {"align": "pairs.jsonl", "sft": "instructions.jsonl"},
    "authors": {"align": "train_caption_pretrain.json", "sft": "train_instruction.json"},
    "llava": {"align": "pretrain.json", "sft": "instruct.json"},
    "parquet": {"align": "pairs-*.parquet", "sft": "instructions-*.parquet"},
}
"""What the files of a folder are called, a layout: one for each stage."""
ENDINGS = (".json", ".jsonl", ".ndjson", ".parquet")

__all__ = ["NAMES", "Request", "read_samples"]


def read_samples(request: Request) -> Iterator[Sample | Reject]:
    """Every row of the data, as a sample or as a reject, in the order of the files.

    Raises:
        MissingError: nothing of that name, no file of any layout in the folder, or no folder of pictures.
        UsageError: a file that cannot be read at all.
    """
    if not request.data.exists():
        raise MissingError(f"--data {request.data}: does not exist; make it with `python -m agents run --out DIR`")
    if request.images is not None and not request.images.is_dir():
        raise MissingError(f"--images {request.images}: no such folder; name the folder that the data's names start in")
    for file in [request.data] if request.data.is_file() else _choose_files(request):
        if file.suffix.lower() not in ENDINGS:
            raise UsageError(f"--data {file}: expected a folder or a .json, .jsonl or .parquet file")
        yield from read_file(request, file)


def _choose_files(request: Request) -> list[Path]:
    for names in NAMES.values():
        if files := sorted(request.data.glob(names[request.stage])):
            return files
    wanted = ", ".join(f"{names[request.stage]} ({layout})" for layout, names in NAMES.items())
    raise MissingError(f"--data {request.data}: has none of {wanted}; finish the run, or name the file itself")
