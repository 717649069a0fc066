"""Small things that a user meets: flags, folders in place of files, words that are printed as they are."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from calling import call_here
from mini_coco import change_json, write_coco

from tools.errors import ImageError
from tools.images import load_rgb
from tools.scenes import KINDS
from tools.terminal.cli import stderr, stdout
from tools.terminal.options import list_values

ROOT = Path(__file__).parents[3]
MANY = 1_000_000
COUNT = 6


def list_flags(coco, *more):
    files = ["--captions", coco / "captions.json", "--instances", coco / "instances.json", "--images", coco / "photos"]
    return [*files, "--translator", "none", "--workers", "0", "--instructions", "all", *more]


def test_ablate_takes_fresh_and_yes(coco, tmp_path):
    flags = list_flags(coco, "--out", tmp_path / "ablation", "--arms", "no-debate")
    assert call_here("agents", "ablate", *flags, "--yes").returncode == 0
    asked = call_here("agents", "ablate", *flags, "--seed", "2", "--fresh", text="n\n")
    assert (asked.returncode, "Delete the runs" in asked.stderr) == (1, True)
    assert call_here("agents", "ablate", *flags, "--seed", "2", "--fresh", "--yes").returncode == 0


def test_audit_takes_the_folder_of_a_run(coco, tmp_path):
    run = tmp_path / "run"
    assert call_here("agents", "run", *list_flags(coco, "--out", run)).returncode == 0
    rows = sum(len((run / name).read_text().splitlines()) for name in ("pairs.jsonl", "instructions.jsonl"))
    found = json.loads(call_here("agents", "audit", run, "--json").stdout)
    assert found["rows"] == rows
    wrong = call_here("agents", "audit", coco / "photos")
    assert (wrong.returncode, "name a file, or the folder of a run" in wrong.stderr) == (2, True)


@pytest.mark.parametrize("command", [["run"], ["ablate"], ["preview", "2"]])
def test_a_key_is_missed_before_anything_is_written(coco, tmp_path, monkeypatch, command):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    out = tmp_path / "out"
    flags = list_flags(coco, "--out", out, "--backend", "llm", "--model", "m", "--base-url", "https://example.org/v1")
    done = call_here("agents", *command, *flags)
    assert (done.returncode, "export OPENAI_API_KEY=..." in done.stderr) == (3, True)
    assert not out.exists()


def test_merge_says_why_runs_cannot_be_merged(coco, tmp_path):
    assert call_here("agents", "run", *list_flags(coco, "--out", tmp_path / "whole")).returncode == 0
    frozen = ["--rules", tmp_path / "whole/rules.jsonl", "--freeze"]
    for part in "12":
        flags = list_flags(coco, *frozen, "--shard", f"{part}/2", "--out", tmp_path / part, "--seed", part)
        assert call_here("agents", "run", *flags).returncode == 0
    done = call_here("agents", "merge", tmp_path / "1", tmp_path / "2", "--out", tmp_path / "all", columns=400)
    assert (done.returncode, "seed: 1 -> 2" in done.stderr) == (2, True)
    done = call_here("agents", "merge", tmp_path / "whole", "--out", tmp_path / "all", columns=400)
    assert (done.returncode, "not a shard" in done.stderr) == (2, True)


def test_words_are_printed_as_they_are(capsys):
    for console in (stdout, stderr):
        assert (console._markup, console._emoji) == (False, False)
        with console.capture() as written:
            console.print("a :x: b [bold]c[/bold] [/d]")
        assert written.get().strip() == "a :x: b [bold]c[/bold] [/d]"


def test_every_console_is_one_of_the_two():
    places = [path for name in ("agents", "tools", "trainer", "itb") for path in (ROOT / name).rglob("*.py")]
    assert [path.name for path in places if "= Console(" in path.read_text(encoding="utf-8")] == ["cli.py"]


def test_help_names_what_is_legal():
    scenes = " ".join(call_here("tools", "scenes", "--help").stdout.split())
    assert ", ".join(KINDS) in scenes
    shown = call_here("agents", "run", "--help").stdout
    for values in ("<findings|text-only|vision>", "<fixed|choose|draw>", "<fp32|fp16|bf16>"):
        assert values in shown
    assert "NAME is one of flir" in " ".join(call_here("itb", "build", "--help").stdout.split())
    assert list_values(int | None) == ()


def test_the_bytes_of_what_is_no_image_are_not_quoted(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"TOPSECRET and more of it")
    with pytest.raises(ImageError) as error:
        load_rgb(path)
    assert error.value.code == "not_an_image"
    assert "TOPSE" not in str(error.value)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to read the peak of memory from")
def test_a_million_boxes_in_one_image_are_refused_in_little_memory(tmp_path):
    write_coco(tmp_path, 3)

    def crowd(data):
        data["annotations"] = [
            {"id": number, "image_id": 2, "category_id": 3, "bbox": [number % 60, 10, 10, 10], "iscrowd": 0}
            for number in range(MANY)
        ]

    change_json(tmp_path / "instances.json", crowd)
    code = (
        "import re, sys; from pathlib import Path; from tools.datasets.coco import load_coco\n"
        "found = load_coco(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "print(found.reject(1)[0], re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "captions.json"), str(tmp_path / "instances.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    name, kilobytes = done.stdout.split()
    assert name == "too_many_boxes"
    assert int(kilobytes) < 500_000


def test_photographs_of_which_nothing_can_be_said_are_refused_before_the_first_is_translated(coco, tmp_path):
    flags = ("--images", coco / "photos", "--workers", "0")
    for command in (("run", "--out", tmp_path / "run"), ("plan",), ("preview", "2")):
        done = call_here("agents", *command, *flags)
        assert done.returncode == 2 and "give --captions or --instances" in done.stderr, command
    assert not (tmp_path / "run/images").exists()
    boxes = ("--instances", coco / "instances.json")
    assert call_here("agents", "run", "--out", tmp_path / "boxes", *flags, *boxes).returncode == 0
