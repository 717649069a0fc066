"""The one reader of training sets: every layout, told by the keys of its rows; a bad row is one reject."""

import json
from pathlib import Path

import pytest

from agents.checks.audit import audit_file
from agents.checks.audit_rows import AuditRow, read_audit_rows
from itb.evaluate.predictions import read_predictions
from tools.conversations import BadRow, Conversation, read_conversations
from tools.errors import MissingError, ToolkitError, UsageError
from tools.prompts import DEFAULT_PACK
from trainer.data.reading import Request, read_samples
from trainer.data.samples import Reject

CASES = Path(__file__).resolve().parents[4] / "shared/cases"
LLAVA = [{"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": "A car."}]
MARKED = {"from": "human", "value": "<thermal>\r\nWhat?"}
CHAT = [{"role": "user", "content": "<image>What?"}, {"role": "assistant", "content": "A car."}]
PARTS = [
    {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What?"}]},
    {"role": "assistant", "content": [{"type": "text", "text": "A car."}]},
]
NAMED = [{"role": "user", "content": [{"type": "image", "image": "a.png"}, *PARTS[0]["content"][1:]]}, PARTS[1]]
SYSTEM = [{"from": "system", "value": "You see in the dark."}, *LLAVA]
ROWS = {
    "llava": {"image": "a.png", "conversations": LLAVA},
    "a word in a value": {"image": "a.png", "conversations": LLAVA, "modality": "thermal"},
    "a flag of that name": {"image": "a.png", "conversations": LLAVA, "thermal": True},
    "authors": {"thermal": "a.png", "conversations": LLAVA},
    "authors, their mark": {"thermal": "a.png", "conversations": [MARKED, LLAVA[1]]},
    "messages": {"images": ["a.png"], "messages": CHAT},
    "images as text": {"images": "a.png", "messages": CHAT},
    "a list of one": {"image": ["a.png"], "conversations": LLAVA},
    "parts": {"image": "a.png", "messages": PARTS},
    "parts that name it": {"messages": NAMED},
    "an object with a path": {"images": [{"path": "a.png", "bytes": None}], "messages": CHAT},
    "system turn": {"image": "a.png", "conversations": SYSTEM},
    "mixed keys": {"image": "a.png", "conversations": CHAT},
    "run": {"image": "a.png", "photo": "a.jpg", "image_id": "1", "kind": "conversation", "messages": CHAT},
}  # fmt: skip
WAYS = {
    "json": (".json", lambda text: f"[{text}, {text}]"),
    "json in lines": (".json", lambda text: f"{text}\n{text}\n"),
    "lines": (".jsonl", lambda text: f"{text}\n\n{text}"),
    "Windows": (".jsonl", lambda text: f"{text}\r\n{text}\r\n"),
    "a list in a file of lines": (".jsonl", lambda text: f"[{text},\n {text}]"),
    "a list in one line": (".jsonl", lambda text: f"[{text}, {text}]"),
    "an object around": (".json", lambda text: f'{{"version": 1, "data": [{text}, {text}]}}'),
}


def write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ROWS)
def test_every_layout_in_every_form_reads_alike_for_all(name, way, bom, tmp_path):
    ending, form = WAYS[way]
    file = write(tmp_path / f"rows{ending}", bom + form(json.dumps(ROWS[name])).encode())
    samples = list(read_samples(Request(file, "sft")))
    assert [[tuple(turn) for turn in sample.turns] for sample in samples] == 2 * [
        [("user", "What?"), ("assistant", "A car.")]
    ]
    assert {sample.image for sample in samples} == {tmp_path / "a.png"}
    audited = list(read_audit_rows(file))
    assert [[(each.role, each.content) for each in row.messages] for row in audited] == 2 * [
        [("user", "What?"), ("assistant", "A car.")]
    ]
    assert {row.source.get("image", row.source.get("thermal")) for row in audited} == {"a.png"}


def test_captions_of_a_run_are_read_by_their_keys_whatever_the_file_is_called(tmp_path):
    rows = [{"id": "1-0", "image": "a.png", "photo": "a.jpg", "caption": "A car."}, {"id": "2-0", "caption": None}]
    file = write(tmp_path / "other.json", json.dumps(rows))
    good, bad = read_samples(Request(file, "align"))
    assert (good.id, good.turns[0].text) == ("1-0", "A car.")
    assert (bad.id, bad.code) == ("2-0", "empty_turn")


