"""Checkpoints made elsewhere: read without running their code, and compared with what a model expects.

PyTorch is imported inside the functions only: importing this module costs nothing and needs no extra.
"""

import hashlib
import pickle
import re
import struct
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from tools.errors import MissingError, ToolkitError, UsageError, first_line, join_lines
from tools.registry.extras import require

if TYPE_CHECKING:
    import torch

Precision = Literal["fp32", "fp16", "bf16"]
State = dict[str, "torch.Tensor"]
Shapes = Mapping[str, tuple[int, ...]]

_SHOWN: Final = 5
_WANTED: Final = re.compile(r"GLOBAL (\S+)")
_PICKLES: Final = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
# What torch.load raises on damaged files, seen by truncating and altering archives of both of its formats.
_READ_ERRORS: Final = (
    pickle.UnpicklingError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    AssertionError,
    ImportError,
    struct.error,
)


@contextmanager
def explain_model(
    folder: object, what: str, remedy: str = "copy or export it again", kind: type[ToolkitError] = UsageError
) -> Iterator[None]:
    """Turn whatever libraries raise on a damaged model folder into one sentence.

    They check little of what they read, so that a wrong value shows as any kind of error, somewhere: transformers,
    PEFT and Jinja raise dozens, tokenizers a bare `Exception`, safetensors' Rust a panic that is not even that.

    Args:
        folder: what is read, as the user named it.
        what: what of it cannot be loaded or used; begins the explanation after it.
        kind: the error that is raised.
    """
    try:
        yield
    except BaseException as error:
        is_theirs = isinstance(error, Exception) or type(error).__name__ == "PanicException"
        if isinstance(error, ToolkitError) or not is_theirs:
            raise
        raise kind(f"{folder}: {what} ({join_lines(error)}); {remedy}") from error


def require_torch(purpose: str, *more: str) -> None:
    """Check that PyTorch, and `more` packages, can be imported.

    Raises:
        MissingError: one is absent; names the extra `train`.
    """
    require("train", purpose, "torch", *more)


def pick_device(name: str | None) -> "torch.device":
    """The device of that name; without one, the first GPU when there is one, else the processor.

    Raises:
        UsageError: no such device here.
    """
    import torch

    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        text = f"the device `{name}` cannot be used here ({reason})"
        raise UsageError(f"{text}; leave --device out, or give cpu, cuda or cuda:N") from error
    return device


def pick_dtype(precision: Precision, device: "torch.device") -> "torch.dtype":
    """The number format to compute in.

    Raises:
        UsageError: an unknown name, or fp16 on a processor.
    """
    import torch

    known = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
    if precision not in known:
        raise UsageError(f"unknown precision `{precision}`; choose one of {', '.join(known)}")
    if precision == "fp16" and device.type == "cpu":
        raise UsageError("fp16 is for GPUs; on a processor use fp32, or bf16 where it has instructions for it")
    return known[precision]


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal, as `sha256sum` prints it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def looks_saved(path: Path) -> bool:
    """Whether a file begins as what PyTorch saves does, a zip archive or a pickle; two bytes are read."""
    with path.open("rb") as file:
        return file.read(2).startswith((b"PK", b"\x80"))


def read_checkpoint(path: Path, kind: str, where_from: str, *, is_mapped: bool = False) -> Any:
    """What a PyTorch file holds, on the CPU; tensors and plain containers only, so no code of the file runs.

    Args:
        path: the file.
        kind: what it should be, for error texts.
        where_from: where to get it, for error texts.
        is_mapped: leave the numbers on the disk until they are used; for files in the newer of PyTorch's layouts.

    Raises:
        MissingError: there is no such file.
        UsageError: a folder, a damaged file, or one that holds more than tensors and containers.
    """
    import torch

    if not path.exists():
        raise MissingError(f"{path}: there is no such file; {where_from}")
    if not path.is_file():
        raise UsageError(f"{path} is no file; give the {kind} itself")
    if path.stat().st_size == 0:
        raise UsageError(f"{path} is empty (0 bytes), so it is no {kind}; {where_from}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about pickle protocols of files that are refused right after
            return torch.load(path, map_location="cpu", weights_only=True, mmap=is_mapped or None)
    except _READ_ERRORS as error:
        raise _unreadable(path, kind, where_from, error) from error


def read_tensors(held: Any, path: Path, kind: str) -> State:
    """The tensors of a state dict in float32.

    Raises:
        UsageError: it is no mapping of names to tensors, or a tensor holds a value that is no number.
    """
    import torch

    if not isinstance(held, Mapping) or not held:
        raise UsageError(f"{path}: no {kind}: a state dict was expected, not {_name(held)}; {_OTHER}")
    state: State = {}
    for name, value in held.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise UsageError(f"{path}: no {kind}: `{name}` holds {_name(value)}, not a tensor; {_OTHER}")
        state[name] = value.detach().float() if value.is_floating_point() else value.detach()
        if value.is_floating_point() and not bool(torch.isfinite(state[name]).all()):
            raise UsageError(f"{path}: `{name}` holds values that are no numbers (NaN or infinite); {AGAIN}")
    return state


def check_shapes(expected: Shapes, found: State, path: Path, kind: str) -> None:
    """Compare names and shapes with those the model has.

    Raises:
        UsageError: some are missing, too many, or of another shape; at most five of each are named.
    """
    missing = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected]
    wrong = [
        f"{name} {list(found[name].shape)} instead of {list(shape)}"
        for name, shape in expected.items()
        if name in found and tuple(found[name].shape) != shape
    ]
    parts = [
        f"{len(names)} {label}: {_list_some(names)}"
        for label, names in (("missing", missing), ("not known", extra), ("of a wrong shape", wrong))
        if names
    ]
    if parts:
        raise UsageError(f"{path}: no {kind}: of {len(expected)} tensors, {'; '.join(parts)}. {_OTHER.capitalize()}")


AGAIN: Final = "copy or download it again"
_OTHER: Final = "this is the checkpoint of another model, or a part of one; check the path"


def _unreadable(path: Path, kind: str, where_from: str, error: BaseException) -> UsageError:
    asks = _find_request(path, error)
    if asks:
        text = f"{path}: refused, as it holds more than tensors: {asks}. Nothing of it was run"
        return UsageError(f"{text}. A {kind} is a plain state dict; {where_from}")
    # PyTorch's own text on a failed unpickling advises to load without protection: it is not passed on.
    is_pickle = isinstance(error, pickle.UnpicklingError)
    detail = type(error).__name__ if is_pickle else first_line(error, 160)
    detail = detail if looks_saved(path) else "it does not begin as what PyTorch saves"
    return UsageError(f"{path}: cannot be read as a {kind}: truncated, damaged or no PyTorch file ({detail}); {AGAIN}")


def _find_request(path: Path, error: BaseException) -> str:
    """What else than tensors the file wants; empty when that is not why it cannot be read."""
    text = str(error)
    if "TorchScript" in text:
        return "it is a TorchScript program"
    if not isinstance(error, pickle.UnpicklingError):
        return ""
    wanted = _WANTED.search(text)
    if wanted:
        return f"it asks for `{wanted[1]}`"
    with path.open("rb") as file:
        return "it is a pickle of Python objects" if file.read(2) in _PICKLES else ""


def _name(value: object) -> str:
    return f"an empty `{type(value).__name__}`" if value == {} else f"a `{type(value).__name__}`"


def _list_some(names: list[str]) -> str:
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
