"""The experiment as cells: the base model, the texts, the arms, and what each is asked."""

import functools
from collections.abc import Iterator
from pathlib import Path

from claim import samples
from claim.audit import look_for_leaks
from claim.base import make_base
from claim.calls import call, change, render, synthesise
from claim.sets import SCENES, find_sets, list_benches, list_trained_sets
from claim.settings import (
    ARMS,
    BASE,
    CONTEXT,
    OTHER_SETS,
    TEST_SENSOR,
    TESTED_SETS,
    TRAINED_SETS,
    Arm,
    Place,
    Settings,
)
from paper_mini import handover
from paper_mini.cells import Cell

RUNS = ("evidence", "filtered")
CONTROLS = ("chance", "majority", "blind")


def list_cells(settings: Settings, place: Place) -> list[Cell]:
    """Every cell, in an order in which what is needed comes first."""
    cells = [Cell("prompts", make=lambda: handover.write_prompts(place.out / "prompts"))]
    cells += [*_make_tests(settings, place), *make_base(settings, place), *_write_real(settings, place)]
    for seed in settings.seeds:
        cells += [*_write_rendered(settings, place, seed), *_train(settings, place, seed)]
        cells += look_for_leaks(settings, place) if seed == settings.seeds[0] else []
    return cells


def _make_tests(settings: Settings, place: Place) -> Iterator[Cell]:
    out = place.out
    yield render("test/scenes", out, settings.test_scenes, settings.test_seed, *TEST_SENSOR)
    for name in list_benches(settings, place):
        yield Cell(f"test/{name}/bench", ("test/scenes",) if name == SCENES else (), _build(name, place))
        for control in CONTROLS:
            yield _ask(settings, place, f"test/{name}/{control}", name, control, "prompts")


def _build(name: str, place: Place) -> tuple[str, ...]:
    if name in TESTED_SETS and place.real:
        given = f"{TESTED_SETS[name].kind}={place.real / TESTED_SETS[name].folder}"
        return call("itb import", given, "--out", place.out / f"test/{name}/bench")
    sources = find_sets(place, OTHER_SETS) if name == "other" else {SCENES: place.out / "test/scenes"}
    named = (part for source, folder in sources.items() for part in ("--source", f"{source}={folder}"))
    return call("itb build", *named, "--out", place.out / f"test/{name}/bench", "--allow-guessable")


def _ask(settings: Settings, place: Place, cell: str, bench: str, model: str | Path, need: str, *more: object) -> Cell:
    command = call(
        "itb eval", place.out / f"test/{bench}/bench", "--model", model, "--split", "test",
        "--pack", place.out / "prompts", "--limit", settings.questions, "--out", place.out / f"{cell}.jsonl", *more,
    )  # fmt: skip
    return Cell(cell, (f"test/{bench}/bench", need), command)


def _write_real(settings: Settings, place: Place) -> Iterator[Cell]:
    """Both texts about the real images; the same ones for all seeds."""
    limit = ("--limit", settings.real_images) if settings.real_images else ()
    for name, folder in find_sets(place, TRAINED_SETS).items():
        for run in RUNS:
            yield from _write(f"real/{name}/{run}", place, ("--dataset", f"{name}={folder}", *limit), 0, run)


def _write_rendered(settings: Settings, place: Place, seed: int) -> Iterator[Cell]:
    scenes, base = place.out / f"s{seed}/scenes", f"s{seed}/scenes"
    yield render(base, place.out, settings.train_scenes, seed)
    boxes = ("--instances", scenes / "annotations/instances_scenes.json")
    said = ("--captions", scenes / "annotations/captions_scenes.json", "--images", scenes / "visible")
    seen = ("--sensor-images", scenes / "thermal8", "--polarity", "white-hot")
    yield from _write(f"s{seed}/runs/evidence", place, (*seen, *boxes), seed, "evidence", base)
    yield from _write(f"s{seed}/runs/filtered", place, (*seen, *said, *boxes), seed, "filtered", base)
    yield from _write(f"s{seed}/runs/translated", place, (*said, *boxes), seed, "filtered", base)


def _write(name: str, place: Place, given: tuple[object, ...], seed: int, text: str, *needs: str) -> Iterator[Cell]:
    run, paper = place.out / name, ("--paper",) if text == "filtered" else ()
    yield Cell(name, needs, synthesise(run, seed, *given, "--instructions", "all", "--mix", "each", *paper))
    export = call("agents export", run, "--format", "llava", "--out", place.out / f"{name}-llava")
    yield Cell(f"{name}-llava", (name,), export)


def _train(settings: Settings, place: Place, seed: int) -> Iterator[Cell]:
    """Each arm of one seed, and what every model is asked."""
    runs = [f"s{seed}/runs/{run}" for run in (*RUNS, "translated")]
    runs += [f"real/{name}/{run}" for name in list_trained_sets(place) for run in RUNS]
    base = place.base or place.out / f"s{seed}/base/model"
    for arm in ARMS:
        data, tuned = f"s{seed}/data/{arm.name}", f"s{seed}/sft/{arm.name}"
        needs = (*(f"{run}-llava" for run in runs), "base/data")
        yield Cell(data, needs, make=functools.partial(write_data, settings, place, seed, arm))
        command = call(
            "trainer.sft", *_start_from(place, base), "--images", place.out, "--data", place.out / f"{data}.json",
            "--out", place.out / tuned, *change(place, "sft", seed=seed, sft__epochs=settings.epochs),
        )  # fmt: skip
        yield Cell(tuned, (data, *(() if place.base else (f"s{seed}/base",))), command)
        yield from _ask_all(settings, place, seed, arm.name, place.out / tuned / "model", tuned)
    need = "prompts" if place.base else f"s{seed}/base"
    yield from _ask_all(settings, place, seed, BASE, base, need)
    yield from _ask_all(settings, place, seed, CONTEXT, base, need, "--context", "on")


def _start_from(place: Place, base: Path) -> tuple[object, ...]:
    if place.base:
        return ("--config", "any-model.yaml", "--model", base)
    return ("--config", "mini.yaml", "--align", base)


def _ask_all(
    settings: Settings, place: Place, seed: int, name: str, model: Path, need: str, *more: object
) -> Iterator[Cell]:
    for bench in list_benches(settings, place):
        yield _ask(settings, place, f"s{seed}/eval/{bench}/{name}", bench, model, need, *more)


def write_data(settings: Settings, place: Place, seed: int, arm: Arm) -> None:
    """Write the training file of an arm."""
    found: dict[str, dict[samples.Key, samples.Row]] = {}
    for run in (*RUNS, "translated"):
        found[run] = _read(place, SCENES, f"s{seed}/runs/{run}")
        for name in list_trained_sets(place) if run in RUNS else ():
            found[run] |= _read(place, name, f"real/{name}/{run}")
    rows = samples.draw_samples(arm, found, seed)
    out = place.out / f"s{seed}/data/{arm.name}.json"
    samples.write_samples(rows, place.out / "base/data.json", settings.rehearsal, seed, out)


def _read(place: Place, name: str, run: str) -> dict[samples.Key, samples.Row]:
    return samples.read_run(name, place.out / run, place.out / f"{run}-llava", place.out)
