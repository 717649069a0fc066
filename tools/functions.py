"""The two tools of the caption agent, directly and as AutoGen FunctionTools: `translate_image` and `score_captions`.

Concurrent calls are collected into batches: what is asked for in the same turn of the event loop travels together.
Image work runs in spawned processes, one a core, so that the conversations are never held up by it.
"""

import asyncio
import json
import os
import re
import signal
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar

import numpy as np

from tools.errors import RejectError, ToolkitError
from tools.evidence import Evidence, Levels, measure
from tools.ids import find_digest, name_file
from tools.images import save_png
from tools.prompts.pack_records import ToolText
from tools.records import Box
from tools.scoring import Scorer, ScoreRequest
from tools.seeds import hash_to_folder
from tools.translation import TranslateRequest, Translator, TranslatorSpec, make_translator
from tools.translation.checked import translate_checked

if TYPE_CHECKING:
    from autogen_core.tools import FunctionTool, Workbench
    from PIL import Image

Request = TypeVar("Request")
Reply = TypeVar("Reply")


class Outcome(NamedTuple):
    """What became of one photograph: saved, with what was measured in it, or a reject with its code and reason."""

    code: str | None = None
    reason: str = ""
    evidence: Evidence | None = None


class MadeImage(NamedTuple):
    """An image of the modality.

    Attributes:
        path: relative to the run.
        evidence: what its pixels show, None where that is not asked for or brightness says nothing.
    """

    path: str
    evidence: Evidence | None = None


def image_path(image_id: str) -> str:
    """Path of an image of the modality relative to its run: `images/HH/NAME.png`, HH and NAME from the id."""
    return f"images/{hash_to_folder(image_id)}/{name_file(image_id)}.png"


def is_image_path(path: str) -> bool:
    """Whether `image_path` gives this path to some image."""
    found = re.fullmatch(r"images/([0-9a-f]{2})/([^/]+)\.png", path)
    return bool(found and (find_digest(found[2]) or "").startswith(found[1]))


