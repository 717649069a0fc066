"""How a command stands in its help: each option by one spelling, and an example at the end."""

import re
from typing import Any, NamedTuple

from typer.core import TyperCommand, TyperOption

EXAMPLE = re.compile(r"\s*\b(Examples?: .*)\Z", re.DOTALL)


class Told(NamedTuple):
    """The text of a help: what stands before the options, and the example that stands after them."""

    about: str
    example: str | None


def split_example(text: str) -> Told:
    """A help text, or a docstring, in two."""
    found = EXAMPLE.search(text)
    return Told(text[: found.start()], found[1]) if found else Told(text, None)


class OneSpelling(TyperCommand):
    """A command whose help shows the first spelling of each option; the others are taken as well.

    Attributes:
        aliases: the other spellings, by the option's first.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [option for option in self.params if isinstance(option, TyperOption)]
        self.aliases = {option.opts[0]: option.opts[1:] for option in options}
        for option in options:
            del option.opts[1:]

    def make_parser(self, ctx: Any) -> Any:
        """As typer's, with all spellings."""
        options = [option for option in self.params if isinstance(option, TyperOption)]
        for option in options:
            option.opts = [option.opts[0], *self.aliases[option.opts[0]]]
        try:
            return super().make_parser(ctx)
        finally:
            for option in options:
                del option.opts[1:]
