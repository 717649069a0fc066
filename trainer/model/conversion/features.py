"""The stored features of the retrieval cache: an array, or an index of FAISS."""

import importlib.util
import struct
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tools.errors import MissingError, UsageError
from tools.files import explain_disk
from trainer.model.conversion.tensors import Lazy

FLAT = b"IxFI"
INNER_PRODUCT = 0
HEADER = struct.Struct("<4siqqq?iQ")
"""Of a flat index: kind, width, count, two numbers that say nothing, trained, metric, numbers."""


def read_features(path: Path, width: int) -> Lazy:
    """The features of a `.npy` file or an index: (M, width) float32.

    A flat index is read as it is. Of any other the vectors are what FAISS decodes, and the search over them is exact,
    where FAISS's own may miss a neighbour.

    Raises:
        MissingError: no such file, or FAISS is needed for it.
        UsageError: damaged, of another width, or not of inner products.
    """
    check_file(path)
    with explain_disk(path):
        rows = _read_array(path) if path.suffix == ".npy" else _read_index(path)
    if rows.ndim != 2 or rows.shape[1] != width:
        raise UsageError(f"--cache {path}: features of the shape {list(rows.shape)}, but ImageBind's are {width} wide")
    return Lazy((int(rows.shape[0]), width), lambda: torch.from_numpy(np.array(rows, dtype=np.float32)))


def check_file(path: Path) -> None:
    """Whether the file is there.

    Raises:
        MissingError: it is not.
    """
    if not path.is_file():
        raise MissingError(f"--cache {path}: no such file; it is knn.index of the hub repository csuhan/knn, or: off")


def _read_array(path: Path) -> np.ndarray[Any, Any]:
    try:
        found: np.ndarray[Any, Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise UsageError(f"--cache {path}: no array of numpy ({error}); copy it again") from error
    return found


def _read_index(path: Path) -> np.ndarray[Any, Any]:
    with path.open("rb") as file:
        head = file.read(HEADER.size)
    if not head.startswith(FLAT):
        return _decode(path)
    try:
        _, width, count, _, _, _, metric, numbers = HEADER.unpack(head)
    except struct.error as error:
        raise UsageError(f"--cache {path}: cut off in its first bytes; copy it again") from error
    _check_metric(path, metric)
    if numbers != width * count or path.stat().st_size < HEADER.size + 4 * numbers:
        raise UsageError(
            f"--cache {path}: is cut off: {count} features of {width} numbers were expected; copy it again"
        )
    return np.memmap(path, np.float32, "r", offset=HEADER.size, shape=(count, width))


def _decode(path: Path) -> np.ndarray[Any, Any]:
    if importlib.util.find_spec("faiss") is None:
        raise MissingError(
            f"--cache {path}: an index that is not flat, which FAISS has to decode: pip install faiss-cpu"
        )
    faiss: Any = importlib.import_module("faiss")
    try:
        index = faiss.read_index(str(path))
    except RuntimeError as error:
        raise UsageError(f"--cache {path}: no index of FAISS; copy it again") from error
    _check_metric(path, int(index.metric_type))
    if hasattr(index, "make_direct_map"):
        index.make_direct_map()
    found: np.ndarray[Any, Any] = index.reconstruct_n(0, index.ntotal)
    return found


def _check_metric(path: Path, metric: int) -> None:
    if metric != INNER_PRODUCT:
        raise UsageError(f"--cache {path}: an index of distances; the cache goes by inner products: give knn.index")
