"""From published files to a folder of transformers: read, checked against the model, written."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from transformers import GenerationConfig

from tools.errors import MissingError, UsageError
from tools.files import Claim, check_folder, fill_folder, is_filled, write_text
from tools.manifest import list_versions
from tools.weights import AGAIN, digest_file, looks_saved
from trainer.checkpoints import explain_disk
from trainer.folders import CONVERTED
from trainer.model.baselines import ImageBindImageProcessor, ImageBindLlm, PandaGpt
from trainer.model.baselines.pixels import Encoder
from trainer.model.baselines.processing import (
    IMAGEBIND_LLM_TEMPLATE,
    PANDAGPT_TEMPLATE,
    ImageBindLlmProcessor,
    PandaGptProcessor,
)
from trainer.model.conversion.features import check_file
from trainer.model.conversion.imagebind_llm import read_imagebind_llm
from trainer.model.conversion.pandagpt import read_pandagpt
from trainer.model.conversion.parts import Parts
from trainer.model.conversion.shards import SHARD_BYTES, check_strictly, write_shards

Peer = Literal["pandagpt", "imagebind-llm"]
RECORD = "conversion.json"


@dataclass(frozen=True)
class Sources:
    """Published files of a peer.

    Attributes:
        peer: which.
        llm: folder of the language model below it.
        imagebind, delta: files; cache: file of stored features, None for off.
        encoder: the branch of ImageBind that images go through.
        is_folded: whether the low-rank parts are added to the weights.
    """

    peer: Peer
    llm: Path
    imagebind: Path
    delta: Path
    encoder: Encoder = "thermal"
    is_folded: bool = False
    cache: Path | None = None


def convert(sources: Sources, out: Path, claim: Claim = CONVERTED) -> int:
    """Write the model; how many files of weights.

    Raises:
        MissingError, UsageError: a file is missing, damaged, or does not belong to the others.
        ToolkitError: the disk is full.
    """
    check_folder(out, claim)
    if is_filled(out, claim):
        raise UsageError(f"{out}: is not empty; choose another --out, a conversion overwrites nothing")
    parts = _read(sources)
    kind: Any = PandaGpt if sources.peer == "pandagpt" else ImageBindLlm
    check_strictly(kind, parts.config, parts.tensors, f"--from {sources.peer}")
    with fill_folder(out, claim) as staged, explain_disk(out, "nothing was converted"):
        count = write_shards(parts.tensors, staged, SHARD_BYTES)
        _write_rest(sources, parts, kind, staged)
    return count


def _read(sources: Sources) -> Parts:
    llm, imagebind, delta = sources.llm, sources.imagebind, sources.delta
    _check_there(sources)
    if not llm.is_dir():
        raise UsageError(f"--llm {llm}: is a file; give the folder of the language model that the delta was trained on")
    if sources.peer == "pandagpt":
        if sources.cache is not None:
            raise UsageError("--cache: PandaGPT has no retrieval cache; leave it out")
        _check_saved(sources)
        return read_pandagpt(llm, imagebind, delta, sources.encoder, sources.is_folded)
    if sources.cache is not None:
        check_file(sources.cache)
    _check_saved(sources)
    return read_imagebind_llm(llm, imagebind, delta, sources.encoder, sources.is_folded, sources.cache)


def _check_there(sources: Sources) -> None:
    """Whether every file is there, before the first is read, which takes minutes.

    Raises:
        MissingError: some are not; all are named.
    """
    named = {name: getattr(sources, name) for name in ("llm", "imagebind", "delta")}
    absent = [f"--{name} {path}" for name, path in named.items() if not path.exists()]
    if absent:
        text = f"{', '.join(absent)}: there is nothing of that name"
        raise MissingError(f"{text}; docs/full-size.md#the-papers-peers says where it comes from")


def _check_saved(sources: Sources) -> None:
    """Whether the checkpoints begin as such.

    Raises:
        UsageError: one of them does not.
    """
    for name in ("imagebind", "delta"):
        path = getattr(sources, name)
        if path.is_file() and path.stat().st_size and not looks_saved(path):
            raise UsageError(f"--{name} {path}: does not begin as what PyTorch saves, so it is no checkpoint; {AGAIN}")


def _write_rest(sources: Sources, parts: Parts, kind: Any, folder: Path) -> None:
    """Configuration, how to generate, processor, and what it was made from."""
    config, tokenizer = parts.config, parts.tokenizer
    config.architectures = [kind.__name__]
    config.dtype = getattr(config.get_text_config(), "dtype", None)
    config.save_pretrained(str(folder))
    make: Any = GenerationConfig
    padding = {"pad_token_id": tokenizer.pad_token_id, "bos_token_id": tokenizer.bos_token_id}
    make(eos_token_id=parts.end_tokens, **padding).save_pretrained(str(folder))
    images = ImageBindImageProcessor(sources.encoder, config.vision_config.side)
    processor: Any
    if sources.peer == "pandagpt":
        processor = PandaGptProcessor(images, tokenizer, chat_template=PANDAGPT_TEMPLATE)
    else:
        processor = ImageBindLlmProcessor(images, tokenizer, chat_template=IMAGEBIND_LLM_TEMPLATE)
    processor.save_pretrained(str(folder))
    write_text(folder / RECORD, json.dumps(_describe(sources), indent=1) + "\n")


def _describe(sources: Sources) -> dict[str, Any]:
    files = {name: getattr(sources, name) for name in ("imagebind", "delta", "cache")}
    return {
        "from": sources.peer,
        "llm": sources.llm.name,
        "files": {name: {"name": path.name, "sha256": digest_file(path)} for name, path in files.items() if path},
        "encoder": sources.encoder,
        "lora": "folded" if sources.is_folded else "separate",
        "versions": list_versions(("torch", "transformers", "safetensors")),
    }
