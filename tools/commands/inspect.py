"""`python -m tools inspect`: warmest spots of radiometric pictures, and differences between like parts."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.terminal.cli import stderr, stdout

if TYPE_CHECKING:
    from tools.evidence.inspection import Finding
    from tools.evidence.sources import Measured


def inspect(
    folder: Annotated[Path, typer.Argument(help="Folder of infrared files with temperatures.")],
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
    from tools.errors import MissingError, RejectError
    from tools.evidence.inspection import INSPECTION, inspect_file, write_inspection
    from tools.evidence.sources import measure_file, read_boxes
    from tools.files import check_folder, own_folder

    check_folder(out, INSPECTION)
    paths = list_files(folder) if folder.is_dir() else []
    if not paths:
        raise MissingError(f"{folder}: no infrared files there; name a folder that holds some")
    boxes = read_boxes(instances) if instances else {}
    failed = 0

    def find() -> "Iterator[tuple[Measured, list[Finding]]]":
        nonlocal failed
        for path in paths:
            try:
                measured = measure_file(path, boxes.get(path.name, ()), unit, "unknown")
            except RejectError as error:
                failed += 1
                stderr.print(f"error: {error}", style="red", soft_wrap=True, markup=False)
                continue
            if findings := inspect_file(measured):
                yield measured, findings

    with own_folder(out, INSPECTION):
        count = write_inspection(find(), folder, out)
    without = len(paths) - count - failed
    told = f"{count} files with temperatures in {out / 'table.csv'}; {without} without, {failed} not read"
    stdout.print(told, soft_wrap=True, markup=False)
    if failed:
        raise typer.Exit(1)
