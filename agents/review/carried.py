"""The reviews of several runs as those of the one that was put together from them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from agents.review.book import ReviewBook
from agents.review.record import Review
from agents.review.texts import Key
from agents.store.folders import REVIEW_PLAN, REVIEWS
from tools.files.append import append_line

MOST_NAMED = 5


class Carried:
    """What people said of the texts of several runs, read once.

    A text that was reviewed in one run keeps all that was said of it. Of a text that was reviewed in several, what
    counts in each goes over: who settled a conflict in one of them had not seen what was said in the others.

    Args:
        parts: the runs' folders; a later one's reviews come later, for their order counts and no clock.

    Raises:
        UsageError: a run's reviews cannot be read.
    """

    def __init__(self, parts: Sequence[Path]) -> None:
        self._books = [ReviewBook(part) for part in parts]
        self._has_plans = any((part / REVIEW_PLAN).exists() for part in parts)
        self._owners = Counter(key for book in self._books for key in book.list_keys())

    def write(self, out: Path) -> None:
        """Put them behind what the run `out` has; called again, it adds only what is new.

        Raises:
            ToolkitError: the disk is full or the file cannot be written.
            UsageError: the reviews that are there cannot be read.
        """
        known = Counter(map(_write, ReviewBook(out).list_said()))
        lines = []
        for line in map(_write, self._list_reviews()):
            if known[line] > 0:
                known[line] -= 1
            else:
                lines.append(line)
        if lines:
            append_line(out / REVIEWS, "\n".join(lines))

    def tell(self, out: Path) -> Iterator[str]:
        """What somebody would want to know of it, a sentence each; nothing where nobody reviewed."""
        if self._owners:
            texts = f"{len(self._owners):,} text{'' if len(self._owners) == 1 else 's'}"
            yield f"reviews of {texts} carried over into {out / REVIEWS}"
        book, shared = ReviewBook(out), [key for key, count in self._owners.items() if count > 1]
        if conflicts := [key for key in shared if book.decide(key) == "conflict"]:
            yield (
                f"reviewed in several runs, with different verdicts or edits: {_name(conflicts)}; settle them: "
                f"python -m agents serve {out}, section Review, Conflicts"
            )
        if changed := [key for key in shared if self._is_changed(key)]:
            yield f"the same person said something else in a later run, which counts: {_name(changed)}"
        if self._has_plans:
            yield f"a review plan is of one run and is not carried over; draw one: python -m agents review-plan {out}"

    def _list_reviews(self) -> Iterator[Review]:
        for book in self._books:
            yield from (review for review in book.list_said() if self._owners[review.key] == 1)
            for key in book.list_keys():
                if self._owners[key] > 1:
                    yield from (one.model_copy(update={"settles": False}) for one in book.find(key).values())

    def _is_changed(self, key: Key) -> bool:
        """Whether a person said different things of a text in different runs."""
        said = {(one.person, one.verdict, one.edited) for book in self._books for one in book.find(key).values()}
        return len(said) > len({person for person, _, _ in said})


def _write(review: Review) -> str:
    return review.model_dump_json(exclude_defaults=True)


def _name(keys: Sequence[Key]) -> str:
    """Ids of texts, the first few."""
    more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
    return f"{', '.join(key.id for key in keys[:MOST_NAMED])}{more}"
