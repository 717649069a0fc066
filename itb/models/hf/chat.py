"""From a question to the text and the tokens that a checkpoint is given."""

import functools
from typing import Any, NamedTuple

from jinja2 import TemplateError

from itb.answers import find_reader
from itb.answers.candidates import list_candidates
from itb.benchmark.ask import Question
from itb.models.hf.checkpoint import Checkpoint
from tools.errors import UsageError
from tools.weights import explain_model


class Surface(NamedTuple):
    """One way of writing an answer: the answer, and the tokens that write it after the prompt."""

    answer: str
    tokens: tuple[int, ...]


class Chat:
    """Renders questions with a checkpoint's own chat template, or in the form of its processor where it has none.

    Args:
        checkpoint: whose template and tokenizer.

    Attributes:
        system_place: `system`, or `user` for a template without system messages: then the context stands before the
            question.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._processor = checkpoint.processor
        self._tokenizer = checkpoint.tokenizer
        self._checkpoint = checkpoint
        self.system_place = self._find_system_place()
        self._tokenise_after = functools.lru_cache(maxsize=100_000)(self._tokenise_after)  # type: ignore[method-assign]

    def render(self, question: Question) -> str:
        """The whole prompt as text, up to where the reply begins.

        Raises:
            UsageError: the question's text holds what stands for the image.
        """
        for text in self._checkpoint.image_texts:
            if text in question.text or text in (question.system or ""):
                raise UsageError(
                    f"item {question.item.id}: its text holds {text!r}, which stands for the image; change the wording"
                )
        with explain_model(f"--model {self._checkpoint.name}", "its chat template cannot be used", "copy it again"):
            return self._render(question.system, question.text, len(question.files), question.is_text_first)

    def adds_bos(self, text: str) -> bool:
        """Whether the tokenizer is to add its first token: not where template or processor writes it."""
        is_written = bool(self._tokenizer.bos_token) and text.startswith(self._tokenizer.bos_token)
        return not (is_written or self._checkpoint.has_own_form)

    def list_surfaces(self, question: Question, prompt: str) -> list[Surface]:
        """The answers as tokens: a letter for an option, digits for a count, yes and no with either initial.

        Where one is the beginning of another ("1" and "12"), each is ended, or the longer could never win.
        """
        tail = prompt[-64:] + ("\n" if self._checkpoint.has_own_form else "")  # which the processor adds
        found = [
            Surface(answer, self._tokenise_after(tail, text))
            for answer, texts in list_texts(question)
            for text in texts
        ]
        end = self._checkpoint.answer_ending if _is_nested(found) else ()
        return [surface._replace(tokens=surface.tokens + end) for surface in found]

    def _find_system_place(self) -> str:
        if self._checkpoint.has_own_form:
            return "user"
        probe = "zq7"
        try:
            return "system" if probe in self._render_as(probe, "x", "system") else "user"
        except (TemplateError, TypeError, ValueError, KeyError):
            return "user"

    def _render(self, system: str | None, text: str, count: int, is_text_first: bool) -> str:
        return self._render_as(system, text, self.system_place, count, is_text_first)

    def _render_as(self, system: str | None, text: str, place: str, count: int = 1, is_text_first: bool = False) -> str:
        if system and place == "user":
            system, text = None, f"{system}\n\n{text}"
        if self._checkpoint.has_own_form:
            return f"{self._processor.image_token * count}{text.strip()}"
        messages: list[dict[str, Any]] = (
            [{"role": "system", "content": [{"type": "text", "text": system}]}] if system else []
        )
        images, said = [{"type": "image"}] * count, [{"type": "text", "text": text}]
        messages.append({"role": "user", "content": said + images if is_text_first else images + said})
        rendered: str = self._processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        return rendered

    def _tokenise_after(self, tail: str, text: str) -> tuple[int, ...]:
        """The tokens of `text` as a reply to a prompt that ends with `tail`."""
        before = self._encode(tail)
        is_glued = getattr(self._processor, "glues_answers", False)  # ImageBind-LLM's answers follow without a space
        is_open = is_glued or tail[-1:].isspace() or before[-1] in self._tokenizer.all_special_ids
        both = self._encode(tail + ("" if is_open else " ") + text)
        if both[: len(before)] == before:
            return tuple(both[len(before) :])
        return tuple(self._encode(text))  # the tokenizer joins across the border: the answer by itself

    def _encode(self, text: str) -> list[int]:
        tokens: list[int] = self._tokenizer(text, add_special_tokens=False).input_ids
        return tokens


def list_texts(question: Question) -> list[tuple[str, tuple[str, ...]]]:
    """Each answer with the texts that say it; empty where the answers cannot be listed."""
    reader = find_reader(question.item.form)
    return [(answer, reader.say(answer, question.options)) for answer in list_candidates(question)]


def _is_nested(surfaces: list[Surface]) -> bool:
    tokens = {surface.tokens for surface in surfaces}
    return any(one != other and other[: len(one)] == one for one in tokens for other in tokens)
