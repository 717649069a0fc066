"""Every command that writes, on a disk that is full or cannot be written: one sentence, and the next try is whole."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from calling import call_here
from faulty_disk import FaultyDisk, choose_numbers
from mini_bench import write_bench
from mini_coco import write_coco

COCO = ("--captions", "{coco}/captions.json", "--instances", "{coco}/instances.json", "--images", "{coco}/photos")
QUICK = ("--translator", "gray", "--workers", "0", "--block", "1", "--lag", "1")
SHARD = ("--shard", "1/1", "--freeze", "--rules")
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
    ("tools", "compare-translators", "--data", "{pairs}", "--translators", "gray", "--out", "{out}/pairs.timed.json"),
    ("trainer.tiny", "--out", "{out}"),
)
STARTS_WITH = {("agents", "report"): "run", ("itb", "audit"): "bench"}
"""What the folder holds that a command adds to."""
VOLATILE = (".sqlite", "-wal", "-shm", ".timing.json", "pairs.timed.json")
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
    names = {name: root / name for name in ("coco", "run", "shard", "scenes", "bench", "pairs")}
    return SimpleNamespace(**names, predictions=root / "chance.jsonl")


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
    for number, code in choose_numbers(counting.count):
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
