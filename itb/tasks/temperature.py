"""Temperatures from radiometric images (beyond the paper): the hottest part, the warmer mark, the value at a mark.

The pictures are drawn from the data by the build (`itb.tasks.base.thermogram`); where a value is asked, they carry a
scale of their own.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from itb.records import Item
from itb.tasks.base.blocks import compose_labels
from itb.tasks.base.draft import Candidate, Composer, Draft, Search, Skip, show_evidence
from itb.tasks.base.levels import MARKS, Spot, choose_values, guess_evenly, spread_values
from itb.tasks.base.relations import PLACES, name_cell
from itb.tasks.base.task import Kind, Task
from itb.tasks.base.thermogram import Celsius, Range, Thermogram, measure_range, read_celsius
from itb.tasks.base.wordings import Labels
from tools.datasets import AnnotatedBox, AnnotatedImage
from tools.errors import RejectError
from tools.seeds import hash_number

NAME: Final = "temperature"
UNIT = "celsius"
"""Of the values in a file that the task reads."""
LEAST_SPAN_CELSIUS = 3.0
"""Between the coldest and the hottest of an image; below it there is little to be seen."""
REGION_MARGIN = 0.08
WARMER_MARGIN = 0.2
"""By how much of the span the hottest part's mean, or the warmer mark, must be ahead; the mark by both tolerances."""
LEAST_MARGIN_CELSIUS = 1.0
"""Twice by how much the hottest part's mean must be ahead at least."""
TOLERANCE = 0.1
"""Of the span: how far a read value may be off; at least `LEAST_TOLERANCE_CELSIUS`."""
LEAST_TOLERANCE_CELSIUS = 1.0
DRAWS = 400
BORDER = 0.12
APART = 0.2
STRATA = 5
"""Parts of the scale, each with a mark where an image allows one."""
LEVELS = 1000
"""Steps of a stratum among which a level is drawn."""
RADIUS = 0.02
"""Half the side of the square around a mark that must be even, as a part of the image's longer side."""


def find_in_file(frame: AnnotatedImage, search: Search) -> Iterator[Candidate | Skip]:
    """As `find`, from the frame's file."""
    if frame.unit != UNIT:
        yield Skip("no_thermogram")
        return
    try:
        celsius = read_celsius(search.root / frame.image)
    except RejectError as error:
        yield Skip(error.code)
        return
    yield from find(frame, celsius)


def find(frame: AnnotatedImage, celsius: Celsius) -> Iterator[Candidate | Skip]:
    """What can be asked beyond doubt about a thermogram of (H, W) degrees Celsius, white-hot."""
    scale = measure_range(celsius)
    if scale.span < LEAST_SPAN_CELSIUS or not np.isfinite(celsius).all():
        yield Skip("hardly_any_contrast")
        return
    height, width = celsius.shape
    frame = replace(frame, width=width, height=height, polarity="white-hot", crop_xyxy=None)
    facts: dict[str, str | float] = {
        "emissivity": frame.facts.get("emissivity", "unknown"),
        "scale_low_celsius": round(scale.low, 2),
        "scale_high_celsius": round(scale.high, 2),
    }
    yield _find_hottest(frame, celsius, scale, facts)
    spots = _find_spots(frame, celsius, scale)
    yield from _find_pairs(frame, spots, scale, facts)
    yield from _find_values(frame, spots, scale, facts)


def _find_hottest(
    frame: AnnotatedImage, celsius: Celsius, scale: Range, facts: dict[str, str | float]
) -> Candidate | Skip:
    """The cell of a 3 x 3 grid that is hottest on average, when no other cell comes near."""
    shown = np.clip(celsius, scale.low, scale.high)  # what the scale cuts off looks equally white
    rows, columns = (np.linspace(0, extent, 4).astype(int) for extent in shown.shape)
    cells = {
        name_cell(row, column): (columns[column], rows[row], columns[column + 1], rows[row + 1])
        for row in range(3)
        for column in range(3)
    }
    means = {name: float(shown[top:bottom, left:right].mean()) for name, (left, top, right, bottom) in cells.items()}
    first, second = sorted(means, key=lambda name: (-means[name], name))[:2]
    ahead = means[first] - means[second]
    if ahead < max(LEAST_MARGIN_CELSIUS / 2, REGION_MARGIN * scale.span):
        return Skip("no_clearly_hottest_part")
    left, top, right, bottom = (float(value) for value in cells[first])
    box = AnnotatedBox("hottest part", (left, top, right, bottom))
    return Candidate(frame, "region", (), first, (box,), {**facts, "margin_celsius": round(ahead, 2)})


