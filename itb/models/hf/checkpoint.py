"""A checkpoint: found, proved to be a vision-language model, loaded without running any code of its own."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itb.models.settings import ImageBackend, Precision
from tools.errors import MissingError, UsageError
from tools.files import MARKER_FILE
from tools.manifest import hash_bytes
from tools.processors import check_takes_images, load_processor, suggest_model
from tools.registry import CHECKPOINT_WAYS
from tools.weights import digest_file, explain_model, pick_device, pick_dtype, require_torch

WEIGHTS = (".safetensors", ".bin", ".pt")
TEXTS = (".json", ".jinja", ".model", ".txt")
EXPORT = "python -m trainer.export"
OWN_FORM = "paligemma"
"""Has no chat template: its processor takes the question after the image, and it reads both as a whole, both ways."""


@dataclass(frozen=True)
class Checkpoint:
    """A model that can be asked; its weights are read when they are needed first.

    Attributes:
        name: as it was given.
        digest: of every file that decides its replies; the commit for one that came from the hub.
        model_type: architecture.
        dtype: number format to compute in, of torch.
        processor: of transformers, with its tokenizer.
        device: where it runs.
    """

    name: str
    digest: str | None
    model_type: str
    dtype: Any
    processor: Any
    device: Any

    @functools.cached_property
    def model(self) -> Any:
        """The model of transformers.

        Raises:
            MissingError: its weights cannot be loaded.
        """
        return _load_model(self.name, self.dtype).to(self.device).eval()

    @property
    def tokenizer(self) -> Any:
        """The processor's tokenizer."""
        return self.processor.tokenizer

    @property
    def image_token_id(self) -> int | None:
        """The token that stands for a part of the image in the model's rows."""
        config = self.model.config
        names = ("image_token_id", "image_token_index", "image_patch_id")
        return next((found for name in names if (found := getattr(config, name, None)) is not None), None)

    @property
    def image_texts(self) -> frozenset[str]:
        """What a prompt may not hold besides its image: the texts that the processor turns into one."""
        processor, token = self.processor, self.image_token_id
        names = ("image_token", "boi_token", "image_placeholder_token")
        found = {getattr(processor, name, None) for name in names}
        found.add(self.tokenizer.convert_ids_to_tokens(token) if token is not None else None)
        return frozenset(text for text in found if isinstance(text, str) and text)

    @property
    def has_own_form(self) -> bool:
        """Whether a question is written as the processor takes it, without a chat template."""
        return self.model_type == OWN_FORM and not _has_template(self.processor)

    @property
    def reply_kinds(self) -> dict[str, int]:
        """What the model is told of the tokens of a reply, where it is not 0."""
        return {"token_type_ids": 1} if self.model_type == OWN_FORM else {}

    @property
    def has_window(self) -> bool:
        """Whether a layer sees the last tokens only, however many of them are padding."""
        text = self.model.config.get_text_config(decoder=True)
        kinds = getattr(text, "layer_types", None)
        if kinds is None:
            return bool(getattr(text, "sliding_window", None))
        return any("sliding" in kind or "chunked" in kind for kind in kinds)

    @property
    def end_tokens(self) -> tuple[int, ...]:
        """The tokens that end a reply."""
        found = self.model.generation_config.eos_token_id
        found = self.tokenizer.eos_token_id if found is None else found
        return () if found is None else tuple(found) if isinstance(found, list | tuple) else (int(found),)

    @property
    def answer_ending(self) -> tuple[int, ...]:
        """What stands behind a whole answer: the first token that ends a reply, or what the model says of itself."""
        return tuple(getattr(self.model.config, "answer_ending", None) or self.end_tokens[:1])


