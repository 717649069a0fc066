"""What a reader of infrared files gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.errors import UsageError

Unit = Literal["celsius", "counts", "gray"]
CELSIUS: Final = "celsius"
WHITE_HOT: Final = "white-hot"
BLACK_HOT: Final = "black-hot"
POLARITIES: Final = (WHITE_HOT, BLACK_HOT, "pseudo-colour", "none", "unknown")
"""What bright may mean, as the datasets and the infrared pack name it."""
FALSE_COLOUR: Final = "false-colour"
COLOUR: Final = "colour"
TEXT: Final = "text"
ORDERED_PALETTES: Final = frozenset({"iron", "lava", "glow"})
"""Those of `tools.thermal.overlays.palettes` whose luminance grows from end to end."""
OWN_UNIT: Final = frozenset({"flir", "fff"})
"""Readers of files that state the unit of their values, so that nobody is asked for it."""
Span = tuple[float, float]
_PERCENTILES: Final = (0.5, 99.5)


def check_polarity(text: str) -> str:
    """The polarity, when it is one.

    Raises:
        UsageError: it is none; names all of them.
    """
    if text not in POLARITIES:
        raise UsageError(f"--polarity {text}: there is none of this name; legal: {', '.join(POLARITIES)}")
    return text


@dataclass(frozen=True, eq=False)
class Thermal:
    """One infrared image.

    Attributes:
        pixels: (H, W), `uint8` of an 8-bit picture, else float32 with NaN where nothing was measured.
        unit: `celsius`, `counts` of a sensor, `gray` levels of a picture.
        polarity: as modality packs name it: `white-hot`, `black-hot`, `unknown`, ...
        source: the reader, e.g. `picture`, `flir`.
        overlays: what is drawn into `pixels`: `scale` (a bar with colours or greys), `text` (letters near the border),
            `false-colour` (a palette that is known) or `colour` (none that is known, or a photograph). Empty where none
            was found, which is common even where there is one; always empty for temperatures and counts.
        settings: what the file states: `emissivity`, `distance_m`, `reflected_celsius`.
        palette: the known palette nearest to the colours of a `false-colour` picture.
        picture_size: width and height of the file's own picture, in whose pixels boxes are drawn, where `pixels` were
            not read from that picture.
        fits_picture: False where `pixels` show another part of the scene than the file's own picture, as beside a
            picture in picture: boxes drawn on that picture mean nothing here.
    """

    pixels: NDArray[Any]
    unit: Unit
    polarity: str
    source: str
    overlays: tuple[str, ...] = ()
    settings: Mapping[str, float] = field(default_factory=dict)
    palette: str | None = None
    picture_size: tuple[int, int] | None = None
    fits_picture: bool = True

    @property
    def shows_order(self) -> bool:
        """Whether a brighter pixel stands for more radiation, or less, everywhere.

        Of coloured pictures only those in a palette that grows brighter from end to end, as iron does.
        """
        if FALSE_COLOUR in self.overlays:
            return self.palette in ORDERED_PALETTES
        return COLOUR not in self.overlays

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of `pixels`."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def span(self) -> Span:
        """The lowest and the highest value that was measured."""
        if not np.isfinite(self.pixels).any():
            return 0.0, 0.0
        return float(np.nanmin(self.pixels)), float(np.nanmax(self.pixels))

    def display(self, span: Span | None = None) -> Image.Image:
        """The picture for people and models: mode L, warm is bright where that is known, unmeasured pixels black.

        Args:
            span: values that become black and white; without it the 0.5 and 99.5 percentiles. An 8-bit picture keeps
                its levels unless a span is given.
        """
        if self.pixels.dtype == np.uint8 and span is None:
            levels = self.pixels
        else:
            low, high = span or self.find_shown()
            scaled = (self.pixels.astype(np.float32) - low) * (255.0 / (high - low) if high > low else 0.0)
            levels = np.nan_to_num(np.clip(np.rint(scaled), 0, 255), nan=0.0).astype(np.uint8)
        return Image.fromarray(255 - levels if self.polarity == BLACK_HOT else levels, mode="L")

    def find_shown(self) -> Span:
        """What black and white stand for where no span is given: the 0.5 and 99.5 percentiles."""
        known = self.pixels[np.isfinite(self.pixels)]
        if not known.size:
            return 0.0, 0.0
        low, high = (float(value) for value in np.percentile(known, _PERCENTILES))
        return (low, high) if high > low else (float(known.min()), float(known.max()))
