"""Whatever a library raises on a damaged model folder is one sentence; our own errors and interrupts pass."""

import pytest

from tools.errors import MissingError, UsageError
from tools.weights import explain_model


class PanicException(BaseException):
    """As safetensors and tokenizers raise it out of Rust."""


@pytest.mark.parametrize(
    "error", [Exception("untagged enum"), KeyError("added_tokens"), RecursionError("deep"), PanicException("rust")]
)
def test_an_error_of_a_library_is_one_sentence(error):
    with pytest.raises(MissingError, match=r"^folder: it cannot be loaded \(.+\); copy it$"):
        raise_inside(error)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(130), UsageError("ours")])
def test_ours_and_interrupts_pass(error):
    with pytest.raises(type(error)) as seen:
        raise_inside(error)
    assert seen.value is error


def raise_inside(error):
    with explain_model("folder", "it cannot be loaded", "copy it", MissingError):
        raise error
