"""Every command that writes, pointed at a folder of someone else: refused with one sentence, not a byte changed.

`WRITES` names each of them; a test walks all command trees and finds every option that takes a path, so that a new
command cannot be left out.
"""

import hashlib
import importlib
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, get_args

import pytest
import typer
from killing import ROOT
from mini_bench import write_bench
from mini_coco import write_coco
from typer.models import ArgumentInfo

from tools.terminal.cli import run_app

PACKAGES = ("agents", "tools", "trainer", "itb")
ROOM_OF_TRAINER = re.compile(r"^trainer\.(commands|output|parts)\.")
"""`python -m trainer.align` finds its module by name, whichever room it stands in."""
INPUTS = {
    "--align", "--bench", "--captions", "--config", "--data", "--export", "--image", "--image-tower", "--images",
    "--instances", "--llm", "--modality", "--model", "--pack", "--prices", "--scenes", "--scorer-weights",
    "--rules", "--style-codes", "--texts", "--tower", "--translator-folder", "--translator-weights", "--visible",
    "--delta", "--imagebind", "--wheel", "BENCH", "FILE", "IMAGES", "PREDICTIONS", "RUN", "RUNS",
    "--sensor-images", "FOLDER", "FOLDERS", "--photographs", "--on", "--run", "--recording", "BEFORE", "AFTER",
    "--train", "RESULTS", "--folder",
}  # fmt: skip
"""Options and arguments with the path of something that is read."""
COCO = ("--captions", "{coco}/captions.json", "--instances", "{coco}/instances.json", "--images", "{coco}/photos")
REMEDIES = ("name ", "use another", "move it", "build it again")
STAGE = ("--config", "tiny.yaml", "--data", "{run}")


class Writes(NamedTuple):
    """A command, the option that names what it writes, and its other arguments; whether it has `--fresh`.

    Attributes:
        is_file: it writes a file, not a folder.
        codes: exit codes of a refusal; an argument that has to be a folder of ours first is missing with code 3.
    """

    command: str
    option: str = "--out"
    more: tuple[str, ...] = ()
    has_fresh: bool = False
    is_file: bool = False
    codes: tuple[int, ...] = (2,)

    def __str__(self) -> str:
        return f"{self.command} {self.option}"


WRITES = (
    Writes("agents run", more=COCO, has_fresh=True),
    Writes("agents ablate", more=COCO),
    Writes("agents merge", more=("{run}",)),
    Writes("agents refilter", more=("{run}",)),
    Writes("agents export", more=("{run}", "--format", "llava")),
    Writes("agents import", more=COCO),
    Writes("agents serve", more=("{run}",)),
    Writes("agents report", "RUN", codes=(2,)),
    Writes("agents review-plan", "RUN", codes=(2,)),
    Writes("agents batch write", more=("{run}",), is_file=True),
    Writes("agents picture", more=("{run}", "6"), is_file=True),
    Writes("tools translate", more=("{coco}/photos/0001.jpg",)),
    Writes("tools scenes", more=("--count", "1", "--size", "96x80")),
    Writes("tools photographs"),
    Writes("tools compare-translators", more=("--data", "{coco}"), is_file=True),
    Writes("tools evidence", more=("{coco}/photos/0001.jpg",)),
    Writes("tools inspect", more=("{coco}/photos",)),
    Writes("tools plausibility", more=("{coco}/photos",)),
    Writes("itb build", more=("--source", "llvip={coco}"), has_fresh=True),
    Writes("itb import", more=("review={run}",), has_fresh=True),
    Writes("itb audit", "BENCH", codes=(2, 3)),
    Writes("itb select"),
    Writes("itb picture", more=("{bench}",), is_file=True),
    Writes("itb eval", more=("{bench}", "--model", "chance"), has_fresh=True, is_file=True),
    Writes("itb report", more=("{predictions}", "--bench", "{bench}")),
    Writes("itb export", more=("{bench}", "--format", "llava")),
    Writes("trainer.align", more=(*STAGE, "--llm", "{coco}", "--tower", "{coco}"), has_fresh=True),
    Writes("trainer.sft", more=(*STAGE, "--align", "{model}"), has_fresh=True),
    Writes(
        "trainer.chat", more=("--model", "{model}", "--folder", "{coco}/photos", "--question", "hot?"), is_file=True
    ),
    Writes("trainer.export", more=("--model", "{model}")),
    Writes("trainer.tiny"),
    Writes(
        "trainer.convert",
        more=(
            "--from",
            "pandagpt",
            "--llm",
            "{coco}",
            "--delta",
            "{coco}/captions.json",
            "--imagebind",
            "{coco}/captions.json",
        ),
    ),
    Writes("trainer.language_model", more=("--data", "{coco}/captions.json")),
    Writes("trainer.distill", more=("--tower", "{coco}", "--visible", "{coco}/photos", "--modality", "{coco}/photos")),
    Writes("trainer.dinov2_wheel", more=("--wheel", "{coco}/captions.json")),
)
WRITES_NOTHING = (Writes("agents plan", more=COCO), Writes("agents preview", more=("1", *COCO)))
"""They share the settings of `agents run`, `--out` among them."""
FOLDERS = [entry for entry in WRITES if not entry.is_file]
FILES = [entry for entry in WRITES if entry.is_file]


