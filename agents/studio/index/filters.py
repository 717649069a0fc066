"""What somebody looks for in a run: filters and an order, as they stand in the page's address."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

ORDERS = {
    "": "run's order",
    "rounds": "most rounds",
    "objections": "most objections",
    "leaks": "most leaks left",
    "edits": "most edits",
    "score": "lowest score",
    "tokens": "most tokens",
}
"""How images may be sorted; the first is the run's own order."""


@dataclass(frozen=True)
class Filters:
    """Each is empty where it is not asked for.

    Attributes:
        kind: of an instruction that was debated.
        verdict: what became of the image's rows, a key of the report's statuses.
        category: of an objection.
        rule: that changed one of its captions, or that was mined from it.
        round: the most rounds that one of its debates took.
        text: words that all stand in its captions and instructions, its id or its photograph's name.
        sort: a key of `ORDERS`.
    """

    kind: str = ""
    verdict: str = ""
    category: str = ""
    rule: str = ""
    round: str = ""
    text: str = ""
    sort: str = ""

    def __post_init__(self) -> None:
        if self.sort not in ORDERS:
            raise ValueError(f"no such order: {self.sort}")

    @property
    def tags(self) -> dict[str, str]:
        """The filters that are set and that are tags."""
        named = {name: value for name, value in asdict(self).items() if name not in ("text", "sort")}
        return {name: value for name, value in named.items() if value}

    @property
    def is_empty(self) -> bool:
        """Whether every image is looked for, in the run's order: no index is needed."""
        return self == Filters()


def read_filters(query: Mapping[str, str]) -> Filters:
    """The filters of a page's address; an order that there is not is the run's."""
    found = {field.name: str(query.get(field.name, ""))[:500] for field in fields(Filters)}
    found["sort"] = found["sort"] if found["sort"] in ORDERS else ""
    return Filters(**found)
