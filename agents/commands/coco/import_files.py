"""`python -m agents import`: captions and boxes of any form as COCO's two files."""

from pathlib import Path
from typing import Annotated

import typer

from agents.config import RunConfig
from tools.errors import UsageError
from tools.terminal.cli import build_settings, stdout

HELP = (
    "Write captions and boxes of any form that a run reads as COCO's captions.json and instances.json.\n\n"
    "Example: python -m agents import --images photos --captions captions.csv --instances labels --out imported"
)


def import_files(
    out: Annotated[Path, typer.Option(help="Folder for the files; the same command writes the same files again.")],
    captions: Annotated[
        Path | None,
        typer.Option(help="COCO JSON, a CSV, a JSONL such as metadata.jsonl, or Flickr30k's file."),
    ] = None,
    instances: Annotated[
        Path | None, typer.Option(help="COCO JSON, a folder of VOC XML, or a folder of YOLO text.")
    ] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of the photographs.")] = None,
    sensor_images: Annotated[Path | None, typer.Option(help="Folder of images of the modality itself.")] = None,
    dataset: Annotated[
        str | None, typer.Option(help="NAME=DIR: images with their boxes, in the layout of a dataset.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="Only this split of --dataset, e.g. train.")] = None,
) -> None:
    """Write COCO's two files."""
    from agents.running.source import open_source
    from tools.datasets.coco.write import IMPORTED, write_coco
    from tools.files import check_folder
    from tools.files.fill import fill_folder
    from tools.terminal.bars import track

    check_folder(out, IMPORTED)
    given = {
        "captions": captions, "instances": instances, "images": images, "sensor_images": sensor_images,
        "dataset": dataset, "split": split,
    }  # fmt: skip
    source = open_source(build_settings(RunConfig, None, given))
    source.check_images()
    whole = source.dataset
    if not any(whole.photo(place).captions or whole.photo(place).boxes for place in range(len(whole))):
        raise UsageError("there is neither a caption nor a box to write; give --captions, --instances or --dataset")
    with fill_folder(out, IMPORTED, last="instances.json") as staged:
        written = write_coco(
            staged, lambda: ((whole.file(k), whole.photo(k)) for k in track(range(len(whole)), "images"))
        )
    stdout.print(f"{written.images} images: {written.captions} captions, {written.boxes} boxes", soft_wrap=True)
    for name in written.files:
        stdout.print(str(out / name), soft_wrap=True)
    told = [f"--{Path(name).stem} {out / name}" for name in written.files]
    place = f"--dataset {dataset}" if dataset else f"{source.config.source_flag} {source.config.source_root}"
    place += f" --split {split}" if split else ""
    stdout.print(f"a run reads them as it reads what they were made from: {place} {' '.join(told)}", soft_wrap=True)
