"""The table of tasks: what it says is what the tasks' own files say."""

import ast
from pathlib import Path

import pytest
from mini_tasks import WORDINGS

from itb.report.charts import load_survey
from itb.tasks import list_paper_tasks, list_tasks
from tools.registry import DATASETS, REPLY_READERS, TASKS

ROOT = Path(__file__).resolve().parents[3]
PAPER = {
    "locate": 4387,
    "aerial_count": 3721,
    "pedestrian_count": 2388,
    "recognition": 7463,
    "scene": 477,
    "security": 4219,
}


def test_the_papers_tasks_come_first_with_its_counts():
    assert list_paper_tasks() == tuple(PAPER) == TASKS.names()[:6]
    assert {task.name: task.paper.questions for task in list_tasks() if task.paper} == PAPER


@pytest.mark.parametrize("task", list_tasks(), ids=lambda task: task.name)
def test_a_task_is_called_as_its_entry_and_built_of_what_there_is(task):
    assert TASKS.find(task.name).load == f"itb.tasks.{task.name}:TASK"
    assert set(task.sources) <= {
        *DATASETS.names(),
        *load_survey(),
    }  # the survey also knows a dataset without its reader
    assert not task.paper or set(task.paper.sources) <= set(task.sources)
    assert {kind.form for kind in task.kinds.values()} <= set(REPLY_READERS.names())
    assert task.name in WORDINGS.files


def test_no_task_and_no_form_is_named_outside_its_own_files():
    own = {f"tasks/{name}.py" for name in TASKS.names()}
    for path in sorted((ROOT / "itb").rglob("*.py")):
        place = path.relative_to(ROOT / "itb").as_posix()
        if place not in own:
            named = list_named_tasks(path.read_text(encoding="utf-8"), TASKS.names())
            found = [name for name in named if (name, place) not in OTHER_MEANINGS]
            assert found == [], (
                f"itb/{place} names {found}. If it means the task, ask the `Task` object in place of its name "
                "(itb/tasks/base/task.py); if the string means something else, rename the task, or add "
                f"({found[0]!r}, {place!r}) to OTHER_MEANINGS in tests/itb/tasks/test_table.py"
            )


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("COUNTS = {'locate': 1}", ["locate"]),  # of those there are, any string counts
        ("if item.task == 'mine':\n    pass", ["mine"]),  # of one that is added, where something is called a task
        ("match task:\n    case 'mine':\n        x = 1", ["mine"]),
        ("find(task='mine')", ["mine"]),
        ("x = load_task('mine')", ["mine"]),
        ("ONLY_TASKS = ('mine',)", ["mine"]),
        ("x = Named('mine', box)", []),
        ("for task in tasks:\n    x = words['mine']", []),
        ('def name_task() -> str:\n    """mine"""', []),
    ],
)
def test_what_names_a_task_is_told_from_other_strings(source, named):
    assert list_named_tasks(source, ("locate", "mine")) == named


def list_named_tasks(source, tasks):
    """The tasks that a file names: any string that is a name of ours; another only in a statement about tasks."""
    found = set()
    for statement in ast.walk(ast.parse(source)):
        if isinstance(statement, ast.stmt) and not is_text(statement):
            parts = list(walk_statement(statement))
            texts = {part.value for part in parts if isinstance(part, ast.Constant)}
            is_about_tasks = any("task" in name.lower() for part in parts for name in list_identifiers(part))
            found |= {name for name in tasks if name in texts and (is_about_tasks or name in OURS)}
    return sorted(found)


def is_text(statement):
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def walk_statement(node):
    """A statement's parts without the statements inside it."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt):
            yield from walk_statement(child)


def list_identifiers(node):
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
            yield name


OURS = {*PAPER, "temperature", "damage", "modality"}
OTHER_MEANINGS = {
    ("scene", "report/charts.py"),  # what a dataset shows, in the survey
    ("scene", "others/kinds/rgb_th_bench.py"),  # a folder of pictures
    ("scene", "others/scoring/rgb_th_bench.py"),
    ("temperature", "models/endpoint.py"),  # of sampling
}
