"""Counts of tokens that no reply can have are no counts."""

import pytest

from tools.endpoint.messages import _read_count


@pytest.mark.parametrize("value", [10**40, -1, 1.5, "7", True, None, [], 1 << 31])
def test_what_cannot_be_a_count_was_not_counted(value):
    assert _read_count(value) is None


def test_a_count_is_kept():
    assert _read_count(120) == 120
