"""Commands of the toolkit as the cells call them."""

import sys
from pathlib import Path

from claim.settings import Place
from paper_mini.cells import Cell
from paper_mini.settings import KINDS, SIZE


def call(module: str, *arguments: object) -> tuple[str, ...]:
    """`python -m module arguments`."""
    return (sys.executable, "-m", *module.split(), *map(str, arguments))


def render(name: str, out: Path, count: int, seed: int, *sensor: str) -> Cell:
    """Scenes in the visible and the thermal, with boxes and captions."""
    place = ("--kinds", KINDS, "--size", SIZE, "--out", out / name)
    return Cell(name, (), call("tools scenes", "--count", count, "--seed", seed, *place, *sensor))


def synthesise(out: Path, seed: int, *given: object) -> tuple[str, ...]:
    """A run of the agents."""
    return call("agents run", *given, "--block", 32, "--lag", 1, "--seed", seed, "--workers", 0, "--out", out)


def change(place: Place, stage: str, **settings: object) -> tuple[str, ...]:
    """Settings of a recipe, `part__name=value`; the small model's features are kept for all arms.

    Args:
        stage: `align` or `sft`.
    """
    changes = [f"{name.replace('__', '.')}={value}" for name, value in settings.items()]
    if not place.base:
        changes.append(f"{stage}.feature_cache={place.out / 'features'}")
    return tuple(part for each in changes for part in ("--set", each))
