"""ThermEval: seven tasks about thermal images, from FLIR ADAS v2, LLVIP, and thermograms of people.

Its repository publishes labels, and no scorer. T1 to T3 show the datasets' own images; T4 to T7 show thermograms drawn
with a colour bar, which are drawn anew here, near to the makers' and not equal: the fonts decide pixels. Every row of
the label files is asked; upstream's loops pass over 1,059 of T5's and 3 of T6's.
"""

import ast
import csv
import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from itb.answers.forms.parts import join_parts
from itb.others.kind import Asked, Drawing, Facts, ForeignBenchmark, Shown, Skipped
from itb.others.kinds import thermeval_drawing as drawing
from tools.errors import MissingError, UsageError
from tools.files.text import read_text
from tools.seeds import choose_by_name

WORDED = "the request is in our words: the label files hold none"
DRAWN = "the thermogram is drawn here, with its colour bar"
UNIT = "°C"
TOLERANCE = 1.0
SIDES = ("left", "right", "top", "bottom")
PARTS = ("Chest", "Forehead", "Nose")
"""In the order in which they are listed to a model."""
FOLDER = "Dataset/ThermEval-D"


class ThermEvalSettings(BaseModel):
    """Which of its tasks are asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    colour_maps: tuple[str, ...] = Field(
        ("gray", "magma", "viridis", "spring", "summer"), description="Maps that T2 colours its images with."
    )
    drawn: bool = Field(True, description="Whether T4 to T7 are asked, whose images are drawn here.")


Row = Mapping[str, str]
Reader = Callable[[int, Row, ThermEvalSettings], Iterator[Asked | Skipped]]


def read(root: Path, settings: ThermEvalSettings) -> Iterator[Asked | Skipped]:
    """File by file, as far as they are there.

    Raises:
        MissingError: none of the label files is there.
        UsageError: one lacks a column.
    """
    found = {name: path for name in FILES if (path := next(iter(sorted(root.rglob(name))), None))}
    if not found:
        raise MissingError(f"{root}: no label files of ThermEval there ({', '.join(FILES)}); name the folder Labels")
    for name, path in found.items():
        columns, is_drawn, reader = FILES[name]
        for number, row in enumerate(_read_table(path, columns)):
            if settings.drawn or not is_drawn:
                yield from reader(number, row, settings)
    if settings.drawn:
        yield from _ask_bars(root, found)


def _read_table(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    rows = list(csv.DictReader(read_text(path).splitlines()))
    lacking = [name for name in columns if rows and name not in rows[0]]
    if lacking:
        raise UsageError(f"{path}: has no column {', '.join(lacking)}; expected {', '.join(columns)}")
    return rows


def _ask(kind: str, key: str, question: str, answer: str, form: str, shown: Shown, **more: Any) -> Asked:
    measured: dict[str, Any] = {"tolerance": TOLERANCE, "unit": UNIT} if form == "measure" else {}
    declared = " and ".join(([] if more.pop("is_theirs", False) else [WORDED]) + ([DRAWN] if shown.drawing else []))
    return Asked(
        kind=kind, key=key, question=question, prompt=question, answer=answer, form=form, shown=(shown,),
        declared=declared, max_new_tokens=32, **measured, **more,
    )  # fmt: skip


def _ask_modality(source: str, number: int, row: Row, settings: ThermEvalSettings) -> Iterator[Asked | Skipped]:
    truth = row["ground_truth"].strip()
    text = "Is this image a thermal image or an RGB image? Answer with one word: Thermal or RGB."
    shown = Shown(row["image_path"], "ir" if truth == "Thermal" else "rgb")
    band = "lwir" if truth == "Thermal" else "visible"
    yield _ask(f"t1_{source}", f"{number:05d}", text, truth, "word", shown, options=("Thermal", "RGB"), band=band)


def _ask_map(source: str, number: int, row: Row, settings: ThermEvalSettings) -> Iterator[Asked | Skipped]:
    text = "Is this image a thermal image or an RGB image? Answer with one word: Thermal or RGB."
    for name in settings.colour_maps:
        made = Drawing(f"map-{name}", functools.partial(drawing.colour, name))
        shown = Shown(row["image_path"], "ir", made)
        yield _ask(
            f"t2_{source}", f"{number:05d}-{name}", text, "Thermal", "word", shown, options=("Thermal", "RGB"),
            group=row["image_path"],
        )  # fmt: skip


def _ask_people(source: str, number: int, row: Row, settings: ThermEvalSettings) -> Iterator[Asked | Skipped]:
    text = "How many people are in this thermal image? Answer with a whole number."
    truth = row["ground_truth"].strip()
    yield _ask(f"t3_{source}", f"{number:05d}", text, truth, "number", Shown(row["image_path"]))


def _ask_bars(root: Path, found: Mapping[str, Path]) -> Iterator[Asked | Skipped]:
    """T4, of every thermogram that a label names: is there a bar, on which side, which values stand at its ends.

    The last is asked where the thermogram lies below the benchmark's folder: no label file has it.
    """
    there = {path.stem: path for path in sorted(root.rglob("*.tiff"))}
    names = {row["tiff_file"] for name, path in found.items() if FILES[name][1] for row in _read_table(path, ())}
    for name in sorted(names):
        side = choose_by_name(f"side {name}", SIDES)
        has_bar = choose_by_name(f"bar {name}", ("yes", "no"))
        with_bar = _show(name, f"bar-{side}", functools.partial(drawing.draw, side=side))
        either = with_bar if has_bar == "yes" else _show(name, "plain", functools.partial(drawing.draw, side=None))
        text = "Is there a colour bar beside this thermal image? Answer yes or no."
        yield _ask("t4_present", name, text, has_bar, "yes_no", either)
        text = f"On which side of this thermal image is its colour bar? Answer with one word: {', '.join(SIDES)}."
        yield _ask("t4_side", name, text, side, "word", with_bar, options=SIDES)
        if name in there:
            yield from _ask_ends(name, drawing.find_ends(there[name]), with_bar)


def _ask_ends(name: str, ends: tuple[float, float], shown: Shown) -> Iterator[Asked]:
    for kind, word, value in zip(("t4_min", "t4_max"), ("smallest", "largest"), ends, strict=True):
        text = (
            f"Which is the {word} temperature that the colour bar of this thermal image shows, in degrees Celsius? "
            "Answer with one number with one decimal."
        )
        yield _ask(kind, name, text, f"{value:.1f}", "measure", shown)


def _show(name: str, label: str, draw: Callable[[Path], Any], suffix: str = "") -> Shown:
    return Shown(f"{FOLDER}/{name}.tiff", "ir", Drawing(f"drawn-{label}", draw, suffix))


def _show_bar(name: str) -> Shown:
    return _show(name, "bar-right", functools.partial(drawing.draw, side="right"))


def _ask_double(number: int, row: Row, settings: ThermEvalSettings) -> Iterator[Asked | Skipped]:
    shown = _show_bar(row["tiff_file"])
    yield _ask(
        "t5_double", f"{number:05d}", row["prompt"], row["ground_truth"].strip(), "word", shown,
        options=("left", "right"), is_theirs=True,
    )  # fmt: skip


def _ask_single(number: int, row: Row, settings: ThermEvalSettings) -> Iterator[Asked | Skipped]:
    try:
        order = [str(part) for part in ast.literal_eval(row["ground_truth"])]
    except (ValueError, SyntaxError, TypeError):
        yield Skipped("ground_truth_is_no_list", f"single.csv, row {number}")
        return
    parts = tuple(part for part in PARTS if part in order) + tuple(part for part in order if part not in PARTS)
    text = (
        f"Order these parts of the person in the thermal image from the hottest to the coldest: {', '.join(parts)}. "
        "Answer with the list alone."
    )
    yield _ask(
        "t5_single", f"{number:05d}", text, join_parts(order), "order", _show_bar(row["tiff_file"]), options=parts,
        label=row["ground_truth"],
    )  # fmt: skip


def _ask_coordinates(number: int, row: Row, settings: ThermEvalSettings) -> Iterator[Asked | Skipped]:
    name, x, y, truth = row["tiff_file"], int(row["x"]), int(row["y"]), row["ground_truth"].strip()
    axes = _show(name, "axes", functools.partial(drawing.draw, side="right", has_axes=True))
    text = (
        f"What is the temperature at the point x = {x}, y = {y} of this thermal image, in degrees Celsius? Answer with "
        "one number with one decimal."
    )
    yield _ask("t6_coords", f"{number:05d}", text, truth, "measure", axes)
    marked = functools.partial(drawing.draw, side="right", mark=(x, y))
    text = (
        "What is the temperature at the marked point of this thermal image, in degrees Celsius? Answer with one number "
        "with one decimal."
    )
    yield _ask("t6_marker", f"{number:05d}", text, truth, "measure", _show(name, "marker", marked, f"-{x}-{y}"))


def _ask_region(number: int, row: Row, settings: ThermEvalSettings) -> Iterator[Asked | Skipped]:
    truth, shown = row["ground_truth"].strip(), _show_bar(row["tiff_file"])
    yield _ask("t6_region", f"{number:05d}", row["prompt"], truth, "measure", shown, is_theirs=True)


def _ask_distance(number: int, row: Row, settings: ThermEvalSettings) -> Iterator[Asked | Skipped]:
    text = (
        f"What is the temperature of the {row['category'].lower()} of the person in this thermal image, in degrees "
        "Celsius? Answer with one number with one decimal."
    )
    kind, truth = f"t7_{row['distance'].strip()}", row["ground_truth"].strip()
    yield _ask(kind, f"{number:05d}", text, truth, "measure", _show_bar(row["tiff_file"]))


PATH, TIFF = ("image_path",), ("tiff_file",)
FILES: Mapping[str, tuple[tuple[str, ...], bool, Reader]] = {
    **{
        f"T1-{name}.csv": ((*PATH, "ground_truth"), False, functools.partial(_ask_modality, name))
        for name in ("flir", "llvip")
    },
    **{f"T2-{name}.csv": (PATH, False, functools.partial(_ask_map, name)) for name in ("flir", "llvip")},
    **{
        f"T3-{name}.csv": ((*PATH, "ground_truth"), False, functools.partial(_ask_people, name))
        for name in ("flir", "llvip")
    },
    "double.csv": ((*TIFF, "prompt", "category", "ground_truth"), True, _ask_double),
    "single.csv": ((*TIFF, "ground_truth"), True, _ask_single),
    "coords.csv": ((*TIFF, "x", "y", "ground_truth"), True, _ask_coordinates),
    "region.csv": ((*TIFF, "prompt", "ground_truth"), True, _ask_region),
    "annotations.csv": ((*TIFF, "distance", "category", "ground_truth"), True, _ask_distance),
}
"""Label file -> its columns, whether its images are drawn, and what reads a row."""

BENCHMARK = ForeignBenchmark(
    name="thermeval",
    title="ThermEval",
    facts=Facts(
        licence="none stated",
        origin="github.com/AyushShrivstava/ThermEval_KDD at 908ae7c, arXiv 2602.14989",
        images="FLIR ADAS v2 and LLVIP from their makers, ThermEval-D from Kaggle (shriayush/thermeval)",
        citation="ThermEval, arXiv 2602.14989",
        declared=(
            "its makers published no scorer: their metrics, accuracy and mean absolute error, over replies that are "
            f"what the request asks for; a temperature is right within {TOLERANCE:g} {UNIT}"
        ),
    ),
    read=read,
)
