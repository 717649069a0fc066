"""`python -m tools translate`: photographs as images of the modality."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from tools.commands.options import Changes, read_changes
from tools.errors import UsageError
from tools.registry import TRANSLATORS, Given, make_choice
from tools.terminal.bars import track
from tools.terminal.cli import stderr, stdout
from tools.terminal.options import choose_option, setting_option

PANEL = "Models"


def translate(
    images: Annotated[list[Path], typer.Argument(help="Photographs, or folders of them.")],
    out: Annotated[Path, typer.Option(help="Folder for the images of the modality.")],
    translator: Annotated[str, choose_option("translator", "Which translator")] = "prior",
    weights: Annotated[
        Path | None, setting_option("translator", "weights", "--translator-weights", "--weights")
    ] = None,
    style_codes: Annotated[Path | None, setting_option("translator", "style_codes", panel=PANEL)] = None,
    style_policy: Annotated[str | None, setting_option("translator", "style_policy", panel=PANEL)] = None,
    style_index: Annotated[int | None, setting_option("translator", "style_index", panel=PANEL)] = None,
    device: Annotated[str | None, setting_option("translator", "device", panel=PANEL)] = None,
    precision: Annotated[str | None, setting_option("translator", "precision", panel=PANEL)] = None,
    changes: Changes = None,
) -> None:
    """Translate photographs into the modality.

    Each is named, and its noise seeded, by the photograph's name, or by its path in the folder that was given.

    Example: python -m tools translate cat.jpg --out translated
    """
    from tools.datasets.first_images import check_first_images
    from tools.files import check_folder
    from tools.translation import make_translator, spec_translator
    from tools.translation.photographs import list_photographs
    from tools.translation.write import TRANSLATED, translate_to

    check_folder(out, TRANSLATED)
    named = list_photographs(images, leave_out=out)
    check_first_images("translate", images[0], (path for _, path in named), "name photographs that can be opened")
    given = (
        Given("--translator-weights", "weights", weights),
        Given("--style-codes", "style_codes", style_codes),
        Given("--style-policy", "style_policy", style_policy),
        Given("--style-index", "style_index", style_index),
        Given("--device", "device", device),
        Given("--precision", "precision", precision),
    )
    choice = make_choice(TRANSLATORS, translator, read_changes(changes, "translator"), given)
    made = make_translator(spec_translator(choice))
    if made is None:
        raise UsageError(f"translator `{translator}` makes no images; choose another")
    _tell_outcomes(track(translate_to(made, named, out), translator, total=len(named)))


def _tell_outcomes(outcomes: Iterable[Path | Exception]) -> None:
    """Print each file, or why there is none; exit code 1 when one failed."""
    made, failed = 0, 0
    for outcome in outcomes:
        if isinstance(outcome, Path):
            made += 1
            stdout.print(str(outcome), soft_wrap=True)
        else:
            failed += 1
            stderr.print(f"error: {outcome}", style="red", soft_wrap=True)
    if failed:
        stderr.print(f"{failed} of {made + failed} photographs could not be translated", style="red")
        raise typer.Exit(1)
