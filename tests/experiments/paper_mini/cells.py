"""The cells of the experiment: commands and hand-overs, what each needs, and where it leaves what it made."""

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from paper_mini import handover
from paper_mini.settings import DEVELOPMENT_SEED, KINDS, SIZE, TEST_SENSOR, TOWER_SIDE, Settings

FOLDER = "tests/experiments/paper_mini"
"""Where this experiment's own command is, from the root of the checkout."""
ABLATION = ("full", "no-debate", "no-mining", "no-scorer", "blind-judge", "gray", "inverted-gray", "best-of-n")
OWN_IMAGES = ("gray", "inverted-gray")
"""Arms of the ablation whose infrared images differ from the full system's."""


@dataclass(frozen=True)
class Cell:
    """One step.

    Attributes:
        name: unique; where its mark and its log are.
        needs: names of cells that must be done before.
        command: of a package, or None where `make` does it in this process.
    """

    name: str
    needs: tuple[str, ...] = ()
    command: tuple[str, ...] | None = None
    make: Callable[[], None] | None = None


@dataclass(frozen=True)
class Arm:
    """A model that is trained.

    Attributes:
        name: its folder; title: as the tables name it.
        run: arm of the ablation whose data it learns from.
        mode: of the alignment; instructions: `infrared` or `visible`.
        layer: the align layer; train: what instruction tuning trains.
    """

    name: str
    title: str
    run: str = "full"
    mode: str = "direct"
    instructions: str = "infrared"
    layer: str = "mlp"
    train: str = "both"

    @property
    def align(self) -> str:
        """Name of its alignment, which arms share."""
        return "-".join((self.mode, self.layer) + ((self.run,) if self.run != "full" else ()))


MAIN = Arm("main", "direct alignment, infrared instructions, MLP, both trained")
TABLE_ARMS = (
    MAIN,
    Arm("direct-visible", "direct alignment + visual instructions", instructions="visible"),
    Arm("indirect-visible", "indirect alignment + visual instructions", mode="indirect", instructions="visible"),
    Arm("indirect-infrared", "indirect alignment + infrared instructions", mode="indirect"),
    Arm("sft-align-layer", "SFT trains the align layer only", train="align_layer"),
    Arm("sft-llm", "SFT trains the language model only", train="llm"),
    Arm("linear", "align layer: linear", layer="linear"),
    Arm("qformer", "align layer: Q-Former", layer="qformer"),
)
AGENT_ARMS = tuple(Arm(f"agents-{name}", name, run=name) for name in ABLATION[1:])
CONNECTORS = ("--plugin", "trainer.model.connectors")
BEFORE = "before"
"""The aligned model without instruction tuning (Figure 5)."""


def list_arms(settings: Settings) -> tuple[Arm, ...]:
    """All arms of Tables 3 to 5 and of the agents' table."""
    return (TABLE_ARMS if settings.seeds else ()) + (AGENT_ARMS if settings.has_ablation else ())


def call(module: str, *arguments: object) -> tuple[str, ...]:
    """A command of a package."""
    return (sys.executable, "-m", *module.split(), *map(str, arguments))


def _render(name: str, out: Path, count: int, seed: int, *sensor: str) -> Cell:
    place = ("--kinds", KINDS, "--size", SIZE, "--out", out / name)
    return Cell(name, (), call("tools scenes", "--count", count, "--seed", seed, *place, *sensor))


def _synthesise(name: str, scenes: Path, out: Path, seed: int, share: str, *more: object) -> tuple[str, ...]:
    return call(
        name, "--captions", scenes / "annotations/captions_scenes.json", "--images", scenes / "visible",
        "--instances", scenes / "annotations/instances_scenes.json", "--instructions", share, "--block", 32, "--lag", 1,
        "--seed", seed, "--workers", 0, "--out", out, *more,
    )  # fmt: skip


def _make_forms(name: str, layout: Path, out: Path, seed: int, *needs: str) -> Iterator[Cell]:
    """The benchmark's questions about the images of a layout, as LLaVA's JSON in `<name>/export`."""
    bench, export = out / name / "bench", out / name / "export"
    build = call("itb build", "--source", f"scenes={layout}", "--out", bench, "--seed", seed, "--no-near-duplicates")
    yield Cell(f"{name}/bench", needs, build)
    written = call(
        "itb export", bench, "--format", "llava", "--split", "all", "--answers", "text", "--pack", out / "prompts",
        "--out", export,
    )  # fmt: skip
    yield Cell(f"{name}/export", (f"{name}/bench", "prompts"), written)


