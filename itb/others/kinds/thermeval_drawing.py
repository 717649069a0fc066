"""ThermEval's pictures: a thermogram in grey over its own range, with a colour bar, axes or a mark.

Each pixel of the thermogram becomes a square of pixels, none in between; the bar has five labels with one decimal.
"""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.errors import ImageError
from tools.images import load_rgb, load_values

INCHES, DPI = (5.0, 6.0), 100
TICKS = 5
RADIUS = 3
"""Of the ring, in pixels of the thermogram."""
FIGURE_MAPS = {"gray", "magma", "viridis", "spring", "summer"}


def colour(name: str, path: Path) -> Image.Image:
    """An image in grey, shown through a map of matplotlib."""
    import matplotlib as mpl

    grey = np.asarray(load_rgb(path).convert("L"))
    if name not in FIGURE_MAPS:
        raise ImageError(path, "unknown_map", f"the colour map {name!r} is none of {', '.join(sorted(FIGURE_MAPS))}")
    return Image.fromarray(np.asarray(mpl.colormaps[name](grey, bytes=True))[..., :3])


def load_temperatures(path: Path) -> NDArray[np.float32]:
    """A thermogram's values.

    Raises:
        ImageError: it holds none.
    """
    values = load_values(path)
    if values is None or values.ndim != 2:
        raise ImageError(
            path, "no_temperatures", "the file holds a picture and no temperatures; name ThermEval-D's TIFF"
        )
    return values


def find_ends(path: Path) -> tuple[float, float]:
    """The least and the largest value, which stand at the ends of the bar."""
    values = load_temperatures(path)
    return float(np.nanmin(values)), float(np.nanmax(values))


def draw(path: Path, side: str | None, has_axes: bool = False, mark: tuple[int, int] | None = None) -> Image.Image:
    """A thermogram.

    Args:
        path: TIFF of temperatures in degrees Celsius.
        side: where its colour bar stands; None without one.
        has_axes: with axes that count its pixels.
        mark: a point, x and y, that a ring and an arrow show.

    Raises:
        ImageError: it holds no temperatures.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Circle

    values, (low, high) = load_temperatures(path), find_ends(path)
    height, width = values.shape
    figure = Figure(figsize=INCHES, dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    shown = axes.imshow(values, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    if side is not None:
        is_lying = side in ("top", "bottom")
        ticks = [float(tick) for tick in np.linspace(low, high, TICKS)]
        bar = figure.colorbar(shown, ax=axes, location=side, ticks=ticks)
        (bar.ax.set_xticklabels if is_lying else bar.ax.set_yticklabels)([f"{tick:.1f}" for tick in ticks])
    if has_axes:
        axes.set_xticks(np.linspace(0, width - 1, TICKS).round().astype(int))
        axes.set_yticks(np.linspace(0, height - 1, TICKS).round().astype(int))
    else:
        axes.set_axis_off()
    if mark is not None:
        axes.add_patch(Circle(mark, RADIUS, color="cyan", fill=False))
        way = 30 if mark[0] < width / 2 else -30
        axes.annotate("", xy=mark, xytext=(mark[0] + way, mark[1]), arrowprops={"color": "cyan", "arrowstyle": "->"})
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI)
    return Image.open(buffer).convert("RGB")
