"""Chat templates, one a family of language models: Vicuna v1 as LLaVA-1.5 writes it, ChatML, Llama 3, plain,
and `short`, which is Vicuna's without a system prompt.

Each takes contents as text or as lists of parts, puts the image before the question, and marks the assistant's answers.
"""

from pathlib import Path
from typing import Any

from tools.errors import UsageError

FOLDER = Path(__file__).with_name("templates")
IMAGE_TOKEN = "<image>"
MARKS = {"chatml": "<|im_start|>", "llama3": "<|start_header_id|>"}
"""A token that only tokenizers of the family have; all others get Vicuna's template."""
END_OF_TURN = {"chatml": "<|im_end|>", "llama3": "<|eot_id|>"}


def list_templates() -> list[str]:
    """Their names."""
    return sorted(path.stem for path in FOLDER.glob("*.jinja"))


def choose_template(name: str, tokenizer: Any) -> str:
    """The name itself; `auto` looks at the tokenizer's vocabulary.

    Raises:
        UsageError: there is no template of that name.
    """
    if name == "auto":
        vocabulary = tokenizer.get_vocab()
        return next((family for family, mark in MARKS.items() if mark in vocabulary), "vicuna")
    if name not in list_templates():
        raise UsageError(f"model.template: `{name}` is not known; there are auto, {', '.join(list_templates())}")
    return name


def read_template(name: str, image_token: str = IMAGE_TOKEN) -> str:
    """The text of a template."""
    text = (FOLDER / f"{name}.jinja").read_text(encoding="utf-8").strip()
    return text.replace(IMAGE_TOKEN, image_token)
