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

ImageKey = int | str
"""An id before all ids of its dataset are known: the number that stands for it, or a text that has none yet."""


def read_key(value: object) -> ImageKey | None:
    """An id as JSON holds it; None for what is none. One id has one key, however it is written (`1`, `1.0`, `"1"`)."""
    if type(value) is int and _is_small(value):
        return value
    text = read_id(value)
    number = None if text is None else read_number(text)
    return number if _is_small(number) else text


class IdCodes:
    """Text <-> integer.

    Args:
        image_ids: of all images of a dataset; texts get their numbers in the order of `order_ids`.
    """

    def __init__(self, image_ids: Iterable[ImageKey] = ()) -> None:
        texts = {image_id for image_id in image_ids if isinstance(image_id, str)}
        self._texts = sorted((text for text in texts if not _is_small(read_number(text))), key=order_ids)
        self._codes = {text: _FIRST + place for place, text in enumerate(self._texts)}

    def column(self, values: list[object]) -> Ints:
        """(values,) int64: `code` of each; quick where all are whole numbers, as in COCO's own files."""
        if {int}.issuperset(map(type, values)):
            numbers = _read_numbers(cast(list[int], values))
            if numbers is not None:
                return numbers
        return np.fromiter(map(self.code, values), np.int64, len(values))

    def code(self, value: object) -> int:
        """The number of an id as JSON holds it, `NO_ID` for what is none; a text that is new gets the next one."""
        if type(value) is int and _is_small(value):
            return value
        text = read_id(value)
        return NO_ID if text is None else self.code_text(text)

    def code_key(self, key: ImageKey) -> int:
        """The number of an id that `read_key` gave."""
        return key if isinstance(key, int) else self.code_text(key)

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


def _read_numbers(values: list[int]) -> Ints | None:
    """(values,) int64; None where one of them is too large to stand in a column as it is."""
    try:
        numbers = np.array(values, np.int64)
    except OverflowError:
        return None
    return numbers if _is_small(int(numbers.min(initial=0))) and _is_small(int(numbers.max(initial=0))) else None


def _is_small(number: int | None) -> bool:
    return number is not None and -_FIRST < number < _FIRST
