"""Every command that writes, small enough to be run a hundred times, with what it reads.

orders = list_orders(Inputs(root))            # nothing is made yet
order.begin(place); order.call(place, at=7)   # its inputs are made when they are first asked for
"""

import functools
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from kill_points import Ended, call_forked
from mini_bench import write_bench
from mini_coco import write_coco
from PIL import Image
from scripted_batches import answer_file
from tiny_run import write_run

from tools.prompts import DEFAULT_PACK

FIXED = ("--block", "2", "--lag", "1", "--translator", "gray", "--instructions", "all", "--mix", "each")
OTHERS = ("trl", "trl-parquet", "ms-swift", "llamafactory")
EVAL_CLOCK = ("out.jsonl.timing.json",)
STAGE_CLOCK = ("out/log.jsonl", "out/checkpoint-*/*")
"""Speeds stand in the log, and in what Trainer keeps beside a checkpoint; losses and weights are compared."""
Write = Callable[[Path], object]


class Inputs:
    """What the commands read, each made by other commands when it is first asked for, below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def make(self, name: str, program: str, *arguments: object) -> Path:
        """Let a command write `name`, once; its path.

        Raises:
            RuntimeError: it failed.
        """
        path = self.root / name
        if not path.exists():
            ended = call_forked(program, tuple(str(part).replace("{out}", str(path)) for part in arguments), self.root)
            if ended.code:
                raise RuntimeError(f"{program} {arguments}: {ended}")
        return path

    def draw(self, name: str, write: Write) -> Path:
        """Let a function write `name`, once; its path."""
        path = self.root / name
        if not path.exists():
            write(path)
        return path

    @property
    def coco(self) -> tuple[str, ...]:
        """A dataset, as the arguments that name it."""
        root = self.draw("coco", lambda path: write_coco(path, 5))
        files = {"captions": "captions.json", "instances": "instances.json", "images": "photos"}
        return tuple(part for flag, name in files.items() for part in (f"--{flag}", str(root / name)))

    @property
    def run(self) -> Path:
        """A run."""
        return self.make("run", "agents", "run", *self.coco, *FIXED, "--workers", "0", "--out", "{out}")

    @property
    def paper(self) -> Path:
        """A run whose captions were not debated, so that some break a rule that was mined after them."""
        flags = (*FIXED, "--workers", "0", "--debate", "instructions")
        return self.make("paper", "agents", "run", *self.coco, *flags, "--out", "{out}")

    @property
    def shards(self) -> tuple[Path, ...]:
        """Two shards of a run."""
        rules = self.draw("rules.jsonl", lambda path: path.write_text(""))
        frozen = (*self.coco, *FIXED, "--workers", "0", "--freeze", "--rules", rules)
        return tuple(
            self.make(f"shard-{number}", "agents", "run", *frozen, "--shard", f"{number}/2", "--out", "{out}")
            for number in (1, 2)
        )

    @property
    def waiting(self) -> Path:
        """A run with a wave that is to be written."""
        by_hand = ("--transport", "batch", "--carrier", "files", "--backend", "llm", "--model", "m")
        words = ("run", *self.coco, *by_hand, "--base-url", "http://localhost:1/v1", "--workers", "0", "--limit", "2")

        def wait(path: Path) -> None:
            ended = call_forked("agents", (*words, "--translator", "none", "--out", str(path)), self.root)
            if ended.code != 3:
                raise RuntimeError(f"{words}: {ended}")

        return self.draw("waiting", wait)

    @property
    def answered(self) -> Path:
        """What an engine answered to that wave."""
        wave = self.make("wave.jsonl", "agents", "batch", "write", self.waiting, "--out", "{out}")
        return self.draw("answered.jsonl", lambda path: answer_file(wave, path))

    @property
    def bench(self) -> Path:
        """A benchmark."""
        return self.draw("bench", lambda path: write_bench(path, images=6))

    @property
    def predictions(self) -> Path:
        """Predictions on it."""
        return self.make("p.jsonl", "itb", "eval", self.bench, "--model", "chance", "--out", "{out}")

    @property
    def scenes(self) -> Path:
        """Rendered scenes."""
        return self.make("scenes", "tools", "scenes", "--count", "12", "--size", "160x128", "--out", "{out}")

    @property
    def pairs(self) -> Path:
        """Registered pairs, in RoadScene's layout and as two folders."""
        return self.draw("pairs", _draw_pairs)

    @property
    def tiny(self) -> Path:
        """Stand-ins of random weights."""
        return self.make("tiny", "trainer.tiny", "--out", "{out}")

    @property
    def peer(self) -> tuple[str, ...]:
        """The published files of a peer, as the arguments that name them."""
        from tiny_peers import write_pandagpt  # needs torch

        root = self.draw("peer", write_pandagpt)
        files = {"llm": "vicuna", "imagebind": "imagebind_huge.pth", "delta": "pytorch_model.pt"}
        return tuple(part for flag, name in files.items() for part in (f"--{flag}", str(root / name)))

    @property
    def stage(self) -> tuple[str, ...]:
        """Arguments of a stage of training."""
        data = self.draw("training", lambda path: write_run(path, 6)) / "run"
        recipe = self.draw("recipe.yaml", self._write_recipe)
        return ("--config", str(recipe), "--data", str(data))

    def _write_recipe(self, path: Path) -> None:
        stage = {"epochs": 1, "max_steps": 4, "global_batch": 2, "device_batch": 1, "save_every": 1}
        folders = {"llm": str(self.tiny / "llm"), "tower": str(self.tiny / "tower")}
        path.write_text(json.dumps({"model": folders, "align": stage, "sft": stage}))

    @property
    def family(self) -> tuple[str, ...]:
        """Arguments of a training of somebody else's vision-language model, of random weights."""
        from tiny_families import write_family

        folder = self.draw("family", lambda path: write_family("idefics3", path))
        stage = {
            "train": "both",
            "method": "lora",
            "epochs": 1,
            "max_steps": 3,
            "global_batch": 2,
            "device_batch": 1,
            "save_every": 1,
        }
        recipe = self.draw("family.yaml", lambda path: path.write_text(json.dumps({"sft": stage})))
        data = self.draw("training", lambda path: write_run(path, 6)) / "run"
        return ("--config", str(recipe), "--data", str(data), "--model", str(folder))

    @property
    def aligned(self) -> Path:
        """A finished alignment."""
        return self.make("aligned", "trainer.align", *self.stage, "--out", "{out}")


