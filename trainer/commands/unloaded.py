"""Encoders of models whose weights are not read: what a tokenizer and two configurations say is enough for tokens."""

from pathlib import Path

from trainer.data.encode import Encoder, make_encoder
from trainer.model.pretrained import read_vision_config
from trainer.model.processing import load_processor, load_tokenizer, make_processor
from trainer.model.towers import HALF, Tower
from trainer.recipe import ModelPart


def load_align_encoder(model: ModelPart, llm: Path, tower: Path, image_tokens: int) -> Encoder:
    """The encoder of the model that alignment would put together; it has no use for the colours' normalisation.

    Raises:
        MissingError, UsageError: a folder is not there, or cannot be used.
    """
    vision = read_vision_config(tower)
    eye = Tower(None, int(vision.image_size), int(vision.patch_size), True, HALF, HALF, tower.name)
    return make_encoder(make_processor(load_tokenizer(llm), eye, image_tokens, model.framing, model.template))


def load_sft_encoder(folder: Path) -> Encoder:
    """The encoder of a saved model.

    Raises:
        MissingError, UsageError: a folder is not there, or cannot be used.
    """
    return make_encoder(load_processor(folder))
