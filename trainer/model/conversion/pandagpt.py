"""PandaGPT: a delta of what was trained, ImageBind, and the Vicuna v0 below it."""

import re
from pathlib import Path
from typing import Any

from tools.errors import UsageError
from trainer.model.baselines.adapted import ATTENTION, fold
from trainer.model.baselines.pandagpt import ALPHA, PandaGptConfig
from trainer.model.baselines.pixels import Encoder
from trainer.model.conversion.imagebind import read_imagebind
from trainer.model.conversion.llama import Language, read_language
from trainer.model.conversion.parts import Parts, measure_depth, name_language, prepare_tokenizer
from trainer.model.conversion.tensors import Lazy, Tensors, open_file

WHERE = "it is pytorch_model.pt of a hub repository openllmplayground/pandagpt_7b_max_len_1024 or _13b_max_len_400"
LORA = re.compile(
    r"llama_model\.base_model\.model\.model\.layers\.(\d+)\.self_attn\.(\w+)\.lora_([AB])\.default\.weight"
)
PROJECTOR = "model.multi_modal_projector."
LAYERS = "model.language_model.layers."


def read_pandagpt(llm: Path, imagebind: Path, delta: Path, encoder: Encoder, is_folded: bool) -> Parts:
    """All tensors of a PandaGPT, not read yet.

    Raises:
        MissingError, UsageError: a file is missing, damaged, or does not belong to the others.
    """
    held = open_file(delta, "delta of PandaGPT", WHERE)
    if "llama_proj.weight" not in held:
        raise UsageError(f"--delta {delta}: no delta of PandaGPT, it has no `llama_proj.weight`; {WHERE}")
    language = read_language(llm)
    _check_pair(delta, held, llm, language)
    tower, tensors = read_imagebind(imagebind, encoder, takes_points=False)
    tensors |= name_language(language.tensors)
    tensors |= {
        PROJECTOR + name: held[f"llama_proj.{name}"] for name in ("weight", "bias") if f"llama_proj.{name}" in held
    }
    additions = _list_additions(held)
    rank = next((lazy.shape[0] for name, lazy in additions.items() if name.endswith("lora_a")), 0)
    tensors |= additions
    if is_folded:
        _fold(tensors, ALPHA / max(rank, 1))
    tokenizer, image = prepare_tokenizer(language.tokenizer, "eos_token")
    ending = _find_ending(tokenizer)
    config = PandaGptConfig(
        vision_config=tower.to_dict(),
        text_config=language.config.to_dict(),
        lora_rank=0 if is_folded else rank,
        image_token_index=image,
        answer_ending=ending,
        tie_word_embeddings=False,
    )
    return Parts(config, tensors, tokenizer, [ending[-1], int(tokenizer.eos_token_id)])


def _check_pair(delta: Path, held: Tensors, llm: Path, language: Language) -> None:
    width, depth = held["llama_proj.weight"].shape[0], measure_depth(held, LORA)
    own = (int(language.config.hidden_size), int(language.config.num_hidden_layers))
    if (width, depth) != own:
        raise UsageError(
            f"--delta {delta}: of a language model {width} wide with {depth} layers, but --llm {llm} is {own[0]} wide "
            f"with {own[1]}; give the two of one size (7B: 4096 and 32, 13B: 5120 and 40)"
        )


def _list_additions(held: Tensors) -> Tensors:
    """The low-rank parts under our names, and whatever else is in the file under its own, to be refused."""
    found: Tensors = {}
    for name, lazy in held.items():
        match = LORA.fullmatch(name)
        if match:
            found[f"{LAYERS}{match[1]}.self_attn.{match[2]}.lora_{match[3].lower()}"] = lazy
        elif name not in {"llama_proj.weight", "llama_proj.bias"}:
            found[name] = lazy
    return found


def _fold(tensors: Tensors, scale: float) -> None:
    for name in [name for name in tensors if name.endswith(".lora_a")]:
        stem = name.removesuffix("lora_a")
        if stem.rpartition("self_attn.")[2].rstrip(".") in ATTENTION and stem + "lora_b" in tensors:
            fold_into(tensors, stem, scale)


def fold_into(tensors: Tensors, stem: str, scale: float) -> None:
    """Add the low-rank part of a layer to its weight, and leave it out."""
    weight, low, high = (tensors.pop(stem + name) for name in ("weight", "lora_a", "lora_b"))
    tensors[stem + "weight"] = Lazy(weight.shape, lambda: fold(weight.read(), low.read(), high.read(), scale))


def _find_ending(tokenizer: Any) -> list[int]:
    """The tokens that end an answer: the line break, and the first of those that write `###` after it."""
    plain, ended = (tokenizer(text, add_special_tokens=False).input_ids for text in ("x\n", "x\n###"))
    return [int(plain[-1]), int(ended[len(plain)])]