@pytest.mark.parametrize(
    ("row", "code", "reason"),
    [
        ('["a"]', "bad_row", "is no JSON object but list"),
        ("7", "bad_row", "is no JSON object but int"),
        ('{"image": "a.png"', "bad_row", "is not valid JSON"),
        ("9" * 5000, "bad_row", "is not valid JSON"),
        ("[" * 100_000, "bad_row", "is not valid JSON"),
        (b'{"caption": "\xff"}', "bad_row", "is not UTF-8 text"),
        (r'{"caption": "\ud800"}', "bad_row", "half a surrogate pair"),
        ('{"image": "a.png", "conversations": [{"from": [], "value": "x"}]}', "broken_conversation", "`from` is []"),
        ('{"conversations": [{"from": "gpt", "value": -1}]}', "broken_conversation", "no text `value`"),
        ('{"image": "a.png", "conversations": {"from": "gpt"}}', "broken_conversation", "expected a list of turns"),
        ('{"image": "a.png", "conversations": [null]}', "broken_conversation", "turn 1 is no object"),
        ('{"messages": [{"role": "tool", "content": "x"}]}', "broken_conversation", "`role` is 'tool'"),
        ('{"image": "a.png", "caption": 7}', "empty_turn", "`caption` is 7"),
        ('{"image": "a.png"}', "broken_conversation", "has neither"),
    ],
)  # fmt: skip
def test_a_bad_row_is_one_reject_with_its_place_and_spares_the_others(row, code, reason, tmp_path):
    good = json.dumps({"image": "a.png", "conversations": LLAVA}).encode()
    data = row if isinstance(row, bytes) else row.encode()
    file = write(tmp_path / "rows.jsonl", b"\n".join([good, data, good]))
    first, bad, last = read_conversations(file)
    assert isinstance(first, Conversation) and isinstance(last, Conversation) and isinstance(bad, BadRow)
    assert (bad.number, bad.code) == (2, code)
    assert reason in bad.reason
    (reject,) = (item for item in read_samples(Request(file, "sft")) if isinstance(item, Reject))
    assert reject.reason.startswith(f"{file}: row 2: ")
    report = audit_file(file, DEFAULT_PACK)
    assert (report.rows, report.rejects.total(), report.reject_places[0][0]) == (2, 1, 2)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"conversations": LLAVA}, "has no `image`"),
        ({"image": None, "conversations": LLAVA}, "`image` is None"),
        ({"image": 7, "conversations": LLAVA}, "`image` is no name of a picture"),
        ({"image": "a\0.png", "conversations": LLAVA}, "`image` is no name of a picture"),
        ({"images": ["a.png", "b.png"], "messages": CHAT}, "names 2 pictures"),
        ({"images": [], "messages": CHAT}, "`images` is []"),
    ],
)
def test_a_row_without_one_picture_is_not_trained_on(row, reason, tmp_path):
    (found,) = read_samples(Request(write(tmp_path / "rows.json", json.dumps([row])), "sft"))
    assert found.code == "no_image"
    assert reason in found.reason


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png", "..\\a.png", "C:\\a.png", "x/../../a.png"])
def test_a_picture_outside_of_its_folder_is_not_read(name, tmp_path):
    rows = [{"image": name, "conversations": LLAVA}, {"image": "b\\a.png", "conversations": LLAVA}]
    bad, good = read_samples(Request(write(tmp_path / "rows.json", json.dumps(rows)), "sft"))
    assert bad.code == "unsafe_file_name"
    assert good.image == tmp_path / "b/a.png"


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"[1, 2", UsageError, "is not valid JSON"),
        (b"[" * 100_000, UsageError, "is not valid JSON"),
        (b"[" + b"9" * 5000 + b"]", UsageError, "is not valid JSON"),
        (b"[\xff]", UsageError, "is not UTF-8 text"),
        (b"7", UsageError, "expected a list of rows, found int"),
        (b"", UsageError, "is not valid JSON"),
    ],
)
def test_a_file_that_is_damaged_as_a_whole_is_one_sentence(data, error, message, tmp_path):
    file = write(tmp_path / "rows.json", data)
    for read in (lambda: list(read_conversations(file)), lambda: list(read_samples(Request(file, "sft")))):
        with pytest.raises(error, match=message) as caught:
            read()
        assert "\n" not in str(caught.value)


def test_no_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(MissingError, match="no such file"):
        list(read_conversations(tmp_path / "none.json"))
    with pytest.raises(UsageError, match="is a folder"):
        list(read_conversations(tmp_path))


def read_case(name):
    file = CASES / name
    if not file.is_file():
        pytest.skip(f"{file} is missing")
    return list(read_samples(Request(file, "sft")))


@pytest.mark.parametrize(
    "name",
    [
        "10-llava-json-read-as-authors/data.json",
        *(f"11-bom-and-formats-in-trainer/{name}" for name in (
            "bom.json", "bom.jsonl", "image_list.json", "messages.json", "system.json"
        )),
    ],
)  # fmt: skip
def test_the_cases_of_the_trainer_give_two_samples(name):
    samples = read_case(f"trainer/{name}")
    assert [sample.turns[-1].text for sample in samples][1:] == ["A person and a car."]
    assert all(sample.image.is_file() for sample in samples)


@pytest.mark.parametrize("name", ["faults/llava-5ac458c5/l.json", "faults/audit-from-list/l.json"])
def test_the_faulty_cases_reject_their_rows(name):
    found = read_case(name)
    assert any(isinstance(item, Reject) for item in found)
    rows = list(read_audit_rows(CASES / name))
    assert any(isinstance(row, BadRow) for row in rows)
    if all(isinstance(row, BadRow) for row in rows):
        with pytest.raises(ToolkitError, match="none of 1 rows could be read"):
            audit_file(CASES / name, DEFAULT_PACK)
    else:
        assert audit_file(CASES / name, DEFAULT_PACK).rows == sum(isinstance(row, AuditRow) for row in rows)


def test_predictions_with_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    lines = [json.dumps({"item": f"a-{k}", "reply": "", "answer": None, "is_correct": False}) for k in range(2)]
    file = write(tmp_path / "p.jsonl", b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert [row.item for row in read_predictions(file)] == ["a-0", "a-1"]
