"""Packages that only some commands need: what is missing is one line, with the command that installs it."""

import importlib
import importlib.util
from collections.abc import Mapping

from tools.errors import MissingError

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "demo": ("skimage", "sklearn", "matplotlib"),
    "data": ("datasets",),
    "cameras": ("flyr",),
    "itb": ("flyr", "defusedxml", "scipy"),
    "train": ("torch", "transformers", "trl", "peft", "accelerate", "datasets"),
    "vlm": ("torchvision", "num2words"),
    "mini": ("onnx",),
    "ray": ("ray",),
    "studio": ("gradio",),
    "dev": ("pytest", "hypothesis", "ruff", "mypy", "importlinter"),
}
"""Extra of pyproject.toml -> what it brings, by the names that are imported."""
INSTALL = "pip install -e '.[{extra}]' -c requirements.lock"


def install(extra: str) -> str:
    """The command that installs an extra."""
    return INSTALL.format(extra=extra)


def is_there(name: str) -> bool:
    """Whether a package is installed; it is not imported."""
    return importlib.util.find_spec(name) is not None


def require(extra: str, purpose: str, *names: str) -> None:
    """Check that packages can be imported, and import them.

    Args:
        extra: of pyproject.toml; purpose: what needs it, as the subject of a sentence.
        names: the packages; all of the extra's when none is named.

    Raises:
        MissingError: one is absent or broken.
    """
    for name in names or EXTRAS[extra]:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise MissingError(
                f"{purpose} needs the package {name}, which cannot be imported ({error}): {install(extra)}"
            ) from error


def explain_absent(error: ModuleNotFoundError) -> MissingError | None:
    """The error to show for a package that was not found: None when no extra brings it, so that it is a fault."""
    name = (error.name or "").partition(".")[0]
    extra = next((extra for extra, names in OWNERS.items() if name in names), None)
    if extra is None:
        return None
    return MissingError(f"this needs the package {name}, which is not installed: {install(extra)}")


OWNERS: Mapping[str, tuple[str, ...]] = {
    "train": (*EXTRAS["train"], "safetensors", "tokenizers", "huggingface_hub"),
    "vlm": EXTRAS["vlm"],
    "data": ("datasets", "pyarrow"),
    "itb": (*EXTRAS["itb"], "matplotlib"),
    "demo": EXTRAS["demo"],
    "mini": EXTRAS["mini"],
    "studio": (*EXTRAS["studio"], "fastapi", "uvicorn"),
}
"""Extra -> packages that come with it, those of its packages among them; the first that has one is named."""
