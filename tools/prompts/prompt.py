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

REMEMBERED = 64
"""Renderings of a section that are kept at hand."""
FIXED = (str, int, float, tuple, Record, type(None))
"""What cannot have changed where it is met again."""


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
            return tuple(part.render(inputs) for part in self._choose_parts(point))
        except TypeError as error:
            raise UsageError(f"{self.path}: an input is {error}.") from error
        except Fault as fault:
            raise UsageError(
                f"{self.path}:{fault.line}: cannot be rendered: {fault}. "
                "Correct the name; README.md of the folder lists the fields."
            ) from fault

    def _choose_parts(self, point: float) -> tuple["_Part", ...]:
        """What a request shows: one set of the examples, and all that stands in none."""
        return self._parts[min(int(point * len(self._parts)), len(self._parts) - 1)]

    @functools.cached_property
    def _parts(self) -> tuple[tuple["_Part", ...], ...]:
        parts = [_Part(section) for section in self.sections]
        sets = self.example_sets or (0,)
        return tuple(tuple(part for part in parts if part.section.example_set in (0, shown)) for shown in sets)

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


class _Part:
    """A section, and what it last came to: most are the same in many requests in a row, such as a list of rules."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self._names = tuple(find_variables(section))
        self._still = None if self._names else self._fill({})
        self._kept: dict[tuple[object, ...], tuple[tuple[object, ...], PromptMessage]] = {}
        self._plain: dict[str, tuple[object, object, Any]] = {}

    def __reduce__(self) -> tuple[type["_Part"], tuple[Section]]:
        """What was kept goes by identities, which are of one process."""
        return _Part, (self.section,)

    def render(self, inputs: Mapping[str, object]) -> PromptMessage:
        """Put the inputs in their places.

        Raises:
            TypeError: one is neither text, number, record, nor a list or mapping of these.
            Fault: one lacks what the template asks for.
        """
        if self._still is not None:
            return self._still
        given = {name: inputs[name] for name in self._names if name in inputs}
        values = tuple(given.values())
        key = tuple(map(_identify, values))
        known = self._kept.get(key)
        if known is not None:
            return known[1]
        made = self._fill({name: self._make_plain(name, value) for name, value in given.items()})
        if all(isinstance(value, FIXED) for value in values):
            if len(self._kept) >= REMEMBERED:
                self._kept.clear()
            self._kept[key] = values, made  # as long as the values are held, nothing else has their identity
        return made

    def _make_plain(self, name: str, value: object) -> Any:
        """As `make_plain`; what an input was in the request before, such as the rules, it often is again."""
        if not isinstance(value, tuple):
            return make_plain(value)
        identity = _identify(value)
        known = self._plain.get(name)
        if known is None or known[0] != identity:
            known = self._plain[name] = identity, value, make_plain(value)
        return known[2]

    def _fill(self, plain: Mapping[str, object]) -> PromptMessage:
        return PromptMessage(role=self.section.role, content=render_section(self.section, plain))


def _identify(value: object) -> object:
    """What tells a value from others quickly; two that are equal may pass for different ones."""
    if isinstance(value, str):
        return value
    return tuple(map(id, value)) if isinstance(value, tuple) else id(value)
