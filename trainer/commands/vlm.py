"""`--model DIR`: what is done before transformers is imported, then training."""

from pathlib import Path

from trainer.data.samples import Stage
from trainer.recipe import Recipe


def train_model(stage: Stage, recipe: Recipe, data: Path, model: Path, output_dir: Path, *, fresh: bool) -> None:
    """Train a vision-language model of any maker.

    Raises:
        ToolkitError: see `trainer.stages.vlm.run.run_vlm`.
    """
    from trainer.stages.vlm.run import Plan, run_vlm

    run_vlm(Plan(stage, recipe, data, model, output_dir), fresh=fresh)
