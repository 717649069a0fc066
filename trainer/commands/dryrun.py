"""`--dry-run`: steps, tokens, memory and what is missing, from configurations and texts alone. No weights are read."""

import importlib.util
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from tools.errors import ToolkitError
from trainer.data.reading import Request, read_samples
from trainer.data.samples import Reject, Sample
from trainer.model.sizes import Memory, Sizes, count_sizes, estimate_memory
from trainer.recipe import Recipe, SftPart, StagePart
from trainer.stages.arguments import Cut, check_parallel, cut_batch
from trainer.stages.stage_run import count_devices

PACKAGES = {"wandb": "wandb", "tensorboard": "tensorboard", "trackio": "trackio", "mlflow": "mlflow"}


@dataclass(frozen=True)
class Forecast:
    """What a stage would do.

    Attributes:
        samples, rejects: usable rows, and refused ones by reason (too long ones are only found in training).
        steps: optimizer steps of the whole stage.
        text_tokens: of all samples once, without images; image_tokens: an image. None without a tokenizer.
        memory: of one device; None when the model's configuration cannot be read.
        missing: what has to be there before training can start.
    """

    stage: str
    samples: int
    rejects: dict[str, int]
    steps: int
    cut: Cut | None
    text_tokens: int | None
    image_tokens: int | None
    memory: Memory | None
    missing: tuple[str, ...]


def forecast_align(recipe: Recipe, data: Path) -> Forecast:
    """What `trainer.align` would do."""
    is_indirect = recipe.align.mode == "indirect"
    names = ["llm", "tower", *(["image_tower"] if is_indirect else [])]
    folders = {name: getattr(recipe.model, name) for name in names}
    missing = [f"model.{name} (flag --{name})" for name, folder in folders.items() if folder is None]
    missing += [f"folder {folder}" for folder in folders.values() if folder is not None and not folder.is_dir()]
    request = Request(data, "align", is_indirect, recipe.data.images, Path("unpacked"))
    sizes = None if missing else count_sizes(folders["llm"], folders["tower"], *_name_layer(recipe))
    return _forecast(recipe, recipe.align, request, sizes, folders["llm"], missing)


def forecast_sft(recipe: Recipe, data: Path, align: Path) -> Forecast:
    """What `trainer.sft` would do."""
    start = next((folder for folder in (align / "model", align) if (folder / "config.json").is_file()), None)
    missing = [] if start else [f"a model in {align} (python -m trainer.align)"]
    if recipe.sft.method == "qlora" and importlib.util.find_spec("bitsandbytes") is None:
        missing.append("package bitsandbytes (pip install bitsandbytes), for method: qlora")
    request = Request(data, "sft", images=recipe.data.images, unpacked=Path("unpacked"))
    sizes = None if start is None else count_sizes(start, None, *_name_layer(recipe))
    return _forecast(recipe, recipe.sft, request, sizes, start, missing)


def _name_layer(recipe: Recipe) -> tuple[str, Mapping[str, Any]]:
    return recipe.model.align_layer, recipe.settings_of("align_layer")


def _forecast(
    recipe: Recipe, part: StagePart, request: Request, sizes: Sizes | None, text_model: Path | None, missing: list[str]
) -> Forecast:
    missing += [f"package {PACKAGES[name]}, for report_to" for name in part.report_to if not _has_package(name)]
    devices, cut = count_devices(), None
    try:
        check_parallel(recipe, devices)
        cut = cut_batch(part.global_batch, part.device_batch, devices)
    except ToolkitError as error:
        missing.append(str(error))
    samples, rejects, problem = _read(request)
    missing += problem
    tokens = _count_tokens(samples, text_model) if text_model is not None and text_model.is_dir() else None
    memory = None
    if sizes is not None and cut is not None and samples:
        mean = (tokens or 0) / len(samples) + sizes.image_tokens
        memory = estimate_memory(sizes, part, cut.device_batch, mean, (tokens or 0) / len(samples))
    steps = -(-len(samples) // part.global_batch)
    return Forecast(
        "sft" if isinstance(part, SftPart) else "align",
        len(samples),
        rejects,
        part.max_steps or round(steps * part.epochs),
        cut,
        tokens,
        None if sizes is None else sizes.image_tokens,
        memory,
        tuple(missing),
    )


def _has_package(name: str) -> bool:
    return name not in PACKAGES or importlib.util.find_spec(PACKAGES[name]) is not None


def _read(request: Request) -> tuple[list[Sample], dict[str, int], list[str]]:
    """Rows with a picture, counts of the others, and what keeps the data from being read at all."""
    samples: list[Sample] = []
    rejects: Counter[str] = Counter()
    try:
        for item in read_samples(request):
            if isinstance(item, Reject):
                rejects[item.code] += 1
            elif not item.image.is_file():
                rejects["missing_file"] += 1
            else:
                samples.append(item)
    except ToolkitError as error:
        return samples, dict(rejects), [str(error)]
    return samples, dict(rejects), [] if samples else [f"a usable row in {request.data}"]


def _count_tokens(samples: list[Sample], folder: Path) -> int | None:
    """Tokens of all texts; the words of a chat template come on top."""
    from transformers import AutoTokenizer

    load: Any = AutoTokenizer.from_pretrained
    try:
        tokenizer = load(str(folder))
    except (OSError, ValueError, json.JSONDecodeError):
        return None
    texts = [" ".join(turn.text for turn in sample.turns) for sample in samples]
    return sum(len(ids) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]) if texts else 0


def show_forecast(forecast: Forecast) -> Table:
    """The forecast for the terminal."""
    table = Table(show_header=False, box=None, padding=(0, 1), title=f"dry run, {forecast.stage}", title_justify="left")
    table.add_row("samples", f"{forecast.samples:,}")
    for code, count in sorted(forecast.rejects.items()):
        table.add_row("rejected", f"{count:,} {code}")
    table.add_row("steps", f"{forecast.steps:,}")
    if forecast.cut is not None:
        cut = forecast.cut
        table.add_row("batch", f"{count_devices()} devices x {cut.device_batch} x {cut.accumulation} accumulated")
    if forecast.text_tokens is not None and forecast.image_tokens is not None:
        total = forecast.text_tokens + forecast.samples * forecast.image_tokens
        image = f"{forecast.image_tokens} an image"
        table.add_row("tokens", f"about {total:,} an epoch, {forecast.text_tokens:,} of them text, {image}")
    if forecast.memory is not None:
        for name, gigabytes in forecast.memory.list_parts():
            table.add_row(f"memory, {name}", f"{gigabytes:.2f} GB")
        table.add_row("memory, sum", f"about {forecast.memory.total_gb:.1f} GB a device (estimate)")
    for item in forecast.missing:
        table.add_row("missing", item, style="red")
    if not forecast.missing:
        table.add_row("missing", "nothing")
    return table
