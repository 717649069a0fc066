"""What the agents ask for: every prompt that they use, with its reply's parser and the inputs that are there for it."""

from typing import NamedTuple


class PromptUse(NamedTuple):
    """What a prompt file is used for: the parser of its reply, and the inputs that are there to be used.

    Attributes:
        is_optional: a pack need not have it: for images of the modality itself, or where a run can do without it.
    """

    output: str
    inputs: tuple[str, ...]
    is_optional: bool = False


TASK_INPUTS = (
    "requirements", "mined", "notes", "captions", "bboxes", "evidence", "faults", "earlier", "directives", "failures"
)  # fmt: skip
JUDGE_INPUTS = ("instruction", "notes", "evidence", "faults", "findings", "earlier", "mined")
NOTES = "notes"
"""The prompt that is put into others, and is not sent by itself."""
PROMPT_USES = {
    NOTES: PromptUse(
        "text",
        ("captions", "groups", "others", "contradictions", "bboxes", "is_raw", "evidence"),
        is_optional=True,
    ),
    "caption_filter": PromptUse(
        "caption", ("rules", "caption", "previous", "objections", "earlier", "mined", "faults")
    ),
    "conversation": PromptUse("conversation", TASK_INPUTS),
    "reasoning": PromptUse("reasoning", TASK_INPUTS),
    "description": PromptUse("description", TASK_INPUTS),
    "sensor": PromptUse("conversation", TASK_INPUTS, is_optional=True),
    "caption_image": PromptUse(
        "image_caption",
        ("rules", "notes", "bboxes", "evidence", "faults", "failures", "sees_image"),
        is_optional=True,
    ),
    "debate": PromptUse("verdict", JUDGE_INPUTS),
    "debate_alone": PromptUse("verdict", JUDGE_INPUTS, is_optional=True),
    "judge_captions": PromptUse(
        "caption_verdicts",
        ("captions", "originals", "rules", "faults", "caption_findings", "evidence", "earlier"),
        is_optional=True,
    ),
    "rule_mining": PromptUse("rules", ("rules", "mined", "earlier", "reasons")),
    "context": PromptUse("text", ("question",)),
}
"""Every prompt that the toolkit asks for (paper, Appendix C); a folder may hold more."""
