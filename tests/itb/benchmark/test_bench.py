"""What a benchmark folder must hold, and what is said when it does not."""

import json

import pytest
from mini_bench import write_bench

from itb.benchmark.bench import load_bench
from tools.errors import MissingError, UsageError


@pytest.fixture
def bench(tmp_path):
    return write_bench(tmp_path / "bench", tasks=("locate", "scene", "pedestrian_count", "temperature"), images=6)


def change_line(bench, number, **changes):
    path = bench / "items.jsonl"
    lines = path.read_text().splitlines()
    lines[number] = json.dumps(json.loads(lines[number]) | changes)
    path.write_text("\n".join(lines) + "\n")


def test_a_benchmark_is_read_and_chosen_from(bench):
    read = load_bench(bench)
    assert (read.name, len(read.items)) == ("mini", 24)
    assert {item.split for item in read.choose("test")} == {"test"}
    assert [item.task for item in read.choose("test", ("scene",))] == ["scene", "scene"]
    count = read.choose(None, ("pedestrian_count",))[0]
    assert read.find_count_range(count) == (0, 6)
    assert read.find_count_range(count.model_copy(update={"facts": {"max_count": 30.0}})) == (0, 30)
    assert read.digest == load_bench(bench).digest
    change_line(bench, 0, question="Is it?")
    assert load_bench(bench).digest != read.digest


@pytest.mark.parametrize(
    ("line", "changes", "words"),
    [
        (0, {"colour": "red"}, r"items.jsonl:1: no item of a benchmark: colour: Extra inputs"),
        (0, {"answer": "maybe"}, r"items.jsonl:1: item locate-.*'maybe' is neither yes nor no"),
        (6, {"answer": "tree"}, r"items.jsonl:7: item scene-.*the answer 'tree' is none of \['street'"),
        (6, {"options": ["street"]}, r"needs two or more different options, has \['street'\]"),
        (12, {"answer": "two"}, r"the answer 'two' is no whole number"),
        (18, {"tolerance": None}, r"with tolerance None cannot be compared"),
        (18, {"answer": "nan"}, r"the answer 'nan' with tolerance 2.0 cannot be compared"),
        (1, {"id": "locate-flir-0000-0"}, r"the id locate-flir-0000-0 stands twice"),
    ],
)
def test_a_line_that_is_no_item_is_named(bench, line, changes, words):
    change_line(bench, line, **changes)
    with pytest.raises(UsageError, match=words):
        load_bench(bench)


def test_what_is_no_benchmark_is_refused(tmp_path, bench):
    with pytest.raises(MissingError, match=r"no benchmark there \(items.jsonl is missing\); `python -m itb build`"):
        load_bench(tmp_path)
    (bench / "manifest.json").write_text("{")
    with pytest.raises(UsageError, match=r"manifest.json: not valid JSON"):
        load_bench(bench)
    (bench / "manifest.json").write_text('{"count_ranges": {"locate": 3}}')
    with pytest.raises(UsageError, match=r"count_ranges must be task -> \[least, largest\]"):
        load_bench(bench)
    (bench / "items.jsonl").write_text("\n")
    with pytest.raises(UsageError, match="holds no item"):
        load_bench(bench)
