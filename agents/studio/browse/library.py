"""The images of a run as they are browsed: pages of the list, and the image before and behind one."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from agents.studio.browse.rules import RuleTexts
from agents.studio.index.build import IndexBuilder
from agents.studio.index.filters import Filters
from agents.studio.index.find import Found, Index
from agents.studio.index.slim import Slim, read_slim
from agents.studio.opened import OpenRun
from tools.errors import ToolkitError

PAGE_SIZE = 24


@dataclass(frozen=True)
class Spot:
    """Where somebody is: what is looked for, which page of it, which image.

    Attributes:
        page: counted from 1.
        image: id of the image that is open, empty for the first of the page.
    """

    filters: Filters = field(default_factory=Filters)
    page: int = 1
    image: str = ""


class Listed(NamedTuple):
    """A page of the list.

    Attributes:
        spot: where it is, its page one that there is, its image one of the page unless it is asked for by name.
        images: of this page.
        total: images that were found.
        note: what has to be known of it: that the index still grows, or failed.
    """

    spot: Spot
    images: tuple[Slim, ...]
    total: int
    note: str

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


class Library:
    """The images of an opened run.

    Args:
        run: the run.
        builder: of its index, begun.
    """

    def __init__(self, run: OpenRun, builder: IndexBuilder) -> None:
        self.run = run
        self.index = Index(builder.path)
        self.rule_texts = RuleTexts(run)
        self._builder = builder

    def list(self, spot: Spot) -> Listed:
        """A page of the list, and the image that is open in it."""
        found = self._find(spot.filters, max(1, spot.page))
        last = max(1, -(-found.total // PAGE_SIZE))
        if spot.page > last:
            return self.list(replace(spot, page=last))
        images = self._read(found.positions)
        named = [str(slim.image_id) for slim in images]
        image = spot.image or (named[0] if named else "")
        return Listed(Spot(spot.filters, max(1, spot.page), image), images, found.total, self.describe_state())

    def step(self, spot: Spot, by: int) -> Spot:
        """The spot of the image behind (1) or before (-1) the open one, over the edges of pages."""
        listed = self.list(spot)
        named = [str(slim.image_id) for slim in listed.images]
        at = named.index(listed.spot.image) + by if listed.spot.image in named else 0
        if 0 <= at < len(named):
            return replace(listed.spot, image=named[at])
        page = listed.spot.page + by
        if not named or not 1 <= page <= listed.pages:
            return listed.spot
        images = self.list(replace(listed.spot, page=page, image="")).images
        return replace(listed.spot, page=page, image=str(images[0 if by > 0 else -1].image_id))

    def describe_state(self) -> str:
        """What is to be said of the index while it is not whole; empty afterwards."""
        if self._builder.fault is not None:
            return f"The index stopped, filters see a part of the run: {self._builder.fault}"
        if self._builder.is_done:
            return ""
        return f"The index is being built: filters see {self.index.count():,} of {self.count():,} images by now."

    def count(self) -> int:
        """How many images of the run are final."""
        return int(self.run.store.query("SELECT count(*) FROM results")[0][0])

    def _find(self, filters: Filters, page: int) -> Found:
        if not filters.is_empty:
            return self.index.find(filters, page, PAGE_SIZE)
        query = "SELECT position FROM results ORDER BY position LIMIT ? OFFSET ?"
        rows = self.run.store.query(query, (PAGE_SIZE, (page - 1) * PAGE_SIZE))
        return Found(tuple(position for (position,) in rows), self.count())

    def _read(self, positions: tuple[int, ...]) -> tuple[Slim, ...]:
        marks = ", ".join("?" * len(positions))
        rows = self.run.store.query(f"SELECT position, result FROM results WHERE position IN ({marks})", positions)
        try:
            found = {position: read_slim(text) for position, text in rows}
        except ValueError as error:
            raise ToolkitError(f"{self.run.store.path}: holds a result that is none ({error})") from error
        return tuple(found[position] for position in positions if position in found)
