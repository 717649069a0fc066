"""Options that the training commands share."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tools.errors import MissingError, UsageError
from tools.files import Claim, check_folder
from tools.prompts.option import PACK_FLAGS, PACK_HELP
from tools.terminal.recipes import describe_config
from trainer.recipe import RECIPES, Recipe

DATA_PANEL, MORE = "Data", "Details"
CONFIG_HELP = describe_config(RECIPES)
Config = Annotated[Path, typer.Option("--config", help=CONFIG_HELP)]
DATA_HELP = "RUN folder, or LLaVA JSON, the authors' JSON, Parquet (file or folder)."
Data = Annotated[Path, typer.Option("--data", help=DATA_HELP)]
OutputDir = Annotated[
    Path, typer.Option("--out", "--output-dir", "--output_dir", help="Folder of checkpoints, tables and the model.")
]
Model = Annotated[
    Path | None,
    typer.Option(
        "--model", help="Folder of any vision-language model with a chat template, e.g. Qwen3-VL or InternVL."
    ),
]
MixIn = Annotated[
    str | None,
    typer.Option(
        "--mix-in",
        metavar="FILE:SHARE",
        rich_help_panel=DATA_PANEL,
        help="General instructions among the run's own against forgetting, and their share of all samples, e.g. 0.2.",
    ),
]
Images = Annotated[
    Path | None, typer.Option("--images", rich_help_panel=DATA_PANEL, help="Folder of the pictures, when it has moved.")
]
Pack = Annotated[Path | None, typer.Option(*PACK_FLAGS, rich_help_panel=DATA_PANEL, help=PACK_HELP)]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set", rich_help_panel=MORE, metavar="NAME=VALUE", help="Change a setting, e.g. sft.epochs=1; repeatable."
    ),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Delete the run in --out first (asks).")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say steps, tokens, memory and what is missing; train nothing.")
]
PrintConfig = Annotated[
    bool, typer.Option("--print-config", "--print_config", help="Print the merged settings and stop.")
]


def read_recipe(config: Path, changes: list[str] | None, **flags: Path | str | None) -> Recipe:
    """The recipe with `--set` changes, then flags (by the setting's name, `__` for a dot) on top."""
    from tools.prompts.pack import load_pack
    from trainer.recipe_file import load_recipe

    if pack := flags.get("data__pack"):
        load_pack(Path(pack))  # a run says itself what a pack is asked for, so that one that is not there went unseen
    given = [f"{name.replace('__', '.')}={value}" for name, value in flags.items() if value is not None]
    return load_recipe(config, [*(changes or []), *given])


def read_mixture(text: str | None) -> str | None:
    """`FILE:SHARE` as the setting `data.mix_in`.

    Raises:
        UsageError: it names no share between 0 and 1.
    """
    if text is None:
        return None
    file, colon, share = text.rpartition(":")
    try:
        number = float(share.removesuffix("%")) / (100 if share.endswith("%") else 1)
    except ValueError:
        number = 0.0
    if not colon or not file or not 0 < number < 1:
        raise UsageError(f"--mix-in {text}: expected FILE:SHARE with a share between 0 and 1, e.g. general.json:0.2")
    return json.dumps({"file": file, "share": number})


def check_model(folder: Path | None) -> None:
    """Whether `--model` names a model's folder, before anything heavy is imported.

    Raises:
        MissingError: it does not.
    """
    if folder is not None and not (folder / "config.json").is_file():
        from tools.processors import suggest_model

        advice = suggest_model(folder) or "give the folder of a saved model"
        raise MissingError(f"--model {folder}: no model folder, it has no config.json; {advice}")


def ask_first(folder: Path, claim: Claim, fresh: bool, yes: bool) -> None:
    """Refuse a folder that is not of this command, and ask before `--fresh` deletes an earlier run.

    Raises:
        UsageError: the folder holds something else.
        typer.Exit: the answer was no.
    """
    from trainer.folders import has_stage_files

    check_folder(folder, claim)
    is_asked = fresh and not yes and has_stage_files(folder)
    if is_asked and not typer.confirm(f"Delete the run in {folder}?", err=True):
        raise typer.Exit(1)


def show_recipe(recipe: Recipe) -> None:
    """Print the merged recipe on stdout."""
    from tools.terminal.cli import stdout
    from trainer.recipe_file import dump_recipe

    stdout.print(dump_recipe(recipe), end="", soft_wrap=True)
