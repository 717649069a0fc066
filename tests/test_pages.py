"""Every command of README.md and of docs/ runs, in the order of its page, or is parsed where it says what it needs.

docs/extend.md and docs/own-data.md have tests of their own that run them: test_extend.py, agents/test_own_data_page.py.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from kill_points import call_forked
from killing import ROOT
from pages import FENCE, list_paths, list_steps
from parsing import parse_script, parse_words, split_words
from writing_commands import import_ahead

from agents.config import RunConfig
from itb.build.gather import takes
from itb.tasks import list_tasks
from tools.terminal.cli import build_settings

PAGES = {"README.md": ROOT / "README.md", **{path.name: path for path in sorted((ROOT / "docs").glob("*.md"))}}
RUN_ELSEWHERE = {"extend.md"}
MARK = re.compile(r"# (?:.*, )?(needs weights|needs a key|needs a GPU|needs data|takes long)\b")
"""What a page says of a command that is parsed and not run; on a line of its own it holds for the whole block."""
MOST_BYTES = 12 * 1024
SPAN = re.compile(r"`((?:python|torchrun|make|pip|tests/benchmarks/\w+\.py) ?[^`]*)`")
TITLE = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]*)(?:#([^)]+))?\)")
PACKAGES = {"README.md": "skimage", "agents.md": "skimage", "with-an-llm.md": "skimage", "train.md": "trl",
            "many-machines.md": "skimage"}  # fmt: skip
"""What has to be installed for the commands of a page."""
QUESTION = "What is in the image?\n"
"""For the one command that asks."""


def read(page: str) -> str:
    return PAGES[page].read_text(encoding="utf-8")


def list_lines(page: str) -> Iterator[tuple[str, bool]]:
    """The commands of a page's blocks, and whether each is to be run."""
    for step in list_steps(read(page)):
        if step.kind == "commands":
            whole = MARK.match(step.text)
            for line in step.text.replace("\\\n", " ").splitlines():
                if line and not line.startswith("#"):
                    yield line, not (whole or MARK.search(line))


def list_recipe(target: str) -> list[list[str]]:
    """What `make TARGET` would run of this toolkit, its installation left out."""
    shown = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = re.sub(r"\\\n\s*", " ", shown).splitlines()
    return [words for line in lines if re.search(r" -m (tools|agents) ", line) for words in [split_words(line)]]


def list_runs(page: str) -> list[list[str]]:
    found = []
    for line, is_run in list_lines(page):
        words = split_words(line)
        if is_run and words[0] == "make":
            found += list_recipe(words[1])
        elif is_run:
            found.append(words)
    return found


@pytest.mark.parametrize("page", sorted(PAGES.keys() - RUN_ELSEWHERE))
def test_every_command_of_a_block_is_taken_by_its_own_parser(page: str) -> None:
    for line, _ in list_lines(page):
        parse_words(split_words(line))


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_command_within_a_sentence_is_taken_by_its_own_parser(page: str) -> None:
    for span in SPAN.findall(FENCE.sub("", read(page))):
        if "(" in span or "--plugin" in span or span == "python":
            continue
        words = split_words(span)
        if words[0].startswith("tests/"):
            assert (ROOT / words[0]).exists()
            words = ["python", *words] if words[1:] else []
        if words:
            parse_words(words)


