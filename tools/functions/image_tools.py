"""Translation and scoring behind plain async methods.

Concurrent calls are collected into batches: what is asked for in the same turn of the event loop travels together.
Image work runs in spawned processes, one a core, so that the conversations are never held up by it.
"""

import asyncio
import hashlib
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, Self

from tools.errors import RejectError, ToolkitError
from tools.evidence import Evidence
from tools.functions.batches import Batcher
from tools.functions.drawing import Outcome, open_worker, translate_to_folder, work
from tools.functions.kept import Kept
from tools.functions.places import image_path
from tools.records import Box
from tools.scoring import Scorer, ScoreRequest
from tools.scoring.lexical import NoScorer
from tools.translation import TranslateRequest, TranslatorSpec, make_translator


class MadeImage(NamedTuple):
    """An image of the modality.

    Attributes:
        path: relative to the run.
        evidence: what its pixels show, None where that is not asked for or brightness says nothing.
    """

    path: str
    evidence: Evidence | None = None


class ImageTools:
    """Translation into a run folder and scoring, with batches and worker processes behind plain async methods.

    Args:
        translator: how to make the translator in each process.
        scorer: scores in this process.
        out: the run folder that image paths are relative to.
        workers: processes for image work; 0 does it in this process (small jobs, tests).
        batch: greatest number of photographs that travel together.
        measures: whether evidence is measured in each image.
        remembers: keep what was made and scored, for conversations that are run again and again.
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
        remembers: bool = False,
    ) -> None:
        self._spec = translator
        self.translator = make_translator(translator)
        self.scorer = scorer
        self._out = out
        self._workers = workers
        self._measures = measures
        self._pool: ProcessPoolExecutor | None = None
        self._outcomes = Kept[str, Outcome](is_on=remembers)
        self._scores = Kept[bytes, list[list[float]]](is_on=remembers)
        self._is_embedded = self.translator is None or self.translator.is_embedded
        # Models compute in a thread, so that the conversations go on, and one at a time.
        self._one_model_call = threading.Lock()
        self._translate = Batcher(self._translate_batch, batch)
        self._score = Batcher(self._score_batch, 64)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is translated and nothing scored."""
        return self.translator is None and isinstance(self.scorer, NoScorer)

    def __enter__(self) -> Self:
        if self._workers and self.translator is not None:
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self._workers, context, open_worker, (self._spec, self._out, self._measures)
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
        outcome = self._outcomes.find(image_id)
        if outcome is None:
            asked = TranslateRequest(Path(photo), tuple(boxes), image_id)
            outcome = self._outcomes.keep(image_id, await self._translate.ask(asked))
        if outcome.code is not None:
            raise RejectError(outcome.code, outcome.reason)
        return MadeImage(image_path(image_id), outcome.evidence)

    async def score_captions(self, image: str | None, captions: Sequence[Sequence[str]]) -> list[list[float]]:
        """Scores of groups of captions against one image, rounded to 4 decimals."""
        if self.is_idle:
            return [[0.0] * len(group) for group in captions]
        path = None if image is None else self._out / image
        asked = [ScoreRequest(path, tuple(group)) for group in captions]
        key = hashlib.blake2b(json.dumps([image, *map(list, captions)]).encode(), digest_size=16).digest()
        found = self._scores.find(key)
        if found is None:
            found = self._scores.keep(key, [list(scores) for scores in await self._score.ask(asked)])
        return [list(scores) for scores in found]

    async def _translate_batch(self, requests: list[TranslateRequest]) -> list[Outcome]:
        try:
            if self._pool is None and self._is_embedded:
                return translate_to_folder(self.translator, requests, self._out, measures=self._measures)
            if self._pool is None:
                return await asyncio.to_thread(self._translate_alone, requests)
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, requests)
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
