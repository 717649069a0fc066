"""Where no train split is there to learn from: what is fitted to four fifths of the groups answers the fifth.

Foreign benchmarks come as test questions alone. A baseline that was fitted to the very labels that judge it would
flatter itself; one that never saw the group of a question does not.
"""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from itb.records import Item
from tools.seeds import hash_number_by_sha256

FOLDS = 5
Fitted = TypeVar("Fitted")


class FittedApart(Generic[Fitted]):
    """Something fitted to items: to the train split where there is one, else once for each fold, without it.

    Args:
        items: of a benchmark, both splits.
        fit: what is fitted.

    Attributes:
        has_train: whether there is a train split.
        is_empty: whether there is nothing to learn from.
    """

    def __init__(self, items: Sequence[Item], fit: Callable[[Sequence[Item]], Fitted]) -> None:
        self._fit = fit
        train = [item for item in items if item.split == "train"]
        self.has_train = bool(train)
        self._items = train if train else [item for item in items if item.foreign]
        self.is_empty = not self._items
        self._fitted: dict[int, Fitted] = {}

    def find(self, item: Item) -> Fitted:
        """What may answer an item."""
        fold = 0 if self.has_train else find_fold(item)
        if fold not in self._fitted:
            kept = self._items if self.has_train else [other for other in self._items if find_fold(other) != fold]
            self._fitted[fold] = self._fit(kept)
        return self._fitted[fold]


def find_fold(item: Item) -> int:
    """A group's questions are in one fold, whatever else is asked."""
    return hash_number_by_sha256(f"fold {item.source} {item.group}") % FOLDS
