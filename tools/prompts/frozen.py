"""What a run keeps of its pack, so that exports, card, report and `show` speak of the modality without the folder."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tools.errors import UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.pack import PackText, explain_fault, load_pack
from tools.prompts.requests import CAPTION_REQUESTS, load_requests

ROOT = Path(__file__).resolve().parents[2]
KEY = "pack"
"""Its name in a run's store and manifest."""


class FrozenPack(PackText):
    """The text of a pack as a run holds it.

    Attributes:
        caption_requests: questions to which a caption is the answer.
    """

    caption_requests: tuple[str, ...]


def freeze_pack(folder: Path) -> FrozenPack:
    """What a run that begins now keeps of its pack.

    Raises:
        MissingError, UsageError: a file of the pack is missing or wrong.
    """
    text = load_pack(folder).model_dump(include=set(PackText.model_fields))
    return FrozenPack(**text, caption_requests=load_requests(folder, CAPTION_REQUESTS))


def read_frozen(kept: Any) -> FrozenPack:
    """What a run kept, from its store or manifest; the default pack's text for a run that kept nothing.

    Args:
        kept: the entry `KEY` as plain data, or None.

    Raises:
        UsageError: written by another version of the toolkit.
    """
    if kept is None:
        return freeze_pack(ROOT / DEFAULT_PACK)
    try:
        return FrozenPack.model_validate(kept)
    except ValidationError as error:
        raise UsageError(f"the run's record of its modality: {explain_fault(error, FrozenPack)}") from error
