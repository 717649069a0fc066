"""The peers' language models: ours, which reads on for a while in the peer's own form of talk.

Vicuna knows the form that PandaGPT asks in, and LLaMA much English; the small one has met one form only, ours.
"""

import itertools
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainer.parts.language_model import Row

BATCH, RATE, SEED = 16, 5e-4, 0
PAIRS = 4
"""A dialogue of a model that knows no history is as many samples as it has answers; a step takes so many dialogues'."""


def read_on(peer: str, llm: Path, reading: Path, out: Path, steps: int) -> list[float]:
    """Train on the dialogues about scenes in words that the language model has read before; the loss of every step.

    Args:
        reading: of `handover.write_reading`.
    """
    import torch
    from transformers import AutoTokenizer, LlamaForCausalLM

    from trainer.model.conversion.parts import prepare_tokenizer
    from trainer.parts.language_model import learn

    torch.manual_seed(SEED)
    tokenizer = AutoTokenizer.from_pretrained(llm)
    model: Any = LlamaForCausalLM.from_pretrained(str(llm)).train()
    talking, _ = prepare_tokenizer(AutoTokenizer.from_pretrained(llm), "eos_token")
    rows = encode_rows(peer, talking, json.loads(reading.read_text(encoding="utf-8")))
    generator = random.Random(SEED)
    count = min(len(rows), BATCH * (PAIRS if peer == "imagebind-llm" else 1))
    batches = (generator.sample(rows, count) for _ in itertools.count())
    losses = list(learn(model, batches, steps=steps, rate=RATE))
    model.save_pretrained(str(out))
    tokenizer.save_pretrained(str(out))
    return losses


def encode_rows(peer: str, tokenizer: Any, dialogues: list[dict[str, Any]]) -> "list[Row]":
    """Dialogues as the peer's tokens without the image's mark; the scene in words goes with every question."""
    from tools.conversations import Turn
    from trainer.model.baselines.dialogues import encode_imagebind_llm, encode_pandagpt

    image, found = len(tokenizer), []
    for row in dialogues:
        texts = [turn["value"].strip() for turn in row["conversations"]]
        scene = texts[0].partition("\n")[0]
        turns = [Turn("user" if place % 2 == 0 else "assistant", text) for place, text in enumerate(texts)]
        if peer == "pandagpt":
            found.append(encode_pandagpt(tokenizer, image, turns))
            continue
        for place in range(0, len(turns) - 1, 2):
            asked = turns[place] if place == 0 else Turn("user", f"{scene}\n{turns[place].text}")
            found.append(encode_imagebind_llm(tokenizer, image, [asked, turns[place + 1]]))
    return [_label(tokens, image) for tokens in found]


def _label(tokens: Any, image: int) -> "Row":
    """Numbers and labels of what is read; the image's mark is left out."""
    from trainer.parts.language_model import IGNORED

    kept = [(number, marked) for number, marked in zip(*tokens, strict=True) if number != image]
    return [number for number, _ in kept], [number if marked else IGNORED for number, marked in kept]
