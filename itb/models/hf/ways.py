"""How a checkpoint is run: the ways there are, and which architecture takes which.

The table is `CHECKPOINT_WAYS` of tools/registry/tables.py. The shared way is for every architecture for which it proves
itself (itb/models/hf/trial.py); a plugin that brings one that wants a way of its own registers an entry whose trait
`model_types` names it, and that is put to the same proof.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from itb.benchmark.ask import Pictures, Question
from itb.models.adapter import Reply
from itb.models.hf.chat import Chat
from itb.models.hf.checkpoint import Checkpoint
from tools.registry import CHECKPOINT_WAYS

Groups = Sequence[Sequence[Question]]
PLAIN, SHARED = "plain", "shared"


class Way(Protocol):
    """Runs a checkpoint; made with it, its chat, the rows that are run at once, and the longest reply.

    Attributes:
        name: as the manifest of predictions says it.
    """

    name: str

    def __init__(self, checkpoint: Checkpoint, chat: Chat, rows: int, max_new_tokens: int) -> None: ...

    def generate(self, groups: Groups, images: Sequence[Pictures]) -> Iterator[Reply]:
        """Greedy replies to questions that have picture and system message in common, group by group."""

    def score(self, groups: Groups, images: Sequence[Pictures]) -> Iterator[Reply]:
        """The most likely of each question's answers."""

    def weigh(self, groups: Groups, images: Sequence[Pictures]) -> Iterator[tuple[Question, Any]]:
        """Each question, in any order, with the logits after its prompt, (V,) float32."""


def find_way(model_type: str) -> str:
    """The name of the way that is tried first for an architecture: the one listed last that names it, else `SHARED`."""
    fitting = [entry for entry in CHECKPOINT_WAYS.entries() if model_type in entry.traits.get("model_types", ())]
    return (fitting[-1] if fitting else CHECKPOINT_WAYS.find(SHARED)).name


def load_way(name: str) -> type[Way]:
    """A way.

    Raises:
        UsageError: there is none of the name.
    """
    way: type[Way] = CHECKPOINT_WAYS.load(name)
    return way
