"""Text that users bring: one sentence about what is damaged, with the line, and never the line itself."""

import pytest
from pydantic import BaseModel

from tools.errors import MissingError, UsageError
from tools.files.json_text import decode_json, decode_record, read_json, read_object, read_rows
from tools.files.text import TextFault, decode_text, iterate_lines, read_text
from tools.files.yaml_text import decode_yaml, read_mapping, read_yaml


class Row(BaseModel):
    name: str
    size: int = 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"{", "(column 2"),
        (b'{"a": 1,\n "b"}', "line 2, column 5"),
        (b"[NaN]", "NaN is no number"),
        (b"[-Infinity]", "-Infinity is no number"),
        (b"[1e999]", "beyond all bounds"),
        (b"9" * 5000, "a number of 5000 digits"),
        (b"[" * 100_000, "nested too deeply"),
        (b'"\xff"', "not UTF-8 text (line 1)"),
        (b'[1,\n"\xff"]', "not UTF-8 text (line 2)"),
        (b"\xff\xfe[\x00", "UTF-16"),
        (b"{} {}", "Extra data"),
        (rb'["\ud83d"]', "half of a character"),
    ],
)
def test_damaged_json_is_one_sentence(content, says):
    with pytest.raises(TextFault) as caught:
        decode_json(content)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_whole_pair_of_surrogates_is_a_character():
    assert decode_json(rb'["\ud83d\ude00", "\\ud83d"]') == ["\U0001f600", r"\ud83d"]


def test_a_mark_and_line_ends_of_windows_are_read():
    assert decode_json(b'\xef\xbb\xbf{"a": \r\n1}\r\n') == {"a": 1}
    assert decode_json('\ufeff{"a": 1}') == {"a": 1}
    assert decode_yaml(b"\xef\xbb\xbfa: 1\r\nb: [2]\r\n") == {"a": 1, "b": [2]}
    assert decode_record(b'\xef\xbb\xbf{"name": "x"}\r\n', Row) == Row(name="x")
    assert decode_text(b"\xef\xbb\xbfa\r\nb") == "a\r\nb"


SECRET = "sk-S3CRET"
BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"captions: a\napi_key: {SECRET}: x", "line 2, column"),
        (f"a: *{SECRET}", "line 1, column 4"),
        (f"a: !{SECRET} x", "constructor"),
        (f"a: !!int {SECRET}", "cannot be read"),
        (f"a: !!float {SECRET}", "cannot be read"),
        (f"a: !!timestamp {SECRET}", "cannot be read"),
        (f"a: !!bool {SECRET}", "cannot be read"),
        (f'a: "\\q{SECRET}"', "unknown escape"),
        (f"a: @{SECRET}", "cannot start any token"),
        (f"a: '{SECRET}", "end of stream"),
        (f"%{SECRET}\n---\na: 1", "directive"),
        (f"[a]: {{{SECRET}", "line"),
        (f"<<: {SECRET}", "merging"),
        (f"{SECRET}\n--- b", "another document"),
        (f"? [{SECRET}]\n: b", "unhashable"),
        (f"a: \x00{SECRET}", "not allowed"),
    ],
)
def test_a_fault_of_yaml_names_the_place_and_never_the_text(text, says):
    with pytest.raises(TextFault) as caught:
        decode_yaml(text)
    assert says in str(caught.value)
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("seed: " + "9" * 5000, "too large"),
        ("seed: 0x" + "f" * 5000, "too large"),
        ("a: " + "[" * 5000, "nested too deeply"),
        ("roles:\n" + "- " * 3000, "nested too deeply"),
        ("a: &x [*x]", "refers to itself"),
        (BOMB, "too many values"),
        ("a: .nan", "none or infinite"),
        ("a: 1.0e+999", "none or infinite"),
    ],
)
def test_yaml_without_end_is_refused(text, says):
    with pytest.raises(TextFault, match=says):
        decode_yaml(text)


def test_a_date_stays_text():
    assert decode_yaml("a: 2024-13-45\nb: 2024-01-02\nc: 2024-01-02 10:00:00") == {
        "a": "2024-13-45",
        "b": "2024-01-02",
        "c": "2024-01-02 10:00:00",
    }


def test_all_as_text():
    assert decode_yaml("a: on\nb: 1\nc: 2024-01-02", is_all_text=True) == {"a": "on", "b": "1", "c": "2024-01-02"}


@pytest.mark.parametrize("read", [read_json, read_object, read_yaml, read_text, lambda path: list(read_rows(path))])
def test_what_cannot_be_opened_is_one_sentence(read, tmp_path):
    with pytest.raises(MissingError, match="is missing"):
        read(tmp_path / "none")
    with pytest.raises(UsageError, match="Is a directory"):
        read(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match="symbolic links"):
        read(tmp_path / "loop")
    with pytest.raises(UsageError, match="too long"):
        read(tmp_path / ("x" * 300))


def test_a_file_of_another_kind_is_told(tmp_path):
    path = tmp_path / "a"
    path.write_text("[1]")
    with pytest.raises(UsageError, match=r"a: not a JSON object but a list; repair it"):
        read_object(path)
    with pytest.raises(UsageError, match=r"a: expected a mapping of settings, found a list"):
        read_mapping(path, "settings")
    path.write_text("")
    assert read_mapping(path, "settings") == {}


def test_rows_name_their_line(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": "x\xe2\x80\xa8y"}\r\n\r\n{"a": 2}\r\n')
    assert [(row.number, row.row) for row in read_rows(path)] == [(1, {"a": "x\u2028y"}), (3, {"a": 2})]
    assert [line.content for line in iterate_lines(path)] == ['{"a": "x\u2028y"}'.encode(), b'{"a": 2}']
    path.write_bytes(b'{"a": 1}\n{"a": \n')
    with pytest.raises(UsageError, match=r"rows\.jsonl, line 2: not valid JSON"):
        list(read_rows(path))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"name": 3}', "name: Input should be a valid string"),
        (b"[]", "object"),
        (b"", "Invalid JSON"),
        (b'{"name": "\xff"}', "JSON|UTF-8|unicode"),
        (b'{"name": "x", "size": ' + b"9" * 5000 + b"}", "size|out of range"),
        (b'{"name": "x", "size": ' + b"[" * 5000, "JSON"),
    ],
)
def test_a_record_that_is_none(content, says):
    with pytest.raises(TextFault, match=says):
        decode_record(content, Row)
