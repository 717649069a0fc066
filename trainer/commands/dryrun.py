"""`--dry-run`: steps, tokens, memory and what is missing. The data are read as training reads them, weights are not."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tools.errors import MissingError, ToolkitError
from tools.registry.extras import is_there
from trainer.commands.batches import Traffic, measure_traffic
from trainer.commands.unloaded import load_align_encoder, load_sft_encoder
from trainer.data.encode import Encoder, TextFormat
from trainer.data.prepare import Prepared, prepare
from trainer.data.reading import Request
from trainer.data.sieve import AnyEncoder
from trainer.model.memory import Memory, estimate_memory
from trainer.model.pretrained import check_weights, read_model_config
from trainer.model.sizes import Sizes, count_sizes
from trainer.recipe import Recipe, SftPart, StagePart
from trainer.stages.align_run import check_folder, choose_text_limit, list_folders
from trainer.stages.arguments import Cut, check_parallel, cut_batch
from trainer.stages.memory import measure_base_gb
from trainer.stages.sft_run import find_start
from trainer.stages.stage_run import count_devices

PACKAGES = {"wandb": "wandb", "tensorboard": "tensorboard", "trackio": "trackio", "mlflow": "mlflow"}


@dataclass
class Forecast:
    """What a stage would do.

    Attributes:
        samples, rejects: usable rows, and refused ones by reason, as training would find them.
        steps: optimizer steps of the whole stage.
        traffic: tokens of an epoch; image_tokens: of an image. None when the data or the model cannot be read.
        memory: the peak of one device.
        problems: what keeps training from starting.
    """

    stage: str
    samples: int = 0
    rejects: dict[str, int] = field(default_factory=dict)
    steps: int = 0
    cut: Cut | None = None
    traffic: Traffic | None = None
    image_tokens: int | None = None
    memory: Memory | None = None
    problems: list[ToolkitError] = field(default_factory=list)

    @property
    def missing(self) -> tuple[str, ...]:
        """The problems, in words."""
        return tuple(map(str, self.problems))

    @contextmanager
    def note(self) -> Iterator[None]:
        """Keep an error as a problem, and go on."""
        try:
            yield
        except ToolkitError as error:
            self.problems.append(error)

    def refuse(self) -> None:
        """End as the real run would: with the first problem's exit code, that of something missing before others.

        Raises:
            ToolkitError: there are problems.
        """
        if self.problems:
            first = next((each for each in self.problems if isinstance(each, MissingError)), self.problems[0])
            raise type(first)(f"training could not start: {len(self.problems)} problems, listed above")


def forecast_align(recipe: Recipe, data: Path) -> Forecast:
    """What `trainer.align` would do."""
    found = Forecast("align")
    for name, folder in list_folders(recipe).items():
        with found.note():
            check_weights(check_folder(recipe, name, folder))
    folders, part = list_folders(recipe), recipe.align
    llm, tower = folders["llm"], folders.get("image_tower", folders["tower"])
    request = Request(data, "align", part.mode == "indirect", recipe.data.images)
    has_model = not found.problems
    look(found, recipe, part)
    if llm is None or tower is None or not has_model:
        look_at_rows(found, request)
        return found
    with found.note():
        sizes = count_sizes(llm, tower, recipe.model.align_layer, recipe.settings_of("align_layer"))
        encoder = load_align_encoder(recipe.model, llm, tower, sizes.image_tokens)
        _fill(found, recipe, part, request, sizes, encoder, choose_text_limit(read_model_config(llm)))
    return found


def forecast_sft(recipe: Recipe, data: Path, align: Path) -> Forecast:
    """What `trainer.sft` would do."""
    found = Forecast("sft")
    request = Request(data, "sft", images=recipe.data.images)
    start: Path | None = None
    with found.note():
        start = find_start(align).folder
        check_weights(start)
    has_model = not found.problems
    look(found, recipe, recipe.sft)
    if start is None or not has_model:
        look_at_rows(found, request)
        return found
    with found.note():
        config = read_model_config(start)
        layer, settings = getattr(config, "align_layer", "mlp"), {}
        if layer == recipe.model.align_layer:
            settings = recipe.settings_of("align_layer")
        sizes, encoder = count_sizes(start, None, layer, settings), load_sft_encoder(start)
        _fill(found, recipe, recipe.sft, request, sizes, encoder, choose_text_limit(config))
    return found


def look(found: Forecast, recipe: Recipe, part: StagePart) -> None:
    """What can be said without model and data."""
    if isinstance(part, SftPart) and part.method == "qlora" and not is_there("bitsandbytes"):
        found.problems.append(MissingError("package bitsandbytes, for method: qlora (pip install bitsandbytes)"))
    for name in part.report_to:
        if name in PACKAGES and not is_there(PACKAGES[name]):
            text = f"package {PACKAGES[name]}, for report_to: {name} (pip install {PACKAGES[name]})"
            found.problems.append(MissingError(text))
    with found.note():
        check_parallel(recipe, count_devices())
    with found.note():
        found.cut = cut_batch(part.global_batch, part.device_batch, count_devices())


def look_at_rows(found: Forecast, request: Request) -> None:
    """Without a model only that the data are there can be said."""
    from trainer.data.reading import read_samples

    with found.note():
        next(iter(read_samples(request)), None)


def _fill(
    found: Forecast, recipe: Recipe, part: StagePart, request: Request, sizes: Sizes, encoder: Encoder, limit: int
) -> None:
    """Read the data as training does, and follow from them.

    Raises:
        ToolkitError: nothing can be trained on.
    """
    text_format: TextFormat = "instruction" if isinstance(part, SftPart) else recipe.align.text_format
    prepared = fill_samples(found, recipe, part, request, encoder, text_format, limit)
    if found.traffic is not None:
        found.memory = estimate(recipe, part, sizes, prepared, found.traffic)


def fill_samples(
    found: Forecast,
    recipe: Recipe,
    part: StagePart,
    request: Request,
    encoder: AnyEncoder,
    text_format: TextFormat,
    limit: int,
) -> Prepared:
    """Samples, rejects, tokens and steps.

    Raises:
        ToolkitError: nothing can be trained on.
    """
    with tempfile.TemporaryDirectory() as unpacked:
        whole = replace(request, unpacked=Path(unpacked))
        prepared = prepare(whole, encoder, recipe.data, text_format, limit, recipe.seed)
    found.samples, found.image_tokens = prepared.count, prepared.image_tokens
    found.rejects = dict(Counter(reject.code for reject in prepared.rejects))
    if found.cut is not None:
        found.traffic = measure_traffic(prepared, part, recipe.seed, found.cut)
        found.steps = part.max_steps or found.traffic.count_steps(part.epochs)
    return prepared


def estimate(recipe: Recipe, part: StagePart, sizes: Sizes, prepared: Prepared, traffic: Traffic) -> Memory:
    """The memory of the epoch's largest batch."""
    import torch

    is_gpu, shards = torch.cuda.is_available(), count_devices() if recipe.parallel == "fsdp" else 1
    base = measure_base_gb("sft" if isinstance(part, SftPart) else "align")
    estimates = [
        estimate_memory(sizes, part, batch, is_gpu=is_gpu, base_gb=base, shards=shards)
        for batch in traffic.list_largest()
    ]
    return max(estimates, key=lambda each: each.total_gb)
