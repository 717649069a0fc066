"""Which tokens end a turn, and which texts would act on the model as commands."""

from pathlib import Path
from typing import Any

from tools.files.json_text import find_object


def list_ends(processor: Any, folder: Path | None) -> tuple[str, ...]:
    """Texts of the tokens that may end a turn: the tokenizer's own, and those at which the model stops generating.

    Args:
        folder: of the model, for its generation_config.json.
    """
    tokenizer = processor.tokenizer
    given = find_object(folder / "generation_config.json").get("eos_token_id") if folder is not None else None
    numbers = given if isinstance(given, list) else [given]
    found = [tokenizer.eos_token, *(tokenizer.convert_ids_to_tokens(each) for each in numbers if isinstance(each, int))]
    return tuple(dict.fromkeys(str(token) for token in found if token))


def list_controls(processor: Any) -> tuple[str, ...]:
    """Special tokens, those of images and videos among them."""
    tokenizer = processor.tokenizer
    names = ("image_token", "video_token", "boi_token", "eoi_token", "audio_token")
    own = [getattr(processor, name, None) for name in names]
    found = {*map(str, tokenizer.all_special_tokens), *(token for token in own if isinstance(token, str))}
    return tuple(sorted(found - {""}))
