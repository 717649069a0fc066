"""Photographs to saved images of the modality, here or in worker processes, with what is measured in them."""

import os
import signal
import threading
from collections.abc import Sequence
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tools.errors import RejectError
from tools.evidence import Evidence, Levels, measure
from tools.functions.places import image_path
from tools.images import save_png
from tools.records import Box
from tools.translation import TranslateRequest, Translator, TranslatorSpec, make_translator
from tools.translation.checked import translate_checked

if TYPE_CHECKING:
    from PIL import Image


class Outcome(NamedTuple):
    """What became of one photograph: saved, with what was measured in it, or a reject with its code and reason."""

    code: str | None = None
    reason: str = ""
    evidence: Evidence | None = None


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


def open_worker(spec: TranslatorSpec, out: Path, measures: bool) -> None:
    """Begin a worker process.

    Ctrl-C reaches every process of the terminal: only the parent answers it, and ends its workers.
    """
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


def work(requests: list[TranslateRequest]) -> list[Outcome]:
    """Translate in this worker process."""
    return translate_to_folder(_Worker.translator, requests, _Worker.out, measures=_Worker.measures)
