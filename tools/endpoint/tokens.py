"""How many tokens a text takes: counted by tiktoken where its encoding lies on this machine, else estimated."""

import hashlib
import math
import os
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

BYTES_PER_TOKEN = 4.0
"""English prose in the usual encodings; not measured for other scripts, where a token is fewer bytes."""
ENCODINGS = {
    "o200k_base": "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken",
    "cl100k_base": "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken",
}


class TokenCounter(NamedTuple):
    """Counts tokens.

    Attributes:
        name: how, in a few words for people.
        encoding: tiktoken's, None for the estimate.
    """

    name: str
    encoding: Any = None

    @property
    def is_estimate(self) -> bool:
        """Whether the figures are an estimate."""
        return self.encoding is None

    def count(self, text: str) -> int:
        """Tokens of `text`."""
        return estimate_tokens(text) if self.encoding is None else len(self.encoding.encode_ordinary(text))


def estimate_tokens(text: str) -> int:
    """Tokens by the length of the text, rounded up."""
    return math.ceil(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)


def make_counter(model: str) -> TokenCounter:
    """The encoding of `model` if its file is here already, else the estimate: nothing is downloaded, nothing hangs."""
    import tiktoken

    try:
        name = tiktoken.encoding_name_for_model(model)
    except KeyError:
        name = "o200k_base"
    if name in ENCODINGS and find_encoding_file(ENCODINGS[name]).is_file():
        note = "" if _is_known(model) else f", which may not be that of {model}"
        return TokenCounter(f"counted with tiktoken's {name}{note}", tiktoken.get_encoding(name))
    return TokenCounter(
        f"an estimate of {BYTES_PER_TOKEN:g} bytes a token; for a count let tiktoken fetch its file once: "
        f"python -c \"import tiktoken; tiktoken.get_encoding('{name}')\""
    )


def _is_known(model: str) -> bool:
    import tiktoken

    try:
        tiktoken.encoding_name_for_model(model)
    except KeyError:
        return False
    return True


def find_encoding_file(url: str) -> Path:
    """Where tiktoken keeps the file of `url` once it has it."""
    folder = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    cache = Path(folder) if folder else Path(tempfile.gettempdir()) / "data-gym-cache"
    return cache / hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()
