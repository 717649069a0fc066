"""Which settings of a recipe cannot be met with `--model DIR`: said before anything is loaded."""

from tools.errors import UsageError
from trainer.data.samples import Stage
from trainer.recipe import Recipe
from trainer.stages.freezing import Trained


def check_plan(recipe: Recipe, stage: Stage, trained: Trained) -> None:
    """Refuse what is of the paper's own model, or would not do what it says.

    Raises:
        UsageError: see above; the message says what to set.
    """
    part = recipe.align if stage == "align" else recipe.sft
    if stage == "align" and recipe.align.mode == "indirect":
        raise UsageError("align.mode: indirect swaps towers, and a model given with --model keeps its own; use direct")
    if part.feature_cache is not None and trained != "llm":
        text = "feature_cache: with --model the align layer's output is kept, so tower and align layer must be frozen"
        raise UsageError(f"{text} (train: llm, here {trained}); leave it out")
