"""The processor of a vision-language model: loaded so that the same folder gives the same pixels on every machine.

transformers has two image processors for most families, one of Pillow and one of torchvision, and takes torchvision's
where that is installed. They differ by a grey level: answers, and what a cache holds, would hang on an installed
package. So the one of Pillow is taken wherever a family has one, and which it was is said by `name_image_processor`.
"""

from typing import Any, Final

from tools.errors import MissingError, join_lines
from tools.registry.extras import install, is_there

OPTIONAL: Final = ("torchvision", "num2words")
"""Packages that the processors of some families ask for."""
PILLOW: Final = "Pil"
"""What the names of image processors of Pillow end with."""


def load_processor(name: str) -> Any:
    """The processor of a model folder, or of a hub id, with the image processor of Pillow where there is one.

    What transformers raises on a damaged folder is the caller's to explain.

    Raises:
        MissingError: it asks for a package that is not installed, or not usable.
    """
    from transformers import AutoProcessor

    load: Any = AutoProcessor.from_pretrained
    try:
        processor = load(name, trust_remote_code=False)
        kind = name_image_processor(processor)
        if kind and not kind.endswith(PILLOW):
            processor.image_processor = _load_pillow(name) or processor.image_processor
    except (ImportError, RuntimeError, ValueError) as error:
        missing = _explain_package(name, error)
        if missing is None:
            raise
        raise missing from error
    return processor


def name_image_processor(processor: Any) -> str:
    """The class that turns images into pixels; empty for a processor without one."""
    found = getattr(processor, "image_processor", None)
    return "" if found is None else type(found).__name__


def _load_pillow(name: str) -> Any:
    """The image processor of Pillow; None for a family that has none."""
    from transformers import AutoImageProcessor

    load: Any = AutoImageProcessor.from_pretrained
    found = load(name, backend="pil", trust_remote_code=False)
    return found if type(found).__name__.endswith(PILLOW) else None


def _explain_package(name: str, error: Exception) -> MissingError | None:
    """The error to show where a processor asks for a package; None where it asks for none."""
    text = str(error).lower()
    package = next((each for each in OPTIONAL if each in text), None)
    if package is None:
        return None
    asks = f"{name}: its processor needs the package {package}, which"
    if not is_there(package):
        return MissingError(f"{asks} is not installed: {install('vlm')}")
    return MissingError(
        f"{asks} cannot be used here ({join_lines(error)}); torch and torchvision have to come from one index: install "
        "both again from there"
    )
