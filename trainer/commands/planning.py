"""Which settings of a stage fit on a GPU: sizes of a model by name or by its config.json, and a search over batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.errors import MissingError, UsageError
from trainer.model.memory import Batch, Memory, estimate_memory
from trainer.model.pretrained import read_model_config, read_vision_config
from trainer.model.shapes import list_shapes, read_shape
from trainer.model.shapes.measure import measure_whole
from trainer.model.shapes.pictures import PictureSize, count_of_folder, count_of_shape
from trainer.model.sizes import Sizes, measure_sizes
from trainer.model.work import count_operations
from trainer.recipe import Recipe, StagePart
from trainer.stages.arguments import Cut, cut_batch
from trainer.stages.memory import DRIVER_GB

KNOWN: dict[str, dict[str, int]] = {
    "7b": {"hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32},
    "13b": {"hidden_size": 5120, "intermediate_size": 13824, "num_hidden_layers": 40, "num_attention_heads": 40},
}
"""Vicuna-1.5's sizes, which are Llama 2's."""
VOCABULARY = 32064
"""Llama 2's 32,000 and an image token, filled up to a multiple of 64."""
TOWER = {
    "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16,
    "image_size": 224, "patch_size": 14,
}  # fmt: skip
"""ViT-L/14, LanguageBind's."""
USABLE = 0.95
"""Share of a GPU's memory that can be filled: the allocator leaves gaps."""
SUPERVISED = 0.7
"""Share of the text that is learned from: answers are longer than questions."""
COMFORTABLE = 8
"""With fewer samples at once, activations are recomputed so that more fit."""


@dataclass(frozen=True)
class Plan:
    """One stage on one device.

    Attributes:
        name: of the stage and its method.
        part: the recipe's settings, as they have to be set; cut: how the global batch is cut.
        fits: on the GPU; otherwise the settings are those that need least.
        tokens: of a sample, the image included; operations: what a sample costs.
    """

    name: str
    part: StagePart
    cut: Cut
    memory: Memory
    fits: bool
    tokens: int
    operations: float = 0.0

    def count_hours_at(self, samples: int, speed: float) -> float:
        """Hours of the whole stage at so many operations a second."""
        return samples * self.part.epochs * self.operations / speed / 3600

    def count_hours(self, samples: int, throughput: float) -> float:
        """Hours of the whole stage at so many tokens a second."""
        return samples * self.part.epochs * self.tokens / throughput / 3600


def find_sizes(llm: str, tower: Path | None, recipe: Recipe) -> Sizes:
    """Sizes of a model.

    Args:
        llm: a name in `KNOWN`, the folder of a language model or of a whole model, or a config.json.
        tower: folder of a tower; None for that of `llm` where it has one, else ViT-L/14.

    Raises:
        MissingError, UsageError: not there, or no configuration.
    """
    from transformers import CLIPVisionConfig, LlamaConfig

    make_text: Any = LlamaConfig
    make_vision: Any = CLIPVisionConfig
    config: Any
    if llm.lower() in KNOWN:
        shape = KNOWN[llm.lower()]
        config = make_text(**shape, num_key_value_heads=shape["num_attention_heads"], vocab_size=VOCABULARY)
    elif not Path(llm).exists():
        kind = MissingError if len(Path(llm).parts) > 1 else UsageError  # `8b` is no path, `models/mine` is one
        raise kind(f"--llm-size {llm}: expected {', '.join(KNOWN)}, a model's folder or a config.json")
    else:
        config = read_model_config(Path(llm))
    vision = read_vision_config(tower) if tower is not None else getattr(config, "vision_config", None)
    if vision is None:
        vision = make_vision(**TOWER)
    return measure_sizes(config.get_text_config(), vision, recipe.model.align_layer, recipe.settings_of("align_layer"))


def find_whole(model: str, size: PictureSize) -> Sizes:
    """Sizes of a whole vision-language model.

    Args:
        model: name of a published shape, or a model's folder with its processor.
        size: of the pictures.

    Raises:
        MissingError, UsageError: not there, no vision-language model, or its processor knows no pictures.
    """
    if model.lower() in list_shapes():
        shape = read_shape(model)
        return measure_whole(shape.make_config(), count_of_shape(shape, size))
    if not Path(model).is_dir():
        kind = MissingError if len(Path(model).parts) > 1 else UsageError
        raise kind(f"--model {model}: expected {', '.join(list_shapes())}, or a model's folder")
    return measure_whole(read_model_config(Path(model)), count_of_folder(Path(model), size))


def plan_stages(recipe: Recipe, sizes: Sizes, gpu_gb: float, devices: int, texts: tuple[int, int]) -> Iterator[Plan]:
    """Alignment, and instruction tuning in full and with adapters.

    Args:
        texts: tokens of a caption with its question, and of a dialogue.
    """
    shards = devices if recipe.parallel == "fsdp" else 1
    yield _search("align", recipe.align, sizes, gpu_gb, devices, texts[0], shards)
    for method in ("full", "lora", "qlora"):
        part = recipe.sft.model_copy(update={"method": method})
        yield _search(f"sft, {method}", part, sizes, gpu_gb, devices, texts[1], shards if method == "full" else 1)


def _search(name: str, part: StagePart, sizes: Sizes, gpu_gb: float, devices: int, text: int, shards: int) -> Plan:
    """The largest batch that fits, activations recomputed only where that makes it comfortable."""
    tokens = sizes.image_tokens + text
    least: Plan | None = None
    for is_checkpointed, fewest in ((False, COMFORTABLE), (True, 1)):
        for size in range(min(part.device_batch, part.global_batch // devices), 0, -1):
            cut = cut_batch(part.global_batch, size, devices)
            if cut.device_batch != size or size < min(fewest, part.device_batch):
                continue
            tried = part.model_copy(update={"device_batch": size, "gradient_checkpointing": is_checkpointed})
            batch = Batch(size, size * tokens, size * text * SUPERVISED, cut.accumulation > 1)
            memory = estimate_memory(sizes, tried, batch, base_gb=DRIVER_GB, shards=shards)
            fits = memory.total_gb <= gpu_gb * USABLE
            work = count_operations(sizes, tried, text, text * SUPERVISED)
            plan = Plan(name, tried, cut, memory, fits, tokens, work)
            if fits:
                return plan
            if least is None or memory.total_gb < least.memory.total_gb:
                least = plan
    if least is None:
        raise UsageError(f"{name}: no batch can be cut from global_batch {part.global_batch} for {devices} devices")
    return least
