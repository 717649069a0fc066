"""The paper's peers in miniature: one small trunk for both, each its own bridge and its own form of talk.

PandaGPT and ImageBind-LLM are made of the small language model that ours has, and of an ImageBind whose thermal branch
began as our thermal tower, by the command that converts the published files; then they are trained by ours.
"""

from typing import NamedTuple


class Peer(NamedTuple):
    """A peer.

    Attributes:
        name: as `trainer.convert --from` has it; title: as tables name it.
        recipe: of `trainer/recipes`.
    """

    name: str
    title: str
    recipe: str


PEERS = (
    Peer("pandagpt", "PandaGPT", "mini-pandagpt.yaml"),
    Peer("imagebind-llm", "ImageBind-LLM", "mini-imagebind-llm.yaml"),
)
