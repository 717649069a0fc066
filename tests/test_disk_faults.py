"""Every command that writes, on a disk that is full or cannot be written: one sentence, and the next try is whole."""

import errno
import json
import shutil
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import pytest
from calling import call_here
from faulty_disk import FaultyDisk, choose_numbers
from mini_bench import write_bench
from mini_coco import write_coco
from tiny_run import paint, write_tiny_folders
from tiny_run import write_run as write_training_run

COCO = ("--captions", "{coco}/captions.json", "--instances", "{coco}/instances.json", "--images", "{coco}/photos")
QUICK = ("--translator", "gray", "--workers", "0", "--block", "1", "--lag", "1")
SHARD = ("--shard", "1/1", "--freeze", "--rules")
STAGE = ("--config", "{trainer.recipe}", "--data", "{trainer.data}")
DISTILL = (
    "--tower",
    "{trainer.tower}",
    "--visible",
    "{trainer.pairs}/visible",
    "--modality",
    "{trainer.pairs}/infrared",
)
COMMANDS = (
    ("agents", "run", *COCO, *QUICK, "--out", "{out}"),
    ("agents", "ablate", *COCO, *QUICK, "--arms", "full", "--out", "{out}"),
    ("agents", "export", "{run}", "--format", "llava", "--out", "{out}"),
    ("agents", "export", "{run}", "--format", "authors", "--out", "{out}"),
    ("agents", "merge", "{shard}", "--out", "{out}"),
    ("agents", "report", "{out}"),
    ("agents", "picture", "{run}", "6", "--out", "{out}/six.png"),
    ("tools", "translate", "{coco}/photos/0001.jpg", "--translator", "gray", "--out", "{out}"),
    ("tools", "scenes", "--count", "1", "--size", "96x80", "--out", "{out}"),
    ("tools", "photographs", "--out", "{out}"),
    ("itb", "build", "--source", "scenes={scenes}", "--count", "4", "--out", "{out}"),
    ("itb", "audit", "{out}"),
    ("itb", "select", "--out", "{out}"),
    ("itb", "eval", "{bench}", "--model", "chance", "--out", "{out}/chance.jsonl"),
    ("itb", "report", "{predictions}", "--bench", "{bench}", "--out", "{out}"),
    ("itb", "export", "{bench}", "--format", "llava", "--out", "{out}"),
    ("itb", "export", "{bench}", "--format", "vlmevalkit", "--out", "{out}"),
    ("agents", "export", "{run}", "--format", "parquet", "--out", "{out}"),
    ("agents", "export", "{run}", "--format", "trl-parquet", "--out", "{out}"),
    ("agents", "export", "{run}", "--format", "llamafactory", "--out", "{out}"),
    ("itb", "export", "{bench}", "--format", "trl", "--out", "{out}"),
    ("tools", "compare-translators", "--data", "{pairs}", "--translators", "gray", "--out", "{out}/pairs.timed.json"),
    ("tools", "evidence", "{coco}/photos/0001.jpg", "--out", "{out}"),
    ("tools", "plausibility", "{scenes}/thermal8", "--out", "{out}"),
    ("tools", "inspect", "{scenes}/thermal16", "--unit", "centikelvin", "--out", "{out}"),
    ("itb", "export", "{bench}", "--format", "lmms-eval", "--out", "{out}"),
    ("trainer.tiny", "--out", "{out}"),
    ("trainer.align", *STAGE, "--out", "{out}"),
    ("trainer.sft", *STAGE, "--align", "{trainer.aligned}", "--out", "{out}"),
    ("trainer.export", "--model", "{trainer.aligned}/model", "--format", "vanilla", "--out", "{out}"),
    ("trainer.export", "--model", "{trainer.aligned}/model", "--format", "llava", "--out", "{out}"),
    ("trainer.language_model", "--data", "{dialogues}", "--steps", "2", "--batch", "2", "--out", "{out}"),
    ("trainer.distill", *DISTILL, "--steps", "1", "--batch", "1", "--out", "{out}"),
)
STAGES = ("trainer.align", "trainer.sft")
"""Of these fewer writes are refused: each try trains."""
STARTS_WITH = {("agents", "report"): "run", ("itb", "audit"): "bench"}
"""What the folder holds that a command adds to."""
VOLATILE = (".sqlite", "-wal", "-shm", ".timing.json", "pairs.timed.json", "log.jsonl", "trainer_state.json")
"""Files that hang on the clock, or that no two runs write alike."""
REMEDIES = ("run the same command again", "run again", "name another", "use another", "name a", "check the disk")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    root = tmp_path_factory.mktemp("inputs")
    write_coco(root / "coco", 6)
    coco = [part.format(coco=root / "coco") for part in COCO]
    prepare = (
        ("agents", "run", *coco, *QUICK, "--out", root / "run"),
        ("agents", "run", *coco, *QUICK, *SHARD, root / "run/rules.jsonl", "--out", root / "shard"),
        ("tools", "scenes", "--count", "6", "--size", "96x80", "--out", root / "scenes"),
    )
    for module, *arguments in prepare:
        done = call_here(module, *arguments)
        assert done.returncode == 0, done.stderr
    for kind in ("vi", "ir"):
        (root / "pairs/MSRS" / kind).mkdir(parents=True)
        shutil.copy(root / "coco/photos/0001.jpg", root / "pairs/MSRS" / kind / "1.jpg")
    write_bench(root / "bench", images=6)
    done = call_here("itb", "eval", root / "bench", "--model", "chance", "--out", root / "chance.jsonl")
    assert done.returncode == 0, done.stderr
    done = call_here("agents", "export", root / "run", "--format", "llava", "--out", root / "llava")
    assert done.returncode == 0, done.stderr
    names = {name: root / name for name in ("coco", "run", "shard", "scenes", "bench", "pairs")}
    return SimpleNamespace(
        **names, predictions=root / "chance.jsonl", dialogues=root / "llava/instruct.json", trainer=Trained(root)
    )


