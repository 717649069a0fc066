"""The table of tasks: what it says is what the tasks' own files say."""

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
            text = path.read_text(encoding="utf-8")
            named = [name for name in TASKS.names() if f'"{name}"' in text and (name, place) not in OTHER_MEANINGS]
            assert named == [], place


OTHER_MEANINGS = {
    ("scene", "report/charts.py"),  # what a dataset shows, in the survey
    ("temperature", "models/endpoint.py"),  # of sampling
}
