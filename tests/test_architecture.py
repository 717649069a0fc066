"""docs/architecture.md says what is so: rooms, seams, lengths; and every path on the docs' pages exists."""

import re
import tomllib

import pytest
from killing import ROOT
from pages import list_paths, read_page

from tools.registry import SEAMS

PAGE = read_page("architecture.md")
PACKAGES = ("tools", "agents", "trainer", "itb")
TO_WRITE = re.compile(r"^(mine|runs)/|^prompts/infrared/itb/hot_fuse|boards/?$|(ramp|halves|half|hot_fuse|glow)\.py$")
"""What a reader of extend.md writes, or would write, himself."""
INSIDE = {"facts.yaml", "reader.py", "names.yaml", "__init__.py"}
ANYWHERE = {"itb/NAME.yaml", "tests/PACKAGE/ROOM", "template/appearance.yaml", "itb/"}
"""Named by a pattern, or as a place in a pack."""


def list_rows(title: str) -> list[list[str]]:
    """The cells of the table under a heading, its head left out."""
    part = re.split(r"^##+ ", PAGE.partition(f"# {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")]
    return lines[2:]


def list_layers(package: str) -> list[set[str]]:
    """From ground to top, what import-linter holds; rooms that need not be there only where they are."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    found = next(each for each in settings["contracts"] if each.get("containers") == [package])
    rows = [{name.strip() for name in re.split(r"[|:]", layer)} for layer in reversed(found["layers"])]
    return [row for row in rows if not any(name.startswith("(") for name in row)]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_rooms_are_those_of_the_linter_and_of_the_disk(package: str) -> None:
    rooms = [row[0].strip("`") for row in list_rows(package)]
    on_disk = {path.stem for path in (ROOT / package).glob("*.py")} | {
        path.parent.name for path in (ROOT / package).glob("*/__init__.py")
    }
    assert set(rooms) == on_disk - {"__init__"} and len(set(rooms)) == len(rooms)
    left = list(rooms)
    for layer in list_layers(package):
        assert set(left[: len(layer)]) == layer
        del left[: len(layer)]
    assert left == []


def test_the_seams_are_those_of_the_tables() -> None:
    assert [row[0] for row in list_rows("The seams")] == [seam.name for seam in SEAMS.values()]


def test_ten_files_have_the_length_that_the_page_says() -> None:
    rows = list_rows("Ten files to read first")
    assert len(rows) == 10
    for name, lines, _ in rows:
        real = len((ROOT / name.strip("`")).read_text(encoding="utf-8").splitlines())
        assert abs(real - int(lines)) <= 10, f"{name}: {real} lines"


def test_a_word_has_one_meaning() -> None:
    words = [row[0] for row in list_rows("One word, one meaning")]
    assert len(words) == len(set(words)) >= 20


@pytest.mark.parametrize("page", ["architecture.md", "extend.md"])
def test_every_path_on_the_pages_exists(page: str) -> None:
    named = {name for name in list_paths(read_page(page)) if not TO_WRITE.search(name)} - INSIDE - ANYWHERE
    bare = {"caption_filter.md", "lexicon.yaml", "modality.yaml", "seed_rules.yaml"}
    missing = {name for name in named if not (ROOT / name).exists() and not (ROOT / "prompts/infrared" / name).exists()}
    assert missing == set() and len(named - bare) >= 10


@pytest.mark.parametrize("page", ["architecture.md", "extend.md"])
def test_the_readme_leads_to_the_pages(page: str) -> None:
    assert f"](docs/{page})" in (ROOT / "README.md").read_text(encoding="utf-8")
