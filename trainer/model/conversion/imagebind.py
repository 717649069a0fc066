"""ImageBind's checkpoint: which branch, its sizes, and its tensors under our names."""

import math
from pathlib import Path

from tools.errors import UsageError
from tools.files.json_text import find_object
from trainer.model.baselines.imagebind import HUGE, PATCH, ImageBindConfig
from trainer.model.baselines.pixels import Encoder
from trainer.model.conversion.tensors import Tensors, open_file

PARTS = ("modality_preprocessors", "modality_trunks", "modality_heads", "modality_postprocessors")
POINTS = "point_trunk."
DIMS = "dims.json"
HUGE_FILE, POINTS_FILE = "imagebind_huge.pth", "imagebind_w3D.pth"
WHERE = (
    "PandaGPT takes imagebind_huge.pth of ImageBind's authors, ImageBind-LLM imagebind_w3D.pth of the hub repository "
    "ZiyuG/ImageBind_w3D"
)
PREFIX = "model.vision_tower."


def read_imagebind(path: Path, encoder: Encoder, takes_points: bool) -> tuple[ImageBindConfig, Tensors]:
    """One branch of an ImageBind checkpoint.

    Args:
        takes_points: whether the file with the branch for point clouds will do; that branch is left out.

    Raises:
        MissingError, UsageError: no such file, another one, or the branch is not in it.
    """
    held = open_file(path, "checkpoint of ImageBind", WHERE)
    if not takes_points and any(name.startswith(POINTS) for name in held):
        raise UsageError(
            f"--imagebind {path}: has a branch for point clouds, so it is ImageBind-LLM's {POINTS_FILE}; PandaGPT was "
            f"trained with {HUGE_FILE}: give that"
        )
    found = {
        name: lazy for name, lazy in held.items() if name.startswith(tuple(f"{part}.{encoder}." for part in PARTS))
    }
    if not found:
        raise UsageError(f"--imagebind {path}: holds no `{encoder}` branch of ImageBind; {WHERE}")
    config = _read_sizes(path, found, encoder)
    return config, {PREFIX + name: lazy for name, lazy in found.items()}


def _read_sizes(path: Path, found: Tensors, encoder: Encoder) -> ImageBindConfig:
    start = f"modality_trunks.{encoder}.blocks."
    depth = len({name[len(start) :].partition(".")[0] for name in found if name.startswith(start)})
    try:
        width = found[f"modality_preprocessors.{encoder}.cls_token"].shape[-1]
        places = found[f"modality_preprocessors.{encoder}.pos_embedding_helper.pos_embed"].shape[1] - 1
        out_width = found[f"modality_heads.{encoder}.2.weight"].shape[0]
    except LookupError as error:
        raise UsageError(f"--imagebind {path}: its `{encoder}` branch has no {error}; copy it again") from error
    size = (width, depth, _find_heads(path, encoder, width))
    return ImageBindConfig({encoder: size}, encoder, out_width, side=math.isqrt(places) * PATCH[encoder])


def _find_heads(path: Path, encoder: Encoder, width: int) -> int:
    """The file does not say it: the published model's, or what a `dims.json` beside it says."""
    published = HUGE[encoder]
    if width == published[0]:
        return published[2]
    heads = find_object(path.parent / DIMS).get(f"{encoder}_num_heads")
    if not isinstance(heads, int):
        raise UsageError(
            f"--imagebind {path}: its `{encoder}` branch is {width} wide, the published one {published[0]}; for "
            f'another size say the attention heads in {DIMS} beside it: {{"{encoder}_num_heads": N}}'
        )
    return heads
