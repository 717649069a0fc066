"""The conversations of `conversations.py` with curator; run by it with a Python that has bespokelabs-curator.

As its guides do it: a row a caption through the first `LLM`, then a row an image through five more, each of which waits
for all rows of the one before. All settings are curator's own but for its limits, which are not to be reached, for its
cache, which would answer a second run, and for less logging. Two images go before those that are measured.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import litellm
from ten_requests import CAPTIONS, MODEL, SAMPLING, TURNS, make_caption_messages, make_turn_messages, read_cpu

os.environ |= {
    "TELEMETRY_ENABLED": "false", "CURATOR_DISABLE_CACHE": "1", "OPENAI_API_KEY": "none",
    # the encoding that curator would download, as it comes with litellm
    "TIKTOKEN_CACHE_DIR": str(Path(litellm.__file__).parent / "litellm_core_utils/tokenizers"),
}  # fmt: skip

from bespokelabs import curator


class Ask(curator.LLM):
    """One stage's requests."""

    def prompt(self, row: dict[str, Any]) -> Any:
        """The messages; they come with the row."""
        return row["messages"]

    def parse(self, row: dict[str, Any], response: str) -> dict[str, Any]:
        """What goes on to the next stage."""
        return {"number": row["number"], "reply": response}


def ask(url: str, at_once: int, rows: list[dict[str, Any]], n: int) -> list[int]:
    """One stage; the numbers that came through."""
    limits = {"max_requests_per_minute": 10**7, "max_tokens_per_minute": 10**10, "max_concurrent_requests": at_once}
    llm = Ask(
        model_name=MODEL,
        backend="openai",
        backend_params={"base_url": url, **limits},
        generation_params={**SAMPLING, **({"n": n} if n > 1 else {})},
    )
    return [row["number"] for row in llm(rows).dataset]


def run(url: str, count: int, at_once: int) -> int:
    """How many conversations came through."""
    rows = [
        {"number": number, "messages": make_caption_messages(number, place)}
        for number in range(count)
        for place in range(CAPTIONS)
    ]
    numbers = sorted(set(ask(url, at_once, rows, 5)))
    for turn in range(TURNS):
        stage = [{"number": number, "messages": make_turn_messages(number, turn)} for number in numbers]
        numbers = ask(url, at_once, stage, 1)
    return len(numbers)


if __name__ == "__main__":
    base_url, images, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CURATOR_CACHE_DIR"] = folder
        run(base_url, 2, width)
        started, cpu = time.perf_counter(), read_cpu()
        if (finished := run(base_url, images, width)) != images:
            sys.exit(f"{finished} of {images} conversations came through")
        spent = {"cpu_ms": 1000 * (read_cpu() - cpu) / images, "per_second": images / (time.perf_counter() - started)}
    print(json.dumps(spent))
