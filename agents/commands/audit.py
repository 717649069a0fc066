"""`python -m agents audit`: what a file of dialogues says that the modality or the boxes contradict."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tools.errors import MissingError
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PackOption
from tools.prompts.pack import load_pack
from tools.terminal.cli import stdout


def audit(
    file: Annotated[Path, typer.Argument(help="A LLaVA-style JSON, JSONL or Parquet file, or a run folder.")],
    instances: Annotated[Path | None, typer.Option(help="COCO instances of its images, to check against.")] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder of its images: boxes turn with them, sizes are compared.")
    ] = None,
    pack: PackOption = DEFAULT_PACK,
    as_json: Annotated[bool, typer.Option("--json", help="JSON in place of a table.")] = False,
) -> None:
    """Find what the modality cannot show and what contradicts boxes. Example: python -m agents audit instruct.json"""
    from agents.checks.audit import audit_file, render_report

    if images is not None and not images.is_dir():
        raise MissingError(f"--images {images}: no such folder; name the folder of the images")
    found = audit_file(file, pack, instances, images)
    if as_json:
        print(json.dumps(found.to_json(), ensure_ascii=False, indent=1))  # noqa: T201
    else:
        stdout.print(render_report(found, load_pack(pack).nouns.subject))