def _find_spots(frame: AnnotatedImage, celsius: Celsius, scale: Range) -> list[Spot]:
    """Even places, in a drawn order; the draws hang on the image alone."""
    generator = np.random.default_rng(hash_number(frame.source, frame.image, "spots"))
    tolerance = _tolerance(scale)
    found = []
    for x, y in generator.uniform(BORDER, 1 - BORDER, (DRAWS, 2)):
        left, top, right, bottom = (round(value) for value in _make_box(frame, x, y))
        window = celsius[top : bottom + 1, left : right + 1]
        mean = float(window.mean())
        is_even = float(window.max() - window.min()) <= tolerance / 2
        if is_even and scale.low <= mean <= scale.high:
            found.append(Spot(round(float(x), 4), round(float(y), 4), mean))
    return found


def _find_pairs(
    frame: AnnotatedImage, spots: list[Spot], scale: Range, facts: dict[str, str | float]
) -> Iterator[Candidate]:
    margin = max(2 * _tolerance(scale), WARMER_MARGIN * scale.span)
    pairs = ((one, other) for one, other in zip(spots[::2], spots[1::2], strict=False))
    clear = [pair for pair in pairs if abs(pair[0].celsius - pair[1].celsius) >= margin and _are_apart(*pair)]
    for number, pair in enumerate(clear[:MARKS]):
        warm, cold = sorted(pair, key=lambda spot: -spot.celsius)
        boxes = tuple(
            AnnotatedBox(name, _make_box(frame, spot.x, spot.y)) for name, spot in (("warm", warm), ("cold", cold))
        )
        measured = {"warm_celsius": round(warm.celsius, 2), "cold_celsius": round(cold.celsius, 2)}
        yield Candidate(frame, "warmer", (str(number),), (warm, cold), boxes, {**facts, **measured})


def _are_apart(one: Spot, other: Spot) -> bool:
    return float(np.hypot(one.x - other.x, one.y - other.y)) >= APART


def _find_values(
    frame: AnnotatedImage, spots: list[Spot], scale: Range, facts: dict[str, str | float]
) -> Iterator[Candidate]:
    """A mark in each stratum of the scale that has an even place, near a level that a hash of the image picks.

    Most of an image is as warm as its ground: spots taken as they come would nearly all lie at one level. Which of the
    marks are asked about is decided where all images are known (`choose_values`).
    """
    strata: defaultdict[int, list[Spot]] = defaultdict(list)
    for spot in sorted(spots, key=lambda spot: hash_number(frame.image, "value", spot.x, spot.y)):
        strata[min(STRATA - 1, int((spot.celsius - scale.low) / scale.span * STRATA))].append(spot)
    for stratum, mine in sorted(strata.items()):
        level = (stratum + (hash_number(frame.image, "level", stratum) % LEVELS + 0.5) / LEVELS) / STRATA
        spot = min(mine, key=lambda spot: abs(spot.celsius - scale.low - scale.span * level))
        boxes = (AnnotatedBox("mark", _make_box(frame, spot.x, spot.y)),)
        yield Candidate(frame, "value", (str(stratum),), (spot, round(_tolerance(scale), 2)), boxes, facts)


def _tolerance(scale: Range) -> float:
    return max(LEAST_TOLERANCE_CELSIUS, TOLERANCE * scale.span)


def _make_box(frame: AnnotatedImage, x: float, y: float) -> tuple[float, float, float, float]:
    """The square around a normalised position, in pixels, inside the frame."""
    half = max(1.0, RADIUS * max(frame.width, frame.height))
    left, top = max(0.0, x * frame.width - half), max(0.0, y * frame.height - half)
    return left, top, min(frame.width - 1.0, left + 2 * half), min(frame.height - 1.0, top + 2 * half)