class Trained:
    """What the commands of training read, made when it is first asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root / "trained"

    @cached_property
    def data(self) -> Path:
        return write_training_run(self.root, 2)

    @cached_property
    def pairs(self) -> Path:
        """Photographs and what stands for their infrared images, as many as are needed at least."""
        for number in range(64):
            paint(self.root / f"pairs/visible/{number}.png", number, "RGB")
            paint(self.root / f"pairs/infrared/{number}.png", number, "L")
        return self.root / "pairs"

    @cached_property
    def tower(self) -> Path:
        return write_tiny_folders().tower

    @cached_property
    def recipe(self) -> Path:
        stage = {"epochs": 1, "max_steps": 1, "global_batch": 1, "device_batch": 1, "save_every": 1}
        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / "recipe.yaml"
        models = {"llm": str(write_tiny_folders().llm), "tower": str(self.tower)}
        path.write_text(json.dumps({"model": models, "align": stage, "sft": stage}))
        return path

    @cached_property
    def aligned(self) -> Path:
        done = call_here("trainer.align", "--config", self.recipe, "--data", self.data, "--out", self.root / "a")
        assert done.returncode == 0, done.stderr
        return self.root / "a"


def read_tree(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(VOLATILE)]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def prepare(command, inputs, out):
    shutil.rmtree(out, ignore_errors=True)
    source = STARTS_WITH.get(command[:2])
    if source:
        shutil.copytree(getattr(inputs, source), out, symlinks=True)


def needs(command):
    """Skip what the packages here cannot run."""
    for part, package in (
        ("trainer.tiny", "torch"),
        ("trainer.align", "trl"),
        ("trainer.sft", "trl"),
        ("trainer.export", "torch"),
        ("trainer.language_model", "torch"),
        ("trainer.distill", "torch"),
        ("photographs", "skimage"),
        ("select", "matplotlib"),
        ("parquet", "datasets"),
    ):
        if part in command:
            pytest.importorskip(package, reason=f"{part} needs it")


def run(command, inputs, out, disk=None):
    module, *arguments = (part.format(**vars(inputs), out=out) for part in command)
    if disk is None:
        return call_here(module, *arguments)
    with disk:
        return call_here(module, *arguments)


def name(command):
    return " ".join(part for part in command[:4] if "{" not in part and not part.startswith("--"))


@pytest.mark.parametrize("command", COMMANDS, ids=name)
def test_a_disk_that_refuses_costs_one_sentence_and_nothing_else(command, inputs, tmp_path):
    needs(command)
    out = tmp_path / "out"
    prepare(command, inputs, out)
    counting = FaultyDisk(out, errno.ENOSPC)
    done = run(command, inputs, out, counting)
    assert done.returncode == 0, done.stderr
    whole = read_tree(out)
    assert counting.count > 1
    chosen = list(choose_numbers(counting.count))
    for number, code in chosen[:: 2 if command[0] in STAGES else 1]:
        prepare(command, inputs, out)
        disk = FaultyDisk(out, code, number)
        failed = run(command, inputs, out, disk)
        what = f"{number} of {counting.count}, {errno.errorcode[code]}: {disk.refused}: {failed.stderr}"
        lines = [line for line in failed.stderr.splitlines() if line.startswith("error: ")]
        assert "Traceback" not in failed.stderr, what
        assert failed.returncode in (1, 2, 3), what
        assert len(lines) == 1, what
        assert any(remedy in lines[0] for remedy in REMEDIES), what
        again = run(command, inputs, out)
        assert again.returncode == 0, f"{what}\nagain: {again.stderr}"
        left = read_tree(out)
        assert left.keys() == whole.keys(), what
        assert [path for path in whole if left[path] != whole[path]] == [], what
