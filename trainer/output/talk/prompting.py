"""A talk as the text that a model is given: in its own chat template, with what its images show told before or not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import TemplateError

from tools.errors import UsageError
from tools.prompts.folder import load_prompts
from tools.weights import explain_model

OWN_FORM = "paligemma"
"""Has no chat template: its processor takes the question after the image, and nothing before."""


class Exchange(NamedTuple):
    """A question as it was put, and what the model said."""

    question: str
    answer: str


class Wording(NamedTuple):
    """A question as it is put.

    Attributes:
        system: what the model is told before; empty for nothing.
        text: the question, in the words of the pack where it is told something.
    """

    system: str
    text: str


class Context:
    """What a pack says of its images before a question, the same words as an evaluation's.

    Args:
        pack: folder of a modality pack, with `context.md`.

    Raises:
        MissingError, UsageError: it has none, or one with a fault.
    """

    def __init__(self, pack: Path) -> None:
        prompts = load_prompts(pack)
        if "context" not in prompts:
            raise UsageError(f"--pack {pack}: has no prompt `context`; copy context.md of another pack and edit it")
        self._prompt = prompts["context"]

    @property
    def digest(self) -> str:
        """Hash of the prompt's file."""
        return self._prompt.digest

    def put(self, question: str, *, is_told: bool) -> Wording:
        """The question, with the context or without."""
        if not is_told:
            return Wording("", question)
        *before, last = self._prompt.render(question=question)
        return Wording("\n\n".join(message.content for message in before), last.content)


class Prompter:
    """Writes talks for one model.

    Args:
        processor: the model's.
        model_type: architecture.
        name: of the model, for errors.

    Attributes:
        has_history: whether an answer can follow on earlier ones.

    Raises:
        UsageError: nothing says how the model is asked.
    """

    def __init__(self, processor: Any, model_type: str, name: str) -> None:
        self._processor, self._name = processor, name
        has_template = bool(processor.chat_template or processor.tokenizer.chat_template)
        self._is_own_form = model_type == OWN_FORM and not has_template
        if not has_template and not self._is_own_form:
            raise UsageError(f"{name}: has no chat template, so nothing says how it is asked; copy it into the folder")
        self.has_history = not (self._is_own_form or getattr(processor, "is_single_turn", False))
        self._takes_system = self.has_history and self._find_system()

    def render(self, history: Sequence[Exchange], wording: Wording) -> str:
        """The whole prompt, up to where the answer begins.

        Raises:
            UsageError: the question holds what stands for the image, or the template cannot be used.
        """
        token = self._processor.image_token
        if any(token in text for text in (*wording, *(one.question for one in history))):
            raise UsageError(f"the question holds {token}, which stands for the image; leave it out")
        said = list(history) if self.has_history else []
        first, system = (said[0].question if said else wording.text), wording.system
        if system and not self._takes_system:
            first, system = f"{system}\n\n{first}", ""
        questions = [first, *([*(one.question for one in said[1:]), wording.text] if said else [])]
        if self._is_own_form:
            return f"{token}{first.strip()}"
        with explain_model(self._name, "its chat template cannot be used", "copy it again"):
            return self._render(system, questions, [one.answer for one in said])

    def adds_start(self, text: str) -> bool:
        """Whether the tokenizer is to add its first token: not where template or processor writes it."""
        first = self._processor.tokenizer.bos_token
        return not (self._is_own_form or (first and text.startswith(first)))

    def _find_system(self) -> bool:
        """Whether the template has a place for a system message; where it has none, the context precedes a question."""
        probe = "zq7"
        try:
            return probe in self._render(probe, ["x"], [])
        except (TemplateError, TypeError, ValueError, KeyError):
            return False

    def _render(self, system: str, questions: Sequence[str], answers: Sequence[str]) -> str:
        messages = [_write("system", system)] if system else []
        for place, question in enumerate(questions):
            messages.append(_write("user", question, has_image=place == 0))
            messages += [_write("assistant", answer) for answer in answers[place : place + 1]]
        rendered: str = self._processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        return rendered


def _write(role: str, text: str, *, has_image: bool = False) -> dict[str, Any]:
    image = [{"type": "image"}] if has_image else []
    return {"role": role, "content": [*image, {"type": "text", "text": text}]}
