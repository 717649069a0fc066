"""`audit_file`: leaks, contradictions and malformed rows in LLaVA-style files."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from agents.checks.audit import audit_file, render_report
from agents.checks.audit_join import ImageNames
from agents.checks.audit_rows import make_audit_row, read_audit_rows
from tools.conversations import BadRow, parse_row
from tools.errors import MissingError, ToolkitError, UsageError
from tools.functions import image_path

PROMPTS = Path("prompts/infrared")
CASE = Path(__file__).resolve().parents[3].parent / "shared/cases/coco/09-audit-joins-by-digits"
INSTANCES = {
    "images": [{"id": 139, "file_name": "000000000139.jpg", "width": 200, "height": 100}],
    "categories": [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}],
    "annotations": [
        {"id": 1, "image_id": 139, "category_id": 18, "bbox": [10, 20, 40, 60], "iscrowd": 0},
        {"id": 2, "image_id": 139, "category_id": 1, "bbox": [120, 10, 60, 80], "iscrowd": 0},
        {"id": 3, "image_id": 139, "category_id": 1, "bbox": [150, 10, 40, 80], "iscrowd": 0},
    ],
}


def talk(answer, **extra):
    turns = [{"from": "human", "value": "<image>\nWhat is there?"}, {"from": "gpt", "value": answer}]
    return {"conversations": turns, **extra}


ROWS = [
    talk("There are two people.", image="COCO_val2014_000000000139.jpg"),
    talk("There are five people and a red kite.", thermal=image_path("139")),
    talk("The dog is on the right side of the image.", id="139-conversation"),
    talk("A blue dog with blue ears, at [0.1, 0.2, 0.3, 0.4].", image="777.jpg"),
    {"id": "139-0", "caption": "A wooden house."},
    {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "The dog waits."}],
        "image_id": 139,
    },
]


@pytest.fixture
def instances(tmp_path):
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(INSTANCES))
    return path


def save(tmp_path, rows, name="rows.jsonl"):
    path = tmp_path / name
    text = json.dumps(rows) if name.endswith(".json") else "\n".join(map(json.dumps, rows))
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json"])
def test_leaks_and_contradictions_are_counted_by_text(tmp_path, instances, name):
    report = audit_file(save(tmp_path, ROWS, name), PROMPTS, instances)
    assert (report.rows, report.captions, report.assistant, report.checked, report.unmatched) == (6, 1, 5, 5, 1)
    assert (report.leaks["colour"].assistant, report.leaks["colour"].captions) == (2, 0)
    assert (report.leaks["material"].captions, report.leaks["material"].examples) == (1, [(5, "wooden")])
    found = {name: finding.examples for name, finding in report.contradictions.items()}
    assert found["count"] == [(2, "five people")]
    assert found["object"] == [(2, "kite")]
    assert found["position"] == [(3, "The dog is on the right side of the image")]
    assert found["coordinates"] == [(4, "[0.1, 0.2, 0.3, 0.4]")]
    assert report.rows_with_contradiction == 2
    made = report.to_json()
    assert (made["leaks"]["colour"]["assistant_rate"], made["contradiction_rate"]) == (0.4, 0.4)
    assert json.loads(json.dumps(made))["leak_rate"] == 0.5


def test_without_instances_only_what_needs_no_boxes_is_checked(tmp_path):
    report = audit_file(save(tmp_path, ROWS), PROMPTS)
    assert set(report.contradictions) == {"coordinates", "source"}
    assert (report.checked, report.unmatched, report.leaks["colour"].assistant) == (0, None, 2)


def test_malformed_rows_are_counted_with_their_reason(tmp_path):
    bad = [
        [1],
        {"id": 1},
        {"conversations": []},
        {"conversations": [{"from": "robot", "value": "x"}]},
        {"conversations": [{"from": "gpt"}]},
        {"conversations": [{"from": "human", "value": "x"}]},
        {"conversations": ["x"]},
    ]
    path = save(tmp_path, bad)
    path.write_bytes(path.read_bytes() + b'\n{"caption": "cut sh\n\n\xff\xfe\n{"caption": "A dog."}\n')
    report = audit_file(path, PROMPTS)
    assert (report.rows, report.rejects.total()) == (1, 9)
    reasons = dict(report.reject_places)
    assert reasons[1] == "is no JSON object but list"
    assert reasons[2] == "has neither `conversations` nor `messages` nor a `caption`"
    assert reasons[4] == "turn 1: `from` is 'robot', not human, user, gpt, assistant"
    assert reasons[6] == "no turn is the assistant's"
    assert reasons[8].startswith("is not valid JSON")
    assert reasons[10].startswith("is not UTF-8 text")


NAMES = {
    "1": "17.jpg",
    "2": "yard_png.rf.bb2.jpg",
    "17": "train/a.jpg",
    "18": "val/a.jpg",
    "139": "000000000139.jpg",
    "yard/cat-1": "yard/cat-1.png",
    "5": "b.jpg",
    "6": "b.png",
}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"image": "17.jpg"}, "1"),
        ({"image": "17.png", "image_id": 139}, "1"),
        ({"image": "other.jpg", "image_id": 139}, "139"),
        ({"image_id": "139"}, "139"),
        ({"image_id": 139.0}, "139"),
        ({"image_id": True}, None),
        ({"image": "train2017/000000000139.jpg"}, "139"),
        ({"thermal": "COCO_val2014_000000000139.jpg"}, "139"),
        ({"image": "0000000000139.jpg"}, None),
        ({"image": "images\\x\\000000000139.png"}, "139"),
        ({"image": "coco/yard_png.rf.bb2.jpg"}, "2"),
        ({"image": "drive_17.rf.a1.jpg"}, None),
        ({"image": "a.jpg"}, None),
        ({"image": "coco/val/a.jpg"}, "18"),
        ({"image": "b.png"}, "6"),
        ({"image": "b.jpeg"}, None),
        ({"image": image_path("17")}, "17"),
        ({"image": image_path("yard/cat-1")}, "yard/cat-1"),
        ({"image": "images/ff/17.png"}, "1"),
        ({"photo": "val/a.jpg", "image": image_path("18")}, "18"),
        ({"id": "139-conversation"}, "139"),
        ({"id": "yard/cat-1-0"}, "yard/cat-1"),
        ({"id": "139-0", "image": "unknown.jpg"}, None),
        ({"id": 139}, None),
        ({"id": "139"}, None),
        ({"image": None, "id": "x"}, None),
        ({"image": "", "id": "x"}, None),
        ({"image": ["17.jpg"]}, None),
        ({}, None),
    ],
)
def test_an_image_is_found_by_its_file_or_by_an_id_and_never_by_digits(row, expected):
    assert ImageNames(NAMES).find(row) == expected


@pytest.mark.skipif(not CASE.is_dir(), reason=f"{CASE} is missing")
@pytest.mark.parametrize("number", ["", "2"])
def test_names_with_digits_of_their_own_join_their_images(number):
    report = audit_file(CASE / f"llava{number}.json", PROMPTS, CASE / f"instances{number}.json")
    assert (report.checked, report.unmatched, report.rows_with_contradiction) == (3, 0, 0)


def test_turns_in_parts_are_read_and_image_tokens_ignored():
    content = [{"type": "image"}, {"type": "text", "text": "<image>\nA dog."}]
    said = parse_row(1, {"messages": [{"role": "system", "content": "x"}, {"role": "assistant", "content": content}]})
    assert not isinstance(said, BadRow)
    row = make_audit_row(said)
    assert [(message.role, message.content) for message in row.messages] == [("assistant", "A dog.")]


@pytest.mark.parametrize(
    ("content", "name", "error", "message"),
    [
        (b"[1, 2", "a.json", ToolkitError, "is not valid JSON"),
        (b"[\xff]", "a.json", ToolkitError, "is not UTF-8 text"),
        (b'{"a": 1, "b": 2}', "a.json", UsageError, "found an object with the keys a, b; give JSON, JSONL or Parquet"),
    ],
)
def test_a_damaged_file_is_one_error(tmp_path, content, name, error, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error, match=message):
        list(read_audit_rows(path))


def test_a_file_of_which_no_row_can_be_read_is_an_error(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": 1}\n{"id": 2}\n[]\n')
    with pytest.raises(ToolkitError, match=r"none of 3 rows could be read: .* \(2\)"):
        audit_file(path, PROMPTS)


def test_a_missing_file_or_a_folder_is_named(tmp_path):
    with pytest.raises(MissingError, match="no such file"):
        audit_file(tmp_path / "none.jsonl", PROMPTS)
    with pytest.raises(UsageError, match="is a folder"):
        audit_file(tmp_path, PROMPTS)
    with pytest.raises(UsageError, match="instances"):
        audit_file(save(tmp_path, ROWS), PROMPTS, save(tmp_path, ROWS, "other.json"))


def test_the_report_shows_quotes_as_text(tmp_path):
    path = save(tmp_path, [{"caption": "A [bold]red[/bold] bus <b>"}])
    stream = io.StringIO()
    Console(file=stream, width=120).print(render_report(audit_file(path, PROMPTS), "infrared"))
    assert "1 (100.0 %)" in stream.getvalue()
    assert "joined" not in stream.getvalue()
    assert "'red' (row 1)" in stream.getvalue()


def test_the_report_says_how_many_rows_found_no_image(tmp_path, instances):
    stream = io.StringIO()
    Console(file=stream, width=120).print(
        render_report(audit_file(save(tmp_path, ROWS), PROMPTS, instances), "infrared")
    )
    assert "5 rows joined to boxes, 2 contradict them; 1 rows found no image in the instances file" in stream.getvalue()
