"""NumPy arrays of one channel."""

import numpy as np

from tools.errors import ImageError
from tools.images import MAX_PIXELS, find_measured
from tools.thermal.file import ThermalFile
from tools.thermal.reader import Asked
from tools.thermal.readers.picture import make_measured
from tools.thermal.records import Thermal

_START = b"\x93NUMPY"


class Npy:
    """`.npy` files; pickled ones are never opened."""

    def knows(self, file: ThermalFile) -> bool:
        """By its first bytes."""
        return file.start.startswith(_START)

    def read(self, file: ThermalFile, asked: Asked) -> Thermal:
        """The array's numbers, NaN where nothing was measured."""
        path = file.path
        try:
            stored = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError, SyntaxError, TypeError, OverflowError, MemoryError) as error:
            text = "is damaged, or holds Python objects, which are never loaded; save a plain array of numbers"
            raise ImageError(path, "not_an_image", text) from error
        array = stored[..., 0] if stored.ndim == 3 and stored.shape[2] == 1 else stored
        array = array[0] if array.ndim == 3 and array.shape[0] == 1 else array
        if array.ndim != 2 or array.dtype.kind not in "iuf":
            shape = " x ".join(map(str, stored.shape)) or "one"
            text = f"holds {shape} {stored.dtype} values; save one channel of numbers, of shape (height, width)"
            raise ImageError(path, "unsupported_image", text)
        if not 0 < array.size <= MAX_PIXELS:
            text = f"holds {array.size} pixels, the limit is {MAX_PIXELS}"
            raise ImageError(path, "image_too_large" if array.size else "not_an_image", text)
        values = np.asarray(array)
        measured = np.where(find_measured(values), values, np.nan).astype(np.float32)
        return make_measured(measured, file, asked, "npy")


NPY = Npy()
"""The reader `npy`."""
