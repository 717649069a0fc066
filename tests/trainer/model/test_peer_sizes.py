"""The peers at their published sizes, never allocated: as many parameters as their files hold."""

import pytest
import torch
from transformers import LlamaConfig

from trainer.model.baselines import (
    ImageBind,
    ImageBindConfig,
    ImageBindLlm,
    ImageBindLlmConfig,
    PandaGpt,
    PandaGptConfig,
)
from trainer.model.baselines.trained import list_upstream

LLAMA = {
    "7B": {"hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32},
    "13B": {"hidden_size": 5120, "intermediate_size": 13824, "num_hidden_layers": 40, "num_attention_heads": 40},
}


def count(model, names):
    found = dict(model.named_parameters())
    return sum(found[name].numel() for name in names)


def test_imagebinds_thermal_branch():
    with torch.device("meta"):
        model = ImageBind(ImageBindConfig())
    assert sum(parameter.numel() for parameter in model.parameters()) == 86_211_072


@pytest.mark.parametrize(("size", "tensors", "megabytes"), [("7B", 258, 75.6), ("13B", 322, 115)])
def test_pandagpt(size, tensors, megabytes):
    config = PandaGptConfig(vision_config=ImageBindConfig().to_dict(), text_config=LlamaConfig(**LLAMA[size]).to_dict())
    with torch.device("meta"):
        model = PandaGpt(config)
    trained = list_upstream(model)
    assert len(trained) == tensors
    assert 2 * count(model, trained) / 1e6 == pytest.approx(megabytes, abs=0.5)  # of the file, which is fp16


def test_imagebind_llm():
    config = ImageBindLlmConfig(vision_config=ImageBindConfig(), text_config=LlamaConfig(**LLAMA["7B"]))
    with torch.device("meta"):
        model = ImageBindLlm(config)
    trained = list_upstream(model)
    assert len(trained) == 673
    assert count(model, trained) / 1e6 == pytest.approx(41.3, abs=0.05)
    bridge = [name for name, _ in model.named_parameters() if "multi_modal_projector." in name]
    assert count(
        model, [name for name in bridge if not name.endswith(("gates", "prefix_query"))]
    ) / 1e6 == pytest.approx(608.2, abs=0.05)
    gates = 32 - 1  # the file holds them one a layer, here they are one tensor
    assert len(trained) + len(bridge) + gates == 720
    assert count(model, [*trained, *bridge]) / 1e6 == pytest.approx(649.7, abs=0.05)
