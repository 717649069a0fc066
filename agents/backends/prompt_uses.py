"""What the agents ask for: every prompt that they use, with its reply's parser and the inputs that are there for it."""

from typing import NamedTuple


class PromptUse(NamedTuple):
    """What a prompt file is used for: the parser of its reply, and the inputs that are there to be used.

    Attributes:
        is_optional: for runs on images of the modality itself; a pack for photographs need not have it.
    """

    output: str
    inputs: tuple[str, ...]
    is_optional: bool = False


TASK_INPUTS = ("requirements", "captions", "bboxes", "failures", "evidence")
PROMPT_USES = {
    "caption_filter": PromptUse("caption", ("rules", "caption")),
    "conversation": PromptUse("conversation", TASK_INPUTS),
    "reasoning": PromptUse("reasoning", TASK_INPUTS),
    "description": PromptUse("description", TASK_INPUTS),
    "sensor": PromptUse("conversation", TASK_INPUTS, is_optional=True),
    "caption_image": PromptUse(
        "image_caption", ("rules", "bboxes", "evidence", "failures", "sees_image"), is_optional=True
    ),
    "debate": PromptUse("verdict", ("instruction", "findings", "evidence")),
    "rule_mining": PromptUse("rules", ("rules", "reasons")),
    "context": PromptUse("text", ("question",)),
}
"""Every prompt that the toolkit asks for (paper, Appendix C); a folder may hold more."""