class Batcher(Generic[Request, Reply]):
    """Collects the requests of one turn of the event loop into batches of at most `size`."""

    def __init__(self, run: Callable[[list[Request]], Awaitable[list[Reply]]], size: int) -> None:
        self._run = run
        self._size = size
        self._waiting: list[tuple[Request, asyncio.Future[Reply]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, request: Request) -> Reply:
        """The reply to `request`; raises what its batch raised."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting.append((request, future))
        return await future

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for start in range(0, len(waiting), self._size):
            task = asyncio.ensure_future(self._answer(waiting[start : start + self._size]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, batch: list[tuple[Request, asyncio.Future[Reply]]]) -> None:
        try:
            replies = await self._run([request for request, _ in batch])
        except Exception as error:  # noqa: BLE001 - handed to everyone who waits for this batch
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), reply in zip(batch, replies, strict=True):
            if not future.done():
                future.set_result(reply)


class ImageTools:
    """Translation into a run folder and scoring, with batches and worker processes behind plain async methods.

    Args:
        translator: how to make the translator in each process.
        scorer: scores in this process.
        out: the run folder that image paths are relative to.
        workers: processes for image work; 0 does it in this process (small jobs, tests).
        batch: greatest number of photographs that travel together.
        measures: whether evidence is measured in each image.
    """

    def __init__(
        self,
        translator: TranslatorSpec,
        scorer: Scorer,
        out: Path,
        *,
        workers: int = 0,
        batch: int = 4,
        measures: bool = False,
    ) -> None:
        self._spec = translator
        self.translator = make_translator(translator)
        self.scorer = scorer
        self._out = out
        self._workers = workers
        self._measures = measures
        self._pool: ProcessPoolExecutor | None = None
        self._is_embedded = self.translator is None or self.translator.is_embedded
        # Models compute in a thread, so that the conversations go on, and one at a time.
        self._one_model_call = threading.Lock()
        self._translate = Batcher(self._translate_batch, batch)
        self._score = Batcher(self._score_batch, 64)

    def __enter__(self) -> Self:
        if self._workers and self.translator is not None:
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self._workers, context, _open_worker, (self._spec, self._out, self._measures)
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    async def translate_image(self, photo: str, image_id: str, boxes: Sequence[Box]) -> MadeImage | None:
        """Translate one photograph and save it; None without a translator.

        Raises:
            RejectError: the photograph cannot be read.
            ToolkitError: the image cannot be written, or a worker process died.
        """
        if self.translator is None:
            return None
        outcome = await self._translate.ask(TranslateRequest(Path(photo), tuple(boxes), image_id))
        if outcome.code is not None:
            raise RejectError(outcome.code, outcome.reason)
        return MadeImage(image_path(image_id), outcome.evidence)

    async def score_captions(self, image: str | None, captions: Sequence[Sequence[str]]) -> list[list[float]]:
        """Scores of groups of captions against one image, rounded to 4 decimals."""
        path = None if image is None else self._out / image
        asked = [ScoreRequest(path, tuple(group)) for group in captions]
        return [list(scores) for scores in await self._score.ask(asked)]

    async def _translate_batch(self, requests: list[TranslateRequest]) -> list[Outcome]:
        try:
            if self._pool is None and self._is_embedded:
                return translate_to_folder(self.translator, requests, self._out, measures=self._measures)
            if self._pool is None:
                return await asyncio.to_thread(self._translate_alone, requests)
            return await asyncio.get_running_loop().run_in_executor(self._pool, _work, requests)
        except BrokenProcessPool as error:
            raise ToolkitError(
                "a worker process of the translator died (out of memory?); run the same command again to go on, "
                "with fewer --workers if it dies again"
            ) from error
        except OSError as error:
            raise ToolkitError(f"{self._out}: cannot write images: {error}; make room and run again") from error

    def _translate_alone(self, requests: list[TranslateRequest]) -> list[Outcome]:
        with self._one_model_call:
            return translate_to_folder(self.translator, requests, self._out, measures=self._measures)

    def _score_alone(self, requests: list[ScoreRequest]) -> list[tuple[float, ...]]:
        with self._one_model_call:
            return self.scorer.score(requests)

    async def _score_batch(self, batch: list[list[ScoreRequest]]) -> list[list[tuple[float, ...]]]:
        requests = [request for asked in batch for request in asked]
        if self.scorer.is_embedded:
            flat = self.scorer.score(requests)
        else:
            flat = await asyncio.to_thread(self._score_alone, requests)
        parts = iter(flat)
        return [[next(parts) for _ in asked] for asked in batch]


def translate_to_folder(
    translator: Translator | None, requests: Sequence[TranslateRequest], out: Path, *, measures: bool = False
) -> list[Outcome]:
    """Translate and save as `image_path` says; a photograph that cannot be read spoils only its own outcome."""
    if translator is None:
        return []
    try:
        made = _observe(translator, requests)
    except RejectError as error:
        if len(requests) == 1:
            return [Outcome(error.code, str(error))]
        return [translate_to_folder(translator, [request], out, measures=measures)[0] for request in requests]
    outcomes = []
    for request, (image, levels) in zip(requests, made, strict=True):
        path = out / image_path(request.image_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        save_png(image, path)
        evidence = _measure(levels, request.boxes) if measures and levels is not None else None
        outcomes.append(Outcome(evidence=evidence))
    return outcomes


def _observe(translator: Translator, requests: Sequence[TranslateRequest]) -> "list[tuple[Image.Image, Levels | None]]":
    """Images with the values behind them: the sensor's own, else the levels that the translator drew."""
    observe = getattr(translator, "observe", None)
    if observe is not None:
        found: list[tuple[Image.Image, Levels | None]] = observe(requests)
        return found
    return [(image, Levels(np.asarray(image))) for image in translate_checked(translator, requests)]


def _measure(levels: Levels, boxes: Sequence[Box]) -> Evidence:
    width, height = levels.size
    corners = (box.box_xyxy_norm for box in boxes)
    return measure(levels, [(x1 * width, y1 * height, x2 * width, y2 * height) for x1, y1, x2, y2 in corners])


class _Worker:
    """The translator of this worker process."""

    translator: Translator | None = None
    out = Path()
    measures = False


def _open_worker(spec: TranslatorSpec, out: Path, measures: bool) -> None:
    """Ctrl-C reaches every process of the terminal: only the parent answers it, and ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    _Worker.translator, _Worker.out, _Worker.measures = make_translator(spec), out, measures


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(requests: list[TranslateRequest]) -> list[Outcome]:
    return translate_to_folder(_Worker.translator, requests, _Worker.out, measures=_Worker.measures)


def make_function_tools(tools: ImageTools, text: ToolText) -> "list[FunctionTool]":
    """Both tools as AutoGen FunctionTools; results come back as JSON text, rejects as `{"code", "reason"}`.

    Args:
        text: what a model is told about each, from the modality pack.
    """
    from autogen_core.tools import FunctionTool

    async def translate_image(photo: str, image_id: str, boxes: list[Box]) -> str:
        try:
            made = await tools.translate_image(photo, image_id, boxes)
            evidence = made and made.evidence and made.evidence.model_dump(mode="json")
            return json.dumps({"image": made and made.path, "evidence": evidence})
        except RejectError as error:
            return json.dumps({"code": error.code, "reason": str(error)})

    async def score_captions(image: str | None, captions: list[list[str]]) -> str:
        return json.dumps({"scores": await tools.score_captions(image, captions)})

    return [
        FunctionTool(translate_image, text.translate),
        FunctionTool(score_captions, text.score),
    ]


class WorkbenchTools:
    """The caption agent's tools, called through an AutoGen workbench as an LLM's tool calls would be."""

    def __init__(self, workbench: "Workbench") -> None:
        self._workbench = workbench

    async def translate_image(self, photo: str, image_id: str, boxes: Sequence[Box]) -> MadeImage | None:
        """As `ImageTools.translate_image`."""
        reply = await self._call(
            "translate_image",
            {"photo": photo, "image_id": image_id, "boxes": [box.model_dump() for box in boxes]},
        )
        if "code" in reply:
            raise RejectError(reply["code"], reply["reason"])
        if reply["image"] is None:
            return None
        evidence = reply["evidence"]
        return MadeImage(str(reply["image"]), evidence and Evidence.model_validate(evidence))

    async def score_captions(self, image: str | None, captions: Sequence[Sequence[str]]) -> list[list[float]]:
        """As `ImageTools.score_captions`."""
        groups = [list(group) for group in captions]
        reply = await self._call("score_captions", {"image": image, "captions": groups})
        return [[float(score) for score in group] for group in reply["scores"]]

    async def _call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        result = await self._workbench.call_tool(name, arguments)
        if result.is_error:
            raise ToolkitError(f"the tool {name} failed: {result.to_text()}")
        parsed: dict[str, Any] = json.loads(result.to_text())
        return parsed
