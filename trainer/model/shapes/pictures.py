"""How many tokens a picture of some size fills: as the family's own processor counts, of a folder or of a shape."""

from pathlib import Path
from typing import Any, NamedTuple

from tools.errors import UsageError
from trainer.model.pretrained import explain_loading
from trainer.model.processing import load_processor
from trainer.model.shapes import Shape


class PictureSize(NamedTuple):
    """In pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width} x {self.height}"


USUAL = PictureSize(640, 512)
"""Of most cameras without a cooler."""


def parse_size(text: str) -> PictureSize:
    """`640x512` -> its two numbers.

    Raises:
        UsageError: it is no such text.
    """
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdecimal() and 0 < int(part) <= 2**16 for part in parts):
        raise UsageError(f"--picture {text}: expected WIDTHxHEIGHT in pixels, e.g. 640x512")
    return PictureSize(*map(int, parts))


def count_of_folder(folder: Path, size: PictureSize) -> int:
    """Tokens of a picture, asked of a model folder's processor.

    Raises:
        MissingError, UsageError: it has none, or it knows no pictures.
    """
    processor = load_processor(folder)
    ask: Any = getattr(processor, "_get_num_multimodal_tokens", None)
    if ask is None:
        return _count_by_doing(folder, processor, size)
    with explain_loading(folder, "its processor"):
        return int(ask(image_sizes=[(size.height, size.width)])["num_image_tokens"][0])


def _count_by_doing(folder: Path, processor: Any, size: PictureSize) -> int:
    """A family whose processor does not say it: a blank picture is prepared."""
    from PIL import Image

    token = getattr(processor, "image_token", None)
    if token is None:
        raise UsageError(f"{folder}: its {type(processor).__name__} knows no images; name a vision-language model")
    blank = Image.new("RGB", size)
    with explain_loading(folder, "its processor"):
        return len(processor(text=[token], images=[[blank]], add_special_tokens=False)["input_ids"][0])


def count_of_shape(shape: Shape, size: PictureSize) -> int:
    """Tokens of a picture for a published model, with the settings that were published with it.

    As the family's processor counts; it cannot be asked itself, for it wants a tokenizer.
    """
    import transformers

    settings = dict(shape.pictures)
    make = getattr(transformers, settings.pop("kind"))
    kind, config = shape.config["model_type"], shape.config
    if kind == "gemma3":
        return int(config["mm_tokens_per_image"]) + 4  # marks and breaks around it
    images = make(**settings)
    patches = images.get_number_of_image_patches(size.height, size.width, {})
    if kind.startswith("qwen"):
        return int(patches // settings["merge_size"] ** 2)
    if kind == "internvl":
        return int(patches * config["image_seq_length"] + 2)
    return _count_split(config, patches)


def _count_split(config: dict[str, Any], patches: tuple[int, int, int]) -> int:
    """Idefics3 and SmolVLM: the picture cut into tiles, each with its place, and once as a whole."""
    vision = config["vision_config"]
    tile = (vision["image_size"] // vision["patch_size"]) ** 2 // config["scale_factor"] ** 2
    _, rows, columns = patches
    return int(tile + 3 + rows * (columns * (tile + 2) + 1))
