"""The peers' trunk: ImageBind's thermal branch, of our thermal tower's weights, bound to photographs.

The branch has what the tower lacks (a norm behind its patches, one learned key in every block) and other patches, 16
wide where the tower's are 14. So the weights are carried over as well as they can be, and the head is fitted to give
for a thermal image what the image tower says of the photograph of the same scene, in one vector: its class token and
the mean of its patches, less what all photographs have in common.
"""

import json
import random
from pathlib import Path
from typing import Any, Final, NamedTuple

from tools.files import write_text

SIDE = 112
BRANCH: Final = "thermal"
FILE, DIMS = "imagebind.pth", "dims.json"
HELD_OUT, BATCH, RIDGE = 32, 64, 0.3
PART = "modality_{}.thermal."


class Pixels(NamedTuple):
    """Pairs as the two models see them.

    Attributes:
        thermal: (B, 1, side, side); photographs: (B, 3, side, side), the same square of the same scene.
    """

    thermal: Any
    photographs: Any


def bind_trunk(tower: Path, image_tower: Path, pairs: list[tuple[Path, Path]], out: Path) -> float:
    """Make the branch and write it in ImageBind's own layout; its mean cosine with photographs, over held-out pairs.

    Args:
        tower: our thermal tower; image_tower: what says how photographs embed.
        pairs: photograph and thermal image of a scene.
    """
    import torch

    from trainer.model.towers import load_tower

    teacher, order = load_tower(image_tower), random.Random(0).sample(pairs, len(pairs))
    batches = [load_pixels(order[start : start + BATCH], teacher) for start in range(HELD_OUT, len(order), BATCH)]
    branch = carry_over(load_tower(tower).model, batches[0])
    middle = fit_head(branch, teacher.model, batches)
    torch.save(branch.state_dict(), out / FILE)
    write_text(out / DIMS, json.dumps({f"{BRANCH}_num_heads": branch.config.branches[BRANCH][2]}) + "\n")
    return measure(branch, teacher.model, middle, load_pixels(order[:HELD_OUT], teacher))


def load_pixels(pairs: list[tuple[Path, Path]], teacher: Any) -> Pixels:
    """Both images of each pair, framed as ImageBind frames."""
    import numpy as np
    import torch

    from tools.images import load_rgb
    from trainer.model.baselines.pixels import frame, scale

    thermal = np.stack([scale(frame(load_rgb(path), "thermal", SIDE), "thermal") for _, path in pairs])
    seen = np.stack([frame(load_rgb(path), "vision", SIDE) for path, _ in pairs]).astype(np.float32) / 255
    mean, std = (np.asarray(each, np.float32)[:, None, None] for each in (teacher.mean, teacher.std))
    return Pixels(torch.from_numpy(thermal), torch.from_numpy((seen - mean) / std))


