import pickle
from pathlib import Path

import pytest

from tools.errors import BudgetReached, ImageError, MissingError, RejectError, ToolkitError, UsageError


@pytest.mark.parametrize("error", [RejectError("code", "why"), ImageError(Path("a.jpg"), "code", "why")])
def test_rejects_cross_process_borders(error):
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, RejectError)
    assert (str(copy), copy.code) == (str(error), "code")


def test_every_error_has_its_exit_code():
    codes = {kind: kind.exit_code for kind in (ToolkitError, UsageError, MissingError, BudgetReached, RejectError)}
    assert list(codes.values()) == [1, 2, 3, 4, 1]
