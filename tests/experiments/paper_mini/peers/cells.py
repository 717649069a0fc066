"""The cells of Tables 2a and 2b and of Figure 5: both peers and ours, before instructions, after them, after ITB.

All three models learn the same: captions (the bridge alone), the agents' instructions with the benchmark's forms about
their own images, and for Table 2b the questions of the benchmark's train split, from where the instructions left them.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from paper_mini import handover
from paper_mini.cells import BEFORE, FOLDER, MAIN, Cell, ask, call, set_fields
from paper_mini.peers import PEERS, Peer
from paper_mini.peers.trunk import FILE
from paper_mini.settings import Settings

PLUGIN = ("--plugin", "trainer.model.baselines")
ITB = "itb"
"""Ending of the arms that were fine-tuned on the benchmark's train split."""


def list_states(model: str) -> tuple[str, str, str]:
    """The arms of a model: as it was aligned, after instructions, after the benchmark's train split."""
    before = BEFORE if model == MAIN.name else f"{model}-{BEFORE}"
    return before, model, f"{model}-{ITB}"


def prepare_peers(settings: Settings, out: Path) -> Iterator[Cell]:
    """Trunk and language models, from development scenes only; the train split of the test's benchmark."""
    scenes = out / "dev/scenes"
    bind = ("--tower", out / "parts/tower", "--image-tower", out / "parts/image_tower")
    pairs = ("--visible", scenes / "visible", "--thermal", scenes / "thermal8")
    trunk = _call_own("trunk", *bind, *pairs, "--out", out / "parts/trunk")
    yield Cell("parts/trunk", ("parts/tower", "parts/image_tower", "dev/scenes"), trunk)
    for peer in PEERS:
        place = ("--reading", out / "dev/reading.json", "--steps", settings.read_on_steps)
        words = ("--peer", peer.name, "--llm", out / "parts/llm", *place, "--out", out / f"parts/llm-{peer.name}")
        yield Cell(f"parts/llm-{peer.name}", ("parts/llm", "dev/reading"), _call_own("read-on", *words))
    export = call(
        "itb export", out / "test/bench", "--format", "llava", "--split", "train", "--answers", "text", "--pack",
        out / "prompts", "--out", out / "test/export",
    )  # fmt: skip
    yield Cell("test/export", ("test/bench", "prompts"), export)
    images, forms = out / "test/scenes/thermal8", out / "test/export/itb.json"
    yield Cell(
        "test/data", ("test/export",), make=lambda: handover.join_data(forms, images, out, out / "test/data.json")
    )


def train_peers(settings: Settings, out: Path, seed: int) -> Iterator[Cell]:
    """Everything of one seed, ours on the benchmark's train split included."""
    yield from _tune_ours(settings, out, seed)
    for peer in PEERS:
        yield from _train(settings, out, seed, peer)


def _tune_ours(settings: Settings, out: Path, seed: int) -> Iterator[Cell]:
    name, arm = f"s{seed}/sft/{MAIN.name}-{ITB}", f"{MAIN.name}-{ITB}"
    start = ("--config", "mini.yaml", "--align", out / f"s{seed}/sft/{MAIN.name}/model")
    changes = (f"seed={seed}", f"sft.epochs={settings.itb_epochs}", f"sft.feature_cache={out / 'features'}")
    words = (*start, "--images", out, "--data", out / "test/data.json", "--out", out / name, *set_fields(changes))
    yield Cell(name, (f"s{seed}/sft/{MAIN.name}", "test/data"), call("trainer.sft", *words))
    yield ask(settings, out, seed, arm, out / name / "model", f"sft/{arm}")


def _train(settings: Settings, out: Path, seed: int, peer: Peer) -> Iterator[Cell]:
    before, after, tuned = list_states(peer.name)
    align = f"s{seed}/align/{peer.name}"
    yield from _put_together(out, seed, peer)
    changes = (f"seed={seed}", f"align.max_steps={settings.align_steps}", f"align.feature_cache={out / 'features'}")
    command = call(
        "trainer.align", "--config", peer.recipe, "--model", out / f"s{seed}/peers/{peer.name}", "--data",
        out / f"s{seed}/runs/full", "--out", out / align, *set_fields(changes),
    )  # fmt: skip
    yield Cell(align, (f"s{seed}/peers/{peer.name}/model", f"s{seed}/runs"), command)
    yield ask(settings, out, seed, before, out / align / "model", f"align/{peer.name}", PLUGIN)
    steps = (
        (after, align, f"s{seed}/data/full", settings.sft_epochs),
        (tuned, f"s{seed}/sft/{after}", "test/data", settings.itb_epochs),
    )
    for arm, start, data, epochs in steps:
        name = f"s{seed}/sft/{arm}"
        changes = (f"seed={seed}", f"sft.epochs={epochs}", f"sft.feature_cache={out / 'features'}")
        command = call(
            "trainer.sft", "--config", peer.recipe, "--images", out, "--model", out / start / "model", "--data",
            out / f"{data}.json", "--out", out / name, *set_fields(changes),
        )  # fmt: skip
        yield Cell(name, (start, data), command)
        yield ask(settings, out, seed, arm, out / name / "model", f"sft/{arm}", PLUGIN)


def _put_together(out: Path, seed: int, peer: Peer) -> Iterator[Cell]:
    """A delta that was never trained, and the folder that the converter makes with it."""
    base, place = f"s{seed}/peers/{peer.name}", out / f"s{seed}/peers/{peer.name}"
    llm, trunk = out / f"parts/llm-{peer.name}", out / "parts/trunk"
    words = ("--peer", peer.name, "--llm", llm, "--trunk", trunk, "--seed", seed, "--out", f"{place}.pth")
    yield Cell(f"{base}/delta", (f"parts/llm-{peer.name}", "parts/trunk"), _call_own("delta", *words))
    files = ("--llm", llm, "--imagebind", trunk / FILE, "--delta", f"{place}.pth")
    cache = ("--cache", "off") if peer.name == "imagebind-llm" else ()
    converted = call("trainer.convert", "--from", peer.name, *files, *cache, "--out", place)
    yield Cell(f"{base}/model", (f"{base}/delta",), converted)


def _call_own(command: str, *words: object) -> tuple[str, ...]:
    return (sys.executable, FOLDER, command, *map(str, words))