def _draw_pairs(path: Path) -> None:
    for number in range(64):
        levels = np.random.default_rng(number).uniform(0, 255, (4, 4)).astype(np.uint8)
        for name, pixels in (("crop_LR_visible", levels), ("cropinfrared", 255 - levels)):
            folder = path / "RoadScene" / name
            folder.mkdir(exist_ok=True, parents=True)
            Image.fromarray(pixels).resize((64, 64)).convert("RGB").save(folder / f"FLIR_{number:05d}.png")


@dataclass(frozen=True)
class Order:
    """A command and how it is called here.

    Attributes:
        command: as a user types it behind `python -m`, e.g. `agents merge`.
        arguments: makes the arguments from the inputs and the place that it may write to.
        what: tells it from other orders of the same command.
        target: what it writes in the place, i.e. what it locks.
        prepare: puts into the place what has to be there first.
        clock: patterns of files that hang on the clock.
        is_single: whether another call, after a complete one, is refused.
    """

    command: str
    arguments: Callable[[Inputs, Path], tuple[object, ...]]
    what: str = ""
    target: str = "out"
    prepare: Callable[[Inputs, Path], object] = lambda inputs, place: None
    clock: tuple[str, ...] = ()
    is_single: bool = False

    def __str__(self) -> str:
        return " ".join(filter(None, (self.command, self.what)))

    def call(self, inputs: Inputs, place: Path, **more: Any) -> Ended:
        """Call it in a forked process; `more` goes to `call_forked`."""
        program, *verb = self.command.split()
        return call_forked(program, (*verb, *map(str, self.arguments(inputs, place))), place, **more)

    def begin(self, inputs: Inputs, place: Path) -> None:
        """An empty place, but for what has to be there."""
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        self.prepare(inputs, place)