def compose(candidates: list[Candidate], composer: Composer) -> Iterator[Draft]:
    """Questions of one kind: parts in blocks of four, marks in pairs with the letters exchanged, values one by one."""
    kind = candidates[0].kind if candidates else ""
    match kind:
        case "region":
            labels = Labels(shown={place: composer.wordings.word(NAME, place) for place in PLACES})
            for draft in compose_labels(NAME, candidates, labels, composer, universe=PLACES):
                yield draft._replace(picture=Thermogram("thermograms"))
        case "warmer":
            yield from _compose_warmer(composer.order(candidates), composer)
        case "value":
            ordered = composer.order(candidates)
            for item in ordered if composer.is_paper else spread_values(choose_values(ordered)):
                yield _ask_value(item, composer)


def find_guess(item: Item) -> float | None:
    """An even guess among the options, or along the scale."""
    if item.options:
        return 1 / len(item.options)
    scale = [item.facts.get(name) for name in ("scale_low_celsius", "scale_high_celsius")]
    if item.tolerance is None or not all(isinstance(end, int | float) for end in scale):
        return None
    low, high = (float(end) for end in scale if end is not None)
    return guess_evenly(low, high, float(item.answer), item.tolerance) if high > low else None


def _compose_warmer(items: list[Candidate], composer: Composer) -> Iterator[Draft]:
    """Two by two under the same words: in one of them A is warmer, in the other B."""
    for number, item in enumerate(items):
        is_alone = number == len(items) - 1 and number % 2 == 0
        if is_alone and not (composer.allow_guessable and len(items) == 1):
            return
        block = "" if is_alone else f"{composer.share}-{number // 2}"
        wording = composer.choose_wording(NAME, "warmer", block or item.id)
        yield _ask_warmer(item, "AB"[number % 2], wording, composer, block)


def _ask_warmer(item: Candidate, answer: str, wording: int, composer: Composer, block: str) -> Draft:
    warm, cold = item.truth
    spots = (warm, cold) if answer == "A" else (cold, warm)
    marks = tuple((letter, spot.x, spot.y) for letter, spot in zip("AB", spots, strict=True))
    picture = Thermogram(f"marks-{item.key[0]}-{answer}", marks=marks)
    return _draft(item, answer, ("A", "B"), block, picture, composer.ask(NAME, "warmer", wording))


def _ask_value(item: Candidate, composer: Composer) -> Draft:
    spot, tolerance = item.truth
    wording = composer.choose_wording(NAME, "value", item.id)
    text = composer.ask(NAME, "value", wording, unit=composer.wordings.word(NAME, "unit"))
    picture = Thermogram(f"value-{item.key[0]}", marks=(("", spot.x, spot.y),), has_scale=True)
    draft = _draft(item, f"{spot.celsius:.1f}", (), "", picture, text)
    return draft._replace(tolerance=tolerance, unit=composer.wordings.word(NAME, "unit"))


def _draft(
    item: Candidate, answer: str, options: tuple[str, ...], block: str, picture: Thermogram, text: dict[str, Any]
) -> Draft:
    return Draft(
        task=NAME,
        frame=item.frame,
        answer=answer,
        options=options,
        evidence=show_evidence(item.evidence),
        facts=item.facts,
        block=block,
        picture=picture,
        **text,
    )


TASK = Task(
    name=NAME,
    title="Temperature",
    kinds={"region": Kind("option"), "warmer": Kind("option"), "value": Kind("measure", ("unit",))},
    sources=("radiometric",),
    find=find_in_file,
    compose=compose,
    words=(*PLACES, "unit"),
    rests_on=frozenset({"tone", "scale"}),
    chance=find_guess,
    needs_every_object=False,
    remark=(
        "all pictures are drawn from the radiometric data, so no burnt-in scale or spot value shows; where a value is "
        "asked, it is to be read off a scale that the build drew"
    ),
)
