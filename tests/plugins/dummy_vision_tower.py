"""A vision tower in one file: folders whose config.json says `stripes`, built as a small CLIP of fixed weights."""

import torch
from transformers import CLIPVisionConfig, CLIPVisionModel

from tools.registry import Entry, register
from trainer.model.towers import HALF, Tower, freeze_tower


class StripesTower:
    def knows(self, fields):
        return fields.get("model_type") == "stripes"

    def load(self, folder, dtype):
        torch.manual_seed(7)
        config = CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=3,
            num_attention_heads=4,
            image_size=56,
            patch_size=14,
        )
        return Tower(freeze_tower(CLIPVisionModel(config).to(dtype)), 56, 14, True, HALF, HALF, "stripes:7")


register("vision tower", Entry("stripes", "a small CLIP of fixed weights", load=StripesTower(), extra="train"))
