"""The report of `compare-translators`: records for JSON, a table for people."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from tools.files import hold_file
from tools.files.json_text import decode_record
from tools.files.text import TextFault
from tools.records import Record
from tools.registry import TRANSLATORS


class ContrastReport(Record):
    """Agreement with real infrared on how far objects of one kind stand out (see `measures.contrast`).

    Attributes:
        boxes: how many were measured.
        real, translated: mean contrast in the real infrared image and in the translator's.
        error: mean absolute difference of the two, box by box.
        sign_agreement: share of boxes that are brighter (or darker) than their ring in both.
    """

    boxes: int
    real: float
    translated: float
    error: float
    sign_agreement: float


class TranslatorReport(Record):
    """One translator on one dataset.

    Attributes:
        ssim, correlation: means over the pairs.
        contrasts: `person` and `vehicle`, where boxes exist.
        milliseconds: per image on this machine, file reading included.
    """

    dataset: str
    translator: str
    pairs: int
    ssim: float
    correlation: float
    contrasts: dict[str, ContrastReport]
    milliseconds: float


class Judgement(Record):
    """Whether `prior` beats the better of the controls on one measure of one dataset."""

    dataset: str
    measure: str
    prior: float
    control: float
    control_name: str
    is_better: bool


class CompareReport(Record):
    """Everything `compare-translators` found.

    Attributes:
        half: which pairs: those `prior` was never tuned on, or the others.
        judgements: `prior` against the controls, measure by measure; empty when it or they were not asked for.
        missing: what could not be measured, and why.
    """

    half: str
    rows: tuple[TranslatorReport, ...]
    judgements: tuple[Judgement, ...]
    missing: tuple[str, ...]


def hold_report_file(path: Path) -> AbstractContextManager[None]:
    """The file for the figures, locked, and refused where it holds something else; see `tools.files.hold_file`."""
    return hold_file(path, _is_report, "a report of `tools compare-translators`", "--out")


def _is_report(path: Path) -> bool:
    try:
        decode_record(path.read_bytes(), CompareReport)
    except (OSError, TextFault):
        return False
    return True


def judge_prior(rows: tuple[TranslatorReport, ...]) -> tuple[Judgement, ...]:
    """Compare `prior` with the best control, on every measure that both have."""
    controls = [row for row in rows if TRANSLATORS.get_trait(row.translator, "kind") == "control"]
    found = []
    for prior in (row for row in rows if row.translator == "prior"):
        rivals = [row for row in controls if row.dataset == prior.dataset]
        for measure, (value, is_error) in _measures(prior).items() if rivals else ():
            scored = [(_measures(rival)[measure].value, rival.translator) for rival in rivals]
            control, name = min(scored) if is_error else max(scored)
            is_better = value < control if is_error else value > control
            found.append(
                Judgement(
                    dataset=prior.dataset,
                    measure=measure,
                    prior=value,
                    control=control,
                    control_name=name,
                    is_better=is_better,
                )
            )
    return tuple(found)


class _Measure(NamedTuple):
    value: float
    is_error: bool  # small is good


def _measures(row: TranslatorReport) -> dict[str, _Measure]:
    found = {"SSIM": _Measure(row.ssim, False), "correlation": _Measure(row.correlation, False)}
    for kind, contrast in row.contrasts.items():
        found[f"{kind} contrast error"] = _Measure(contrast.error, True)
        found[f"{kind} contrast sign"] = _Measure(contrast.sign_agreement, False)
    return found


def print_report(report: CompareReport, console: Console) -> None:
    """Write the report as a table, what `prior` won and lost, and what is missing."""
    console.print(_table(report))
    for judgement in report.judgements:
        word = "beats" if judgement.is_better else "DOES NOT BEAT"
        console.print(
            f"{judgement.dataset}: prior {word} the controls on {judgement.measure}: "
            f"{judgement.prior:.3f} against {judgement.control:.3f} ({judgement.control_name})",
            markup=False,
        )
    for line in report.missing:
        console.print(f"missing: {line}")


def _table(report: CompareReport) -> Table:
    table = Table(title=f"translators against real infrared, {report.half} pairs")
    for heading in ("dataset", "translator", "pairs", "SSIM", "correlation"):
        table.add_column(heading, justify="left" if heading in {"dataset", "translator"} else "right")
    for kind in ("person", "vehicle"):
        table.add_column(f"{kind}: boxes, real / here, error, sign", justify="right")
    table.add_column("ms", justify="right")
    for row in report.rows:
        contrasts = (_cell(row.contrasts.get(kind)) for kind in ("person", "vehicle"))
        figures = (str(row.pairs), f"{row.ssim:.3f}", f"{row.correlation:+.3f}")
        table.add_row(row.dataset, row.translator, *figures, *contrasts, f"{row.milliseconds:.0f}")
    return table


def _cell(contrast: ContrastReport | None) -> str:
    if contrast is None:
        return "no boxes"
    figures = f"{contrast.real:+.2f} / {contrast.translated:+.2f}, {contrast.error:.2f}, {contrast.sign_agreement:.0%}"
    return f"{contrast.boxes}: {figures}"
