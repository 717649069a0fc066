"""`python -m tools scenes`: rendered scenes with exact temperatures."""

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from tools.errors import UsageError
from tools.terminal.bars import make_bar
from tools.terminal.cli import stdout

SENSOR_PANEL = "Sensor"
KINDS_HELP = "Kinds in turn, comma separated, of street, yard, indoor, aerial, road, field, shore."


def scenes(
    count: Annotated[int, typer.Option(help="How many scenes; a larger number makes the folder grow.", min=1)],
    out: Annotated[Path, typer.Option(help="Folder for the scenes.")],
    seed: Annotated[int, typer.Option(help="Seed of everything in them.")] = 0,
    kinds: Annotated[str, typer.Option(help=KINDS_HELP)] = "street,yard,indoor,aerial",
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT, each from 48 to 4096.")] = "640x512",
    gain: Annotated[
        Literal["auto", "fixed"], typer.Option(rich_help_panel=SENSOR_PANEL, help="The sensor's gain.")
    ] = "auto",
    noise: Annotated[
        float, typer.Option(rich_help_panel=SENSOR_PANEL, help="The sensor's noise, degrees C.", min=0)
    ] = 0.12,
    row_noise: Annotated[
        float, typer.Option(rich_help_panel=SENSOR_PANEL, help="The same of whole rows.", min=0)
    ] = 0.05,
    blur: Annotated[
        float, typer.Option(rich_help_panel=SENSOR_PANEL, help="Radius of the optics' blur, pixels.", min=0.1)
    ] = 0.7,
) -> None:
    """Render scenes in visible light and as a sensor sees them: COCO and FLIR layout, exact temperatures.

    Example: python -m tools scenes --count 20 --seed 1 --out runs/scenes
    """
    from tools.scenes import Sensor, render_scenes

    sensor = Sensor(gain=gain, noise_celsius=noise, row_noise_celsius=row_noise, blur_pixels=blur)
    with make_bar(is_transient=True) as bar:
        task = bar.add_task("scenes", total=count)
        summary = render_scenes(
            count,
            seed,
            out,
            size=parse_size(size),
            kinds=parse_kinds(kinds),
            sensor=sensor,
            progress=lambda number: bar.update(task, completed=number),
        )
    objects = ", ".join(f"{name} {number}" for name, number in summary.objects.items())
    stdout.print(f"{summary.scenes} scenes ({summary.rendered} new) in {summary.folder}: {objects}", soft_wrap=True)


def parse_size(text: str) -> tuple[int, int]:
    """`640x512` -> (640, 512).

    Raises:
        UsageError: no such form, or a side below 48 or above 4096.
    """
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(48 <= side <= 4096 for side in size):
        raise UsageError(f"--size {text}: expected WIDTHxHEIGHT from 48 to 4096, e.g. 640x512")
    return size


def parse_kinds(text: str) -> tuple[str, ...]:
    """Kinds of scenes, comma separated.

    Raises:
        UsageError: an unknown kind.
    """
    from tools.scenes import KINDS

    kinds = tuple(text.split(","))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise UsageError(f"--kinds: unknown {', '.join(unknown)}; legal: {', '.join(KINDS)}")
    return kinds
