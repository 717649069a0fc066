"""The conversations of `conversations.py` as a distilabel pipeline, run with a Python that has distilabel[openai].

As its guides do it: a row a caption through the first task, five answers each, then a row an image through five more
tasks. Each step is a process of its own and takes its rows in batches. All settings are distilabel's own but for the
size of a batch, which is how many requests a task has at once, and for less logging. The CPU is that of the second of
two pipelines, the first of which is of two images, less what the first took.
"""

import json
import os
import sys
import tempfile
import time
from typing import Any

os.environ["DISTILABEL_LOG_LEVEL"] = "WARNING"

from distilabel.models import OpenAILLM
from distilabel.pipeline import Pipeline
from distilabel.steps import LoadDataFromDicts, StepInput, step
from distilabel.steps.tasks import ChatGeneration
from ten_requests import CAPTIONS, MODEL, SAMPLING, TURNS, make_caption_messages, make_turn_messages, read_cpu


@step(inputs=["number", "generation"], outputs=["number", "captions"])
def JoinCaptions(inputs: StepInput) -> Any:  # noqa: N802 - distilabel makes a class of it, to be found by this name
    """One row an image."""
    images: dict[int, list[Any]] = {}
    for row in inputs:
        images.setdefault(row["number"], []).append(row["generation"])
    yield [{"number": number, "captions": captions} for number, captions in images.items()]


class Turn(ChatGeneration):
    """One later turn of every conversation."""

    turn: int

    @property
    def inputs(self) -> list[str]:
        """All that the request is made from."""
        return ["number"]

    def format_input(self, input: dict[str, Any]) -> Any:
        """The messages."""
        return make_turn_messages(input["number"], self.turn)


def run(url: str, count: int, at_once: int) -> int:
    """How many conversations came through."""

    def make_llm() -> OpenAILLM:
        return OpenAILLM(model=MODEL, base_url=url, api_key="none", generation_kwargs=dict(SAMPLING))

    rows = [
        {"number": number, "messages": make_caption_messages(number, place)}
        for number in range(count)
        for place in range(CAPTIONS)
    ]
    with tempfile.TemporaryDirectory() as scratch, Pipeline("conversations", cache_dir=scratch) as pipeline:
        data = LoadDataFromDicts(data=rows, batch_size=at_once)
        captions = ChatGeneration(
            llm=make_llm(), num_generations=5, group_generations=True, input_batch_size=at_once
        )  # fmt: skip
        last: Any = JoinCaptions(input_batch_size=CAPTIONS * at_once)
        data >> captions >> last
        for turn in range(TURNS):
            names = {name: f"{name}_{turn}" for name in ("generation", "model_name")}
            stage = Turn(turn=turn, llm=make_llm(), input_batch_size=at_once, output_mappings=names)
            last >> stage
            last = stage
        return len(pipeline.run(use_cache=False)["default"]["train"])


if __name__ == "__main__":
    base_url, images, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    begun = read_cpu()
    run(base_url, 2, width)
    started, cpu = time.perf_counter(), read_cpu()
    if (finished := run(base_url, images, width)) != images:
        sys.exit(f"{finished} of {images} conversations came through")
    used = (read_cpu() - cpu) - (cpu - begun)
    print(json.dumps({"cpu_ms": 1000 * used / images, "per_second": images / (time.perf_counter() - started)}))
