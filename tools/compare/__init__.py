"""How close translators come to real infrared, on registered pairs of RoadScene, LLVIP, MSRS and M3FD.

`prior` uses the boxes of a pair where it has any. It was tuned on the half of RoadScene that `read_half` names; the
report is about the other half and the other datasets unless asked otherwise.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from tools.compare.measures import Grey, contrast, correlation, ssim
from tools.compare.pairs import Half, PairFiles, find_pairs, list_absent
from tools.compare.report import (
    CompareReport,
    ContrastReport,
    TranslatorReport,
    hold_report_file,
    judge_prior,
    print_report,
)
from tools.errors import MissingError, RejectError, UsageError
from tools.images import load_rgb, resize
from tools.registry import TRANSLATORS, Changes
from tools.translation import TranslateRequest, Translator, TranslatorSpec, make_translator
from tools.translation.checked import translate_checked

__all__ = ["CompareReport", "compare_translators", "hold_report_file", "list_embedded", "print_report"]


KINDS: Final = {
    "person": "person",
    "people": "person",
    "pedestrian": "person",
    "car": "vehicle",
    "truck": "vehicle",
    "bus": "vehicle",
    "motorcycle": "vehicle",
    "other vehicle": "vehicle",
}
"""Annotated label -> the kind whose contrast is reported; bicycles and dogs have too few boxes in the samples."""


class _Measured(NamedTuple):
    ssim: float
    correlation: float
    contrasts: list[tuple[str, float, float]]  # kind, real, translated
    seconds: float


def compare_translators(
    data: Path,
    translators: Sequence[str] = (),
    changes: Changes | None = None,
    half: Half = "held-out",
    limit: int | None = None,
) -> CompareReport:
    """Translate every visible image of the pairs and measure it against its real infrared image.

    Args:
        data: folder with the datasets in their original layouts; FLIR_ADAS_1_3 beside them gives RoadScene its boxes.
        translators: names of the table; by default `list_embedded`.
        changes: settings for those of them that have them, under `translator`.
        half: the pairs `prior` was not tuned on, or the others.
        limit: at most so many pairs a dataset.

    Raises:
        MissingError: none of the datasets is under `data`, or a translator lacks its weights.
        UsageError: no such translator, one that makes no images, or a setting that none of them has.
    """
    makers = _make_all(translators or list_embedded(), (changes or {}).get("translator", {}))
    measured: dict[tuple[str, str], list[_Measured]] = {}
    notes: Counter[tuple[str, str]] = Counter()
    unread: Counter[tuple[str, str]] = Counter()
    for pair in find_pairs(data, half, limit):
        if pair.note:
            notes[pair.dataset, pair.note] += 1
        try:
            real = np.asarray(load_rgb(pair.infrared).convert("L"), dtype=np.float64)
            found = [_measure(maker, pair, real) for maker in makers]
        except RejectError as error:
            unread[pair.dataset, error.code] += 1
            continue
        for maker, one in zip(makers, found, strict=True):
            measured.setdefault((pair.dataset, maker.name), []).append(one)
    if unread and not measured:
        raise MissingError(f"{data}: not one of its {unread.total()} pairs can be measured; look at its images")
    rows = tuple(_summarise(dataset, name, found) for (dataset, name), found in measured.items())
    absent = tuple(f"{name} is not under the data folder" for name in list_absent(data))
    gaps = tuple(f"{dataset}: {count} pairs without boxes ({note})" for (dataset, note), count in notes.items())
    gaps += tuple(f"{dataset}: {count} pairs left out ({code})" for (dataset, code), count in unread.items())
    return CompareReport(half=half, rows=rows, judgements=judge_prior(rows), missing=absent + gaps)


def list_embedded() -> tuple[str, ...]:
    """The translators that need no weights and no files."""
    return tuple(entry.name for entry in TRANSLATORS.entries() if entry.traits.get("is_embedded"))


def _make_all(names: Sequence[str], values: Mapping[str, Any]) -> list[Translator]:
    legal = {name: TRANSLATORS.find_settings(name).model_fields for name in names}
    for setting in values:
        if not any(setting in fields for fields in legal.values()):
            TRANSLATORS.read_settings(names[0], {setting: values[setting]})
    return [_make(name, {key: value for key, value in values.items() if key in legal[name]}) for name in names]


def _make(name: str, values: Mapping[str, Any]) -> Translator:
    translator = make_translator(TranslatorSpec(name, values))
    if translator is None:
        raise UsageError(f"translator `{name}` makes no images, so there is nothing to compare; leave it out")
    return translator


def _measure(translator: Translator, pair: PairFiles, real: Grey) -> _Measured:
    started = time.perf_counter()
    image = translate_checked(translator, [TranslateRequest(pair.photo, pair.boxes, "0")])[0]
    seconds = time.perf_counter() - started
    if image.size != (real.shape[1], real.shape[0]):
        image = resize(image, (real.shape[1], real.shape[0])).image
    here = np.asarray(image, dtype=np.float64)
    return _Measured(ssim(here, real), correlation(here, real), _contrasts(pair, here, real), seconds)


def _contrasts(pair: PairFiles, here: Grey, real: Grey) -> list[tuple[str, float, float]]:
    outlines = tuple(box.box_xyxy_norm for box in pair.boxes)
    found = []
    for box in pair.boxes:
        kind = KINDS.get(box.label)
        expected, actual = (contrast(image, box.box_xyxy_norm, outlines) for image in (real, here))
        if kind is not None and expected is not None and actual is not None:
            found.append((kind, expected, actual))
    return found


def _summarise(dataset: str, name: str, found: list[_Measured]) -> TranslatorReport:
    return TranslatorReport(
        dataset=dataset,
        translator=name,
        pairs=len(found),
        ssim=round(float(np.mean([one.ssim for one in found])), 4),
        correlation=round(float(np.mean([one.correlation for one in found])), 4),
        contrasts=_summarise_contrasts([contrast for one in found for contrast in one.contrasts]),
        milliseconds=round(1000 * float(np.mean([one.seconds for one in found])), 1),
    )


def _summarise_contrasts(contrasts: list[tuple[str, float, float]]) -> dict[str, ContrastReport]:
    reports = {}
    for kind in ("person", "vehicle"):
        pairs = np.array([(real, here) for name, real, here in contrasts if name == kind])
        if not len(pairs):
            continue
        real, here = pairs[:, 0], pairs[:, 1]
        reports[kind] = ContrastReport(
            boxes=len(pairs),
            real=round(float(real.mean()), 4),
            translated=round(float(here.mean()), 4),
            error=round(float(np.abs(real - here).mean()), 4),
            sign_agreement=round(float((np.sign(real) == np.sign(here)).mean()), 4),
        )
    return reports
