"""The peers' trunk: ImageBind's thermal branch, of our thermal tower's weights, bound to photographs.

The branch has what the tower lacks (a norm behind its patches, one learned key in every block) and other patches, 16
wide where the tower's are 14. So the weights are carried over as well as they can be, and then the branch learns to
give for a thermal image what the image tower says of the photograph of the same scene, in one vector: its class token
and the mean of its patches, less what all photographs have in common.
"""

import itertools
import json
import random
from pathlib import Path
from typing import Any, NamedTuple

from tools.files import write_text

SIDE = 112
BRANCH = "thermal"
FILE, DIMS = "imagebind.pth", "dims.json"
HELD_OUT, BATCH, RATE = 32, 16, 2e-4
PART = "modality_{}.thermal."


class Pixels(NamedTuple):
    """Pairs as the two models see them.

    Attributes:
        thermal: (B, 1, side, side); photographs: (B, 3, side, side), the same square of the same scene.
    """

    thermal: Any
    photographs: Any


def bind_trunk(
    tower: Path, image_tower: Path, pairs: list[tuple[Path, Path]], out: Path, steps: int, seed: int = 0
) -> dict[str, float]:
    """Make the branch, train it, and write it in ImageBind's own layout.

    Args:
        tower: our thermal tower; image_tower: what says how photographs embed.
        pairs: photograph and thermal image of a scene.

    Returns:
        mean cosine with the photographs' embeddings, over held-out pairs, `before` and `after`.
    """
    import torch

    from trainer.model.towers import load_tower

    torch.manual_seed(seed)
    teacher, order = load_tower(image_tower), random.Random(seed).sample(pairs, len(pairs))
    held_out, train = load_pixels(order[:HELD_OUT], teacher), order[HELD_OUT:]
    student = carry_over(load_tower(tower).model, load_pixels(train[: 4 * BATCH], teacher))
    middle = sum(_describe(teacher.model, load_pixels(train[k : k + BATCH], teacher)).sum(0) for k in (0, BATCH))
    middle = middle / (2 * BATCH)
    before = measure(student, teacher.model, middle, held_out)
    student.requires_grad_(True).train()
    optimizer = torch.optim.AdamW(student.parameters(), lr=RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=RATE, total_steps=steps, pct_start=0.1)
    for rows in itertools.islice(_draw(train, seed), steps):
        loss = 1 - compare(student, teacher.model, middle, load_pixels(rows, teacher)).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    student.eval()
    torch.save(student.state_dict(), out / FILE)
    write_text(out / DIMS, json.dumps({f"{BRANCH}_num_heads": student.config.branches[BRANCH][2]}) + "\n")
    return {"before": before, "after": measure(student, teacher.model, middle, held_out)}


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
    _take_middle(branch, sample)
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


def _take_middle(branch: Any, sample: Pixels) -> None:
    """Let the head leave out what all images have in common, in the bias of its norm: it has no other."""
    import torch

    norm = branch.modality_heads[BRANCH][0]
    with torch.no_grad():
        norm.bias -= norm(branch.run_trunk(BRANCH, sample.thermal)[:, 0]).mean(0)


def compare(student: Any, teacher: Any, middle: Any, pixels: Pixels) -> Any:
    """Cosine of each thermal embedding with that of its photograph: (B,)."""
    import torch
    from torch.nn import functional

    with torch.no_grad():
        wanted = _describe(teacher, pixels) - middle
    return functional.cosine_similarity(student(pixels.thermal).pooler_output, wanted)


def measure(student: Any, teacher: Any, middle: Any, pixels: Pixels) -> float:
    """Mean cosine of pairs."""
    import torch

    with torch.no_grad():
        return float(compare(student, teacher, middle, pixels).mean())


def _describe(teacher: Any, pixels: Pixels) -> Any:
    """Class token and mean of the patches: (B, 2 D)."""
    import torch

    with torch.no_grad():
        tokens = teacher(pixels.photographs).last_hidden_state
    return torch.cat([tokens[:, 0], tokens[:, 1:].mean(1)], dim=-1)


def _draw(pairs: list[tuple[Path, Path]], seed: int) -> Any:
    generator = random.Random(seed)
    while True:
        order = generator.sample(pairs, len(pairs))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            yield order[start : start + BATCH]
