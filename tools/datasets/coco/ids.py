"""Ids of COCO files as columns of integers, and back as text.

Most files have whole numbers for ids, which stand in a column as they are. Other texts get numbers above all of these,
in their own order, so that columns are joined and sorted alike.
"""

from collections.abc import Iterable
from typing import cast

import numpy as np

from tools.datasets.coco.rows import NO_ID, Ints
from tools.ids import order_ids, read_id, read_number

_FIRST = 2**62
"""The first number that stands for a text."""


class IdCodes:
    """Text <-> integer.

    Args:
        image_ids: of all images of a dataset; texts get their numbers in the order of `order_ids`.
    """

    def __init__(self, image_ids: Iterable[str] = ()) -> None:
        numbers = {text: read_number(text) for text in image_ids}
        self._texts = sorted((text for text, number in numbers.items() if not _is_small(number)), key=order_ids)
        self._codes = {text: number for text, number in numbers.items() if number is not None and _is_small(number)}
        self._codes |= {text: _FIRST + place for place, text in enumerate(self._texts)}

    def column(self, values: list[object]) -> Ints:
        """(values,) int64: `code` of each; quick where all are whole numbers, as in COCO's own files."""
        if {int}.issuperset(map(type, values)):
            numbers = cast(list[int], values)
            if _is_small(min(numbers, default=0)) and _is_small(max(numbers, default=0)):
                return np.array(numbers, np.int64)
        return np.fromiter(map(self.code, values), np.int64, len(values))

    def code(self, value: object) -> int:
        """The number of an id as JSON holds it, `NO_ID` for what is none; a text that is new gets the next one."""
        if type(value) is int and _is_small(value):
            return value
        text = read_id(value)
        return NO_ID if text is None else self.code_text(text)

    def code_text(self, text: str) -> int:
        """The number of an id; a text that is new gets the next one."""
        code = self.find(text)
        if code == NO_ID:
            code = self._codes[text] = _FIRST + len(self._texts)
            self._texts.append(text)
        return code

    def find(self, text: str) -> int:
        """The number of an id, `NO_ID` for a text that was never met."""
        if text in self._codes:
            return self._codes[text]
        number = read_number(text)
        return number if number is not None and _is_small(number) else NO_ID

    def text(self, code: int) -> str:
        """The id that a number stands for."""
        return self._texts[code - _FIRST] if code >= _FIRST else str(code)


def _is_small(number: int | None) -> bool:
    return number is not None and -_FIRST < number < _FIRST
