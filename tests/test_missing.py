"""What is not there has one exit code in every command, and a malformed file: each path that is read, pointed at such.

The paths are found in the parsers, so that a new option cannot be left out; `WORDS` has the rest of a command's words.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from calling import Called, call_here
from flags import list_commands, takes_path
from mini_bench import write_bench
from mini_coco import write_coco

from tools.prompts import DEFAULT_PACK

COCO = "--captions {coco}/captions.json --instances {coco}/instances.json --images {coco}/photos --translator gray"
RUN = f"{COCO} --out {{out}} --workers 0"
TOWERS = "--llm {tiny}/llm --tower {tiny}/tower"
STAGE = f"{TOWERS} --config tiny.yaml --data {{run}} --out {{out}}"
READ = (
    f"agents run {COCO} --out {{run}} --workers 0 --limit 2 --instructions all",
    "itb eval {bench} --model chance --out {predictions}",
)
TRAINED = (
    "trainer.tiny --out {tiny}",
    f"trainer.align {TOWERS} --config tiny.yaml --data {{run}} --out {{aligned}} --set align.max_steps=1",
)
"""What the commands read, made by other commands; the second for the trainer alone."""
WORDS = {
    "agents plan": RUN,
    "agents preview": f"1 {RUN}",
    "agents run": RUN,
    "agents ablate": RUN,
    "agents show": "{run} 1",
    "agents why": "{run} 1",
    "agents export": "{run} --format llava --out {out}",
    "agents report": "{run}",
    "agents serve": "{run} --out {out}",
    "agents picture": "{run} 1 --out {out}.png",
    "agents audit": "{run}",
    "agents merge": "{run} --out {out}",
    "agents bill": "{run}",
    "agents batch write": "{run} --out {out}.jsonl",
    "agents batch read": "{run} {coco}/captions.json",
    "agents import": "--captions {coco}/captions.json --images {coco}/photos --out {out}",
    "agents refilter": "{run} --out {out}",
    "agents review-plan": "{run}",
    "agents agreement": "{run}",
    "agents rules list": "{run}",
    "agents rules diff": "{run} {run}",
    "agents rules score": "{run} --on {coco}/captions.json",
    "agents rules revert": "seed-1 --run {run} --pack {pack}",
    "agents prompts list": "",
    "agents prompts check": "",
    "agents prompts render": "debate",
    "tools doctor": "",
    "tools translate": "{coco}/photos --out {out}",
    "tools score": "--image {coco}/photos/0001.jpg --caption cup",
    "tools evidence": "{coco}/photos/0001.jpg",
    "tools inspect": "{coco}/photos --out {out}",
    "tools plausibility": "{coco}/photos --limit 1",
    "tools calibrate": "--captions {coco}/captions.json --images {coco}/photos",
    "tools compare-translators": "--data {coco}",
    "itb build": "--source llvip={coco} --out {out}",
    "itb import": "review={run} --out {out}",
    "itb audit": "{bench} --train {run}/pairs.jsonl",
    "itb why": "{bench} locate-flir-0002-0",
    "itb picture": "{bench} --out {out}.png",
    "itb eval": "{bench} --model chance --out {out}.jsonl",
    "itb report": "{predictions} --bench {bench} --out {out}",
    "itb export": "{bench} --format llava --out {out}",
    "itb serve": "{bench} {predictions}",
    "trainer.align": STAGE,
    "trainer.sft": "--config tiny.yaml --data {run} --align {aligned} --out {out}",
    "trainer.preview": "--config tiny.yaml --data {run} --model {aligned}/model",
    "trainer.plan": "--llm-size 7b --gpu 24",
    "trainer.chat": "--model {aligned}/model --image {coco}/photos/0001.jpg",
    "trainer.export": "--model {aligned}/model --out {out}",
    "trainer.convert": "--from imagebind-llm --llm {tiny}/llm --imagebind {coco}/captions.json "
    "--delta {coco}/captions.json --cache off --out {out}",
    "trainer.language_model": "--data {coco}/captions.json --out {out}",
    "trainer.distill": "--tower {tiny}/tower --visible {coco}/photos --modality {coco}/photos --out {out}",
    "trainer.dinov2_wheel": "--wheel {coco}/captions.json --out {out}",
    "trainer.tiny": "--out {out}",
}
"""Words with which a command would begin its work."""
NEEDS = {
    "--translator-weights": "--translator srgb-tir",
    "--style-codes": "--translator srgb-tir --translator-weights {coco}/captions.json",
    "--translator-folder": "--translator folder",
    "--scorer-weights": "--scorer languagebind",
    "--prices": "--backend llm --model gpt-4o-mini --base-url http://localhost:1/v1",
    "agents refilter --prices": "",
    "--image-tower": "--mode indirect",
    "--recording": "--backend recorded",
}
"""Words without which an option is not looked at."""
ALONE = {
    "--dataset": "--out {out}",
    "--sensor-images": "--out {out}",
    "--export": "--model {aligned}/model",
    "--folder": "--model {aligned}/model --question hot --out {out}.jsonl",
}
"""Words in place of the usual ones."""
NAMED = {
    "itb sources": ("--source", "flir={missing}"),
    "itb select": ("--source", "flir={missing}"),
    "itb build": ("--source", "flir={missing}"),
    "itb import": ("--map", "photos={missing}"),
    "itb eval": ("--model", "{missing}/checkpoint"),
    "trainer.plan": ("--llm-size", "{missing}"),
    "trainer.convert": ("--cache", "{missing}"),
    "agents run": ("--dataset", "flir={missing}"),
    "agents plan": ("--dataset", "flir={missing}"),
    "tools score": ("--scorer-weights", "{missing}"),
    "tools calibrate": ("--scorer-weights", "{missing}"),
    "trainer.chat": ("--against", "{missing}/model"),
}
"""Options whose value holds a path, or may be one."""
COMMANDS = list_commands()


def list_cases() -> Iterator[Any]:
    """Every path that a command reads: the command and the option, or the argument by its name."""
    for name, command in COMMANDS.items():
        for parameter in command.params:
            if takes_path(parameter) and parameter.opts[0] != "--out":
                yield pytest.param(name, parameter.opts[0], "{missing}", id=f"{name} {parameter.opts[0]}")
    for name, (option, value) in NAMED.items():
        yield pytest.param(name, option, value, id=f"{name} {option} {value}")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """What the commands read, and what is not there."""
    root = tmp_path_factory.mktemp("inputs")
    write_coco(root / "coco", 66)
    found = SimpleNamespace(
        coco=root / "coco", run=root / "run", bench=root / "bench", tiny=root / "tiny", missing=root / "not-there",
        predictions=root / "p.jsonl", aligned=root / "aligned", pack=root / "pack",
    )  # fmt: skip
    shutil.copytree(DEFAULT_PACK, found.pack)
    write_bench(found.bench, tasks=("locate",), images=6)
    make(READ, found)
    return found


@pytest.fixture(scope="module")
def trained(inputs: SimpleNamespace) -> SimpleNamespace:
    """The same, and models."""
    pytest.importorskip("torch", reason="the extra `train` is not installed")
    make(TRAINED, inputs)
    return inputs


def make(commands: tuple[str, ...], inputs: SimpleNamespace) -> None:
    """Run them all."""
    for command in commands:
        program, *words = (word.format(**vars(inputs)) for word in command.split())
        assert call_here(program, *words).returncode == 0


def call(name: str, option: str, value: str, inputs: SimpleNamespace, out: Path) -> Called:
    """The command with its words, and the option at a place where nothing is."""
    alone = None if name == "agents serve" else ALONE.get(option)
    words = [*(alone or WORDS.get(name, "")).split(), *NEEDS.get(f"{name} {option}", NEEDS.get(option, "")).split()]
    places = [place for place, parameter in enumerate(COMMANDS[name].params) if parameter.opts[0] == option]
    if option.startswith("-"):
        words = [*drop(words, option), option, value]
    else:
        number = sum(not each.opts[0].startswith("-") for each in COMMANDS[name].params[: places[0]])
        words[number : number + (number < len(words) and not words[number].startswith("-"))] = [value]
    program, *verb = name.split()
    return call_here(program, *verb, *(word.format(**vars(inputs), out=out) for word in words))


def drop(words: list[str], option: str) -> list[str]:
    """The words without an option and its value."""
    place = words.index(option) if option in words else len(words)
    return words[:place] + words[place + 2 :]


@pytest.mark.parametrize(("name", "option", "value"), list(list_cases()))
def test_what_is_not_there_is_exit_code_three(
    name: str,
    option: str,
    value: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inputs = request.getfixturevalue("trained" if name.startswith("trainer") else "inputs")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    done = call(name, option, value, inputs, tmp_path / "out")
    last = done.stderr.strip().rpartition("\n")[2]
    assert (done.returncode, last[:7], str(inputs.missing) in last) == (3, "error: ", True), done.stderr


def list_files() -> list[Any]:
    """The files of settings and annotations that commands read."""
    kinds = {"--captions", "--config", "--instances", "--prices", "--rules", "--style-codes"}
    return [case for case in list_cases() if case.values[1] in kinds]


@pytest.mark.parametrize(("name", "option", "value"), list_files())
def test_a_malformed_file_is_exit_code_two(
    name: str, option: str, value: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = request.getfixturevalue("trained" if name.startswith("trainer") else "inputs")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    file = tmp_path / "file.json"
    file.write_bytes(b"\xff\xfe{[ nothing of this kind")
    done = call(name, option, str(file), inputs, tmp_path / "out")
    assert (done.returncode, str(file) in done.stderr.strip().rpartition("\n")[2]) == (2, True), done.stderr
