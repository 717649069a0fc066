"""Chat templates, one a family of language models: Vicuna v1 as LLaVA-1.5 writes it, ChatML, Llama 3, plain,
and `short`, which is Vicuna's without a system prompt.

Each takes contents as text or as lists of parts, puts the image before the question, and marks the assistant's answers.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.errors import UsageError
from tools.registry import MODEL_FAMILIES

FOLDER = Path(__file__).with_name("templates")
IMAGE_TOKEN = "<image>"
AUTO, OTHERS = "auto", "vicuna"
"""`auto` looks at the tokenizer; what no family marks as its own gets Vicuna's."""


@dataclass(frozen=True)
class ModelFamily:
    """How the language models of a family are talked to.

    Attributes:
        template: Jinja file of the chat template; `<image>` stands for the image token.
        mark: a token that only tokenizers of the family have, by which `auto` knows them; None when there is none.
        end_of_turn: the token that ends an answer, where it is not the tokenizer's own end of text.
    """

    template: Path
    mark: str | None = None
    end_of_turn: str | None = None


VICUNA = ModelFamily(FOLDER / "vicuna.jinja")
CHATML = ModelFamily(FOLDER / "chatml.jinja", "<|im_start|>", "<|im_end|>")
LLAMA3 = ModelFamily(FOLDER / "llama3.jinja", "<|start_header_id|>", "<|eot_id|>")
PLAIN = ModelFamily(FOLDER / "plain.jinja")
SHORT = ModelFamily(FOLDER / "short.jinja")


def find_family(name: str) -> ModelFamily:
    """The family of a name.

    Raises:
        UsageError: there is none.
    """
    family: ModelFamily = MODEL_FAMILIES.load(name)
    return family


def choose_template(name: str, tokenizer: Any) -> str:
    """The name itself; `auto` looks at the tokenizer's vocabulary.

    Raises:
        UsageError: there is no template of that name.
    """
    if name != AUTO:
        if name not in MODEL_FAMILIES.names():
            raise UsageError(f"model.template: `{name}` is not known; there are auto, {', '.join(list_templates())}")
        return name
    vocabulary = tokenizer.get_vocab()
    marks = {family: find_family(family).mark for family in MODEL_FAMILIES.names()}
    return next((family for family, mark in marks.items() if mark is not None and mark in vocabulary), OTHERS)


def list_templates() -> list[str]:
    """Their names."""
    return sorted(MODEL_FAMILIES.names())


def read_template(name: str, image_token: str = IMAGE_TOKEN) -> str:
    """The text of a template."""
    text = find_family(name).template.read_text(encoding="utf-8").strip()
    return text.replace(IMAGE_TOKEN, image_token)