FORKED = ("trainer.tiny", "trainer.align", "trainer.sft", "trainer.export")
"""Commands that would import for most of their time; the others run as a user's do."""


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page not in RUN_ELSEWHERE and any(is_run for _, is_run in list_lines(page))]
)
def test_every_command_without_a_mark_runs(page: str, tmp_path: Path) -> None:
    commands = list_runs(page)
    pytest.importorskip(PACKAGES.get(page, "matplotlib"), reason="an extra that the page names is not installed")
    for name in ("agents", "itb", "prompts", "tools", "trainer"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "COLUMNS": "160", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "HOME": str(tmp_path)}
    for words in commands:
        if words[2:] and words[2] in FORKED:
            import_ahead("trainer")
            ended = call_forked(words[2], tuple(words[3:]), tmp_path, is_inside=True)
            assert ended.code == 0 and ended.printed.strip(), (shlex.join(words), ended.printed)
            continue
        words[0] = sys.executable if words[0] == "python" else words[0]
        done = subprocess.run(words, cwd=tmp_path, env=env, input=QUESTION, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (shlex.join(words), done.stdout, done.stderr)
        assert done.stdout.strip() or words[0] == "cp"
    look_at(page, tmp_path / "runs")


def look_at(page: str, runs: Path) -> None:
    """What the commands of a page leave, as the page says."""
    if page == "README.md":
        assert (runs / "demo/report.html").exists() and (runs / "demo-thermal/report.html").exists()
    elif page == "agents.md":
        assert len((runs / "mine/instructions.jsonl").read_text().splitlines()) == 27
        assert json.loads((runs / "mine-llava/instruct.json").read_text())
    elif page == "train.md":
        assert json.loads((runs / "infrared-llava/config.json").read_text())["model_type"] == "llava"
    elif page == "benchmark.md":
        assert (runs / "itb-report/report.html").exists()


def test_the_table_of_datasets_names_the_tasks_that_each_feeds() -> None:
    rows = re.findall(r"^\| `(\w+)`[^|]*\|[^|]*\| ([^|]+) \|", read("benchmark.md"), re.MULTILINE)
    told = {name: set(tasks.replace(" ", "_").split(",_")) for name, tasks in rows if not tasks.startswith("all six")}
    fed = {name: {task.name for task in list_tasks() if takes(task, name)} for name in told}
    assert len(told) == 9 and told == fed


def test_the_pipeline_has_six_commands() -> None:
    section = read("agents.md").partition("## The pipeline in six commands")[2].partition("On COCO itself")[0]
    assert len(re.findall(r"^python -m ", section, re.MULTILINE)) == 6


def test_the_configuration_for_coco_is_one(tmp_path: Path) -> None:
    text = next(text for language, text in FENCE.findall(read("full-size.md")) if language == "yaml")
    (tmp_path / "coco.yaml").write_text(text, encoding="utf-8")
    config = build_settings(RunConfig, tmp_path / "coco.yaml", {})
    assert {name for name in yaml.safe_load(text) if name in RunConfig.model_fields} and config.budget == 250


def test_the_readme_is_short() -> None:
    assert len(PAGES["README.md"].read_bytes()) <= MOST_BYTES


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_link_leads_somewhere(page: str) -> None:
    for name, place in LINK.findall(read(page)):
        if re.match(r"\w+:", name):
            continue
        path = (PAGES[page].parent / name).resolve() if name else PAGES[page]
        assert path.exists(), name
        if place:
            assert place in {slug(title) for title in TITLE.findall(path.read_text(encoding="utf-8"))}, (name, place)


def slug(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_the_readme_leads_to_every_page() -> None:
    linked = {name for name, _ in LINK.findall(read("README.md"))}
    assert {f"docs/{page}" for page in PAGES if page != "README.md"} <= linked


def test_the_readmes_ways_in_are_those_that_run_on_own_data() -> None:
    spans = (span for span in SPAN.findall(read("README.md")) if span.startswith("python -m agents run"))
    found = [span for span in spans if "runs/demo" not in span]
    assert len(found) == 2 and all(f"\n{span}\n" in read("own-data.md") for span in found)


@pytest.mark.parametrize("page", sorted(PAGES.keys() - RUN_ELSEWHERE - {"architecture.md"}))
def test_every_file_of_ours_that_a_page_names_exists(page: str) -> None:
    named = {
        name for name in list_paths(read(page)) if re.match(r"(agents|tools|trainer|itb|tests|prompts|docs)/", name)
    }
    assert {name for name in named if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("line", ["python -m agents run --imagse DIR", "python -m tools nothing", "make nothing"])
def test_a_command_that_is_none_is_found(line: str) -> None:
    with pytest.raises(Exception, match=r"imagse|nothing"):
        parse_words(split_words(line))


def test_a_script_with_a_wrong_option_is_found() -> None:
    with pytest.raises(AssertionError, match="unrecognized arguments"):
        parse_script(["tests/benchmarks/kills.py", "--killls", "8"])


def test_make_is_there() -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    assert [words[3] for words in list_recipe("demo")] == ["photographs", "run"]
