"""Wording files: proved when they are loaded, every error with the file and what to do."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from itb.tasks import aerial_count, pedestrian_count
from itb.tasks.base.task import Kind
from itb.tasks.base.wording_file import FEWEST
from itb.tasks.base.wordings import load_wordings
from tools.errors import MissingError, UsageError
from tools.registry import TASKS, Entry

PROMPTS = Path("prompts/infrared")


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(PROMPTS / "itb", tmp_path / "itb")
    shutil.copy(PROMPTS / "modality.yaml", tmp_path)
    return tmp_path


def edit(copy, name, old, new):
    path = copy / "itb" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def refuse(copy):
    with pytest.raises(UsageError) as caught:
        load_wordings(copy)
    return str(caught.value)


def test_every_kind_has_several_wordings_and_every_name_its_noun():
    wordings = load_wordings(PROMPTS)
    assert tuple(wordings.files) == tuple(wordings.tasks) == TASKS.names() and not wordings.left_out
    assert all(wordings.count(task.name, kind) >= FEWEST for task in wordings.tasks.values() for kind in task.kinds)
    counted = {name for names in aerial_count.NAMES.values() for name in names}
    asked = {name for names in wordings.files["security"].versions.values() for name in names}
    assert counted | asked <= set(wordings.nouns)
    assert wordings.ask("pedestrian_count", "pedestrian_count", 0, many="pedestrians").startswith(
        "How many pedestrians"
    )


def test_an_edited_wording_changes_the_digest(copy):
    assert load_wordings(copy).digest == load_wordings(PROMPTS).digest
    edit(copy, "scene", "Which kind of scene", "What kind of scene")
    assert load_wordings(copy).digest != load_wordings(PROMPTS).digest


def test_a_task_without_wordings_is_left_out_and_named(copy):
    path = copy / "itb" / "scene.yaml"
    path.unlink()
    wordings = load_wordings(copy)
    assert wordings.left_out == {"scene": f"the pack has no wordings for it ({path} is missing)"}
    assert "scene" not in wordings.tasks and len(wordings.tasks) == len(TASKS.names()) - 1


def test_a_pack_without_any_wordings_is_refused(copy):
    shutil.rmtree(copy / "itb")
    with pytest.raises(MissingError, match=r"no wordings of any task there; copy the folder prompts/infrared/itb"):
        load_wordings(copy)


def test_an_input_that_is_not_declared_is_refused(copy):
    path = edit(copy, "locate", "Is {subject} {relation} {object}?", "Is {subject} {where} {object}?")
    assert refuse(copy) == (
        f"{path}: 'locate': 'Is {{subject}} {{where}} {{object}}?' uses object, subject, where; "
        "it must use exactly object, relation, subject"
    )


def test_a_wording_that_leaves_an_input_out_is_refused(copy):
    edit(copy, "aerial_count", "How many {many} are there", "How many cars are there")
    assert "uses none; it must use exactly many" in refuse(copy)


def test_declared_inputs_must_be_what_the_task_gives(copy):
    path = edit(copy, "scene", "inputs: {}", "inputs: {many: things}")
    assert refuse(copy) == f"{path}: the inputs of 'scene' must be exactly none; declared are many"


def test_too_few_and_repeated_wordings_are_refused(copy):
    path = edit(copy, "scene", "      - Where was this infrared picture taken?\n", "")
    edit(copy, "scene", "      - Which of these describes the scene as a whole?\n", "")
    assert refuse(copy).startswith(f"{path}: questions.scene.wordings: Tuple should have at least 4 items")
    again = "      - Which kind of scene does this infrared image show?\n"
    edit(copy, "scene", again, again + again)
    assert refuse(copy) == f"{path}: 'scene' has the same wording twice; delete one"


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("  left: to the left of\n", "", "`words` lacks left"),
        ("  left: to", "  beside: next to\n  left: to", "`words` has beside, which nothing asks for"),
        ("questions:\n  locate:", "questions:\n  place:", "`questions` must have exactly locate; it has place"),
        ("questions:", "quests: 1\nquestions:", "quests: Extra inputs are not permitted"),
        ("questions:", "questions: [", "not valid YAML"),
        ("Is {subject} {relation} {object}?", "Is {subject} {relation} {object?", "write {{ for a brace"),
    ],
)
def test_other_mistakes_are_explained(copy, old, new, text):
    edit(copy, "locate", old, new)
    assert text in refuse(copy)


def test_an_unknown_name_says_where_to_add_it():
    wordings = load_wordings(PROMPTS)
    with pytest.raises(UsageError) as caught:
        wordings.noun("llama")
    assert str(caught.value) == (
        "prompts/infrared/itb/names.yaml: has no entry for 'llama'; add `llama: {one: ..., many: ...}`"
    )


def test_a_form_of_answer_that_nothing_reads_is_refused(monkeypatch):
    kinds = {pedestrian_count.NAME: Kind("nmber", ("many",))}
    entry = Entry(pedestrian_count.NAME, "", replace(pedestrian_count.TASK, kinds=kinds))
    monkeypatch.setattr(TASKS, "_entries", {entry.name: entry})
    found = refuse(PROMPTS)
    assert found.startswith("task pedestrian_count: answers of 'pedestrian_count': there is no reply reader `nmber`")
