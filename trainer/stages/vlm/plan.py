"""Which settings of a recipe cannot be met with `--model DIR`: said before anything is loaded."""

from tools.errors import UsageError
from trainer.data.prepare import Prepared
from trainer.data.samples import Stage
from trainer.model.baselines.trained import is_peer
from trainer.recipe import Recipe
from trainer.stages.freezing import TRAINED, Trained


def check_mixture(prepared: Prepared, trained: Trained) -> None:
    """Refuse rows of text alone where nothing could be learned from them.

    Raises:
        UsageError: the language model is frozen.
    """
    mixed = prepared.mixed
    if mixed is not None and mixed.text_alone and "language model" not in TRAINED[trained]:
        text = f"--mix-in {mixed.name}: {mixed.text_alone} of its rows have no picture, and train: {trained}"
        raise UsageError(f"{text} learns from pictures alone; take rows with pictures, or train the language model too")


def check_plan(recipe: Recipe, stage: Stage, trained: Trained, model_type: str) -> None:
    """Refuse what is of the paper's own model, or would not do what it says.

    Args:
        model_type: of the model; of a peer's trunk the embeddings are stored, so the align layer may learn.

    Raises:
        UsageError: see above; the message says what to set.
    """
    part = recipe.align if stage == "align" else recipe.sft
    if stage == "align" and recipe.align.mode == "indirect":
        raise UsageError("align.mode: indirect swaps towers, and a model given with --model keeps its own; use direct")
    if part.feature_cache is None:
        return
    if is_peer(model_type):
        if "vision tower" in TRAINED.get(trained, ()):
            raise UsageError(
                f"feature_cache: keeps what a frozen trunk gives, and train: {trained} trains it; leave it out"
            )
    elif trained != "llm":
        text = "feature_cache: with --model the align layer's output is kept, so tower and align layer must be frozen"
        raise UsageError(f"{text} (train: llm, here {trained}); leave it out")
