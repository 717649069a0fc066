"""Recipes: one YAML file a row of the paper's tables. Every field is described here, once, for code and for people.

A recipe may say `extends: paper.yaml` and then states only what differs; a name without a folder is looked for beside
the file and in `trainer/recipes`.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PACK_ALIASES
from tools.registry import ALIGN_LAYERS, MODEL_FAMILIES, SEAMS

RECIPES = Path(__file__).parent / "recipes"
Precision = Literal["fp32", "bf16"]
Share = Annotated[float, Field(ge=0, le=1)]


class RecipePart(BaseModel):
    """Base of a recipe's parts: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelPart(RecipePart):
    """What the model is put together from."""

    llm: Path | None = Field(
        default=None, description="Folder of any Hugging Face causal language model. Paper: Vicuna-1.5-7B."
    )
    tower: Path | None = Field(default=None, description="Folder of the modality's vision tower. Paper: LanguageBind.")
    image_tower: Path | None = Field(
        default=None,
        description="Folder of the visible image tower, for indirect alignment only. Paper: LanguageBind_Image.",
    )
    align_layer: str = Field(default="mlp", description=f"Between tower and language model: {ALIGN_LAYERS.describe()}.")
    framing: Literal["letterbox", "crop", "squash"] = Field(
        default="letterbox",
        description="How an image becomes square. Not in the paper; letterbox keeps the borders in view.",
    )
    shape: str | None = Field(
        default=None,
        description="Published model, of trainer/model/shapes, whose sizes `trainer.plan` counts with.",
    )
    template: str = Field(
        default="auto",
        description="Chat template of the language model's family: auto (looks at the tokenizer), "
        f"{', '.join(MODEL_FAMILIES.names())}.",
    )

    @model_serializer(mode="wrap")
    def _leave_out_no_shape(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = dump(self)
        return {name: value for name, value in fields.items() if name != "shape" or value is not None}

    @field_validator("align_layer")
    @classmethod
    def _check_align_layer(cls, value: str) -> str:
        ALIGN_LAYERS.find(value)
        return value


class MixPart(RecipePart):
    """General instructions among the run's own, so that the model does not forget what it could. Not in the paper."""

    file: Path = Field(description="LLaVA JSON, JSONL or Parquet; rows without a picture are taken too.")
    share: float = Field(gt=0, lt=1, description="Of all samples; 0.2: one in five is general.")
    images: Path | None = Field(default=None, description="Folder of its pictures where the file does not imply it.")


class DataPart(RecipePart):
    """What is read, and what is refused before training starts."""

    images: Path | None = Field(default=None, description="Folder of the pictures where the data does not imply it.")
    pack: Path = Field(
        default=DEFAULT_PACK,
        validation_alias=PACK_ALIASES,
        description="Modality pack: questions before captions, and words of the model card where the data has none.",
    )
    check_images: Literal["header", "decode"] = Field(
        default="header", description="Before training open every picture (header) or read it whole (decode, slower)."
    )
    max_tokens: int | None = Field(
        default=None,
        ge=8,
        description="Samples with more tokens, image included, are rejected. Default: the model's own limit.",
    )
    limit: int | None = Field(default=None, ge=1, description="Train on the first N usable samples only.")
    turns: Literal["together", "split"] = Field(
        default="together",
        description="With --model: learn all answers of a dialogue in one sample, or make a sample of each answer, for "
        "chat templates that write earlier turns otherwise than the last.",
    )
    upstream: bool = Field(
        default=False,
        description="With --model: take the first question and answer of each dialogue alone, as ImageBind-LLM's "
        "authors did.",
    )
    mix_in: MixPart | None = Field(default=None, description="General instructions among the run's own: none.")

    @model_serializer(mode="wrap")
    def _leave_out_defaults(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = dump(self)
        later = {"turns": "together", "upstream": False, "mix_in": None}
        return {name: value for name, value in fields.items() if name not in later or value != later[name]}

    @property
    def dialogue(self) -> Literal["together", "split", "first"]:
        """How a dialogue becomes samples."""
        return "first" if self.upstream else self.turns


class StagePart(RecipePart):
    """How one stage trains. Defaults where the paper is silent are LLaVA-1.5's or Hugging Face's, and say so."""

    epochs: float = Field(default=1, gt=0, description="Passes over the data.")
    max_steps: int | None = Field(
        default=None, ge=1, description="Stop after that many optimizer steps, whatever `epochs` says."
    )
    learning_rate: float = Field(default=1e-3, gt=0, description="Peak learning rate.")
    global_batch: int = Field(
        default=128, ge=1, description="Samples an optimizer step, whatever the number of devices."
    )
    device_batch: int = Field(
        default=8, ge=1, description="Most samples a device takes at once; the rest of the global batch is accumulated."
    )
    weight_decay: float = Field(default=0.0, ge=0, description="Paper: none, which makes AdamW the paper's Adam.")
    schedule: Literal["cosine", "linear", "constant"] = Field(
        default="cosine", description="Of the learning rate. Paper: cosine."
    )
    warmup_share: Share = Field(default=0.03, description="Share of the steps with rising learning rate. Paper: 3 %.")
    max_grad_norm: float = Field(
        default=1.0, ge=0, description="Gradient clipping; 0: none. Not in the paper: LLaVA-1.5's."
    )
    precision: Precision = Field(default="fp32", description="bf16: mixed precision of the trained parts (autocast).")
    frozen_precision: Precision = Field(
        default="fp32", description="Number format of the frozen weights; bf16 halves them."
    )
    gradient_checkpointing: bool = Field(default=False, description="Recompute activations to save memory. Paper: on.")
    length_grouping: bool = Field(
        default=False, description="Put samples of like length in a batch: less padding. Not in the paper."
    )
    feature_cache: Path | None = Field(
        default=None,
        description="Folder for the frozen tower's features (0.5 MB an image with ViT-L/14), shared by runs.",
    )
    workers: int = Field(default=0, ge=0, description="Processes that load images ahead, a device.")
    save_every: int = Field(default=500, ge=1, description="Optimizer steps between checkpoints.")
    keep_checkpoints: int = Field(default=2, ge=1, description="Older checkpoints are deleted.")
    log_every: int = Field(default=1, ge=1, description="Optimizer steps between log lines.")
    report_to: tuple[str, ...] = Field(default=(), description="Hugging Face integrations: tensorboard, wandb, ...")


class AlignPart(StagePart):
    """Stage 1 (paper 5): the align layer alone, on captions."""

    mode: Literal["direct", "indirect"] = Field(
        default="direct",
        description="direct: images of the modality; indirect: photographs and image tower, swapped afterwards.",
    )
    text_format: Literal["instruction", "plain"] = Field(
        default="instruction",
        description="instruction: a question before the caption (paper); plain: LLaVA-1.5's bare caption.",
    )


class LoraPart(RecipePart):
    """Low-rank adapters on the language model; the align layer is trained in full beside them. Not in the paper."""

    rank: int = Field(default=128, ge=1, description="As LLaVA-1.5's own LoRA recipe.")
    alpha: int = Field(default=256, ge=1, description="Scale of the adapters, as LLaVA-1.5's.")
    dropout: Share = Field(default=0.05, description="As LLaVA-1.5's.")


class SftPart(StagePart):
    """Stage 2 (paper 5): instructions."""

    epochs: float = Field(default=3, gt=0, description="Passes over the data. Paper: 3.")
    learning_rate: float = Field(default=2e-5, gt=0, description="Peak learning rate. Paper: 2e-5.")
    global_batch: int = Field(
        default=64, ge=1, description="Samples an optimizer step, whatever the devices. Paper: 64."
    )
    train: Literal["align_layer", "llm", "both", "tower", "tower+align_layer", "tower+llm", "all", "upstream"] = Field(
        default="both",
        description="What is trained (Table 4: the first three; the tower only with --model; upstream: what the "
        "authors of the paper's peers trained).",
    )
    method: Literal["full", "lora", "qlora"] = Field(
        default="full", description="full weights, or adapters on the language model (qlora: its weights in 4 bits)."
    )
    lora: LoraPart = LoraPart()

    @model_validator(mode="after")
    def _check_method(self) -> "SftPart":
        if self.method != "full" and self.train == "upstream":
            raise ValueError(
                f"method: {self.method} adds adapters, but train: upstream trains the peer's own; use full"
            )
        if self.method != "full" and self.train in ("align_layer", "tower", "tower+align_layer"):
            raise ValueError(
                f"method: {self.method} puts adapters on the language model, which train: {self.train} freezes"
            )
        return self


class Recipe(RecipePart):
    """All settings of both stages."""

    title: str = Field(default="", description="Which row of which table this is.")
    notice: str = Field(default="", description="Shown before and after training, e.g. that the answers are nonsense.")
    seed: int = Field(
        default=0, ge=0, description="Of weights that start at random, of the data's order, and of dropout."
    )
    parallel: Literal["auto", "fsdp"] = Field(
        default="auto",
        description="auto: DDP when launched on several devices; fsdp: shard the model (FSDP2, GPUs only).",
    )
    model: ModelPart = ModelPart()
    data: DataPart = DataPart()
    align: AlignPart = AlignPart()
    sft: SftPart = SftPart()
    set: dict[str, dict[str, Any]] = Field(
        default={}, description="Settings of what stands at a seam: {align_layer: {queries: 64}}, or --set with a dot."
    )

    @model_validator(mode="after")
    def _check_settings(self) -> "Recipe":
        chosen = {ALIGN_LAYERS.key: self.model.align_layer}
        for seam, values in self.set.items():
            if seam not in chosen:
                raise ValueError(f"set: `{seam}` is no seam of a recipe; there are {', '.join(chosen)}")
            SEAMS[seam].read_settings(chosen[seam], values)
        return self

    @model_serializer(mode="wrap")
    def _leave_out_nothing_set(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = dump(self)
        return {name: value for name, value in fields.items() if name != "set" or value}

    def settings_of(self, seam: str) -> dict[str, Any]:
        """What was set of the entry that stands at a seam, as it was given."""
        return dict(self.set.get(seam, {}))
