"""Changes of an image that leave the right answer as it is; each gives the same pixels every time.

None of them is in the paper. Their strengths are such that a person still answers almost as before: they ask whether a
model reads shapes or only levels.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from itb.records import TaskName, find_foreign
from tools.errors import UsageError
from tools.registry import TASKS
from tools.seeds import hash_number_by_sha256

GAIN = 2.0
"""Contrast around the median level; what leaves 0..255 is cut off, as in a camera whose span is set too narrow."""
NOISE_LEVELS = 12.0
"""Standard deviation of the noise, of 255 levels."""
RESOLUTION = 4
"""Each side is divided by this and brought back to its size: a 160 x 128 sensor in place of 640 x 512."""
JPEG_QUALITY = 85
"""What cameras and web servers often take; lmms-eval's adapters for Qwen send pictures so."""
LUMINANCE = (0.299, 0.587, 0.114)

Levels = NDArray[np.float64]
Stops = tuple[tuple[int, int, int], ...]
IRON: Stops = ((0, 0, 10), (70, 0, 130), (190, 30, 110), (240, 120, 20), (255, 210, 60), (255, 255, 240))
RAINBOW: Stops = ((10, 0, 90), (0, 90, 220), (0, 190, 150), (120, 220, 40), (250, 200, 20), (230, 30, 20))
ARCTIC: Stops = ((10, 20, 70), (30, 80, 190), (110, 170, 230), (190, 190, 190), (240, 180, 60), (255, 240, 170))


@dataclass(frozen=True)
class Perturbation:
    """One kind of change.

    Attributes:
        name: as `--perturb` and a prediction's variant have it.
        apply: from (H, W, 3) levels 0..255 and a seed to levels, not clipped.
        changes: what of the levels it changes, of what tasks say that their answers rest on: `tone`, `scale`.
    """

    name: str
    apply: Callable[[Levels, int], Levels]
    changes: frozenset[str] = field(default_factory=frozenset)

    def spoils(self, task: TaskName) -> bool:
        """Whether it would change a task's answers or take them out of the image; then they are not asked under it."""
        own = task.rpartition("/")[2] if find_foreign(task) else task
        if own not in TASKS.names() and own != task:  # nobody can say what its answers rest on
            return bool(self.changes)
        return bool(self.changes & TASKS.load(own).rests_on)


def perturb_image(image: Image.Image, name: str, seed_text: str) -> Image.Image:
    """The changed image, RGB, as large as before.

    Args:
        image: RGB, 8 bit.
        name: of one of `PERTURBATIONS`.
        seed_text: what the noise hangs on: the image's path, so that all its questions show the same pixels.
    """
    seed = hash_number_by_sha256(f"{name} {seed_text}")
    levels = np.asarray(image.convert("RGB"), dtype=np.float64)
    changed = PERTURBATIONS[name].apply(levels, seed)
    return Image.fromarray(np.clip(np.rint(changed), 0, 255).astype(np.uint8))


def parse_perturbations(text: str) -> tuple[str, ...]:
    """The names in a list with commas, each once.

    Raises:
        UsageError: an unknown name.
    """
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in names:
        if name not in PERTURBATIONS:
            raise UsageError(f"--perturb: there is no {name!r}; known: {', '.join(PERTURBATIONS)}")
    return names


def _invert(levels: Levels, seed: int) -> Levels:
    return 255.0 - levels


def _stretch(levels: Levels, seed: int) -> Levels:
    middle = float(np.median(levels))
    return middle + (levels - middle) * GAIN


def _add_noise(levels: Levels, seed: int) -> Levels:
    noise = np.random.default_rng(seed).normal(0.0, NOISE_LEVELS, levels.shape[:2])
    changed: Levels = levels + noise[:, :, None]
    return changed


def _coarsen(levels: Levels, seed: int) -> Levels:
    height, width = levels.shape[:2]
    image = Image.fromarray(levels.astype(np.uint8))
    small = image.resize((max(1, width // RESOLUTION), max(1, height // RESOLUTION)), Image.Resampling.BOX)
    return np.asarray(small.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float64)


def _compress(levels: Levels, seed: int) -> Levels:
    packed = io.BytesIO()
    Image.fromarray(levels.astype(np.uint8)).save(packed, "JPEG", quality=JPEG_QUALITY)
    return np.asarray(Image.open(packed), dtype=np.float64)


def _colour(stops: Stops) -> Callable[[Levels, int], Levels]:
    def apply(levels: Levels, seed: int) -> Levels:
        places = np.linspace(0, 255, len(stops))
        grey: Any = levels @ np.array(LUMINANCE)
        return np.stack([np.interp(grey, places, [stop[channel] for stop in stops]) for channel in range(3)], axis=-1)

    return apply


def _list_perturbations(*kinds: Perturbation) -> dict[str, Perturbation]:
    return {kind.name: kind for kind in kinds}


_TONE, _SCALE = frozenset({"tone"}), frozenset({"scale"})
PERTURBATIONS = _list_perturbations(
    Perturbation("polarity", _invert, _TONE),
    Perturbation("colour-iron", _colour(IRON), _TONE),
    Perturbation("colour-rainbow", _colour(RAINBOW), _TONE),
    Perturbation("colour-arctic", _colour(ARCTIC), _TONE),
    Perturbation("gain", _stretch, _SCALE),
    Perturbation("noise", _add_noise),
    Perturbation("resolution", _coarsen),
    Perturbation("jpeg", _compress),
)
