"""`python -m tools evidence`: what the pixels of infrared images show."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.terminal.cli import stderr, stdout

if TYPE_CHECKING:
    from tools.evidence.sources import Measured


def evidence(
    images: Annotated[list[Path], typer.Argument(help="Infrared images, or folders of them.")],
    instances: Annotated[Path | None, typer.Option(help="COCO instances file with boxes, joined by file name.")] = None,
    polarity: Annotated[str, typer.Option(help="What is bright: white-hot, black-hot or unknown.")] = "unknown",
    unit: Annotated[
        str | None, typer.Option(help="Unit of TIFF, PNG and CSV values: celsius, kelvin, centikelvin or K*N.")
    ] = None,
    span: Annotated[
        tuple[float, float] | None,
        typer.Option(help="Values that become black and white; else each image's own.", metavar="LOW HIGH"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the images with their objects drawn in.")] = None,
) -> None:
    """Print what is brighter, darker or warmer in each image, with the numbers behind it.

    Example: python -m tools evidence thermal/*.png --instances boxes.json --out drawn
    """
    from tools.errors import RejectError, UsageError
    from tools.evidence.sources import list_images, measure_file, read_boxes
    from tools.files import check_folder, own_folder

    boxes = read_boxes(instances) if instances else {}
    if out is not None:
        from tools.evidence.write import DRAWN, check_stems, write_drawn

        check_folder(out, DRAWN)
    if span is not None and not span[0] < span[1]:
        raise UsageError(f"--span {span[0]:g} {span[1]:g}: expected the lower value first")
    paths, failed = list_images(images), list[int]()
    if out is not None:
        check_stems(paths)
    for image in paths:
        try:
            measured = measure_file(image, boxes.get(image.name, ()), unit, polarity, span)
        except RejectError as error:
            failed.append(error.exit_code)
            stderr.print(f"error: {error}", style="red", soft_wrap=True, markup=False)
            continue
        _print(measured, unit)
        if out is not None:
            with own_folder(out, DRAWN):
                stdout.print(f"drawn: {write_drawn(measured, out)}", soft_wrap=True, markup=False)
    if failed:
        raise typer.Exit(min(failed) if len(failed) == len(paths) else 1)


def _print(measured: "Measured", unit: str | None) -> None:
    from tools.evidence.describe import describe_fact, describe_numbers, name_objects
    from tools.thermal.records import OWN_UNIT

    thermal, names = measured.thermal, name_objects(measured.labels)
    palette = f" ({thermal.palette})" if thermal.palette else ""
    drawn_in = f", drawn in: {', '.join(thermal.overlays)}{palette}" if thermal.overlays else ""
    low, high = thermal.span
    head = f"{measured.path}: {thermal.source}, {thermal.unit} {low:g} to {high:g}, {thermal.polarity}{drawn_in}"
    stdout.print(head, style="bold", soft_wrap=True, markup=False)
    if unit is not None and thermal.source in OWN_UNIT:
        stdout.print(f"  --unit {unit} is not used: the file states its unit itself")
    if measured.evidence is None:
        stdout.print("  nothing can be measured: in these colours a brighter pixel need not be a warmer one")
        return
    for fact in measured.evidence.facts:
        stdout.print(f"  {describe_fact(fact, names)}  ({describe_numbers(fact)})", soft_wrap=True, markup=False)
    if not measured.evidence.facts:
        stdout.print("  nothing that can be stated")
