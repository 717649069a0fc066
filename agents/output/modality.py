"""How the card and the report of a run speak of its modality: by what its manifest kept of its pack."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.prompts.frozen import FrozenPack


def read_modality(manifest: Mapping[str, Any]) -> "FrozenPack":
    """The text of the run's pack; the default pack's for a run whose manifest has none.

    Raises:
        UsageError: written by another version of the toolkit.
    """
    from tools.prompts.frozen import KEY, read_frozen  # YAML and Jinja, which whoever imports the report may not need

    return read_frozen(manifest.get(KEY))
