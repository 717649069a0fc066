"""A prompt, as read from its file and proved."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.errors import UsageError
from tools.prompts.front_matter import Sampling
from tools.prompts.replies import PARSERS, parse_caption, parse_image_caption
from tools.prompts.sections import Fault, Role, Section, find_variables, make_plain, render_section
from tools.records import Record


class PromptMessage(Record):
    """One message to a model, in the form every chat endpoint takes."""

    role: Role
    content: str


@dataclass(frozen=True)
class Prompt:
    """A prompt file, proved: it can be rendered with its inputs, and its reply can be parsed.

    Attributes:
        path: the file, for messages.
        id, version, description, output: as in its front matter.
        inputs: name -> meaning.
        sampling: temperature, n, max_tokens.
        digest: first 16 hex digits of the SHA-256 of the file.
        sections: in the order of the file.
    """

    path: Path
    id: str
    version: int
    description: str
    inputs: Mapping[str, str]
    output: str
    sampling: Sampling
    digest: str
    sections: tuple[Section, ...]

    @functools.cached_property
    def example_sets(self) -> tuple[int, ...]:
        """The numbers of the sets of worked examples, of which a request shows one; empty without numbered ones."""
        return tuple(sorted({part.example_set for part in self.sections} - {0}))

    def render(self, point: float = 0.0, /, **inputs: object) -> tuple[PromptMessage, ...]:
        """Put the inputs in their places.

        Args:
            point: in [0, 1), which of the sets of examples is shown; 0 is the first.
            **inputs: text, numbers, records, or lists of them, one for each name in `self.inputs`. They are data:
                braces, headings and tags in them stay what they are.

        Returns:
            The system message if there is one, worked examples, and the request as the last message.

        Raises:
            UsageError: an input is missing or not declared, or lacks a field that the file asks for.
        """
        self._refuse_other(inputs)
        try:
            plain = {name: make_plain(value) for name, value in inputs.items()}
        except TypeError as error:
            raise UsageError(f"{self.path}: an input is {error}.") from error
        try:
            shown = (0, *self.example_sets[int(point * len(self.example_sets)) :][:1])
            parts = (part for part in self.sections if part.example_set in shown)
            return tuple(self._still.get(part) or _render(part, plain) for part in parts)
        except Fault as fault:
            raise UsageError(
                f"{self.path}:{fault.line}: cannot be rendered: {fault}. "
                "Correct the name; README.md of the folder lists the fields."
            ) from fault

    @functools.cached_property
    def _still(self) -> dict[Section, PromptMessage]:
        """The sections that no input changes, such as the system message and worked examples, rendered once."""
        return {part: _render(part, {}) for part in self.sections if not find_variables(part)}

    def _refuse_other(self, given: Mapping[str, object]) -> None:
        missing = [name for name in self.inputs if name not in given]
        extra = [name for name in given if name not in self.inputs]
        if missing or extra:
            parts = ([f"missing: {', '.join(missing)}"] if missing else []) + (
                [f"not declared: {', '.join(extra)}"] if extra else []
            )
            raise UsageError(
                f"{self.path}: cannot be rendered with these inputs ({'; '.join(parts)}). "
                f"Its inputs: {', '.join(self.inputs) or 'none'}. Give exactly these, or change `inputs` in the file."
            )

    def parse(self, reply: str, caption_labels: Sequence[str] = ()) -> Record:
        """The record in a model's reply.

        Args:
            caption_labels: what the pack says that a model may write before a caption.

        Raises:
            ReplyError: the reply is not what the prompt asks for.
        """
        if self.output == "caption":
            return parse_caption(reply, caption_labels)
        if self.output == "image_caption":
            return parse_image_caption(reply, caption_labels)
        return PARSERS[self.output](reply)


def _render(section: Section, values: Mapping[str, Any]) -> PromptMessage:
    return PromptMessage(role=section.role, content=render_section(section, values))