def prepare(settings: Settings, out: Path, wheel: Path) -> Iterator[Cell]:
    """Towers and language model, from development scenes only."""
    scenes, seed = out / "dev/scenes", DEVELOPMENT_SEED
    yield Cell("prompts", make=lambda: handover.write_prompts(out / "prompts"))
    yield _render("dev/scenes", out, settings.development_scenes, seed)
    yield Cell(
        "dev/run", ("dev/scenes",), _synthesise("agents run", scenes, out / "dev/run", seed, settings.instructions)
    )
    export = call("agents export", out / "dev/run", "--format", "llava", "--out", out / "dev/llava")
    yield Cell("dev/llava", ("dev/run",), export)
    yield from _make_forms("dev/forms", scenes, out, seed, "dev/scenes")
    yield Cell("parts/image_tower", (), call(
        "trainer.dinov2_wheel", "--wheel", wheel, "--side", TOWER_SIDE, "--out", out / "parts/image_tower"
    ))  # fmt: skip
    yield Cell("parts/tower", ("parts/image_tower", "dev/scenes"), call(
        "trainer.distill", "--tower", out / "parts/image_tower", "--visible", scenes / "visible",
        "--modality", scenes / "thermal8", "--steps", settings.distill_steps, "--out", out / "parts/tower",
    ))  # fmt: skip
    reading, forms = out / "dev/reading.json", out / "dev/forms/export/itb.json"
    read = functools.partial(handover.write_reading, scenes, out / "dev/llava", forms, reading)
    yield Cell("dev/reading", ("dev/llava", "dev/forms/export"), make=read)
    small = call(
        "trainer.language_model", "--data", reading, "--steps", settings.reading_steps, "--out", out / "parts/llm"
    )
    yield Cell("parts/llm", ("dev/reading",), small)


def prepare_test(settings: Settings, out: Path) -> Iterator[Cell]:
    """Thermal scenes of another seed and another camera, and what the baselines say to them."""
    bench = out / "test/bench"
    yield _render("test/scenes", out, settings.test_scenes, settings.test_seed, *TEST_SENSOR)
    build = call("itb build", "--source", f"scenes={out / 'test/scenes'}", "--out", bench, "--no-near-duplicates")
    yield Cell("test/bench", ("test/scenes",), build)
    for name in ("chance", "majority", "blind"):
        place = out / f"test/{name}.jsonl"
        asked = call("itb eval", bench, "--model", name, *_ask_as(settings, out), "--out", place)
        yield Cell(f"test/{name}", ("test/bench", "prompts"), asked)
    if not settings.seeds:
        return
    in_words = ("--llm", out / "parts/llm", "--bench", bench, "--scenes", out / "test/scenes", *_ask_as(settings, out))
    command = (sys.executable, FOLDER, "told", *map(str, in_words), "--out", str(out / "test/told.json"))
    yield Cell("test/told", ("test/bench", "prompts", "parts/llm"), command)


def _ask_as(settings: Settings, out: Path) -> tuple[object, ...]:
    """What all evaluations share."""
    return ("--pack", out / "prompts", "--limit", settings.questions)


def make_data(settings: Settings, out: Path, seed: int) -> Iterator[Cell]:
    """Scenes, synthesis with all arms, and the instruction files of one seed."""
    is_of_tables = seed in settings.seeds
    base, runs = f"s{seed}", ABLATION if settings.has_ablation and is_of_tables else ABLATION[:1]
    scenes, folder = out / base / "scenes", out / base
    yield _render(f"{base}/scenes", out, settings.train_scenes, seed)
    yield Cell(f"{base}/runs", (f"{base}/scenes",), _synthesise(
        "agents ablate", scenes, folder / "runs", seed, settings.instructions, "--arms", ",".join(runs)
    ))  # fmt: skip
    for look in ("full", *(name for name in runs if name in OWN_IMAGES), *["visible"] * is_of_tables):
        name = f"{base}/forms/{look}"
        yield Cell(f"{name}/layout", (f"{base}/runs",), make=_linker(look, folder))
        yield from _make_forms(name, folder / f"forms/{look}/layout", out, seed, f"{name}/layout")
    for run in runs:
        export = call("agents export", folder / "runs" / run, "--format", "llava", "--out", folder / "llava" / run)
        yield Cell(f"{base}/llava/{run}", (f"{base}/runs",), export)
        needs = (f"{base}/llava/{run}", f"{base}/forms/{run if run in OWN_IMAGES else 'full'}/export")
        yield Cell(f"{base}/data/{run}", needs, make=_mixer(run, folder, out))
    if is_of_tables:
        needs = (f"{base}/llava/full", f"{base}/forms/visible/export")
        yield Cell(f"{base}/data/visible", needs, make=_visible_mixer(folder, out))