class Taken(NamedTuple):
    """A path that a command takes: `--out`, or for an argument `RUN`."""

    command: str
    name: str


def name_program(path: Path) -> str:
    """`agents/__main__.py` -> `agents`, `trainer/commands/align.py` -> `trainer.align`."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
    return ROOM_OF_TRAINER.sub("trainer.", name)


def load_app(program: str) -> typer.Typer:
    path = ROOT / program.replace(".", "/")
    module = importlib.import_module(f"{program}.__main__" if path.is_dir() else program)
    app: typer.Typer = module.app
    return app


def list_programs() -> list[str]:
    """All that has an `app`, an application of `make_app`."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [name_program(path) for path in paths if "\napp = make_app(" in path.read_text(encoding="utf-8")]


def list_commands(app: typer.Typer, name: str) -> Iterator[tuple[str, Callable[..., None]]]:
    """Every command of an application, groups of commands followed."""
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from list_commands(group.typer_instance, f"{name} {group.name}")
    is_alone = len(app.registered_commands) == 1 and not app.registered_groups and app.registered_callback is None
    for info in app.registered_commands:
        assert info.callback is not None
        verb = info.name or info.callback.__name__.replace("_", "-")
        yield name if is_alone else f"{name} {verb}", info.callback


def list_paths(name: str, command: Callable[..., None]) -> Iterator[Taken]:
    """Every option and argument of a command whose value is a path, or some."""
    for parameter in inspect.signature(command).parameters.values():
        kind, info = get_args(parameter.annotation)[:2]
        if Path in (kind, *get_args(kind)):
            given = [text for text in (info.default, *(info.param_decls or ())) if str(text).startswith("--")]
            flag = given[0] if given else "--" + parameter.name.replace("_", "-")
            yield Taken(name, parameter.name.upper() if isinstance(info, ArgumentInfo) else flag)


def test_every_path_that_a_command_takes_is_read_or_in_the_table():
    pytest.importorskip("torch", reason="the trainer's modules need the extra `train`")
    commands = [entry for program in list_programs() for entry in list_commands(load_app(program), program)]
    found = {taken for entry in commands for taken in list_paths(*entry)}
    known = {Taken(entry.command, entry.option) for entry in (*WRITES, *WRITES_NOTHING)}
    assert known <= found
    assert {taken for taken in found - known if taken.name not in INPUTS} == set()
    outs = {taken.command for taken in found if taken.name == "--out"}
    assert outs == {entry.command for entry in (*WRITES, *WRITES_NOTHING) if entry.option == "--out"}
    assert len(commands) > len(known)


def test_every_program_is_found():
    programs = set(list_programs())
    assert programs >= {"agents", "tools", "itb", "trainer.align", "trainer.sft", "trainer.export"}
    mains = {name_program(path) for package in PACKAGES for path in (ROOT / package).rglob("__main__.py")}
    assert mains <= programs


# What is put in the way.

NAMES = (
    "README.md", "manifest.json", "report.html", "pairs.jsonl", "images/holiday.jpg", "images/00/7.png", "items.jsonl",
    "audit.json", "hashes.jsonl", "run.json", "config.json", "model/config.json", "model/notes.txt", "log.jsonl",
    "checkpoint-3/trained.safetensors", "checkpoint-3/mine.txt", "survey.png", "0001.png", "pretrain.json", "run.yaml",
    "marks/a.json", "ablation.json", "small.json", "distill.json", "llm/config.json", "scenes/000001.json", ".lock",
    "captions_photographs.json", "itb.json", "run.sqlite",
)  # fmt: skip
"""Files with our names, in a folder of someone else."""


def write_foreign(folder: Path) -> Path:
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps({"name": "theirs", "file": name}))
    (folder / "empty").mkdir()
    (folder / "link").symlink_to("README.md")
    return folder


