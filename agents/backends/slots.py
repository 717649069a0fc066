"""What the agents ask for: every prompt that they use, with its reply's parser and the inputs that are there for it."""

from typing import NamedTuple


class Slots(NamedTuple):
    """What a prompt file is used for: the parser of its reply, and the inputs that are there to be used."""

    output: str
    inputs: tuple[str, ...]


TASK_INPUTS = ("requirements", "captions", "bboxes", "failures")
SLOTS = {
    "caption_filter": Slots("caption", ("rules", "caption")),
    "conversation": Slots("conversation", TASK_INPUTS),
    "reasoning": Slots("reasoning", TASK_INPUTS),
    "description": Slots("description", TASK_INPUTS),
    "debate": Slots("verdict", ("instruction", "findings")),
    "rule_mining": Slots("rules", ("rules", "reasons")),
    "context": Slots("text", ("question",)),
}
"""Every prompt that the toolkit asks for (paper, Appendix C); a folder may hold more."""