def _out(*arguments: object) -> Callable[[Inputs, Path], tuple[object, ...]]:
    """Arguments, of which a text `NAME` stands for that input; then `--out`."""
    return lambda inputs, place: (*_fill(inputs, arguments), "--out", place / "out")


def _fill(inputs: Inputs, arguments: tuple[object, ...]) -> tuple[object, ...]:
    filled: list[object] = []
    for part in arguments:
        found = getattr(inputs, part[1:-1]) if isinstance(part, str) and part.startswith("{") else part
        filled += found if isinstance(found, tuple) else [found]
    return tuple(filled)


def _copy(name: str) -> Callable[[Inputs, Path], object]:
    return lambda inputs, place: shutil.copytree(getattr(inputs, name), place / "out", symlinks=True)


AGENTS = (
    Order("agents run", _out("{coco}", *FIXED, "--workers", "0"), "template"),
    Order("agents run", _out("{coco}", *FIXED, "--workers", "1", "--concurrency", "1"), "template, a worker"),
    Order("agents merge", _out("{shards}")),
    Order("agents refilter", _out("{paper}")),
    *(
        Order("agents export", _out("{run}", "--format", form), form)
        for form in ("llava", "authors", "parquet", *OTHERS)
    ),
    Order("agents import", _out("{coco}")),
    Order("agents report", lambda inputs, place: (place / "out",), prepare=_copy("run")),
    Order("agents review-plan", lambda inputs, place: (place / "out", "--error", "20%"), prepare=_copy("run")),
    Order("agents picture", lambda inputs, place: (inputs.run, "1", "--out", place / "out.png"), target="out.png"),
    Order(
        "agents batch write",
        lambda inputs, place: (inputs.waiting, "--out", place / "out.jsonl"),
        target="out.jsonl",
    ),
    Order("agents batch read", lambda inputs, place: (place / "out", inputs.answered), prepare=_copy("waiting")),
    Order(
        "agents rules revert",
        lambda inputs, place: ("seed-2", "--run", inputs.run, "--pack", place / "out"),
        target="out/reverted.yaml",
        prepare=lambda inputs, place: shutil.copytree(DEFAULT_PACK, place / "out"),
    ),
    Order("agents ablate", _out("{coco}", *FIXED, "--workers", "0", "--limit", "2", "--arms", "no-debate,no-scorer")),
)
TOOLS = (
    Order("tools evidence", lambda inputs, place: (*_photos(inputs), "--out", place / "out")),
    Order("tools plausibility", lambda inputs, place: (inputs.scenes / "thermal8", "--out", place / "out")),
    Order(
        "tools inspect",
        lambda inputs, place: (inputs.scenes / "thermal16", "--unit", "centikelvin", "--out", place / "out"),
    ),
    Order("tools translate", lambda inputs, place: (*_photos(inputs), "--out", place / "out")),
    Order("tools scenes", _out("--count", "3", "--size", "96x80")),
    Order("tools photographs", _out()),
    Order(
        "tools compare-translators",
        lambda inputs, place: ("--data", inputs.pairs, "--limit", 2, "--out", place / "out.json"),
        target="out.json",
        clock=("out.json",),
    ),
)
ITB = (
    Order("itb build", lambda inputs, place: ("--source", f"flir={inputs.scenes / 'flir'}", "--out", place / "out")),
    Order(
        "itb build",
        lambda inputs, place: (
            *("--source", f"flir={inputs.scenes / 'flir'}", "--copy-images", "--count", "8", "--out", place / "out"),
        ),
        "copies",
    ),
    Order("itb import", lambda inputs, place: (f"review={inputs.run}", "--out", place / "out")),
    Order("itb audit", lambda inputs, place: (place / "out",), prepare=_copy("bench")),
    Order(
        "itb eval",
        lambda inputs, place: (inputs.bench, "--model", "chance", "--out", place / "out.jsonl"),
        target="out.jsonl",
        clock=EVAL_CLOCK,
    ),
    Order("itb report", _out("{predictions}", "--bench", "{bench}")),
    Order("itb picture", lambda inputs, place: (inputs.bench, "--out", place / "out.png"), target="out.png"),
    Order("itb select", lambda inputs, place: ("--out", place / "out")),
    *(
        Order("itb export", _out("{bench}", "--format", form), form)
        for form in ("lmms-eval", "vlmevalkit", "llava", *OTHERS)
    ),
)
TRAINER = (
    Order("trainer.tiny", _out()),
    Order("trainer.align", lambda inputs, place: (*inputs.stage, "--out", place / "out"), clock=STAGE_CLOCK),
    Order(
        "trainer.sft",
        lambda inputs, place: (*inputs.stage, "--align", inputs.aligned, "--out", place / "out"),
        clock=STAGE_CLOCK,
    ),
    Order(
        "trainer.sft",
        lambda inputs, place: (*inputs.family, "--out", place / "out"),
        "of any model",
        clock=STAGE_CLOCK,
    ),
    Order(
        "trainer.chat",
        lambda inputs, place: (
            *("--model", inputs.aligned / "model", "--folder", _photos(inputs)[0].parent, "--question", "What is hot?"),
            *("--max-new-tokens", "2", "--batch", "2", "--out", place / "out.jsonl"),
        ),
        target="out.jsonl",
    ),
    *(
        Order(
            "trainer.export",
            lambda inputs, place, form=form: (  # type: ignore[misc]
                *("--model", inputs.aligned / "model", "--format", form, "--out", place / "out"),
            ),
            form,
            is_single=True,
        )
        for form in ("vanilla", "llava")
    ),
    Order(
        "trainer.convert",
        lambda inputs, place: ("--from", "pandagpt", *inputs.peer, "--out", place / "out"),
        is_single=True,
    ),
    Order(
        "trainer.language_model",
        lambda inputs, place: (
            *("--data", _dialogues(inputs), "--steps", "2", "--batch", "2", "--out", place / "out"),
        ),
    ),
    Order(
        "trainer.distill",
        lambda inputs, place: (
            *("--tower", inputs.tiny / "tower", "--visible", inputs.pairs / "RoadScene/crop_LR_visible"),
            *("--modality", inputs.pairs / "RoadScene/cropinfrared", "--steps", "2", "--batch", "4"),
            *("--out", place / "out"),
        ),
    ),
)
ORDERS = (*AGENTS, *TOOLS, *ITB, *TRAINER)
NOT_HERE = {
    "agents serve": "ends only when it is told to; its index is built anew or goes on (tests/agents/studio)",
    "itb serve": "ends only when it is told to (tests/itb/studio)",
    "trainer.dinov2_wheel": "reads a wheel of 85 MB; it writes as trainer.distill does, by `fill_folder`",
}