def read_tree(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Every path below a folder with its bytes' hash, mode and time of change."""
    found = {}
    for path in sorted([folder, *folder.rglob("*")]):
        status = path.lstat()
        content = str(path.readlink()) if path.is_symlink() else path.read_bytes().hex() if path.is_file() else "folder"
        digest = hashlib.sha256(content.encode()).hexdigest()
        found[path.relative_to(folder).as_posix()] = (digest, status.st_mode, status.st_mtime_ns)
    return found


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """What the commands read: a dataset, a run, a benchmark with predictions, a folder that looks like a model."""
    root = tmp_path_factory.mktemp("inputs")
    coco = root / "coco"
    write_coco(coco, 6)
    made = ("--translator", "gray", "--workers", "0", "--block", "1", "--lag", "1", "--out", str(root / "run"))
    arguments = [part.format(coco=coco) for part in COCO]
    assert call("agents run", *arguments, *made) == 0
    bench = write_bench(root / "bench", images=6)
    predictions = root / "chance.jsonl"
    assert call("itb eval", str(bench), "--model", "chance", "--out", str(predictions)) == 0
    (root / "model").mkdir()
    (root / "model/config.json").write_text("{}")
    return SimpleNamespace(coco=coco, run=root / "run", bench=bench, predictions=predictions, model=root / "model")


def call(command: str, *arguments: str) -> int:
    """Run a command in this process as the command line does; its exit code."""
    program, *verb = command.split()
    argv, sys.argv = sys.argv, [program, *verb, *arguments]
    try:
        run_app(load_app(program), f"python -m {program}")
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.argv = argv
    return 0


def point(entry: Writes, place: Path, inputs: SimpleNamespace, *more: str) -> tuple[str, ...]:
    """The command's arguments, with what it writes at `place`."""
    own = tuple(part.format(**vars(inputs)) for part in entry.more)
    target = (str(place),) if entry.option.isupper() else (entry.option, str(place))
    return (*own, *target, *more)


def check_refused(entry: Writes, place: Path, printed: str, code: int) -> None:
    lines = printed.strip().splitlines()
    assert code in entry.codes, printed
    assert len(lines) == 1 and lines[0].startswith("error: "), printed
    assert str(place) in lines[0] and any(remedy in lines[0] for remedy in REMEDIES), printed


def list_fresh(entries: list[Writes]) -> list[Any]:
    """Each command as it is, and those that have it with `--fresh --yes`."""
    plain = [pytest.param(entry, (), id=str(entry)) for entry in entries]
    again = [pytest.param(entry, ("--fresh", "--yes"), id=f"{entry} --fresh") for entry in entries if entry.has_fresh]
    return plain + again


def needs(entry: Writes) -> None:
    for program, package in (("trainer", "torch"), ("tools photographs", "skimage"), ("itb select", "matplotlib")):
        if entry.command.startswith(program):
            pytest.importorskip(package, reason=f"{entry.command} needs it")


@pytest.mark.parametrize(("entry", "fresh"), list_fresh(FOLDERS))
def test_a_foreign_folder_stays_as_it_is(entry, fresh, inputs, tmp_path, capsys):
    needs(entry)
    theirs = write_foreign(tmp_path / "theirs")
    before, beside = read_tree(theirs), sorted(path.name for path in tmp_path.iterdir())
    code = call(entry.command, *point(entry, theirs, inputs, *fresh))
    check_refused(entry, theirs, capsys.readouterr().err, code)
    assert read_tree(theirs) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == beside


@pytest.mark.parametrize("entry", [entry for entry in FOLDERS if entry.option.startswith("-")], ids=str)
@pytest.mark.parametrize("name", ["mine.jpg", "deep/er/mine.txt", ".hidden"])
def test_a_single_file_makes_a_folder_foreign(entry, name, inputs, tmp_path, capsys):
    needs(entry)
    (tmp_path / "theirs" / name).parent.mkdir(parents=True)
    (tmp_path / "theirs" / name).write_bytes(b"theirs")
    before = read_tree(tmp_path)
    code = call(entry.command, *point(entry, tmp_path / "theirs", inputs))
    check_refused(entry, tmp_path / "theirs", capsys.readouterr().err, code)
    assert read_tree(tmp_path) == before


@pytest.mark.parametrize(("entry", "fresh"), list_fresh(FOLDERS))
def test_a_run_is_an_out_for_runs_alone(entry, fresh, inputs, capsys):
    if entry.command in ("agents run", "agents report", "agents review-plan"):
        pytest.skip("writes runs")
    needs(entry)
    before = read_tree(inputs.run)
    code = call(entry.command, *point(entry, inputs.run, inputs, *fresh))
    printed = capsys.readouterr().err
    assert code in entry.codes and len(printed.strip().splitlines()) == 1, printed
    assert read_tree(inputs.run) == before


@pytest.mark.parametrize(("entry", "fresh"), list_fresh([entry for entry in FOLDERS if entry.option.startswith("-")]))
def test_a_file_in_the_place_of_the_folder_stays(entry, fresh, inputs, tmp_path, capsys):
    needs(entry)
    (tmp_path / "file").write_text("theirs")
    before = read_tree(tmp_path)
    code = call(entry.command, *point(entry, tmp_path / "file", inputs, *fresh))
    check_refused(entry, tmp_path / "file", capsys.readouterr().err, code)
    assert read_tree(tmp_path) == before


@pytest.mark.parametrize(("entry", "fresh"), list_fresh(FILES))
@pytest.mark.parametrize(
    "content",
    [b"theirs", b"theirs\n", b'{"name": "theirs"}\n', b'{"item": "a", "reply": "b"}\n', b'{"item": "a", "reply": "b"}',
     b"\x89PNG\r\n\x1a\n"],
)  # fmt: skip
def test_a_foreign_file_stays_as_it_is(entry, fresh, content, inputs, tmp_path, capsys):
    needs(entry)
    theirs = tmp_path / ("theirs.png" if entry.command.endswith("picture") else "theirs.jsonl")
    theirs.write_bytes(content)
    before = read_tree(tmp_path)
    code = call(entry.command, *point(entry, theirs, inputs, *fresh))
    check_refused(entry, theirs, capsys.readouterr().err, code)
    assert read_tree(tmp_path) == before


@pytest.mark.parametrize("fresh", [(), ("--fresh", "--yes")])
@pytest.mark.parametrize("name", ["new.jsonl.manifest.json", "new.jsonl.timing.json"])
def test_what_stands_beside_predictions_is_not_overwritten(fresh, name, inputs, tmp_path, capsys):
    (tmp_path / name).write_text('{"name": "theirs"}')
    before = read_tree(tmp_path)
    code = call("itb eval", str(inputs.bench), "--model", "chance", "--out", str(tmp_path / "new.jsonl"), *fresh)
    assert code == 2 and f"{name}: is there and is not the" in capsys.readouterr().err
    assert read_tree(tmp_path) == before


def test_a_photograph_is_no_picture_of_a_run(inputs, tmp_path, capsys):
    photograph = tmp_path / "holiday.jpg"
    photograph.write_bytes((inputs.coco / "photos/0001.jpg").read_bytes())
    before = read_tree(tmp_path)
    assert call("agents picture", str(inputs.run), "6", "--out", str(photograph)) == 2
    assert read_tree(tmp_path) == before
    for _ in range(2):
        assert call("agents picture", str(inputs.run), "6", "--out", str(tmp_path / "six.jpg")) == 0


@pytest.mark.parametrize("entry", WRITES_NOTHING, ids=str)
def test_plan_and_preview_write_nothing_at_all(entry, inputs, tmp_path, capsys):
    theirs = write_foreign(tmp_path / "theirs")
    before = read_tree(tmp_path)
    assert call(entry.command, *point(entry, theirs, inputs, "--translator", "none")) == 0, capsys.readouterr().err
    assert read_tree(tmp_path) == before


@pytest.mark.parametrize("place", ["images", "run.sqlite", "replies.sqlite", "README.md"])
def test_a_run_writes_through_no_link_that_leads_out(place, inputs, tmp_path, capsys):
    arguments = [part.format(coco=inputs.coco) for part in COCO]
    arguments += ["--translator", "gray", "--workers", "0", "--out", str(tmp_path / "run")]
    assert call("agents run", *arguments, "--limit", "1") == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("mine")
    found = tmp_path / "run" / place
    found.rename(tmp_path / "moved")
    found.symlink_to(tmp_path / ("mine" if place == "images" else "mine/file"))
    before = read_tree(tmp_path)
    for fresh in ((), ("--fresh", "--yes")):
        assert call("agents run", *arguments, *fresh) == 2
        assert f"{found}: is a link that leads out of" in capsys.readouterr().err.replace("\n", " ")
    assert read_tree(tmp_path) == before
