"""The processor of a vision-language model: loaded so that the same folder gives the same pixels on every machine.

transformers has two image processors for most families, one of Pillow and one of torchvision, and takes torchvision's
where that is installed. They differ by a grey level: answers, and what a cache holds, would hang on an installed
package. So the one of Pillow is taken wherever a family has one, and which it was is said by `name_image_processor`.
"""

from pathlib import Path
from typing import Any, Final

from tools.errors import MissingError, UsageError, join_lines
from tools.registry.extras import install, is_there

OPTIONAL: Final = ("torchvision", "num2words")
"""Packages that the processors of some families ask for."""
PILLOW: Final = "Pil"
"""What the names of image processors of Pillow end with."""
PEERS: Final = ("pandagpt", "imagebind-llm")
"""What the folders of the paper's peers are called in docs/full-size.md."""


def suggest_model(folder: Path) -> str:
    """What to name in place of a folder without a config.json; empty where nothing can be guessed."""
    for whole in (folder / "model", folder.parent / "model"):
        is_part = whole.parent == folder or (folder / "adapter_config.json").is_file() or folder.name == "adapter"
        if is_part and (whole / "config.json").is_file():
            return f"did you mean {whole}?"
    is_published = any(next(folder.glob(kind), None) for kind in ("*.pth", "pytorch_model.pt"))
    if is_published or any(name in folder.name.lower() for name in PEERS):
        return (
            "a peer of the paper has to be converted first: python -m trainer.convert --help, and "
            "docs/full-size.md#the-papers-peers"
        )
    return ""


def check_takes_images(name: str, kind: str) -> None:
    """Whether models of a type take images and text together.

    Args:
        name: what to call the model in the error; kind: the `model_type` of its config.json.

    Raises:
        UsageError: transformers knows the type, and it takes text alone, or images alone.
    """
    from transformers import CONFIG_MAPPING
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

    if kind in CONFIG_MAPPING and CONFIG_MAPPING[kind] not in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING:
        raise UsageError(
            f"{name}: a {kind} checkpoint takes no image and text, so it is no vision-language model; give one such as "
            "LLaVA"
        )


def load_processor(name: str, is_torchvision: bool = False) -> Any:
    """The processor of a model folder, or of a hub id, with the image processor of Pillow where there is one.

    What transformers raises on a damaged folder is the caller's to explain.

    Args:
        name: folder or id.
        is_torchvision: leave the image processor of torchvision, which others take where it is installed.

    Raises:
        MissingError: there is none of torchvision; it asks for a package that is not installed, or not usable.
    """
    from transformers import AutoProcessor

    load: Any = AutoProcessor.from_pretrained
    try:
        processor = load(name, trust_remote_code=False)
        kind = name_image_processor(processor)
        if is_torchvision and kind.endswith(PILLOW):
            raise MissingError(
                f"{name}: there is no image processor of torchvision for it here ({install('vlm')}); ask with the one "
                "of Pillow, which is the usual one"
            )
        if is_torchvision:
            return processor
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