def _photos(inputs: Inputs) -> list[Path]:
    assert inputs.coco
    return sorted((inputs.root / "coco/photos").iterdir())


def _dialogues(inputs: Inputs) -> Path:
    return inputs.make("llava", "agents", "export", inputs.run, "--format", "llava", "--out", "{out}") / "instruct.json"


@functools.cache
def import_ahead(program: str) -> None:
    """Import what a program's commands import, so that a forked process has it at once."""
    import importlib

    rooms = {
        "agents": ("agents.__main__", "agents.conversation.chat", "agents.running.derived.merge",
                   "agents.running.derived.refilter",
                   "agents.running.run", "agents.running.ablate",
                   "agents.output.report", "agents.output.card", "agents.output.layouts", "agents.output.picture"),
        "tools": ("tools.__main__", "tools.scenes.write", "tools.compare", "tools.translation.write"),
        "itb": ("itb.__main__", "itb.build.build", "itb.evaluate.evaluate", "itb.report", "itb.report.picture",
                "itb.export"),
        "trainer": ("trainer.stages.align_run", "trainer.stages.sft_run", "trainer.output.export",
                    "trainer.output.talk.many", "transformers",
                    "trl", "trainer.parts.tiny"),
    }  # fmt: skip
    for name in rooms[program.partition(".")[0]]:
        importlib.import_module(name)
