"""`python -m tools inspect`: warmest spots of radiometric pictures, and differences between like parts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.terminal.cli import stderr, stdout

if TYPE_CHECKING:
    from tools.evidence.inspection import Finding
    from tools.evidence.sources import Measured


def inspect(
    folder: Annotated[Path, typer.Argument(help="Folder of files with temperatures.")],
    out: Annotated[Path, typer.Option(help="Folder for table.csv and the pictures with the spots drawn in.")],
    instances: Annotated[
        Path | None, typer.Option(help="COCO instances file; parts of one label are compared.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Unit of TIFF, PNG and CSV values: celsius, kelvin, centikelvin or K*N.")
    ] = None,
) -> None:
    """Write the warmest spots of each picture and how like parts differ, as numbers: what they mean is for people.

    Example: python -m tools inspect scans --out inspected
    """
    from tools.datasets.folder.reader import list_files
    from tools.errors import MissingError
    from tools.evidence.inspection import INSPECTION, write_inspection
    from tools.evidence.sources import measure_file, read_boxes
    from tools.files import check_folder, own_folder

    check_folder(out, INSPECTION)
    paths = list_files(folder) if folder.is_dir() else []
    if not paths:
        raise MissingError(f"{folder}: no images or measurements there; name a folder that holds some")
    boxes = read_boxes(instances) if instances else {}
    failed: list[Path] = []
    with own_folder(out, INSPECTION):
        found = _inspect(paths, lambda path: measure_file(path, boxes.get(path.name, ()), unit, "unknown"), failed)
        count = write_inspection(found, folder, out)
    without = len(paths) - count - len(failed)
    summary = f"{count} files with temperatures in {out / 'table.csv'}; {without} without, {len(failed)} not read"
    stdout.print(summary, soft_wrap=True, markup=False)
    if failed:
        raise typer.Exit(1)


def _inspect(
    paths: list[Path], measure: "Callable[[Path], Measured]", failed: list[Path]
) -> "Iterator[tuple[Measured, list[Finding]]]":
    """The findings of each file that has some; what cannot be read is told at once and kept in `failed`."""
    from tools.errors import RejectError
    from tools.evidence.inspection import inspect_file

    for path in paths:
        try:
            measured = measure(path)
        except RejectError as error:
            failed.append(path)
            stderr.print(f"error: {error}", style="red", soft_wrap=True, markup=False)
            continue
        if findings := inspect_file(measured):
            yield measured, findings