def load_checkpoint(
    name: str, device: str | None, dtype: Precision, image_processor: ImageBackend = "pillow"
) -> Checkpoint:
    """Prove a checkpoint and load its processor.

    Args:
        name: a folder, or a hub id.
        device: None for the first GPU, else the processor.
        dtype: fp32, bf16, fp16; auto for the checkpoint's own on a GPU and fp32 on a processor.
        image_processor: whose, where transformers has two for it.

    Raises:
        MissingError: no checkpoint there, or a part of it is missing.
        UsageError: it is no vision-language model, or one that needs code of its own.
    """
    require_torch("evaluating a checkpoint", "transformers")
    import transformers

    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    config = read_config(name)
    chosen = pick_device(device)
    number = _choose_dtype(config, dtype, chosen)
    processor = _load_processor(name, config["model_type"], image_processor == "torchvision")
    processor.tokenizer.padding_side = "left"  # no checkpoint saves it, and batches that generate need it
    if processor.tokenizer.pad_token is None:
        processor.tokenizer.pad_token = processor.tokenizer.eos_token
    digest = digest_checkpoint(Path(name)) if Path(name).is_dir() else config.get("_commit_hash")
    return Checkpoint(name, digest, config["model_type"], number, processor, chosen)


def _choose_dtype(config: dict[str, Any], wanted: Precision, device: Any) -> Any:
    import torch

    if wanted != "auto":
        return pick_dtype(wanted, device)
    saved = config.get("dtype") or config.get("torch_dtype") or "float32"
    return torch.float32 if device.type == "cpu" else getattr(torch, str(saved))


def read_config(name: str) -> dict[str, Any]:
    """The checkpoint's `config.json`, proved to be that of a vision-language model.

    Raises:
        MissingError: there is none.
        UsageError: it is of another kind of model.
    """
    from transformers import CONFIG_MAPPING, PretrainedConfig

    folder = Path(name)
    advice = suggest_model(folder)
    if folder.is_dir() and not (folder / "config.json").is_file():
        advice = advice or "give the folder with it"
        raise MissingError(f"--model {name}: no checkpoint there (config.json is missing); {advice}")
    with explain_model(f"--model {name}", "cannot be read", advice or "copy it again", MissingError):
        config: dict[str, Any] = dict(PretrainedConfig.get_config_dict(name)[0])
    kind = str(config.get("model_type"))
    plugin = find_plugin(kind)
    if plugin and kind not in CONFIG_MAPPING:
        raise UsageError(
            f"--model {name}: a checkpoint of a type that this toolkit brings (model_type {kind}); add --plugin "
            f"{plugin}, or write it in the standard layout where it fits: {EXPORT} --help"
        )
    if kind not in CONFIG_MAPPING:
        why = "brings code of its own, which is never run" if "auto_map" in config else "is unknown to transformers"
        raise UsageError(f"--model {name}: its model_type {kind!r} {why}; convert it to the standard layout ({EXPORT})")
    check_takes_images(f"--model {name}", kind)
    return config


def digest_checkpoint(folder: Path) -> str:
    """One hash over the names and contents of weights, configuration and tokenizer: 16 hex digits."""
    files = sorted(path for path in folder.iterdir() if path.suffix in WEIGHTS + TEXTS and path.name != MARKER_FILE)
    return hash_bytes(*(f"{path.name} {digest_file(path)}".encode() for path in files))


def _load_model(name: str, dtype: Any) -> Any:
    from transformers import AutoModelForImageTextToText

    with explain_model(f"--model {name}", "its weights cannot be loaded", "copy it again", MissingError):
        return AutoModelForImageTextToText.from_pretrained(name, dtype=dtype, trust_remote_code=False)


def _load_processor(name: str, model_type: str, is_torchvision: bool) -> Any:
    with explain_model(f"--model {name}", "its processor cannot be loaded", "copy it again", MissingError):
        processor = load_processor(name, is_torchvision)
    if not hasattr(processor, "tokenizer") or not hasattr(processor, "image_processor"):
        raise MissingError(
            f"--model {name}: has no processor for image and text (processor_config.json and the tokenizer's files are "
            "missing); copy them from the model it was trained from"
        )
    if model_type != OWN_FORM and not _has_template(processor):
        raise MissingError(
            f"--model {name}: has no chat template, so nothing says how it is to be asked; put its chat_template.jinja "
            "into the folder"
        )
    return processor


def _has_template(processor: Any) -> bool:
    return bool(processor.chat_template or processor.tokenizer.chat_template)


def find_plugin(model_type: str) -> str | None:
    """The plugin that makes an architecture known to transformers; None when none is known to be needed."""
    found = [entry.traits.get("brought_by", {}).get(model_type) for entry in CHECKPOINT_WAYS.entries()]
    return next((plugin for plugin in found if plugin), None)
