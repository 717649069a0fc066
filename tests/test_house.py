"""The shape of the code: short functions, small files, few files in a folder; import-linter holds the rooms' order."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

from killing import ROOT

PACKAGES = ("agents", "tools", "trainer", "itb")
LONGEST_FUNCTION = 45
LONGEST_MEDIAN_FILE = 110
MOST_IN_ROOT = {"agents": 6, "tools": 12, "trainer": 6, "itb": 6}
MOST_IN_FOLDER = 16
NOTHING = ast.dump(ast.Constant(None))


def list_files() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def measure_functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and lines of each function, its decorators and docstring included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield f"{path.relative_to(ROOT)}:{first} {node.name}", (node.end_lineno or first) - first + 1


def test_no_function_is_longer_than_a_screen():
    sizes = {name: lines for path in list_files() for name, lines in measure_functions(path)}
    assert len(sizes) > 1000
    assert not {name: lines for name, lines in sizes.items() if lines > LONGEST_FUNCTION}


def test_the_median_file_is_small():
    sizes = [len(path.read_text(encoding="utf-8").splitlines()) for path in list_files()]
    assert statistics.median(sizes) <= LONGEST_MEDIAN_FILE


def test_no_folder_is_a_flat_shelf():
    counts: dict[Path, int] = {}
    for path in list_files():
        counts[path.parent] = counts.get(path.parent, 0) + 1
    roots = {ROOT / package: most for package, most in MOST_IN_ROOT.items()}
    found = {str(folder.relative_to(ROOT)): count for folder, count in counts.items()}
    assert not {name: count for name, count in found.items() if count > roots.get(ROOT / name, MOST_IN_FOLDER)}


def test_every_folder_says_what_it_is():
    folders = {path.parent for path in list_files()}
    texts = {folder: ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) for folder in folders}
    assert not [folder for folder, text in texts.items() if not text]


def list_own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function, without what stands in those that it defines."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield node
            yield from list_own_nodes(node)


def test_what_gives_nothing_returns_no_value():
    found = []
    for path in list_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and ast.dump(node.returns or node) == NOTHING:
                returned = (own for own in list_own_nodes(node) if isinstance(own, ast.Return) and own.value)
                found += [f"{path.relative_to(ROOT)}:{own.lineno}" for own in returned]
    assert not found
