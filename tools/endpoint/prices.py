"""What models cost: `prices.yaml`, dated, or a file of the user's own in the same form."""

import datetime
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, Protocol

from pydantic import Field, ValidationError

from tools.errors import MissingError, UsageError
from tools.files.yaml_text import read_yaml
from tools.records import Record, find_fault

OWN_TABLE = Path(__file__).with_name("prices.yaml")


Way = Literal["chat", "batch"]


class Rate(Record):
    """US dollars per million tokens."""

    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)


class Price(Rate):
    """US dollars per million tokens, asked one by one.

    Attributes:
        batch: asked in batch files; None where that is unknown.
    """

    batch: Rate | None = None

    def find_rate(self, way: Way) -> Rate | None:
        """The rate of a way of asking. What costs nothing costs nothing in batches either."""
        is_free = not self.input and not self.output
        return self if way == "chat" or (self.batch is None and is_free) else self.batch


class TokenUsage(Protocol):
    """How many tokens a model read and wrote."""

    @property
    def model(self) -> str:
        """The name that requests carry."""

    @property
    def prompt_tokens(self) -> int:
        """Tokens that it read."""

    @property
    def completion_tokens(self) -> int:
        """Tokens that it wrote."""


class Prices(Record):
    """A price table.

    Attributes:
        date: when it was last compared with the providers' pages.
        models: by the name that requests carry.
    """

    date: datetime.date
    models: Mapping[str, Price]

    def narrow(self, way: Way) -> "Prices":
        """The table of one way of asking, without the models whose price in that way is unknown."""
        rates = ((model, price.find_rate(way)) for model, price in self.models.items())
        known = {model: Price(input=rate.input, output=rate.output) for model, rate in rates if rate}
        return Prices(date=self.date, models=known)

    def find(self, model: str) -> Price | None:
        """The price of a model; None when the table does not have it."""
        return self.models.get(model)

    def cost_usd(self, model: str, prompt_tokens: int, completion_tokens: int) -> float | None:
        """What so many tokens cost; None when the table does not have the model."""
        price = self.find(model)
        if price is None:
            return None
        return (prompt_tokens * price.input + completion_tokens * price.output) / 1e6

    def sum_usd(self, usages: Iterable[TokenUsage]) -> float | None:
        """Cost of what was asked, in US dollars; None when a model has no price."""
        total = 0.0
        for usage in usages:
            cost = self.cost_usd(usage.model, usage.prompt_tokens, usage.completion_tokens)
            if cost is None:
                return None
            total += cost
        return total

    def require(self, models: tuple[str, ...], what: str) -> None:
        """Refuse to go on without the price of each of `models`.

        Raises:
            UsageError: naming the models that are missing and how to add them.
        """
        unknown = [model for model in models if model not in self.models]
        if unknown:
            raise UsageError(
                f"{what} needs the price of {', '.join(unknown)}, which the table of {self.date} does not have; "
                "copy tools/endpoint/prices.yaml, add it (0 for a server of your own; under `batch` for batches), and "
                "name the file with --prices"
            )


def load_prices(path: Path | None = None) -> Prices:
    """The toolkit's own table, or the user's in place of it.

    Raises:
        MissingError: no such file.
        UsageError: not a price table; names the first thing that is wrong.
    """
    source = path or OWN_TABLE
    if not source.is_file():
        raise MissingError(f"--prices {source}: no such file; copy tools/endpoint/prices.yaml and edit it")
    try:
        return Prices.model_validate(read_yaml(source, "copy tools/endpoint/prices.yaml and edit it"))
    except ValidationError as error:
        place, why = find_fault(error)
        raise UsageError(
            f"{source}: {place or 'the file'}: {why}; expected `date: 2026-01-31` and `models:` with lines "
            "`name: {input: 0.1, output: 0.4}`, as in tools/endpoint/prices.yaml"
        ) from error
