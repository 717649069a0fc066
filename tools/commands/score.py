"""`python -m tools score`: captions against an image of the modality."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tools.commands.options import Changes, ScorerDevice, ScorerName, ScorerWeights, read_changes
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PackOption
from tools.registry import SCORERS, Given, make_choice


def score(
    image: Annotated[Path, typer.Option(help="Image of the modality.")],
    caption: Annotated[list[str], typer.Option(help="A caption; give several.")],
    more: Annotated[list[str] | None, typer.Argument(help="More captions.")] = None,
    scorer: ScorerName = "lexical",
    weights: ScorerWeights = None,
    device: ScorerDevice = None,
    changes: Changes = None,
    pack: PackOption = DEFAULT_PACK,
) -> None:
    """Score captions against an image of the modality, JSON on stdout.

    Example: python -m tools score --image a.png --caption "a red car" --caption "a car"
    """
    from tools.datasets.first_images import check_first_images
    from tools.prompts.lexicon import load_lexicon
    from tools.scoring import ScoreRequest, make_scorer, spec_scorer

    check_first_images("--image", image.parent, [image], "name an image of the modality")
    given = (Given("--scorer-weights", "weights", weights), Given("--device", "device", device))
    choice = make_choice(SCORERS, scorer, read_changes(changes, "scorer"), given)
    made = make_scorer(spec_scorer(choice), load_lexicon(pack))
    captions = (*caption, *(more or ()))
    scores = made.score([ScoreRequest(image, captions)])[0]
    result = {
        "scorer": made.name,
        "is_embedded": made.is_embedded,
        "image": str(image),
        "scores": [{"caption": text, "score": value} for text, value in zip(captions, scores, strict=True)],
    }
    print(json.dumps(result, ensure_ascii=False, indent=2))  # noqa: T201
