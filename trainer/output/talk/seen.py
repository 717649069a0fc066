"""The image as a model sees it: pixel values turned back to pictures, in every layout that families hand over."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.model.baselines.pixels import MEAN, STD

Pixels = NDArray[np.float32]


class Seen(NamedTuple):
    """What a model sees.

    Attributes:
        pictures: in the model's resolution; several where it cuts an image into tiles.
        why_not: why there is none.
    """

    pictures: tuple[Image.Image, ...] = ()
    why_not: str = ""


def show_seen(made: Any, image_processor: Any) -> Seen:
    """Pictures of what a processor made of one image.

    Args:
        made: its output, with `pixel_values` and what describes their layout.
        image_processor: which says how values were scaled.
    """
    values = made.get("pixel_values")
    if values is None:
        return Seen(why_not="its processor gives no pixel values")
    array = np.asarray(values, np.float32)
    tiles = _find_tiles(array, made, image_processor)
    if tiles is None:
        shape = " x ".join(map(str, array.shape))
        return Seen(why_not=f"its processor lays pixels out in a way that is not known here ({shape})")
    return Seen(tuple(_paint(tile, image_processor) for tile in tiles if tile.any()))


def _find_tiles(array: Pixels, made: Any, processor: Any) -> list[Pixels] | None:
    """Pictures as (1 or 3, H, W); None for a layout that is not known."""
    if array.ndim >= 4 and array.shape[-3] in (1, 3):
        return list(array.reshape(-1, *array.shape[-3:]))
    side = _find_patch(processor)
    if side is None:
        return None
    if "image_grid_thw" in made:
        return _join_grid(array, np.asarray(made["image_grid_thw"]), processor, side)
    if array.ndim == 3 and array.shape[-1] == 3 * side * side:
        return _join_patches(array, made.get("image_position_ids"), side)
    return None


def _find_patch(processor: Any) -> int | None:
    size = getattr(processor, "patch_size", None)
    return size if isinstance(size, int) else None


def _join_grid(array: Pixels, grids: Any, processor: Any, side: int) -> list[Pixels] | None:
    """Qwen's: patches in blocks that are merged, each patch (3, frames, side, side); of the frames the first."""
    block, frames = int(processor.merge_size), int(processor.temporal_patch_size)
    if array.shape[-1] != 3 * frames * side * side:
        return None
    found, start = [], 0
    for times, rows, columns in grids.tolist():
        patches = array[start : start + rows * columns]
        start += times * rows * columns
        shape = (rows // block, columns // block, block, block, 3, frames, side, side)
        blocks = patches.reshape(shape)[:, :, :, :, :, 0]
        found.append(blocks.transpose(4, 0, 2, 5, 1, 3, 6).reshape(3, rows * side, columns * side))
    return found


def _join_patches(array: Pixels, positions: Any, side: int) -> list[Pixels] | None:
    """Rows of patches, each (side, side, 3): where `positions` (column, row, -1 for padding) say, else in a square."""
    found = []
    for number, patches in enumerate(array):
        if positions is None:
            count = round(len(patches) ** 0.5)
            if count * count != len(patches):
                return None
            places = np.stack([np.arange(len(patches)) % count, np.arange(len(patches)) // count], axis=1)
        else:
            places = np.asarray(positions[number])
        kept = places[:, 0] >= 0
        columns, rows = places[kept].max(axis=0) + 1
        canvas = np.zeros((rows, columns, side, side, 3), np.float32)
        canvas[places[kept, 1], places[kept, 0]] = patches[kept].reshape(-1, side, side, 3)
        found.append(canvas.transpose(4, 0, 2, 1, 3).reshape(3, rows * side, columns * side))
    return found


def _paint(tile: Pixels, processor: Any) -> Image.Image:
    """Undo what was done to the values: mean, spread, and the factor that made 255 to 1."""
    if getattr(processor, "encoder", None) == "vision":  # ImageBind's branch, whose processor states no figures
        tile = _undo(tile, MEAN, STD)
    elif getattr(processor, "do_normalize", None) and getattr(processor, "image_mean", None) is not None:
        tile = _undo(tile, processor.image_mean, processor.image_std)
    tile = tile / float(getattr(processor, "rescale_factor", None) or 1 / 255)
    levels = np.clip(np.rint(tile), 0, 255).astype(np.uint8)
    colours = np.broadcast_to(levels, (3, *levels.shape[1:])).transpose(1, 2, 0)
    return Image.fromarray(np.ascontiguousarray(colours), mode="RGB")


def _undo(tile: Pixels, mean: Any, spread: Any) -> Pixels:
    return np.asarray(tile * np.reshape(spread, (-1, 1, 1)) + np.reshape(mean, (-1, 1, 1)), np.float32)
