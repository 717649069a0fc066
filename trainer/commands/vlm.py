"""`--model DIR` of the two stages: training, or what it would do."""

from pathlib import Path
from typing import TYPE_CHECKING

from trainer.data.samples import Stage
from trainer.recipe import Recipe

if TYPE_CHECKING:
    from trainer.commands.dryrun import Forecast


def train_model(stage: Stage, recipe: Recipe, data: Path, model: Path, output_dir: Path, *, fresh: bool) -> None:
    """Train a vision-language model of any maker.

    Raises:
        ToolkitError: see `trainer.stages.vlm.run.run_vlm`.
    """
    from trainer.stages.vlm.run import Plan, run_vlm

    run_vlm(Plan(stage, recipe, data, model, output_dir), fresh=fresh)


def forecast_model(stage: Stage, recipe: Recipe, data: Path, model: Path) -> "Forecast":
    """What training would do: samples, tokens, steps, memory (not where the tower learns), and what is missing."""
    from trainer.commands.dryrun import Forecast, estimate, fill_samples, look, look_at_rows
    from trainer.data.chats.family import make_chat_encoder
    from trainer.data.reading import Request
    from trainer.model.memory import is_forecast
    from trainer.model.pretrained import check_weights, read_model_config
    from trainer.model.shapes.measure import measure_whole
    from trainer.model.vlm.loading import load_vlm_processor, read_model_type
    from trainer.stages.align_run import choose_text_limit
    from trainer.stages.vlm.plan import check_plan

    part = recipe.align if stage == "align" else recipe.sft
    found, request = Forecast(stage), Request(data, stage, images=recipe.data.images)
    with found.note():
        check_weights(model)
    has_model = not found.problems
    look(found, recipe, part)
    with found.note():
        check_plan(recipe, stage, "align_layer" if stage == "align" else recipe.sft.train, read_model_type(model))
    if not has_model:
        look_at_rows(found, request)
        return found
    with found.note():
        processor = load_vlm_processor(model, recipe.model.template)
        encoder = make_chat_encoder(processor, read_model_type(model), model, recipe.data.turns)
        text_format = recipe.align.text_format if stage == "align" else "instruction"
        config = read_model_config(model)
        prepared = fill_samples(found, recipe, part, request, encoder, text_format, choose_text_limit(config))
        if found.traffic is not None and is_forecast(part):
            found.memory = estimate(recipe, part, measure_whole(config, prepared.image_tokens), prepared, found.traffic)
    return found
