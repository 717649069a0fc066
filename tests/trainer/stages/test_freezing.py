"""The freeze table: what it says, and that a step changes exactly that."""

import json

import pytest
import torch
from tiny_run import build_tiny

from tools.errors import UsageError
from tools.registry import ALIGN_LAYERS
from trainer.model.adapters import KEPT, add_adapters, find_targets
from trainer.recipe import SftPart
from trainer.stages import freezing

LAYERS = ALIGN_LAYERS.names()
WHAT = {
    "align_layer": {"align layer"},
    "llm": {"language model"},
    "both": {"align layer", "language model"},
}


def step(model):
    """One optimizer step on random input; names of the parameters that changed."""
    before = {name: each.detach().clone() for name, each in model.named_parameters()}
    base = freezing.find_base(model)
    vision = base.config.vision_config
    ids = torch.randint(5, 100, (1, 60))
    layer = freezing.find_align_layer(model)
    with torch.no_grad():
        tower = base.model.vision_tower
        pixels = torch.randn(1, 3, vision.image_size, vision.image_size, dtype=next(tower.parameters()).dtype)
        hidden = tower(pixels, output_hidden_states=True).hidden_states[base.config.vision_feature_layer][:, 1:]
        count = layer(hidden).shape[1]
    ids[:, :count] = base.config.image_token_id
    trained = freezing.list_trained(model)
    optimizer = torch.optim.AdamW(trained.values(), lr=1e-2, weight_decay=0.0)
    model.train()
    loss = model(input_ids=ids, pixel_values=pixels).logits.float().logsumexp(-1).square().mean()
    loss.backward()
    optimizer.step()
    return {name for name, each in model.named_parameters() if not torch.equal(before[name], each)}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("trained", sorted(WHAT))
def test_the_freeze_table_equals_what_a_step_changes(layer, trained):
    torch.manual_seed(0)
    model = build_tiny(align_layer=layer).model
    freezing.freeze(model, trained)
    freezing.set_precision(model, "fp32")
    table = freezing.describe(model, "test")
    assert {row.part for row in table.rows if row.trained_parameters} == WHAT[trained]
    assert all(row.trained_parameters in {0, row.parameters} for row in table.rows)
    changed = step(model)
    assert changed <= set(table.trained)
    still = {name for name in set(table.trained) - changed if "embed_tokens" not in name}
    # A bias of attention keys has no influence on a softmax, so its gradient is zero.
    assert all(name.endswith(("key.bias", "k_proj.bias")) for name in still), still


@pytest.mark.parametrize(("trained", "expected"), [("llm", {"adapters"}), ("both", {"adapters", "align layer"})])
def test_adapters_sit_on_the_language_model_only(trained, expected):
    torch.manual_seed(0)
    part = SftPart.model_validate({"method": "lora", "train": trained, "lora": {"rank": 2, "alpha": 4, "dropout": 0.0}})
    model = add_adapters(build_tiny().model, part, seed=0)
    freezing.set_precision(model, "fp32")
    table = freezing.describe(model, "test")
    assert {row.part for row in table.rows if row.trained_parameters} == expected
    assert all("language_model" in name for name in table.trained if "lora_" in name)
    changed = step(model)
    assert changed <= set(table.trained)
    assert {name for name in table.trained if "lora_B" in name} <= changed
    # B starts at zero, so A's gradient is zero in the very first step.
    assert set(table.trained) - changed <= {name for name in table.trained if "lora_A" in name}


def test_the_pattern_of_adapters_matches_no_layer_of_tower_or_align_layer():
    import re

    model = build_tiny().model
    pattern = find_targets(model)
    linear = [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    hit = [name for name in linear if re.fullmatch(pattern, name)]
    assert hit == [name for name in linear if "language_model.layers" in name]
    assert len(hit) == 7 * model.config.text_config.num_hidden_layers


def test_qlora_quantises_the_blocks_of_the_language_model_only():
    from transformers.quantizers.quantizers_utils import should_convert_module

    model = build_tiny().model
    linear = [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    quantised = [name for name in linear if should_convert_module(name, list(KEPT))]
    assert quantised == [name for name in linear if "language_model.layers" in name]


def test_adapters_start_the_same_for_the_same_seed():
    part = SftPart.model_validate({"method": "lora", "lora": {"rank": 2}})
    first, second = (add_adapters(build_tiny().model, part, seed=3) for _ in range(2))
    for name, parameter in freezing.list_trained(first).items():
        assert torch.equal(parameter, freezing.list_trained(second)[name])


def test_frozen_weights_in_bf16_leave_trained_ones_in_float32():
    model = build_tiny().model
    freezing.freeze(model, "align_layer")
    freezing.set_precision(model, "bf16")
    for name, parameter in model.named_parameters():
        expected = torch.float32 if "multi_modal_projector" in name else torch.bfloat16
        assert parameter.dtype == expected, name
    dtypes = {row.part: row.dtypes for row in freezing.describe(model, "test").rows}
    assert dtypes == {"vision tower": ("bfloat16",), "align layer": ("float32",), "language model": ("bfloat16",)}
    assert step(model) == set(freezing.list_trained(model))


def test_the_table_is_saved_and_drawn(tmp_path):
    model = build_tiny().model
    freezing.freeze(model, "align_layer")
    table = freezing.describe(model, "align, direct")
    saved = json.loads(freezing.save(table, tmp_path).read_text())
    assert saved["trained"] == sorted(freezing.list_trained(model))
    assert [part["part"] for part in saved["parts"]] == ["vision tower", "align layer", "language model"]
    drawn = freezing.draw(table)
    assert list(drawn.columns[3].cells) == ["frozen", "trained", "frozen"]


def test_a_model_of_another_shape_is_refused():
    with pytest.raises(UsageError, match=r"parameter audio\.weight belongs to no known part"):
        freezing.name_part("audio.weight")