def carry_over(tower: Any, sample: Pixels) -> Any:
    """A thermal branch of a DINOv2 tower's weights.

    Args:
        sample: the norm behind the patches is fitted on its thermal images.
    """
    import torch
    from torch.nn import functional

    from trainer.model.baselines import ImageBind, ImageBindConfig

    width, depth, heads = (
        getattr(tower.config, name) for name in ("hidden_size", "num_hidden_layers", "num_attention_heads")
    )
    branch: Any = ImageBind(ImageBindConfig({BRANCH: (width, depth, heads)}, BRANCH, 2 * width, side=SIDE))
    own, held = tower.state_dict(), branch.state_dict()
    start = PART.format("preprocessors")
    places, patches = own["embeddings.position_embeddings"].split([1, tower.config.image_size**2 // 14**2], dim=1)
    held[f"{start}cls_token"] = own["embeddings.cls_token"]
    held[f"{start}pos_embedding_helper.pos_embed"] = torch.cat([places, _resize(patches, SIDE // 16)], dim=1)
    kernel = own["embeddings.patch_embeddings.projection.weight"].sum(1, keepdim=True)
    held[f"{start}rgbt_stem.proj.weight"] = functional.interpolate(kernel, (16, 16), mode="bicubic") * (14 / 16) ** 2
    for number in range(depth):
        held |= _carry_block(own, f"encoder.layer.{number}.", f"{PART.format('trunks')}blocks.{number}.")
    head = PART.format("heads")
    held |= {f"{head}0.{name}": own[f"layernorm.{name}"] for name in ("weight", "bias")}
    held[f"{head}2.weight"] = torch.eye(width).repeat(2, 1)
    branch.load_state_dict(held)
    _fit_norm(branch.modality_preprocessors[BRANCH].rgbt_stem, tower, sample)
    return branch


def _carry_block(own: Any, old: str, new: str) -> dict[str, Any]:
    """A block's weights; what DINOv2 scales behind a layer is scaled in the layer."""
    import torch

    found = {}
    for name in ("weight", "bias"):
        parts = [own[f"{old}attention.{part}_proj.{name}"] for part in "qkv"]
        found[f"{new}attn.in_proj_{name}"] = torch.cat(parts)
        for norm in ("1", "2"):
            found[f"{new}norm_{norm}.{name}"] = own[f"{old}norm{norm}.{name}"]
        found[f"{new}mlp.fc1.{name}"] = own[f"{old}mlp.fc1.{name}"]
        for layer, target, number in (("attention.o_proj", "attn.out_proj", 1), ("mlp.fc2", "mlp.fc2", 2)):
            factor = own[f"{old}layer_scale{number}.lambda1"]
            weight = own[f"{old}{layer}.{name}"]
            found[f"{new}{target}.{name}"] = factor[:, None] * weight if name == "weight" else factor * weight
    return found | {f"{new}attn.bias_{name}": torch.zeros(1, 1, own[f"{old}norm1.weight"].shape[0]) for name in "kv"}


def _resize(patches: Any, side: int) -> Any:
    """A square of positions as one of another side: (1, P, D) -> (1, side^2, D)."""
    from torch.nn import functional

    old = round(patches.shape[1] ** 0.5)
    square = patches.reshape(1, old, old, -1).permute(0, 3, 1, 2)
    small = functional.interpolate(square, (side, side), mode="bicubic", align_corners=False)
    return small.permute(0, 2, 3, 1).reshape(1, side * side, -1)


def _fit_norm(stem: Any, tower: Any, sample: Pixels) -> None:
    """Let the norm behind the patches give channels the mean and the spread that they had in the tower."""
    import torch

    with torch.no_grad():
        seen = (sample.thermal.expand(-1, 3, -1, -1) - 0.45) / 0.225
        wanted = tower.embeddings.patch_embeddings(seen).flatten(0, 1)
        found = stem(sample.thermal).flatten(0, 1)
        scale = wanted.std(0) / found.std(0)
        stem.norm_layer.weight.copy_(scale)
        stem.norm_layer.bias.copy_(wanted.mean(0) - scale * found.mean(0))


def fit_head(branch: Any, teacher: Any, batches: list[Pixels]) -> Any:
    """Fit the head's one layer to the photographs' embeddings by ridge regression; what these have in common, (2 D,).

    What the branch's own vectors have in common goes into the bias of the head's norm: the layer has none.
    """
    import torch
    from torch.nn import functional

    norm, _, layer = branch.modality_heads[BRANCH]
    with torch.no_grad():
        seen = torch.cat([norm(branch.run_trunk(BRANCH, pixels.thermal)[:, 0]) for pixels in batches])
        wanted = torch.cat([_describe(teacher, pixels) for pixels in batches])
        norm.bias -= seen.mean(0)
        inputs, middle = seen - seen.mean(0), wanted.mean(0)
        square = inputs.T @ inputs
        weight = RIDGE * square.diagonal().mean() * torch.eye(len(square))
        layer.weight.copy_(torch.linalg.solve(square + weight, inputs.T @ functional.normalize(wanted - middle)).T)
    return middle


def measure(branch: Any, teacher: Any, middle: Any, pixels: Pixels) -> float:
    """Mean cosine of thermal embeddings with those of their photographs."""
    import torch
    from torch.nn import functional

    with torch.no_grad():
        found = branch(pixels.thermal).pooler_output
        return float(functional.cosine_similarity(found, _describe(teacher, pixels) - middle).mean())


def _describe(teacher: Any, pixels: Pixels) -> Any:
    """Class token and mean of the patches: (B, 2 D)."""
    import torch

    with torch.no_grad():
        tokens = teacher(pixels.photographs).last_hidden_state
    return torch.cat([tokens[:, 0], tokens[:, 1:].mean(1)], dim=-1)
