"""What a reviewer sees next, and what becomes of what they say; knows nothing of Gradio."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

from agents.review.book import Opinions, ReviewBook
from agents.review.draft import read_draft
from agents.review.plan import find_plan
from agents.review.record import ReviewVerdict, clean_name, make_review, read_categories, tell_person
from agents.review.texts import Key, Text, has_judge, list_texts
from agents.studio.opened import OpenRun
from tools.errors import UsageError

Queue = Literal["plan", "accepted", "objected", "conflicts"]
QUEUES: dict[Queue, str] = {
    "plan": "The review plan",
    "accepted": "Accepted texts",
    "objected": "Texts that the debate agent objected to",
    "conflicts": "Conflicts",
}
MOST_PAST = 200
PAGE = 200


class Place(NamedTuple):
    """A text and its image."""

    image_id: str
    key: Key


@dataclass(frozen=True)
class Spot:
    """Where a reviewer is.

    Attributes:
        place: the text that is open; None where nothing is left.
        past: what was open before, the latest last.
    """

    queue: Queue = "accepted"
    place: Place | None = None
    past: tuple[Place, ...] = ()


class Progress(NamedTuple):
    """How far a queue is, of one reviewer and of all; `total` is None where it is not counted.

    Attributes:
        all: texts of the run that anybody reviewed.
    """

    mine: int
    anybody: int
    total: int | None
    conflicts: int
    all: int


class Desk:
    """A run's texts and reviews, for many reviewers at once.

    Args:
        run: the run; reviews are written into its folder.
        pack: of the run; a text may be rejected for its categories, and for those of the run's rules.
    """

    def __init__(self, run: OpenRun, pack: Path) -> None:
        self.run = run
        self.book = ReviewBook(run.folder)
        self.categories = read_categories(run.store, pack)
        self._is_read = has_judge(run.store)

    def choose_queue(self) -> Queue:
        """The queue that is open at first: the plan's, where there is a plan."""
        return "accepted" if find_plan(self.run.folder) is None else "plan"

    def find(self, place: Place) -> Text | None:
        """The text of a place, None where the run has it no more as it was."""
        result = self.run.store.find_result(place.image_id)
        texts = () if result is None else list_texts(result, self._is_read)
        found = None
        for text in texts:
            if text.key == place.key:
                found = text
        return found

    def find_opinions(self, place: Place) -> Opinions:
        """What each person said last of a text."""
        return self.book.find(place.key)

    def begin(self, queue: Queue, name: str) -> Spot:
        """The first text of a queue that the reviewer has not reviewed."""
        self.book.refresh()
        return Spot(queue, self._find_next(queue, name, None))

    def skip(self, spot: Spot, name: str) -> Spot:
        """The next text that the reviewer has not reviewed, behind the open one; from the end on from the start."""
        self.book.refresh()
        found = self._find_next(spot.queue, name, spot.place)
        past = spot.past if spot.place is None else (*spot.past, spot.place)[-MOST_PAST:]
        return Spot(spot.queue, found, past)

    def go_back(self, spot: Spot) -> Spot:
        """The text that was open before."""
        return replace(spot, place=spot.past[-1], past=spot.past[:-1]) if spot.past else spot

    def save(
        self, spot: Spot, name: str, verdict: ReviewVerdict, *, categories: list[str], draft: str, settles: bool
    ) -> Spot:
        """Keep a review of the open text; it is on the disk when this gives the next text.

        Raises:
            UsageError: the review says too little, or the text has changed meanwhile.
            ToolkitError: it cannot be written.
        """
        clean_name(name)
        text = None if spot.place is None else self.find(spot.place)
        if text is None:
            raise UsageError("there is no text open, or the run says something else there now; nothing was saved")
        edited = read_draft(text.body, draft) if verdict == "edit" else None
        review = make_review(
            text, verdict, name, self.categories, categories=categories, edited=edited, settles=settles
        )
        self.book.write(review)
        return self.skip(spot, name)

    def measure(self, queue: Queue, name: str) -> Progress:
        """How far the queue is."""
        person = tell_person(name)
        conflicts = len(self.book.list_conflicts())
        keys = list(self.book.list_keys())
        mine = sum(person in self.book.find(key) for key in keys)
        if queue != "plan":
            return Progress(mine, len(keys), None, conflicts, len(keys))
        planned = [place.key for place in self._list_planned()]
        own = sum(person in self.book.find(key) for key in planned)
        return Progress(own, sum(key in self.book for key in planned), len(planned), conflicts, len(keys))

    def _find_next(self, queue: Queue, name: str, after: Place | None) -> Place | None:
        """The next place that is open to the reviewer, the ones behind `after` first."""
        person, is_conflicts = tell_person(name), queue == "conflicts"
        first: Place | None = None
        is_behind = after is None
        for place in self._list_places(queue, after):
            if place == after:
                is_behind = True
                continue
            if not is_conflicts and person in self.book.find(place.key):
                continue
            if is_behind:
                return place
            first = first or place
        return first or (after if is_conflicts and after in self._list_conflicts() else None)

    def _list_places(self, queue: Queue, after: Place | None) -> Iterator[Place]:
        if queue == "plan":
            yield from self._list_planned()
        elif queue == "conflicts":
            yield from self._list_conflicts()
        else:
            yield from self._walk(queue == "accepted", after)

    def _list_planned(self) -> list[Place]:
        plan = find_plan(self.run.folder)
        return [] if plan is None else [Place(entry.image_id, entry.key) for entry in plan.entries]

    def _list_conflicts(self) -> list[Place]:
        return [Place(next(iter(self.book.find(key).values())).image_id, key) for key in self.book.list_conflicts()]

    def _walk(self, is_accepted: bool, after: Place | None) -> Iterator[Place]:
        """The places of the run from the image that is open on, then those before it."""
        start = 0
        if after is not None:
            rows = self.run.store.query("SELECT position FROM results WHERE image_id = ?", (after.image_id,))
            start = rows[0][0] if rows else 0
        yield from self._walk_from(start, is_accepted, None)
        yield from self._walk_from(0, is_accepted, start + 1)

    def _walk_from(self, start: int, is_accepted: bool, end: int | None) -> Iterator[Place]:
        query = "SELECT position, image_id FROM results WHERE position >= ? ORDER BY position LIMIT ?"
        while rows := self.run.store.query(query, (start, PAGE)):
            for position, image_id in rows:
                if end is not None and position >= end:
                    return
                yield from self._list_image(str(image_id), is_accepted)
            start = rows[-1][0] + 1

    def _list_image(self, image_id: str, is_accepted: bool) -> Iterator[Place]:
        result = self.run.store.find_result(image_id)
        if result is None:
            return
        texts = {text.key: text for text in list_texts(result, self._is_read)}
        for text in texts.values():
            if text.is_accepted if is_accepted else bool(text.objections):
                yield Place(image_id, text.key)


def read_queue(value: str, fallback: Queue) -> Queue:
    """A queue by its name."""
    return value if value in QUEUES else fallback