def _find_images(look: str, folder: Path) -> dict[str, Path]:
    """What is shown of each scene: its photograph, or its translation in a run."""
    return (
        handover.find_photographs(folder / "scenes")
        if look == "visible"
        else handover.find_translated(folder / "runs" / look)
    )


def _linker(look: str, folder: Path) -> Callable[[], None]:
    return lambda: handover.link_layout(folder / "scenes", _find_images(look, folder), folder / f"forms/{look}/layout")


def _mixer(run: str, folder: Path, out: Path) -> Callable[[], None]:
    forms = folder / "forms" / (run if run in OWN_IMAGES else "full") / "export/itb.json"
    instructions, data = folder / f"llava/{run}/instruct.json", folder / f"data/{run}.json"
    return lambda: handover.mix_data(instructions, forms, _find_images(run, folder), out, data)


def _visible_mixer(folder: Path, out: Path) -> Callable[[], None]:
    def mix() -> None:
        instructions, forms = folder / "data/parts/instructions.json", folder / "data/parts/forms.json"
        handover.make_visible(folder / "llava/full/instruct.json", instructions)
        handover.make_visible(folder / "forms/visible/export/itb.json", forms)
        handover.mix_data(instructions, forms, _find_images("visible", folder), out, folder / "data/visible.json")

    return mix


def align(settings: Settings, out: Path, seed: int, arm: Arm) -> Cell:
    """The alignment of an arm."""
    name = f"s{seed}/align/{arm.align}"
    towers: tuple[object, ...] = ("--llm", out / "parts/llm", "--tower", out / "parts/tower", "--mode", arm.mode)
    if arm.mode == "indirect":
        towers += ("--image_tower", out / "parts/image_tower")
    changes = [f"seed={seed}", f"model.align_layer={arm.layer}", f"align.max_steps={settings.align_steps}"]
    command = call(
        "trainer.align", "--config", "mini.yaml", *towers, "--data", out / f"s{seed}/runs/{arm.run}",
        "--out", out / name, *set_fields([*changes, f"align.feature_cache={out / 'features'}"]),
    )  # fmt: skip
    return Cell(name, (f"s{seed}/runs", "parts/tower", "parts/llm"), command)


def tune_and_ask(settings: Settings, out: Path, seed: int, arm: Arm) -> Iterator[Cell]:
    name, data = f"s{seed}/sft/{arm.name}", "visible" if arm.instructions == "visible" else arm.run
    changes = [f"seed={seed}", f"sft.train={arm.train}", f"sft.epochs={settings.sft_epochs}"]
    command = call(
        "trainer.sft", "--config", "mini.yaml", "--align", out / f"s{seed}/align/{arm.align}", "--images", out,
        "--data", out / f"s{seed}/data/{data}.json", "--out", out / name,
        *set_fields([*changes, f"sft.feature_cache={out / 'features'}"]),
    )  # fmt: skip
    yield Cell(name, (f"s{seed}/align/{arm.align}", f"s{seed}/data/{data}"), command)
    yield ask(
        settings, out, seed, arm.name, out / name / "model", f"sft/{arm.name}", () if arm.layer == "mlp" else CONNECTORS
    )


def ask(
    settings: Settings, out: Path, seed: int, name: str, model: Path, need: str, plugin: tuple[str, ...] = ()
) -> Cell:
    """The benchmark, asked of a model."""
    place = out / f"s{seed}/eval/{name}.jsonl"
    command = call("itb eval", out / "test/bench", "--model", model, *_ask_as(settings, out), "--out", place)
    return Cell(f"s{seed}/eval/{name}", (f"s{seed}/{need}", "test/bench"), (*command, *plugin))


def ask_again(settings: Settings, out: Path, seed: int) -> Cell:
    """The main arm, asked about the images that it was trained on: what did it learn at all?"""
    bench, model, place = out / f"s{seed}/forms/full/bench", out / f"s{seed}/sft/{MAIN.name}/model", f"s{seed}/own/main"
    command = call("itb eval", bench, "--model", model, *_ask_as(settings, out), "--out", out / f"{place}.jsonl")
    return Cell(place, (f"s{seed}/sft/{MAIN.name}",), command)


def set_fields(changes: Sequence[str]) -> list[str]:
    """Fields of a recipe as flags."""
    return [part for change in changes for part in ("--set", change)]
