"""Of which modality the data speak: as the run that wrote them kept it, else as the pack of the recipe says."""

from pathlib import Path
from typing import Any

from tools.errors import UsageError
from tools.files.json_text import find_object
from tools.prompts.frozen import KEY, FrozenPack, freeze_pack, read_frozen
from tools.prompts.pack import load_pack
from tools.prompts.requests import ALIGNMENT_REQUESTS, load_requests


def find_modality(data: Path, pack: Path) -> FrozenPack:
    """How texts and cards call the images of the data.

    Args:
        data: as `Request.data`; only a RUN folder, or a file in one, says it by itself.
        pack: the modality pack of the recipe.

    Raises:
        MissingError, UsageError: the pack is not there or is wrong.
    """
    kept = _read_kept(data)
    return freeze_pack(pack) if kept is None else read_frozen(kept)


def load_alignment_requests(data: Path, pack: Path) -> tuple[str, ...]:
    """The pool of questions that stand before captions.

    Raises:
        UsageError: the data are of another modality than the pack.
        MissingError: the pack has no such file.
    """
    kept = _read_kept(data)
    name = load_pack(pack).name
    if kept is not None and (own := read_frozen(kept).name) != name:
        raise UsageError(
            f"--data {data}: is of the modality `{own}`, and the questions before its captions would be those of "
            f"`{name}` ({pack}); name the pack it was made with: --pack DIR"
        )
    return load_requests(pack, ALIGNMENT_REQUESTS)


def _read_kept(data: Path) -> Any:
    """What a run kept of its pack; None for other layouts, and for runs that kept nothing."""
    return find_object((data if data.is_dir() else data.parent) / "manifest.json").get(KEY)
