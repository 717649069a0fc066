"""`python -m tools calibrate`: how well a scorer tells true captions from shuffled ones."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tools.commands.options import Changes, ScorerName, ScorerWeights, read_changes
from tools.errors import UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PackOption
from tools.registry import SCORERS, Given, make_choice
from tools.terminal.cli import stderr


def calibrate(  # noqa: PLR0913, PLR0917 - a parameter an option
    run: Annotated[Path | None, typer.Argument(help="A run folder; or give --captions and --images.")] = None,
    captions: Annotated[Path | None, typer.Option(help="COCO captions file.")] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of its images.")] = None,
    scorer: ScorerName = "lexical",
    weights: ScorerWeights = None,
    changes: Changes = None,
    text: Annotated[Literal["original", "caption"], typer.Option(help="Which captions of a run.")] = "original",
    candidates: Annotated[
        int, typer.Option(rich_help_panel="Details", help="Captions an image is shown at once.", min=2)
    ] = 8,
    limit: Annotated[int | None, typer.Option(help="Only so many pairs.", min=2)] = None,
    seed: Annotated[int, typer.Option(rich_help_panel="Details", help="Seed of the shuffled captions.")] = 0,
    pack: PackOption = DEFAULT_PACK,
) -> None:
    """Measure how well a scorer tells true captions from shuffled ones (AUC), JSON on stdout.

    Example: python -m tools calibrate runs/demo --scorer languagebind --scorer-weights LanguageBind_Thermal
    """
    from tools.compare.calibrate import calibrate as measure
    from tools.compare.calibrate import read_coco_pairs, read_run_pairs
    from tools.prompts.lexicon import load_lexicon
    from tools.scoring import make_scorer, spec_scorer

    choice = make_choice(
        SCORERS, scorer, read_changes(changes, "scorer"), [Given("--scorer-weights", "weights", weights)]
    )
    if run is not None:
        pairs = read_run_pairs(run, text, limit)
    elif captions is not None and images is not None:
        pairs = read_coco_pairs(captions, images, limit)
    else:
        raise UsageError("give a run folder, or both --captions FILE and --images DIR")
    made = make_scorer(spec_scorer(choice), load_lexicon(pack))
    report = measure(pairs, made, seed, candidates, text)
    for warning in report.warnings:
        stderr.print(f"warning: {warning}", style="yellow", soft_wrap=True)
    print(report.model_dump_json(indent=1))  # noqa: T201
